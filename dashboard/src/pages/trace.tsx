import { call, send } from "../api/call";
import type { Trace } from "../api/types";
import { t } from "../text";
import { bytes, duration, num } from "../text/format";
import { Ago, confirm, cut, Name, State, toast } from "../ui";
import { save } from "./save";

/** What a trace may be of; one of them is given. */
export const SUBJECTS = ["clientId", "username", "address", "topic"] as const;
export type Subject = (typeof SUBJECTS)[number];

function subject(of: Trace): Subject {
  return SUBJECTS.find((one) => of[one] !== null && of[one] !== undefined) ?? "clientId";
}

/** What it is of. */
export function Recorded({ of }: { of: Trace }) {
  const what = subject(of);
  return (
    <span>
      <span class="quiet">{t().diagnostics.subjects[what]}</span> <Name of={of[what]} mono={what === "topic"} />
    </span>
  );
}

export function isRunning(of: Trace): boolean {
  return of.state === "running";
}

export function HowIs({ of }: { of: Trace }) {
  const words = t().diagnostics;
  const ended: Record<string, string> = words.endedBy;
  if (isRunning(of)) {
    return <State tone="good">{words.running}</State>;
  }
  return (
    <State tone={of.endedBy === "disk" || of.endedBy === "node" ? "warn" : undefined}>
      {of.endedBy ? (ended[of.endedBy] ?? of.endedBy) : words.finished}
    </State>
  );
}

/** How long it runs still, or when it ended. */
export function Ends({ of }: { of: Trace }) {
  if (!isRunning(of)) {
    return <Ago of={of.endedAt} />;
  }
  const left = (Date.parse(of.startedAt) + of.seconds * 1_000 - Date.now()) / 1_000;
  return <span class="num">{t().diagnostics.endsIn(duration(left))}</span>;
}

export async function download(name: string, format: "text" | "json"): Promise<void> {
  const response = await send("GET /traces/{name}/download", { path: { name }, query: { format } });
  save(await response.blob(), `${name}.${format === "text" ? "txt" : "jsonl"}`);
}

/** Ends it; what it recorded stays. */
export async function stop(name: string): Promise<void> {
  await call("POST /traces/{name}/stop", { path: { name } });
  toast(t().diagnostics.stopped);
}

/** Asks first. */
export function remove(of: Trace): Promise<boolean> {
  const words = t().diagnostics;
  return confirm({
    title: words.removeTitle,
    text: (
      <>
        <p>{words.removeText(cut(of.name), num(of.entries), bytes(of.bytes))}</p>
        {isRunning(of) && <p>{words.removeRunning}</p>}
      </>
    ),
    verb: t().common.remove,
    done: words.removed,
    act: () => call("DELETE /traces/{name}", { path: { name: of.name } }),
  });
}
