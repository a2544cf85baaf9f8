import { Activity, Download, FileText, RotateCw, SearchX, Square, Trash2 } from "lucide";
import { call, send } from "../api/call";
import type { TimelineEntry } from "../api/types";
import { useAction, useAsked } from "../api/use";
import { go, query, setQuery } from "../route";
import { t } from "../text";
import { bytes, num } from "../text/format";
import {
  A,
  Badge,
  Button,
  Card,
  Dialog,
  Empty,
  Facts,
  Name,
  Notice,
  Page,
  Payload,
  Problem,
  SearchField,
  Select,
  Table,
  Time,
  Unanswered,
  visible,
} from "../ui";
import { download, Ends, HowIs, isRunning, Recorded, remove, stop } from "./trace";
import { here } from "./here";

const LINES_MAX = 2_000;

type Line = TimelineEntry & { at: number };

/** The first lines of a recording; what comes behind them is not fetched. */
async function beginning(name: string, abort: AbortSignal): Promise<{ lines: Line[]; whole: boolean }> {
  const stop = new AbortController();
  abort.addEventListener("abort", () => stop.abort());
  const response = await send("GET /traces/{name}/download", {
    path: { name },
    query: { format: "json" },
    signal: stop.signal,
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const lines: Line[] = [];
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) {
      return { lines, whole: true };
    }
    const parts = (rest + value).split("\n");
    rest = parts.pop()!;
    for (const part of parts) {
      if (lines.length === LINES_MAX) {
        stop.abort();
        return { lines, whole: false };
      }
      if (part !== "") {
        lines.push({ ...(JSON.parse(part) as TimelineEntry), at: lines.length });
      }
    }
  }
}

const ARROWS = { in: "→", out: "←", note: "·" } as const;

