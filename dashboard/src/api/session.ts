import { signal } from "@preact/signals";
import type { Session } from "./types";

/** Who is signed in. */
export type SignedIn = Pick<Session, "token" | "expiresAt" | "role" | "passwordChangeRequired"> & { username: string };

const KEY = "relais.session";

/** null: nobody. Other tabs are asked before anybody is: see `askTabs`. */
export const session = signal<SignedIn | null>(stored());

/** Why nobody is signed in, if somebody was: the token is over, or its owner left. The page that is open stays. */
export const ended = signal<"over" | "left" | null>(null);

const tabs = new BroadcastChannel("relais.session");

// A token is kept by this tab alone (sessionStorage): it is gone with the browser, and a disk never sees it. A new tab
// asks its sisters for it.
tabs.onmessage = ({ data }: MessageEvent<{ ask?: true; session?: SignedIn; left?: string }>) => {
  if (data.ask && session.value) {
    tabs.postMessage({ session: session.value });
  } else if (data.session && !session.value && ended.value === null) {
    keep(data.session);
  } else if (data.left && session.value?.token === data.left) {
    forget("left");
  }
};

/** Waits for another tab's session, but not long. */
export async function askTabs(): Promise<void> {
  if (session.value) {
    return;
  }
  tabs.postMessage({ ask: true });
  await new Promise((resolve) => setTimeout(resolve, 120));
}

function stored(): SignedIn | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  } catch {
    return null; // somebody else's text under our key: sign in again
  }
}

export function keep(now: SignedIn): void {
  sessionStorage.setItem(KEY, JSON.stringify(now));
  ended.value = null;
  session.value = now;
}

export function forget(why: "over" | "left"): void {
  sessionStorage.removeItem(KEY);
  ended.value = why;
  session.value = null;
}

export function tellTabsThatWeLeft(token: string): void {
  tabs.postMessage({ left: token });
}

const RANK = { viewer: 0, operator: 1, administrator: 2 } as const;

export function may(role: keyof typeof RANK): boolean {
  return session.value !== null && RANK[session.value.role] >= RANK[role];
}
