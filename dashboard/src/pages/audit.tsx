import { useMemo, useState } from "preact/hooks";
import { FileClock } from "lucide";
import { call } from "../api/call";
import type { AuditEntry } from "../api/types";
import { usePaged } from "../api/use";
import { t } from "../text";
import { num } from "../text/format";
import { Ago, Badge, Button, Card, type Column, cut, Dialog, Empty, Facts, List, Name, Page, Time, type Tone, visible } from "../ui";
import { lineDifferences } from "./line-differences";
import "./access.css";

const TONES: Record<string, Tone> = { POST: "good", PUT: "accent", PATCH: "accent", DELETE: "bad" };
/** Lines of a difference that are drawn; 10,000 rules have more. */
const LINES_MAX = 2_000;

export default function Audit() {
  const words = t().access.audit;
  const entries = usePaged((page, signal) => call("GET /audit", { query: page, signal }), [], 10_000);
  const [open, setOpen] = useState<AuditEntry | null>(null);
  const keys = useMemo(() => keysOf(entries.items), [entries.items]);
  const columns: Column<AuditEntry>[] = [
    { key: "when", title: words.when, width: "10rem", cell: (one) => <Ago of={one.at} /> },
    { key: "at", title: t().common.time, width: "13rem", wide: true, cell: (one) => <Time of={one.at} /> },
    { key: "who", title: words.who, width: "12%", wide: true, cell: (one) => <Name of={one.who} /> },
    { key: "from", title: words.from, width: "14%", wide: true, cell: (one) => <Name of={one.address} /> },
    {
      key: "action",
      title: words.action,
      cell: (one) => (
        <button type="button" class="cell-open" onClick={() => setOpen(one)}>
          <Action of={one.action} />
        </button>
      ),
    },
    { key: "subject", title: words.subject, width: "20%", wide: true, cell: (one) => <Name of={subject(one)} /> },
  ];
  return (
    <Page title={t().frame.pages.audit} about={words.about}>
      <Card flush>
        <List
          of={entries}
          label={t().frame.pages.audit}
          columns={columns}
          rowKey={(one) => keys.get(one) ?? one.at}
          empty={
            <Empty icon={FileClock} title={words.emptyTitle}>
              <p>{words.emptyText}</p>
            </Empty>
          }
        />
      </Card>
      {open && <Entry of={open} onClose={() => setOpen(null)} />}
    </Page>
  );
}

/** The name of what was changed, where that has one. */
function subject(entry: AuditEntry): string | null {
  const what = (entry.after ?? entry.before) as Record<string, unknown> | null | undefined;
  for (const key of ["username", "name", "value", "clientId", "topic", "filter"]) {
    const name = what?.[key];
    if (typeof name === "string") {
      return name;
    }
  }
  return null;
}

/** Several may be of the same moment. */
function keysOf(entries: readonly AuditEntry[]): Map<AuditEntry, string> {
  const seen = new Map<string, number>();
  const keys = new Map<AuditEntry, string>();
  for (const entry of entries.toReversed()) {
    const key = `${entry.at} ${entry.action}`;
    const count = seen.get(key) ?? 0;
    seen.set(key, count + 1);
    keys.set(entry, `${key} ${count}`);
  }
  return keys;
}

/** The call that was made: its method, and its path as it reads. */
function Action({ of }: { of: string }) {
  const space = of.indexOf(" ");
  const method = of.slice(0, space);
  const path = of.slice(space + 1).replace(/^\/api\/v1/, "");
  return (
    <>
      <Badge tone={TONES[method]}>{method}</Badge> <Name of={decoded(path)} mono />
    </>
  );
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // not encoded as it should be: shown as it was sent
  }
}

function Entry({ of, onClose }: { of: AuditEntry; onClose(): void }) {
  const words = t().access.audit;
  const [all, setAll] = useState(false);
  const lines = useMemo(() => lineDifferences(of.before, of.after), [of]);
  const kind =
    of.before === undefined || of.before === null
      ? of.after === undefined || of.after === null
        ? words.nothing
        : words.made
      : of.after === undefined || of.after === null
        ? words.removed
        : words.changed;
  return (
    <Dialog title={cut(decoded(of.action.replace(" /api/v1/", " /")), 60)} wide onClose={onClose}>
      <div class="stack">
        <Facts
          of={[
            [t().common.time, <Time of={of.at} />],
            [words.who, <Name of={of.who} />],
            [words.from, <Name of={of.address} />],
            [words.action, <Action of={of.action} />],
          ]}
        />
        <div class="stack-s">
          <h3>{kind}</h3>
          {lines.length > 0 && (
            <div class="lines" tabIndex={0} role="region" aria-label={kind}>
              {lines.slice(0, all ? lines.length : LINES_MAX).map((line) =>
                line.kind === "skipped" ? (
                  <div class="is-skipped">{words.same(line.count, num(line.count))}</div>
                ) : (
                  <div class={line.kind === "same" ? undefined : `is-${line.kind}`}>
                    {line.kind === "added" ? "+ " : line.kind === "removed" ? "− " : "  "}
                    {visible(line.text)}
                  </div>
                ),
              )}
            </div>
          )}
          {lines.length > LINES_MAX && !all && (
            <div>
              <Button small onClick={() => setAll(true)}>
                {words.showAll(num(lines.length))}
              </Button>
            </div>
          )}
        </div>
        <div class="form-actions">
          <Button onClick={onClose}>{t().common.close}</Button>
        </div>
      </div>
    </Dialog>
  );
}
