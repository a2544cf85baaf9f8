/** A message that was told. */
export type Recorded = {
  payload: string;
  encoding: "text" | "base64";
  /** Of the payload as it was told, in characters. */
  length: number;
  qos: number;
  retain: boolean;
  /** Milliseconds since 1970. */
  at: number;
};

const MESSAGES_MAX = 100;
/** What is kept of a payload; the topic's last one is kept at length. */
const PAYLOAD_MAX = 4 << 10;
const POINTS_MAX = 600;
/** Values nearer to each other than this are not told apart by a chart. */
const POINTS_APART_MILLIS = 250;
const FIELDS_MAX = 50;
const FIELD_NAME_MAX = 200;
const DEEP_MAX = 8;

/** The last messages of one topic, and the numbers in them. */
export class TopicHistory {
  /** The newest last. */
  readonly messages: (Recorded & { cut: boolean })[] = [];
  /** Grows with each message. */
  version = 0;
  /** Some values were so close to each other that they were passed over. */
  thinned = false;
  readonly #fields: string[] = [];
  readonly #points: { readonly at: number; values: Map<string, number> }[] = [];

  /** Names of what is a number, in the order of the payload; the name of a payload that is one itself is empty. */
  get fields(): readonly string[] {
    return this.#fields;
  }

  add(message: Recorded, isCut: boolean): void {
    this.version++;
    if (this.messages.push(shortened(message, isCut)) > MESSAGES_MAX) {
      this.messages.shift();
    }
    if (message.encoding !== "text" || isCut) {
      return;
    }
    const values = numbers(message.payload);
    if (values.size === 0) {
      return;
    }
    for (const name of values.keys()) {
      if (!this.#fields.includes(name) && this.#fields.length < FIELDS_MAX) {
        this.#fields.push(name);
      }
    }
    const before = this.#points.at(-1);
    if (before && message.at - before.at < POINTS_APART_MILLIS) {
      this.thinned = true;
      before.values = values; // the last one stands, so that the chart ends with what is
    } else if (this.#points.push({ at: message.at, values }) > POINTS_MAX) {
      this.#points.shift();
    }
  }

  /** Fields that can be seen side by side: numbers of about the size of the first one. Else the first one alone. */
  alike(most: number): string[] {
    const values = this.#points[0]?.values ?? new Map<string, number>();
    const isSwitch = (field: string) => this.#points.every((point) => [0, 1, undefined].includes(point.values.get(field)));
    const candidates = this.#fields.filter((field) => !isSwitch(field));
    const first = candidates[0] ?? this.#fields[0];
    if (first === undefined) {
      return [];
    }
    const size = Math.abs(values.get(first) ?? 0);
    const near = candidates.filter((field) => {
      const other = Math.abs(values.get(field) ?? 0);
      return field === first || (other <= 5 * size && size <= 5 * other);
    });
    return near.length === 0 ? [first] : near.slice(0, most);
  }

  /** For a chart: times in seconds, and the values of each field. */
  series(fields: readonly string[]): { times: number[]; values: (number | null)[][] } {
    return {
      times: this.#points.map((point) => point.at / 1_000),
      values: fields.map((field) => this.#points.map((point) => point.values.get(field) ?? null)),
    };
  }
}

function shortened(message: Recorded, isCut: boolean): Recorded & { cut: boolean } {
  if (message.payload.length <= PAYLOAD_MAX) {
    return { ...message, cut: isCut };
  }
  // Base64 is cut where it still can be read.
  return { ...message, payload: JSON.parse(JSON.stringify(message.payload.slice(0, PAYLOAD_MAX))) as string, cut: true };
}

/** What is a number or true or false in a payload: the payload itself, or fields of its JSON, by `a.b.0`. */
export function numbers(payload: string): Map<string, number> {
  const found = new Map<string, number>();
  let json: unknown;
  try {
    json = JSON.parse(payload);
  } catch {
    // It is no JSON, but may be written like no JSON number: +21.5, 021.
    const text = payload.trim();
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
    return Number.isFinite(value) ? found.set("", value) : found;
  }
  collect("", json, 0, found);
  return found;
}

function collect(name: string, value: unknown, deep: number, found: Map<string, number>): void {
  if (found.size >= FIELDS_MAX) {
    return;
  }
  if (typeof value === "number" && Number.isFinite(value)) {
    found.set(name, value);
  } else if (typeof value === "boolean") {
    found.set(name, value ? 1 : 0);
  } else if (typeof value === "object" && value !== null && deep < DEEP_MAX) {
    for (const [key, inside] of Object.entries(value)) {
      const path = name === "" ? key : `${name}.${key}`;
      if (path.length <= FIELD_NAME_MAX) {
        collect(path, inside, deep + 1, found);
      }
    }
  }
}
