import { effect, signal, untracked } from "@preact/signals";
import type { IClientOptions, IConnackPacket, IPublishPacket, MqttClient } from "mqtt";
import { ended, session } from "../api/session";
import { payloadBase64, payloadText } from "../ui/Payload";
import { type Draft, draftBytes, EMPTY_DRAFT } from "./message-form";

const KEY = "relais.websocket";
export const CONNECTIONS_MAX = 20;
export const SUBSCRIPTIONS_MAX = 50;
export const MESSAGES_MAX = 1_000;
/** Of all payloads of a connection; older messages go when there is more. */
const CHARACTERS_MAX = 16 << 20;
/** Longer drafts are not remembered. */
const DRAFT_SAVED_MAX = 16 << 10;
const DRAWN_EACH_MILLIS = 200;
const AGAIN_MILLIS = 2_000;
export const EVERY_MILLIS_LEAST = 50;

export type Will = { topic: string; payload: string; qos: "0" | "1" | "2"; retain: boolean; delay: string };

/** How to connect. The password is not among it: it is never saved. */
export type Settings = {
  name: string;
  url: string;
  clientId: string;
  username: string;
  version: "5" | "4";
  cleanStart: boolean;
  sessionExpiry: string;
  keepAlive: string;
  will: Will | null;
};

export type Subscription = {
  filter: string;
  qos: "0" | "1" | "2";
  noLocal: boolean;
  retainAsPublished: boolean;
  retainHandling: "0" | "1" | "2";
  /** Which of the colours of charts marks it. */
  colour: number;
  /** What the broker said: a QoS, or from 128 on why not; null: it was not asked yet, or has not answered. */
  granted: number | null;
};

export type Exchanged = {
  number: number;
  direction: "received" | "sent";
  at: number;
  topic: string;
  payload: string;
  encoding: "text" | "base64";
  qos: number;
  retain: boolean;
  /** The mark of the subscription that it came by. */
  colour: number | null;
  contentType: string | null;
  responseTopic: string | null;
  correlationData: string | null;
  expiry: number | null;
  user: readonly (readonly [string, string])[];
  /** Of what was sent: under way, done, or why not. */
  outcome: "waiting" | "done" | { code: number | null; text: string } | null;
};

/** Why a connection is not there: what the broker said, or that there was no answer. */
export type Trouble = { code: number | null; text: string; over: boolean };

type Saved = { id: string; settings: Settings; subscriptions: Omit<Subscription, "granted">[]; draft: Draft };

/** Reasons of a DISCONNECT behind which it makes sense to connect again by itself. */
const PASSING = new Set([0x00, 0x88, 0x89, 0x8b, 0x8d, 0x97]);

/** One client of the broker. It lives as long as the page is loaded, whatever part of the dashboard is looked at. */
export class Connection {
  readonly id: string;
  readonly settings;
  readonly subscriptions;
  readonly draft;
  readonly state = signal<"off" | "connecting" | "on">("off");
  /** How often it was tried since it was there the last time. */
  readonly attempts = signal(0);
  readonly trouble = signal<Trouble | null>(null);
  /** What the broker said when it let us in. */
  readonly welcome = signal<IConnackPacket | null>(null);
  /** Publishing the draft again and again: how often it was done. */
  readonly repeated = signal<number | null>(null);
  /** Grows when messages come or change, some times a second at most. */
  readonly version = signal(0);
  /** What came while somebody looked elsewhere. */
  readonly unseen = signal(0);
  /** The newest last. */
  readonly messages: Exchanged[] = [];
  password = "";
  #client: MqttClient | null = null;
  #number = 0;
  #characters = 0;
  #drawing: ReturnType<typeof setTimeout> | undefined;
  #repeating: ReturnType<typeof setInterval> | undefined;

  constructor(saved: Saved) {
    this.id = saved.id;
    this.settings = signal(saved.settings);
    this.subscriptions = signal<readonly Subscription[]>(saved.subscriptions.map((one) => ({ ...one, granted: null })));
    this.draft = signal(saved.draft);
  }

  /** Holds from the next time on that it connects. */
  change(settings: Settings, password: string): void {
    this.settings.value = settings;
    this.password = password;
    save();
  }