/** One trace: how it is, and what it recorded. */
export function Recording({ name }: { name: string }) {
  const words = t().diagnostics;
  const trace = useAsked((signal) => call("GET /traces/{name}", { path: { name }, signal }), [name], 5_000);
  const recording = useAsked((signal) => beginning(name, signal), [name]);
  const saving = useAction(download);
  const stopping = useAction(stop);
  const of = trace.data;
  const text = query("q").toLowerCase();
  const direction = query("direction");
  const open = query("line") === "" ? undefined : recording.data?.lines[Number(query("line"))];
  const lines = recording.data?.lines.filter(
    (line) =>
      (direction === "" || line.direction === direction) &&
      (text === "" ||
        line.text.toLowerCase().includes(text) ||
        line.clientId.toLowerCase().includes(text) ||
        (line.payload ?? "").toLowerCase().includes(text)),
  );
  return (
    <Page
      title={words.trace}
      name={<Name of={name} />}
      back={{ href: "/traces", text: t().frame.pages.traces }}
      actions={
        <>
          <Button
            icon={RotateCw}
            onClick={() => {
              trace.refresh();
              recording.refresh();
            }}
          >
            {t().common.refresh}
          </Button>
          <Button icon={FileText} busy={saving.busy} onClick={() => void saving.run(name, "text")}>
            {words.asText}
          </Button>
          <Button icon={Download} busy={saving.busy} onClick={() => void saving.run(name, "json")}>
            {words.asJson}
          </Button>
          {of && isRunning(of) && (
            <Button
              icon={Square}
              busy={stopping.busy}
              onClick={async () => {
                await stopping.run(name);
                trace.refresh();
                recording.refresh();
              }}
            >
              {words.stop}
            </Button>
          )}
          {of && (
            <Button
              kind="danger"
              icon={Trash2}
              onClick={async () => {
                if (await remove(of)) {
                  go("/traces");
                }
              }}
            >
              {t().common.remove}
            </Button>
          )}
        </>
      }
    >
      {saving.failure && <Problem of={saving.failure} />}
      {stopping.failure && <Problem of={stopping.failure} />}
      {trace.failure && <Problem of={trace.failure} onRetry={trace.refresh} />}
      {of && (
        <Card>
          <div class="grid-2">
            <Facts
              of={[
                [t().common.state, <HowIs of={of} />],
                [words.recorded, <Recorded of={of} />],
                [isRunning(of) ? words.ends : words.ended, <Ends of={of} />],
                [words.startedAt, <Time of={of.startedAt} />],
              ]}
            />
            <Facts
              of={[
                [words.entries, <span class="num">{num(of.entries)}</span>],
                [t().common.size, <span class="num">{words.ofSize(bytes(of.bytes), bytes(of.maxBytes))}</span>],
                [
                  words.lost,
                  of.dropped > 0 ? <Badge tone="warn">{num(of.dropped)}</Badge> : <span class="num">{num(0)}</span>,
                ],
                [words.by, <Name of={of.by} />],
              ]}
            />
          </div>
        </Card>
      )}
      <div class="row">
        <SearchField label={words.findLine} value={query("q")} onSearch={(q) => setQuery({ q })} />
        <div>
          <Select
            label={words.direction}
            value={direction as "" | TimelineEntry["direction"]}
            onChange={(next) => setQuery({ direction: next })}
            options={[
              ["", words.everyDirection],
              ["in", words.directions.in],
              ["out", words.directions.out],
              ["note", words.directions.note],
            ]}
          />
        </div>
      </div>
      {recording.data && !recording.data.whole && <Notice>{words.onlyFirst(num(LINES_MAX))}</Notice>}
      <Card flush>
        <Unanswered of={recording} known={recording.data !== undefined} />
        {lines &&
          (lines.length === 0 ? (
            <Empty
              icon={recording.data!.lines.length === 0 ? Activity : SearchX}
              title={recording.data!.lines.length === 0 ? words.noEntries : words.noLine}
            >
              {recording.data!.lines.length === 0 && <p>{words.noEntriesText}</p>}
            </Empty>
          ) : (
            <>
              <Table
                label={words.trace}
                rows={lines}
                rowKey={(line) => line.at}
                href={(line) => here("line", line.at)}
                columns={[
                  {
                    key: "time",
                    title: t().common.time,
                    width: "8rem",
                    cell: (line) => (
                      <A href={here("line", line.at)}>
                        <Time of={line.time} exact />
                      </A>
                    ),
                  },
                  {
                    key: "client",
                    title: t().common.clientId,
                    width: "13rem",
                    wide: true,
                    cell: (line) => <Name of={line.clientId} />,
                  },
                  {
                    key: "direction",
                    title: words.direction,
                    width: "9.5rem",
                    wide: true,
                    cell: (line) => (
                      <span>
                        <span class="mono" aria-hidden="true">
                          {ARROWS[line.direction]}
                        </span>{" "}
                        {words.directions[line.direction]}
                      </span>
                    ),
                  },
                  {
                    key: "text",
                    title: words.what,
                    cell: (line) => (
                      <span class={line.direction === "note" ? "quiet" : undefined}>
                        <Name of={line.text} mono />
                        {line.payload && (
                          <>
                            {" "}
                            <span class="quiet">
                              <Name of={line.payload.slice(0, 120)} mono />
                            </span>
                          </>
                        )}
                      </span>
                    ),
                  },
                ]}
              />
              <div class="table-foot">
                <span class="num">{t().common.rows(lines.length, num(lines.length))}</span>
              </div>
            </>
          ))}
      </Card>
      {open && (
        <Dialog title={words.entry} wide onClose={() => setQuery({ line: "" })}>
          <div class="stack">
            <Facts
              of={[
                [t().common.time, <Time of={open.time} exact />],
                [t().common.clientId, <Name of={open.clientId} />],
                !!open.username && [t().common.username, <Name of={open.username} />],
                !!open.address && [t().common.address, <Name of={open.address} mono />],
                [words.direction, words.directions[open.direction]],
                !!open.topic && [t().common.topic, <Name of={open.topic} mono />],
                open.bytes > 0 && [t().common.size, <span class="num">{bytes(open.bytes)}</span>],
              ]}
            />
            <pre class="payload" tabIndex={0}>
              {visible(open.text)}
            </pre>
            {open.payload && <Payload payload={open.payload} encoding={open.encoding ?? "text"} />}
          </div>
        </Dialog>
      )}
    </Page>
  );
}
