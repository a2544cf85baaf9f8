import { computed, signal } from "@preact/signals";
import { session } from "./session";
import { follow, type StreamState } from "./stream";
import type { Overview } from "./types";

/** How many seconds the page remembers: enough for the charts' shortest range. */
const SECONDS = 300;

/** What the node counts and measures, each second. */
export const live = signal<readonly Overview[]>([]);

/** The last of it. */
export const now = computed<Overview | undefined>(() => live.value.at(-1));

/** Whether what is shown is the present. */
export const liveState = signal<StreamState>("connecting");

/** Since when the node has not answered, ISO 8601; undefined while it does, or never did. */
export const awaySince = computed<string | undefined>(() => (liveState.value === "stale" ? now.value?.time : undefined));

/** Counts how often the node came back after it was away: what was asked for before is asked for again. */
export const returns = signal(0);

let stream: { close(): void } | null = null;

/** The token to follow with. What else is known of the session may change under a stream. */
const token = computed(() => (session.value?.passwordChangeRequired === false ? session.value.token : null));

/** Whether what was not answered need not be told: the frame says that the node is away, or it came back since `then`. */
export function isExcused(then: number): boolean {
  return awaySince.value !== undefined || then !== returns.value;
}

/** Follows the node's figures as long as somebody is signed in. */
export function followWhileSignedIn(): void {
  token.subscribe((signedIn) => {
    stream?.close();
    stream = null;
    if (signedIn !== null) {
      stream = follow({
        name: "GET /metrics/live",
        silenceMillis: 4_000,
        onEvent(event, data) {
          if (event === "metrics") {
            live.value = [...live.value.slice(-SECONDS + 1), data as Overview];
          }
        },
        onState(state) {
          if (state === "live" && liveState.value === "stale") {
            returns.value++;
          }
          liveState.value = state;
        },
      });
    } else {
      live.value = [];
    }
  });
}