  async connect(): Promise<void> {
    this.disconnect();
    this.state.value = "connecting";
    this.trouble.value = null;
    this.attempts.value = 1;
    // Most who open the dashboard never open this page: its library is fetched when it is needed.
    const { default: mqtt } = await import("mqtt");
    if (this.state.value !== "connecting" || this.#client) {
      return; // somebody thought better of it, or pressed twice
    }
    let client: MqttClient;
    try {
      client = mqtt.connect(this.settings.value.url, this.#options());
    } catch (error) {
      this.state.value = "off";
      this.trouble.value = { code: null, text: String(error), over: true };
      return;
    }
    this.#client = client;
    const mine = () => this.#client === client;
    client.on("connect", (packet) => {
      if (mine()) {
        this.state.value = "on";
        this.trouble.value = null;
        this.attempts.value = 0;
        this.welcome.value = packet;
        this.#subscribeAll();
      }
    });
    client.on("message", (topic, payload, packet) => {
      if (mine()) {
        this.#received(topic, payload, packet);
      }
    });
    client.on("disconnect", (packet) => {
      if (mine()) {
        const code = packet.reasonCode ?? 0;
        this.trouble.value = { code, text: packet.properties?.reasonString ?? "", over: !PASSING.has(code) };
        if (!PASSING.has(code)) {
          this.#end();
        }
      }
    });
    client.on("error", (error) => {
      if (mine()) {
        const code = "code" in error && typeof error.code === "number" ? error.code : null;
        // A broker that says no says it again; where there is no answer, one may come.
        this.trouble.value = { code, text: code === null ? error.message : "", over: code !== null };
        if (code !== null) {
          this.#end();
        }
      }
    });
    client.on("close", () => {
      if (mine()) {
        this.#lost();
        this.state.value = "connecting";
        this.trouble.value ??= { code: null, text: "", over: false };
      }
    });
    client.on("reconnect", () => {
      if (mine()) {
        this.attempts.value++;
      }
    });
  }

  #options(): IClientOptions {
    const { clientId, username, cleanStart, keepAlive, version, sessionExpiry, will } = this.settings.value;
    const is5 = version === "5";
    return {
      clientId,
      ...(username ? { username } : {}),
      ...(this.password ? { password: this.password } : {}),
      clean: cleanStart,
      keepalive: Number(keepAlive),
      protocolVersion: is5 ? 5 : 4,
      reconnectPeriod: AGAIN_MILLIS,
      connectTimeout: 10_000,
      // What is subscribed is asked for here, to show what the broker says to it.
      resubscribe: false,
      queueQoSZero: false,
      // The other kind runs in a worker out of a text, which the content security policy does not allow.
      timerVariant: "native",
      ...(is5 && sessionExpiry ? { properties: { sessionExpiryInterval: Number(sessionExpiry) } } : {}),
      ...(will
        ? {
            will: {
              topic: will.topic,
              payload: new TextEncoder().encode(will.payload) as never,
              qos: Number(will.qos) as 0 | 1 | 2,
              retain: will.retain,
              ...(is5 && will.delay ? { properties: { willDelayInterval: Number(will.delay) } } : {}),
            },
          }
        : {}),
    };
  }

  /** Says goodbye, if it is there; else it is not tried any more. */
  disconnect(): void {
    this.trouble.value = null;
    this.#end();
  }

