import { useEffect, useState } from "preact/hooks";
import { Cable, Pencil, Plug, Plus, Trash2, Unplug } from "lucide";
import { call } from "../api/call";
import type { Listener } from "../api/types";
import { useAsked } from "../api/use";
import { query, setQuery } from "../route";
import { t } from "../text";
import { Badge, Button, Card, confirm, cut, Empty, Loading, Name, Notice, Page, Problem, State, type Tone } from "../ui";
import { WebsocketMessages } from "./websocket-messages";
import { add, type Connection, CONNECTIONS_MAX, connections, newSettings, remove } from "./websocket-connections";
import { reason, SettingsDialog } from "./websocket-settings";
import { Publishing, Subscriptions } from "./websocket-talk";
import "./websocket.css";

/** Addresses of the node's WebSocket listeners, as this page would reach them. */
function addresses(listeners: readonly Listener[]): string[] {
  return listeners
    .filter((one) => one.transport === "websocket" || one.transport === "secure-websocket")
    .map((one) => {
      const port = one.address.slice(one.address.lastIndexOf(":") + 1);
      // A listener without a name of its own is called by what it is: websocket://0.0.0.0:8083/mqtt.
      const path = /^[a-z-]+:\/\/[^/]+(\/.*)$/.exec(one.name)?.[1] ?? "/mqtt";
      return `${one.transport === "websocket" ? "ws" : "wss"}://${location.hostname}:${port}${path}`;
    })
    .sort((a, b) => Number(isSecure(b)) - Number(isSecure(a)));
}

/** Fit for this page: one that came by HTTPS may not speak without TLS, and one that did not need not. */
function isSecure(url: string): boolean {
  return url.startsWith("wss:") === (location.protocol === "https:");
}

export default function Websocket() {
  const words = t().websocket;
  const listeners = useAsked((signal) => call("GET /listeners", { query: { limit: 100 }, signal }), []);
  const urls = listeners.data && addresses(listeners.data.items);
  const [making, setMaking] = useState(false);
  const all = connections.value;
  const shown = all.find((one) => one.id === query("connection")) ?? all[0];
  useEffect(() => {
    if (urls?.[0] && connections.value.length === 0) {
      add(newSettings(t().websocket.defaultName(1), urls[0]));
    }
  }, [urls?.[0]]);
  const isFull = all.length >= CONNECTIONS_MAX;
  return (
    <Page
      title={words.title}
      about={words.about}
      actions={
        <Button icon={Plus} onClick={() => setMaking(true)} disabled={isFull}>
          {words.newConnection}
        </Button>
      }
    >
      {isFull && <Notice>{words.most(CONNECTIONS_MAX)}</Notice>}
      {shown ? (
        <div class="ws">
          <nav class="ws-rail" aria-label={words.connections}>
            <ul>
              {all.map((one) => (
                <li key={one.id}>
                  <Rail of={one} current={one === shown} />
                </li>
              ))}
            </ul>
          </nav>
          <Client key={shown.id} of={shown} urls={urls ?? []} />
        </div>
      ) : listeners.failure ? (
        <Problem of={listeners.failure} onRetry={listeners.refresh} />
      ) : !urls ? (
        <Loading />
      ) : (
        urls.length === 0 && (
          <Card>
            <Empty icon={Cable} title={words.noListener}>
              <p>{words.noListenerText}</p>
              <Button href="/listeners">{words.toListeners}</Button>
            </Empty>
          </Card>
        )
      )}
      {making && (
        <SettingsDialog
          settings={newSettings(words.defaultName(all.length + 1), urls?.[0] ?? "")}
          password=""
          urls={urls ?? []}
          onClose={() => setMaking(false)}
          onSave={(settings, password, connects) => {
            const made = add(settings);
            made.password = password;
            setQuery({ connection: made.id });
            setMaking(false);
            if (connects) {
              void made.connect();
            }
          }}
        />
      )}
    </Page>
  );
}

