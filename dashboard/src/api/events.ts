/** The longest line that is held together: a message of 1 MiB, escaped. */
const LINE_MAX = 16 << 20;

/** Cuts text into events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export class EventLines {
  readonly #onEvent: (event: string, data: unknown) => void;
  #rest = "";
  #event = "message";
  #data: string[] = [];

  constructor(onEvent: (event: string, data: unknown) => void) {
    this.#onEvent = onEvent;
  }

  take(text: string): void {
    const lines = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#rest = lines.pop()!;
    if (this.#rest.length > LINE_MAX) {
      throw new Error("a line of the stream is too long");
    }
    for (const line of lines) {
      this.#line(line);
    }
  }

  #line(line: string): void {
    if (line === "") {
      if (this.#data.length > 0) {
        this.#onEvent(this.#event, JSON.parse(this.#data.join("\n")));
      }
      this.#event = "message";
      this.#data = [];
      return;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "event") {
      this.#event = value;
    } else if (field === "data") {
      this.#data.push(value);
    }
  }
}
