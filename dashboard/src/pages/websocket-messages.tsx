import { useEffect, useMemo, useState } from "preact/hooks";
import { ArrowDown, ArrowUp, Download, Eraser, MessagesSquare, Pause, Play, SearchX } from "lucide";
import { t } from "../text";
import { num } from "../text/format";
import { Badge, Button, Card, Dialog, Empty, Facts, Icon, Name, SearchField, Select, Table, Time } from "../ui";
import { Payload } from "../ui/Payload";
import { ShortValue } from "./topic-rows";
import { type Connection, type Exchanged, MESSAGES_MAX } from "./websocket-connections";
import { reason } from "./websocket-settings";

type Direction = "all" | "received" | "sent";

/** What came and what was sent, the newest first. */
export function WebsocketMessages({ of }: { of: Connection }) {
  const words = t().websocket;
  const [search, setSearch] = useState("");
  const [direction, setDirection] = useState<Direction>("all");
  /** The list as it was when somebody stopped it. */
  const [held, setHeld] = useState<readonly Exchanged[] | null>(null);
  const [open, setOpen] = useState<Exchanged | null>(null);
  const version = of.version.value;
  useEffect(() => {
    of.unseen.value = 0;
  }, [version]);
  const rows = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    return (held ?? of.messages)
      .filter(
        (one) =>
          (direction === "all" || one.direction === direction) &&
          (wanted === "" ||
            one.topic.toLowerCase().includes(wanted) ||
            (one.encoding === "text" && one.payload.toLowerCase().includes(wanted))),
      )
      .reverse();
  }, [held, held ? null : version, search, direction]);
  const missed = held ? (of.messages.at(-1)?.number ?? 0) - (held.at(-1)?.number ?? 0) : 0;
  const isEmpty = (held ?? of.messages).length === 0;
  return (
    <Card flush>
      <div class="card-head">
        <h2>{words.messages}</h2>
        {missed > 0 && (
          <Badge tone="accent">
            <span class="num">{words.newMessages(num(missed))}</span>
          </Badge>
        )}
        <div class="row row-end">
          <Button
            kind="plain"
            icon={held ? Play : Pause}
            label={held ? words.goOn : words.pause}
            pressed={held !== null}
            onClick={() => setHeld(held ? null : [...of.messages])}
          />
          <Button
            kind="plain"
            icon={Download}
            label={words.export}
            disabled={isEmpty}
            onClick={() => download(rows, of.settings.value.name)}
          />
          <Button
            kind="plain"
            icon={Eraser}
            label={words.clear}
            disabled={isEmpty}
            onClick={() => {
              of.clear();
              setHeld(null);
            }}
          />
        </div>
      </div>
      <div class="ws-find">
        <SearchField label={words.search} value={search} onSearch={setSearch} />
        <div class="ws-direction">
          <Select
            label={words.direction}
            value={direction}
            onChange={setDirection}
            options={[
              ["all", words.directions.all],
              ["received", words.directions.received],
              ["sent", words.directions.sent],
            ]}
          />
        </div>
      </div>
      {isEmpty ? (
        <Empty icon={MessagesSquare} title={words.noMessages}>
          <p>{words.noMessagesText}</p>
        </Empty>
      ) : rows.length === 0 ? (
        <Empty icon={SearchX} title={words.noMessagesFound} />
      ) : (
        <div class="ws-messages">
          <Table
            label={words.messages}
            rows={rows}
            rowKey={(row) => row.number}
            columns={[
              {
                key: "topic",
                title: t().common.topic,
                width: "42%",
                cell: (row) => (
                  <span class="ws-topic">
                    <span class={row.colour ? `ws-mark c${row.colour}` : "ws-mark"} aria-hidden="true" />
                    <span class={row.direction === "sent" ? "ws-sent" : "ws-received"}>
                      <Icon of={row.direction === "sent" ? ArrowUp : ArrowDown} label={words[row.direction]} />
                    </span>
                    <Name of={row.topic} />
                  </span>
                ),
              },
              {
                key: "payload",
                title: t().common.payload,
                cell: (row) => (
                  <button type="button" class="ws-open" title={words.openMessage} onClick={() => setOpen(row)}>
                    <ShortValue of={{ ...row, length: row.payload.length }} />
                  </button>
                ),
              },
              {
                key: "qos",
                title: t().common.qos,
                width: "4.5rem",
                wide: true,
                cell: (row) => (
                  <span class="row ws-flags">
                    <span class="num">{row.qos}</span>
                    {row.retain && (
                      <Badge>
                        <abbr title={t().common.retain}>R</abbr>
                      </Badge>
                    )}
                  </span>
                ),
              },
              {
                key: "time",
                title: t().common.time,
                width: "7.5rem",
                wide: true,
                end: true,
                cell: (row) =>
                  row.outcome !== null && typeof row.outcome === "object" ? (
                    <Badge tone="bad">{failed(row.outcome)}</Badge>
                  ) : (
                    <span class="quiet">
                      <Time of={new Date(row.at).toISOString()} exact />
                    </span>
                  ),
              },
            ]}
          />
          <div class="table-foot">
            <span class="num">
              {t().common.rows(rows.length, num(rows.length))}
              {of.messages.length >= MESSAGES_MAX && ` · ${words.messagesMost(num(MESSAGES_MAX))}`}
            </span>
          </div>
        </div>
      )}
      {open && <Opened of={open} onClose={() => setOpen(null)} />}
    </Card>
  );
}

function failed(outcome: { code: number | null; text: string }): string {
  return outcome.code === null ? outcome.text : reason(outcome.code);
}

/** All that a message said. */
function Opened({ of, onClose }: { of: Exchanged; onClose(): void }) {
  const words = t().websocket;
  const topics = t().topics;
  const { outcome } = of;
  return (
    <Dialog title={words[of.direction]} wide onClose={onClose}>
      <div class="stack">
        <Facts
          of={[
            [t().common.topic, <Name of={of.topic} mono />],
            [t().common.time, <Time of={new Date(of.at).toISOString()} exact />],
            [t().common.qos, <span class="num">{of.qos}</span>],
            [t().common.retain, of.retain ? t().common.yes : t().common.no],
            outcome !== null && [words.outcome, typeof outcome === "string" ? words.outcomes[outcome] : failed(outcome)],
            of.contentType !== null && [topics.contentType, <Name of={of.contentType} />],
            of.responseTopic !== null && [topics.responseTopic, <Name of={of.responseTopic} mono />],
            of.correlationData !== null && [topics.correlationData, <Name of={of.correlationData} mono />],
            of.expiry !== null && [topics.expiry, <span class="num">{num(of.expiry)}</span>],
            of.user.length > 0 && [
              topics.userProperties,
              <ul>
                {of.user.map(([name, value]) => (
                  <li>
                    <Name of={name} mono /> = <Name of={value} mono />
                  </li>
                ))}
              </ul>,
            ],
          ]}
        />
        <Payload payload={of.payload} encoding={of.encoding} />
      </div>
    </Dialog>
  );
}

function download(rows: readonly Exchanged[], name: string): void {
  const told = rows.map(({ number: _, colour: __, at, outcome, user, ...row }) => ({
    time: new Date(at).toISOString(),
    ...row,
    user,
    ...(outcome === null ? {} : { outcome: typeof outcome === "string" ? outcome : failed(outcome) }),
  }));
  const url = URL.createObjectURL(new Blob([JSON.stringify(told, null, 2)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${name.replace(/[^\p{L}\p{N}_-]+/gu, "-").slice(0, 60) || "messages"}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