  #end(): void {
    const client = this.#client;
    this.#client = null;
    this.#lost();
    this.state.value = "off";
    // Its stream may still say why it ended, to nobody.
    client?.on("error", () => undefined);
    client?.end(!client.connected);
  }

  #lost(): void {
    this.stopRepeating();
    this.welcome.value = null;
    if (this.subscriptions.value.some((one) => one.granted !== null)) {
      this.subscriptions.value = this.subscriptions.value.map((one) => ({ ...one, granted: null }));
    }
  }

  // ---- subscribing

  subscribe(wanted: Omit<Subscription, "granted" | "colour">): void {
    const others = this.subscriptions.value;
    const before = others.findIndex((one) => one.filter === wanted.filter);
    const free = [1, 2, 3, 4, 5].find((colour) => others.every((one) => one.colour !== colour));
    const colour = before >= 0 ? others[before]!.colour : (free ?? (others.length % 5) + 1);
    const made = { ...wanted, colour, granted: null };
    this.subscriptions.value = before >= 0 ? others.with(before, made) : [...others, made];
    save();
    this.#ask(made);
  }

  unsubscribe(filter: string): void {
    this.subscriptions.value = this.subscriptions.value.filter((one) => one.filter !== filter);
    save();
    if (this.#client?.connected) {
      this.#client.unsubscribe(filter);
    }
  }

  /** One by one: an answer belongs to its filter, and one that is refused holds up none. */
  #subscribeAll(): void {
    this.subscriptions.value.forEach((one) => this.#ask(one));
  }

  #ask(wanted: Subscription): void {
    const client = this.#client;
    if (!client?.connected) {
      return;
    }
    const { filter, noLocal, retainAsPublished, retainHandling } = wanted;
    client.subscribe(
      {
        [filter]: {
          qos: Number(wanted.qos) as 0 | 1 | 2,
          nl: noLocal,
          rap: retainAsPublished,
          rh: Number(retainHandling),
        },
      } as never,
      (error: Error | null, _: unknown, packet?: { granted?: unknown }) => {
        const said = (packet?.granted as number[] | undefined)?.[0];
        if (this.#client !== client) {
          return;
        }
        if (said === undefined && error && client.disconnected) {
          return; // it broke meanwhile, and is asked for again when it is back
        }
        // What is no filter is not even sent.
        const granted = said ?? (error ? 0x8f : Number(wanted.qos));
        this.subscriptions.value = this.subscriptions.value.map((one) =>
          one.filter === filter ? { ...one, granted } : one,
        );
      },
    );
  }

  // ---- messages

  #received(topic: string, bytes: Uint8Array, packet: IPublishPacket): void {
    const properties = packet.properties;
    this.#add({
      direction: "received",
      topic,
      ...told(bytes),
      qos: packet.qos,
      retain: packet.retain,
      colour: this.subscriptions.value.find((one) => matches(one.filter, topic))?.colour ?? null,
      contentType: properties?.contentType ?? null,
      responseTopic: properties?.responseTopic ?? null,
      correlationData: properties?.correlationData ? readable(properties.correlationData) : null,
      expiry: properties?.messageExpiryInterval ?? null,
      user: pairs(properties?.userProperties),
      outcome: null,
    });
    this.unseen.value++;
  }

  publish(draft: Draft): void {
    const client = this.#client;
    const bytes = draftBytes(draft.kind, draft.payload);
    if (!client?.connected || bytes === null) {
      return;
    }
    const is5 = this.settings.value.version === "5";
    const user: Record<string, string[]> = Object.create(null);
    for (const [name, value] of draft.user) {
      (user[name] ??= []).push(value);
    }
    const sent = this.#add({
      direction: "sent",
      topic: draft.topic,
      ...told(bytes),
      qos: Number(draft.qos),
      retain: draft.retain,
      colour: null,
      contentType: (is5 && draft.contentType) || null,
      responseTopic: (is5 && draft.responseTopic) || null,
      correlationData: (is5 && draft.correlationData) || null,
      expiry: is5 && draft.expiry ? Number(draft.expiry) : null,
      user: is5 ? draft.user : [],
      outcome: "waiting",
    });
    client.publish(
      draft.topic,
      bytes as never,
      {
        qos: sent.qos as 0 | 1 | 2,
        retain: sent.retain,
        ...(is5
          ? {
              properties: {
                ...(draft.contentType ? { contentType: draft.contentType } : {}),
                ...(draft.responseTopic ? { responseTopic: draft.responseTopic } : {}),
                ...(draft.correlationData
                  ? { correlationData: new TextEncoder().encode(draft.correlationData) as never }
                  : {}),
                ...(draft.expiry ? { messageExpiryInterval: Number(draft.expiry) } : {}),
                ...(draft.user.length > 0 ? { userProperties: user } : {}),
              },
            }
          : {}),
      },
      (error) => {
        const code = error && "code" in error && typeof error.code === "number" ? error.code : null;
        sent.outcome = error ? { code, text: error.message } : "done";
        this.#draw();
      },
    );
  }

  repeat(everyMillis: number): void {
    this.stopRepeating();
    this.repeated.value = 0;
    const once = () => {
      this.publish(this.draft.value);
      this.repeated.value = (this.repeated.value ?? 0) + 1;
    };
    once();
    this.#repeating = setInterval(once, Math.max(EVERY_MILLIS_LEAST, everyMillis));
  }

  stopRepeating(): void {
    clearInterval(this.#repeating);
    this.repeated.value = null;
  }

  clear(): void {
    this.messages.length = 0;
    this.#characters = 0;
    this.version.value++;
  }

  /** Nothing of who was signed in is left for who signs in next. */
  leave(): void {
    this.disconnect();
    this.password = "";
    this.clear();
  }

  #add(exchanged: Omit<Exchanged, "number" | "at">): Exchanged {
    const made = { ...exchanged, number: ++this.#number, at: Date.now() };
    this.messages.push(made);
    this.#characters += made.payload.length;
    while (this.messages.length > MESSAGES_MAX || (this.#characters > CHARACTERS_MAX && this.messages.length > 1)) {
      this.#characters -= this.messages.shift()!.payload.length;
    }
    this.#draw();
    return made;
  }

  #draw(): void {
    this.#drawing ??= setTimeout(() => {
      this.#drawing = undefined;
      this.version.value++;
    }, DRAWN_EACH_MILLIS);
  }

  saved(): Saved {
    const draft = this.draft.value;
    return {
      id: this.id,
      settings: this.settings.value,
      subscriptions: this.subscriptions.value.map(({ granted: _, ...one }) => one),
      draft: JSON.stringify(draft).length > DRAFT_SAVED_MAX ? { ...draft, payload: "" } : draft,
    };
  }
}

