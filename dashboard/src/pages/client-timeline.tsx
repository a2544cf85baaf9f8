import "./client-timeline.css";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ArrowLeft, ArrowRight, Eraser, Info, Pause, Play, Radio } from "lucide";
import { call, type Failure } from "../api/call";
import { follow, type StreamState } from "../api/stream";
import type { TimelineEntry } from "../api/types";
import { t } from "../text";
import { bytes, num } from "../text/format";
import {
  Badge,
  Button,
  Card,
  type Column,
  Dialog,
  Empty,
  Facts,
  Icon,
  Name,
  Payload,
  Problem,
  Select,
  State,
  Table,
  Time,
  type Tone,
} from "../ui";
import { TopicOf } from "./message";

/** So many entries are held. */
const KEPT = 1_000;
/** What came is drawn at most so often. */
const DRAW_MILLIS = 250;
/** Of the past, so many pages at most are asked for. */
const PAST_PAGES = 5;
const PAYLOADS = ["0", "100", "1000", "65536"] as const;
const DIRECTIONS = ["all", "in", "out", "note"] as const;
const TONES: Record<StreamState, Tone> = { connecting: "warn", live: "good", stale: "bad", refused: "bad" };

type Entry = TimelineEntry & { id: number };

/** The newest entries of a client, the newest first. Not a state: it changes far more often than it is drawn. */
class Entries {
  #all: Entry[] = [];
  #next = 0;
  dropped = 0;

  add(one: TimelineEntry): void {
    this.#all.push({ ...one, id: this.#next++ });
    // Now and then rather than each time: to move a thousand entries for each that comes would cost more than to hold
    // some too many.
    if (this.#all.length > 2 * KEPT) {
      this.#all = this.#all.slice(-KEPT);
    }
  }

  /** What the node remembers, which may hold what has come already. */
  addPast(past: readonly TimelineEntry[]): void {
    const known = new Set(this.#all.map(keyOf));
    const missing = past.filter((one) => !known.has(keyOf(one))).map((one) => ({ ...one, id: this.#next++ }));
    this.#all = [...missing, ...this.#all].sort((a, b) => micros(a.time) - micros(b.time)).slice(-KEPT);
  }

  clear(): void {
    this.#all = [];
    this.dropped = 0;
  }

  newestFirst(): readonly Entry[] {
    return this.#all.slice(-KEPT).reverse();
  }
}

function keyOf(one: TimelineEntry): string {
  return `${one.time} ${one.direction} ${one.text}`;
}

/** Since 1970; times of the API have as many digits as they need. */
function micros(time: string): number {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? "";
  return Date.parse(`${time.slice(0, 19)}Z`) * 1_000 + Number(fraction.padEnd(6, "0").slice(0, 6));
}

/** What a client did of late, and what it does: packet by packet. */
export function ClientTimeline({ clientId, onEntry }: { clientId: string; onEntry(): void }) {
  const words = t().clients;
  const common = t().common;
  const entries = useRef(new Entries());
  const [shown, setShown] = useState<readonly Entry[]>([]);
  const [dropped, setDropped] = useState(0);
  const [waiting, setWaiting] = useState(0);
  const [paused, setPaused] = useState(false);
  const [state, setState] = useState<StreamState>("connecting");
  const [failure, setFailure] = useState<Failure | null>(null);
  const [payloadBytes, setPayloadBytes] = useState<(typeof PAYLOADS)[number]>("0");
  const [direction, setDirection] = useState<(typeof DIRECTIONS)[number]>("all");
  const [packet, setPacket] = useState("");
  const [open, setOpen] = useState<Entry | null>(null);
  const still = useRef(false);
  still.current = paused;
  const told = useRef(onEntry);
  told.current = onEntry;

  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let came = 0;
    const draw = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        if (came > 0) {
          told.current();
        }
        if (still.current) {
          const more = came;
          setWaiting((before) => before + more);
        } else {
          setShown(entries.current.newestFirst());
          setWaiting(0);
        }
        came = 0;
        setDropped(entries.current.dropped);
      }, DRAW_MILLIS);
    };
    const stream = follow({
      name: "GET /clients/{clientId}/timeline/live",
      path: { clientId },
      query: { payloadBytes: Number(payloadBytes) },
      onEvent(event, data) {
        if (event === "packet") {
          entries.current.add(data as TimelineEntry);
          came++;
          draw();
        } else if (event === "dropped") {
          entries.current.dropped += (data as { dropped: number }).dropped;
          draw();
        }
      },
      onState(next, why) {
        setState(next);
        setFailure(why ?? null);
        if (next === "live") {
          // Each time: what happened while the stream was broken is remembered by the node as well, as far as it is.
          past(clientId, abort.signal).then(
            (found) => {
              if (!abort.signal.aborted) {
                entries.current.addPast(found);
                draw();
              }
            },
            (error) => {
              if (!abort.signal.aborted) {
                setFailure(error as Failure);
              }
            },
          );
        }
      },
    });
    return () => {
      stream.close();
      abort.abort();
      clearTimeout(timer);
    };
  }, [clientId, payloadBytes]);

  const packets = useMemo(
    () => [...new Set(shown.flatMap((one) => (one.packet ? [one.packet] : [])).concat(packet || []))].sort(),
    [shown, packet],
  );
  const rows = useMemo(
    () =>
      shown.filter(
        (one) => (direction === "all" || one.direction === direction) && (packet === "" || one.packet === packet),
      ),
    [shown, direction, packet],
  );
  const columns: Column<Entry>[] = [
    { key: "time", title: common.time, width: "132px", cell: (one) => <Time of={one.time} exact /> },
    {
      key: "direction",
      title: words.direction,
      head: <span class="hidden-text">{words.direction}</span>,
      width: "44px",
      cell: (one) => <Direction of={one.direction} />,
    },
    {
      key: "packet",
      title: words.packet,
      width: "132px",
      wide: true,
      cell: (one) =>
        one.packet ? (
          <Badge tone={one.packet === "PUBLISH" ? "accent" : undefined}>{one.packet}</Badge>
        ) : (
          <span class="quiet">{words.entryNote}</span>
        ),
    },
    {
      key: "text",
      title: words.what,
      cell: (one) => (
        <span class="timeline-what">
          <Button kind="link" onClick={() => setOpen(one)}>
            <Name of={one.text} mono />
          </Button>
        </span>
      ),
    },
    {
      key: "bytes",
      title: common.size,
      width: "92px",
      end: true,
      wide: true,
      cell: (one) => (one.bytes > 0 ? bytes(one.bytes) : "–"),
    },
  ];
  return (
    <Card flush>
      <div class="card-head">
        <State tone={paused ? "warn" : TONES[state]}>
          <span class="num">{paused ? words.paused(num(waiting)) : words.live[state]}</span>
        </State>
        <div class="row row-end">
          <div>
            <Select
              label={words.direction}
              value={direction}
              onChange={setDirection}
              options={DIRECTIONS.map((key) => [key, words.directions[key]] as const)}
            />
          </div>
          <div>
            <Select
              label={words.packet}
              value={packet}
              onChange={setPacket}
              options={[["", words.packets], ...packets.map((one) => [one, one] as const)]}
            />
          </div>
          <div>
            <Select
              label={words.payloads}
              value={payloadBytes}
              onChange={setPayloadBytes}
              options={PAYLOADS.map(
                (key) => [key, key === "0" ? words.payloadsNone : words.payloadsFirst(bytes(Number(key)))] as const,
              )}
            />
          </div>
          <Button
            icon={paused ? Play : Pause}
            onClick={() => {
              if (paused) {
                setShown(entries.current.newestFirst());
                setWaiting(0);
              }
              setPaused(!paused);
            }}
          >
            {paused ? words.goOn : words.pause}
          </Button>
          <Button
            kind="plain"
            icon={Eraser}
            label={words.clear}
            onClick={() => {
              entries.current.clear();
              setShown([]);
              setWaiting(0);
              setDropped(0);
            }}
          />
        </div>
      </div>
      {failure && (
        <div class="card-body">
          <Problem of={failure} />
        </div>
      )}
      {rows.length > 0 ? (
        <Table label={words.timeline} columns={columns} rows={rows} rowKey={(one) => one.id} onOpen={setOpen} />
      ) : (
        !failure && (
          <Empty icon={Radio} title={words.timelineEmpty}>
            <p>{shown.length > 0 ? words.timelineFiltered : words.timelineEmptyText}</p>
          </Empty>
        )
      )}
      <div class="table-foot num">
        <span>{words.entries(num(rows.length), num(shown.length))}</span>
        {shown.length >= KEPT && <span>· {words.entriesMost(num(KEPT))}</span>}
        {dropped > 0 && (
          <span>
            · <Badge tone="warn">{words.tooFast(num(dropped))}</Badge>
          </span>
        )}
      </div>
      {open && <EntryDialog of={open} onClose={() => setOpen(null)} />}
    </Card>
  );
}

