import { useState } from "preact/hooks";
import { Activity, Download, FileText, Plus, RotateCw, SearchX, Square, Trash2 } from "lucide";
import { call, send } from "../api/call";
import type { TimelineEntry, Trace, TraceRequest } from "../api/types";
import { useAction, useAsked, usePaged } from "../api/use";
import { go, query, setQuery } from "../route";
import { t } from "../text";
import { bytes, duration, num } from "../text/format";
import {
  A,
  Ago,
  Badge,
  Button,
  Card,
  confirm,
  cut,
  Dialog,
  Empty,
  Facts,
  FormActions,
  List,
  Loading,
  Name,
  Notice,
  Page,
  Payload,
  Problem,
  SearchField,
  Select,
  SelectField,
  State,
  Table,
  TextField,
  Time,
  toast,
  visible,
} from "../ui";
import { here } from "./here";
import { save } from "./save";

export default function Traces() {
  const name = query("trace");
  return name === "" ? <All /> : <Recording key={name} name={name} />;
}

const SUBJECTS = ["clientId", "username", "address", "topic"] as const;
type Subject = (typeof SUBJECTS)[number];

function subject(of: Trace): Subject {
  return SUBJECTS.find((one) => of[one] !== null && of[one] !== undefined) ?? "clientId";
}

function Recorded({ of }: { of: Trace }) {
  const what = subject(of);
  return (
    <span>
      <span class="quiet">{t().diagnostics.subjects[what]}</span> <Name of={of[what]} mono={what === "topic"} />
    </span>
  );
}

function isRunning(of: Trace): boolean {
  return of.state === "running";
}

