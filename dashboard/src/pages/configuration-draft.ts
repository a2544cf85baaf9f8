import { effect, signal } from "@preact/signals";
import { call, Failure } from "../api/call";
import { ended } from "../api/session";

/** What is to be set, by key; null takes back what was set. Kept while other pages are looked at. */
export const draft = signal<Readonly<Record<string, unknown>>>({});

effect(() => {
  if (ended.value === "left") {
    draft.value = {};
  }
});

/** A value of the draft as the node would write it. */
export function written(value: unknown): string | null {
  return value === null ? null : typeof value === "string" ? value : JSON.stringify(value);
}

/** Tries a key together with the draft. What is wrong with others is told when all is reviewed. */
export async function put(key: string, value: unknown): Promise<void> {
  const next = { ...draft.value, [key]: value };
  try {
    await call("PATCH /configuration", { query: { dryRun: true }, body: { changes: next } });
  } catch (error) {
    const fields = error instanceof Failure ? (error.problem?.errors ?? []).map((one) => one.field) : [];
    if (fields.length === 0 || fields.some((field) => field === key || field.startsWith(`${key}.`))) {
      throw error;
    }
  }
  draft.value = next;
}

/** Takes a key out of the draft. */
export function without(key: string): void {
  const { [key]: _, ...rest } = draft.value;
  draft.value = rest;
}
