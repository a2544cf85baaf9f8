import { Failure, send } from "./call";
import { EventLines } from "./events";
import type { Calls } from "./types";

/** How a stream is. `stale`: it was live and says nothing now, or is gone; it is being tried again. */
export type StreamState = "connecting" | "live" | "stale" | "refused";

type Names = { [K in keyof Calls]: Calls[K]["answer"] extends undefined ? K : never }[keyof Calls];

export type StreamOptions = {
  name: Names & `GET ${string}`;
  path?: Record<string, string>;
  query?: Record<string, string | number | undefined>;
  /** Nothing at all for so long means that the other side is gone. A stream of the API gives a sign of life each 15 s. */
  silenceMillis?: number;
  onEvent(event: string, data: unknown): void;
  onState(state: StreamState, failure?: Failure): void;
};

const PAUSES_MILLIS = [500, 1_000, 2_000, 5_000, 10_000];

/**
 * Follows a stream of server-sent events until it is closed, and connects again when it breaks. `EventSource` cannot
 * carry a token but in its address, which is why this is done by hand.
 */
export function follow(options: StreamOptions): { close(): void } {
  let closed = false;
  let abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wake: () => void = () => {};

  async function once(): Promise<void> {
    abort = new AbortController();
    const response = await send(options.name, {
      path: options.path as never,
      query: options.query as never,
      signal: abort.signal,
    });
    options.onState("live");
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const lines = new EventLines(options.onEvent);
    for (;;) {
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(), options.silenceMillis ?? 25_000);
      const { value, done } = await reader.read();
      if (done || closed) {
        return;
      }
      lines.take(value);
    }
  }

  async function run(): Promise<void> {
    options.onState("connecting");
    for (let attempt = 0; !closed; attempt++) {
      const began = Date.now();
      try {
        await once();
      } catch (error) {
        // Refused for good; what is merely broken is tried again.
        if (error instanceof Failure && error.status >= 400 && error.status < 500 && error.status !== 429) {
          clearTimeout(timer);
          options.onState("refused", error);
          return;
        }
      }
      clearTimeout(timer);
      if (closed) {
        return;
      }
      options.onState("stale");
      if (Date.now() - began > 5_000) {
        attempt = 0;
      }
      const pause = PAUSES_MILLIS[Math.min(attempt, PAUSES_MILLIS.length - 1)]!;
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, pause * (0.8 + 0.4 * Math.random()));
      });
    }
  }

  // A laptop that wakes, or a network that is back, need not wait for the pause.
  const again = () => wake();
  addEventListener("online", again);
  void run();
  return {
    close() {
      closed = true;
      removeEventListener("online", again);
      clearTimeout(timer);
      abort.abort();
      wake();
    },
  };
}