function HowIs({ of }: { of: Trace }) {
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
function Ends({ of }: { of: Trace }) {
  if (!isRunning(of)) {
    return <Ago of={of.endedAt} />;
  }
  const left = (Date.parse(of.startedAt) + of.seconds * 1_000 - Date.now()) / 1_000;
  return <span class="num">{t().diagnostics.endsIn(duration(left))}</span>;
}

async function download(name: string, format: "text" | "json"): Promise<void> {
  const response = await send("GET /traces/{name}/download", { path: { name }, query: { format } });
  save(await response.blob(), `${name}.${format === "text" ? "txt" : "jsonl"}`);
}

async function stop(name: string): Promise<void> {
  await call("POST /traces/{name}/stop", { path: { name } });
  toast(t().diagnostics.stopped);
}

function remove(of: Trace): Promise<boolean> {
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

function All() {
  const words = t().diagnostics;
  const traces = usePaged((page, signal) => call("GET /traces", { query: page, signal }), [], 5_000);
  const given = SUBJECTS.find((one) => query(one) !== "");
  const [creating, setCreating] = useState(given !== undefined);
  const saving = useAction(download);
  const stopping = useAction(stop);
  const create = () => setCreating(true);
  return (
    <Page
      title={t().frame.pages.traces}
      about={words.tracesAbout}
      actions={
        <Button kind="primary" icon={Plus} onClick={create}>
          {words.newTrace}
        </Button>
      }
    >
      {saving.failure && <Problem of={saving.failure} />}
      {stopping.failure && <Problem of={stopping.failure} />}
      <Card flush>
        <List
          of={traces}
          label={t().frame.pages.traces}
          rowKey={(one) => one.name}
          href={(one) => here("trace", one.name)}
          columns={[
            {
              key: "name",
              title: t().common.name,
              cell: (one) => (
                <A href={here("trace", one.name)}>
                  <Name of={one.name} />
                </A>
              ),
            },
            { key: "state", title: t().common.state, width: "9rem", cell: (one) => <HowIs of={one} /> },
            { key: "subject", title: words.recorded, wide: true, cell: (one) => <Recorded of={one} /> },
            { key: "entries", title: words.entries, width: "5.5rem", end: true, wide: true, cell: (one) => num(one.entries) },
            { key: "size", title: t().common.size, width: "6rem", end: true, wide: true, cell: (one) => bytes(one.bytes) },
            { key: "dropped", title: words.lost, width: "5rem", end: true, wide: true, cell: (one) => num(one.dropped) },
            { key: "ends", title: words.ends, width: "10.5rem", wide: true, cell: (one) => <Ends of={one} /> },
            { key: "by", title: words.by, width: "6.5rem", wide: true, cell: (one) => <Name of={one.by} /> },
            {
              key: "do",
              title: t().common.actions,
              width: "7.5rem",
              end: true,
              cell: (one) => (
                <>
                  {isRunning(one) && (
                    <Button
                      kind="plain"
                      small
                      icon={Square}
                      label={words.stopOf(one.name)}
                      onClick={() => void stopping.run(one.name).then(traces.refresh)}
                    />
                  )}
                  <Button
                    kind="plain"
                    small
                    icon={Download}
                    label={words.downloadOf(one.name)}
                    onClick={() => void saving.run(one.name, "text")}
                  />
                  <Button
                    kind="plain"
                    small
                    icon={Trash2}
                    label={words.removeOf(one.name)}
                    onClick={async () => {
                      if (await remove(one)) {
                        traces.refresh();
                      }
                    }}
                  />
                </>
              ),
            },
          ]}
          empty={
            <Empty icon={Activity} title={words.noTraces}>
              <p>{words.noTracesText}</p>
              <Button icon={Plus} onClick={create}>
                {words.newTrace}
              </Button>
            </Empty>
          }
        />
      </Card>
      {creating && (
        <Create
          kind={given ?? "clientId"}
          value={given ? query(given) : ""}
          onClose={() => {
            setCreating(false);
            setQuery({ clientId: "", username: "", address: "", topic: "" });
          }}
          onDone={traces.refresh}
        />
      )}
    </Page>
  );
}

const SECONDS = ["60", "300", "900", "3600", "21600", "86400"] as const;
const SIZES = ["1048576", "16777216", "67108864", "268435456"] as const;
const PAYLOADS = ["0", "100", "1024", "65536"] as const;

/** A name that is not taken: the time, to the second. */
function named(): string {
  return `trace-${new Date().toISOString().slice(0, 19).replace("T", "-").replaceAll(":", "")}`;
}

function Create({
  kind: givenKind,
  value: givenValue,
  onClose,
  onDone,
}: {
  kind: Subject;
  value: string;
  onClose(): void;
  onDone(): void;
}) {
  const words = t().diagnostics;
  const [kind, setKind] = useState<Subject>(givenKind);
  const [value, setValue] = useState(givenValue);
  const [name, setName] = useState(named);
  const [seconds, setSeconds] = useState<(typeof SECONDS)[number]>("300");
  const [size, setSize] = useState<(typeof SIZES)[number] | "">("");
  const [payload, setPayload] = useState<(typeof PAYLOADS)[number]>("0");
  const create = useAction(async () => {
    const body: TraceRequest = {
      name,
      [kind]: value,
      seconds: Number(seconds),
      maxBytes: size === "" ? null : Number(size),
      payloadBytes: Number(payload),
    };
    await call("POST /traces", { body });
    toast(words.started);
  });
  const { failure } = create;
  const known = ["name", "seconds", "maxBytes", "payloadBytes", ...SUBJECTS];
  return (
    <Dialog title={words.newTrace} onClose={onClose}>
      <form
        class="form"
        onSubmit={async (event) => {
          event.preventDefault();
          if (await create.run()) {
            onDone();
            onClose();
          }
        }}
      >
        {failure && !known.some((field) => failure.at(field)) && <Problem of={failure} />}
        <SelectField
          label={words.recorded}
          value={kind}
          onChange={setKind}
          options={SUBJECTS.map((one) => [one, words.subjectsLong[one]] as const)}
          hint={kind === "topic" ? words.topicHint : words.packetHint}
        />
        <TextField
          label={kind === "topic" ? t().common.filter : t().common[kind]}
          value={value}
          onInput={setValue}
          placeholder={{ clientId: "press-7", username: "ann", address: "10.0.0.0/8", topic: "plant/#" }[kind]}
          error={failure?.at(kind)}
          mono={kind === "topic"}
          autofocus
          required
        />
        <TextField label={t().common.name} value={name} onInput={setName} error={failure?.at("name")} required />
        <div class="grid-2">
          <SelectField
            label={words.seconds}
            value={seconds}
            onChange={setSeconds}
            options={SECONDS.map((one) => [one, duration(Number(one))] as const)}
            error={failure?.at("seconds")}
          />
          <SelectField
            label={words.maxBytes}
            value={size}
            onChange={setSize}
            options={[["", words.asUsual], ...SIZES.map((one) => [one, bytes(Number(one))] as const)]}
            error={failure?.at("maxBytes")}
          />
        </div>
        <SelectField
          label={words.payloadBytes}
          value={payload}
          onChange={setPayload}
          options={PAYLOADS.map(
            (one) => [one, one === "0" ? words.noPayloads : words.firstBytes(bytes(Number(one)))] as const,
          )}
          hint={words.payloadHint}
          error={failure?.at("payloadBytes")}
        />
        <FormActions onCancel={onClose} verb={words.start} busy={create.busy} />
      </form>
    </Dialog>
  );
}

// ---- one recording

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

function Recording({ name }: { name: string }) {
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
        {recording.failure && (
          <div class="card-body">
            <Problem of={recording.failure} onRetry={recording.refresh} />
          </div>
        )}
        {!recording.data && !recording.failure && <Loading />}
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