function told(bytes: Uint8Array): { payload: string; encoding: "text" | "base64" } {
  const text = payloadText(bytes);
  return text === null ? { payload: payloadBase64(bytes), encoding: "base64" } : { payload: text, encoding: "text" };
}

function readable(bytes: Uint8Array): string {
  return payloadText(bytes) ?? payloadBase64(bytes);
}

function pairs(user: Record<string, string | string[]> | undefined): [string, string][] {
  return Object.entries(user ?? {}).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  );
}

/** Whether a filter takes a topic in. Names that begin with `$` are for filters that name them. */
export function matches(filter: string, topic: string): boolean {
  const wanted = filter.replace(/^\$share\/[^/]*\//, "").split("/");
  const given = topic.split("/");
  if (topic.startsWith("$") && (wanted[0] === "#" || wanted[0] === "+")) {
    return false;
  }
  for (const [index, level] of wanted.entries()) {
    if (level === "#") {
      return true;
    }
    if (index >= given.length || (level !== "+" && level !== given[index])) {
      return false;
    }
  }
  return wanted.length === given.length;
}

// ---- all of them

export const connections = signal<readonly Connection[]>(stored());

export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function newSettings(name: string, url: string): Settings {
  return {
    name,
    url,
    clientId: `dashboard-${newId()}`,
    username: "",
    version: "5",
    cleanStart: true,
    sessionExpiry: "0",
    keepAlive: "60",
    will: null,
  };
}

export function add(settings: Settings): Connection {
  const made = new Connection({ id: newId(), settings, subscriptions: [], draft: { ...EMPTY_DRAFT } });
  connections.value = [...connections.value, made];
  save();
  return made;
}

export function remove(connection: Connection): void {
  connection.leave();
  connections.value = connections.value.filter((one) => one !== connection);
  save();
}

export function save(): void {
  localStorage.setItem(KEY, JSON.stringify(connections.value.map((one) => one.saved())));
}

function stored(): readonly Connection[] {
  let found: unknown;
  try {
    found = JSON.parse(localStorage.getItem(KEY) ?? "[]");
  } catch {
    return []; // somebody else's text under our key
  }
  if (!Array.isArray(found)) {
    return [];
  }
  return (found as Partial<Saved>[]).slice(0, CONNECTIONS_MAX).flatMap((one) =>
    typeof one?.settings?.url === "string"
      ? [
          new Connection({
            id: one.id ?? newId(),
            settings: { ...newSettings("", ""), ...one.settings },
            subscriptions: (one.subscriptions ?? []).slice(0, SUBSCRIPTIONS_MAX),
            draft: { ...EMPTY_DRAFT, ...one.draft },
          }),
        ]
      : [],
  );
}

// Who signs out leaves nothing behind. A session that is over by itself goes on behind the next sign-in.
effect(() => {
  if (session.value === null && ended.value === "left") {
    untracked(() => connections.value.forEach((one) => one.leave()));
  }
});