const TONES: Record<"off" | "connecting" | "on", Tone | undefined> = { off: undefined, connecting: "warn", on: "good" };

function stateText(of: Connection): string {
  const words = t().websocket;
  return of.state.value === "connecting" && of.attempts.value > 1
    ? words.again(of.attempts.value)
    : words.states[of.state.value];
}

function Rail({ of, current }: { of: Connection; current: boolean }) {
  const { name } = of.settings.value;
  const tone = of.trouble.value ? "bad" : TONES[of.state.value];
  const unseen = current ? 0 : Math.min(of.unseen.value, 999);
  return (
    <button
      type="button"
      class="ws-connection"
      aria-current={current ? "true" : undefined}
      onClick={() => setQuery({ connection: of.id })}
    >
      <span class={tone ? `dot dot-${tone}` : "dot"} aria-hidden="true" />
      <span class="ws-connection-name">
        <Name of={name} />
        <span class="quiet small">{stateText(of)}</span>
      </span>
      {unseen > 0 && (
        <Badge tone="accent">
          <span class="num">{unseen}</span>
        </Badge>
      )}
    </button>
  );
}

/** One connection: its state, what it subscribed, what it publishes, and its messages. */
function Client({ of, urls }: { of: Connection; urls: readonly string[] }) {
  const words = t().websocket;
  const [editing, setEditing] = useState(false);
  const settings = of.settings.value;
  const state = of.state.value;
  const trouble = of.trouble.value;
  const welcome = of.welcome.value;
  return (
    <div class="stack">
      <Card>
        <div class="ws-head">
          <div class="ws-title">
            <h2>
              <Name of={settings.name} />
            </h2>
            <div class="row small">
              <span role="status">
                <State tone={trouble ? "bad" : TONES[state]}>{stateText(of)}</State>
              </span>
              {welcome?.sessionPresent && <Badge>{words.resumed}</Badge>}
            </div>
            <p class="quiet small">
              <Name of={settings.url} /> · <Name of={welcome?.properties?.assignedClientIdentifier ?? settings.clientId} /> ·{" "}
              {settings.version === "5" ? "MQTT 5.0" : "MQTT 3.1.1"}
              {settings.username && (
                <>
                  {" · "}
                  <Name of={settings.username} />
                </>
              )}
            </p>
          </div>
          <div class="row">
            {state === "off" ? (
              <Button kind="primary" icon={Plug} onClick={() => void of.connect()}>
                {words.connect}
              </Button>
            ) : (
              <Button icon={Unplug} onClick={() => of.disconnect()}>
                {state === "on" ? words.disconnect : words.stop}
              </Button>
            )}
            <Button icon={Pencil} label={words.settings} onClick={() => setEditing(true)} />
            <Button
              icon={Trash2}
              kind="danger"
              label={words.remove}
              onClick={() =>
                void confirm({
                  title: words.removeTitle(cut(settings.name, 40)),
                  text: words.removeText(of.subscriptions.value.length),
                  verb: t().common.remove,
                  act: async () => remove(of),
                })
              }
            />
          </div>
        </div>
      </Card>
      {trouble && (
        <Notice tone={trouble.over ? "bad" : "warn"}>
          {trouble.code === null ? words.troubleNoAnswer : words.troubleSaid(reason(trouble.code))}
          {!trouble.over && ` ${words.troubleNext}`}
          {trouble.text && (
            <div class="small">
              <Name of={trouble.text} />
            </div>
          )}
        </Notice>
      )}
      <div class="ws-columns">
        <div class="stack">
          <Subscriptions of={of} />
          <Publishing of={of} />
        </div>
        <WebsocketMessages of={of} />
      </div>
      {editing && (
        <SettingsDialog
          settings={settings}
          password={of.password}
          urls={urls}
          onClose={() => setEditing(false)}
          onSave={(next, password, connects) => {
            of.change(next, password);
            setEditing(false);
            if (connects) {
              void of.connect();
            }
          }}
        />
      )}
    </div>
  );
}