function Direction({ of }: { of: TimelineEntry["direction"] }) {
  const word = t().clients.directions[of];
  return (
    <span class="quiet" title={word}>
      <Icon of={of === "in" ? ArrowRight : of === "out" ? ArrowLeft : Info} />
      <span class="hidden-text">{word}</span>
    </span>
  );
}

function EntryDialog({ of, onClose }: { of: Entry; onClose(): void }) {
  const words = t().clients;
  const common = t().common;
  return (
    <Dialog title={of.packet ?? words.entryNote} wide onClose={onClose}>
      <div class="stack">
        <Facts
          of={[
            [
              common.time,
              <>
                <Time of={of.time} exact />{" "}
                <span class="quiet">
                  (<Time of={of.time} />)
                </span>
              </>,
            ],
            [words.direction, words.directions[of.direction]],
            of.address !== "" && [common.address, <Name of={of.address} />],
            !!of.username && [common.username, <Name of={of.username} />],
            !!of.topic && [common.topic, <TopicOf of={of.topic} />],
            of.packetId !== null && of.packetId !== undefined && [words.packetId, of.packetId],
            of.bytes > 0 && [common.size, bytes(of.bytes)],
            [words.what, <Name of={of.text} mono />],
          ]}
        />
        {of.payload !== null && of.payload !== undefined && of.payload !== "" && (
          <Payload payload={of.payload} encoding={of.encoding ?? "text"} />
        )}
      </div>
    </Dialog>
  );
}

/** The newest of what the node remembers; it gives the oldest first. */
async function past(clientId: string, signal: AbortSignal): Promise<TimelineEntry[]> {
  let found: TimelineEntry[] = [];
  let cursor: string | null | undefined;
  for (let page = 0; page < PAST_PAGES; page++) {
    const answer = await call("GET /clients/{clientId}/timeline", {
      path: { clientId },
      query: { limit: 1_000, cursor },
      signal,
    });
    found = [...found, ...answer.items].slice(-KEPT);
    cursor = answer.next;
    if (!cursor) {
      break;
    }
  }
  return found;
}
