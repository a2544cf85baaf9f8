import "./drops.css";
import { useMemo, useState } from "preact/hooks";
import { CircleCheck, Trash2 } from "lucide";
import { call } from "../api/call";
import type { Drop, DropReason } from "../api/types";
import { useAsked, usePaged } from "../api/use";
import { at, query, setQuery } from "../route";
import { t } from "../text";
import { bytes, num, percent } from "../text/format";
import {
  A,
  Badge,
  Button,
  Card,
  type Column,
  Empty,
  List,
  Loading,
  Name,
  Page,
  Problem,
  SearchField,
  Select,
  Time,
} from "../ui";

export default function Drops() {
  const words = t().messages;
  const reasons = useAsked((signal) => call("GET /drops/reasons", { query: { limit: 100 }, signal }), [], 5_000);
  const all = reasons.data?.items ?? [];
  const total = all.reduce((sum, one) => sum + one.count, 0);
  return (
    <Page title={t().frame.pages.drops} about={reasons.data && words.dropsAbout(num(total))}>
      {reasons.failure && <Problem of={reasons.failure} onRetry={reasons.refresh} />}
      {!reasons.data && !reasons.failure && <Loading />}
      {reasons.data && (
        <>
          <Card flush title={total === 0 ? undefined : words.reasons}>
            {total === 0 && (
              <Empty icon={CircleCheck} title={words.noDrops}>
                <p>{words.noDropsText}</p>
              </Empty>
            )}
            <Reasons of={all} total={total} />
          </Card>
          {total > 0 && <Records reasons={all} />}
        </>
      )}
    </Page>
  );
}

/** What the reason is called, and what it means. One that is newer than this page is called as the node has it. */
function said(reason: string): readonly [name: string, about: string] {
  return t().messages.reason[reason] ?? [reason, ""];
}

/** The reasons, the most frequent first; each chooses the records of its kind. */
function Reasons({ of, total }: { of: readonly DropReason[]; total: number }) {
  const words = t().messages;
  const [allShown, setAllShown] = useState(false);
  const chosen = query("reason");
  const sorted = [...of].sort((a, b) => b.count - a.count);
  const none = sorted.filter((one) => one.count === 0);
  const shown = allShown ? sorted : sorted.filter((one) => one.count > 0);
  return (
    <>
      <div class="drop-reasons">
        {shown.map((one) => {
          const [name, about] = said(one.reason);
          return (
            <button
              type="button"
              class="drop-reason"
              key={one.reason}
              aria-pressed={chosen === one.reason}
              onClick={() => setQuery({ reason: chosen === one.reason ? "" : one.reason })}
            >
              <span>
                <span class="drop-name">{name}</span> <span class="quiet mono">{one.reason}</span>
              </span>
              <span class="drop-count num">
                {num(one.count)} <span class="quiet">{one.count > 0 && percent((one.count / total) * 100)}</span>
              </span>
              {one.count > 0 && (
                <span class="drop-share" aria-hidden="true">
                  <span style={{ width: `${(one.count / total) * 100}%` }} />
                </span>
              )}
              <span class="drop-about">{about}</span>
            </button>
          );
        })}
      </div>
      {none.length > 0 && (
        <div class="table-foot">
          <Button small kind="plain" onClick={() => setAllShown(!allShown)}>
            {allShown ? words.fewerReasons : words.otherReasons(none.length)}
          </Button>
        </div>
      )}
    </>
  );
}

function Records({ reasons }: { reasons: readonly DropReason[] }) {
  const words = t().messages;
  const common = t().common;
  const reason = query("reason");
  const clientId = query("clientId");
  const topic = query("topic");
  const drops = usePaged(
    (page, signal) => call("GET /drops", { query: { ...page, reason, clientId, topic }, signal }),
    [reason, clientId, topic],
    5_000,
  );
  const keys = useMemo(() => keysOf(drops.items), [drops.items]);
  const columns: Column<Drop>[] = [
    { key: "time", title: common.time, width: "132px", cell: (one) => <Time of={one.time} exact /> },
    {
      key: "reason",
      title: common.reason,
      width: "160px",
      wide: true,
      cell: (one) => <Badge tone={one.reason === "expired" ? undefined : "warn"}>{said(one.reason)[0]}</Badge>,
    },
    { key: "topic", title: common.topic, cell: (one) => <Name of={one.topic} mono /> },
    { key: "receiver", title: words.receiver, cell: (one) => <Receiver of={one} /> },
    {
      key: "publisher",
      title: words.publisher,
      wide: true,
      cell: (one) =>
        one.publisher ? <ClientLink of={one.publisher} /> : <span class="quiet">{words.broker}</span>,
    },
    { key: "qos", title: common.qos, width: "64px", end: true, wide: true, cell: (one) => one.qos },
    { key: "size", title: common.size, width: "92px", end: true, wide: true, cell: (one) => bytes(one.payloadBytes) },
  ];
  return (
    <Card flush>
      <div class="card-head">
        <h2>{words.records}</h2>
        <p class="quiet small">{words.recordsAbout}</p>
      </div>
      <div class="card-head">
        <SearchField label={words.searchClient} value={clientId} onSearch={(text) => setQuery({ clientId: text })} />
        <SearchField label={words.searchFilter} value={topic} onSearch={(text) => setQuery({ topic: text })} />
        <div>
          <Select
            label={common.reason}
            value={reason}
            onChange={(value) => setQuery({ reason: value })}
            options={[
              ["", words.allReasons],
              ...reasons
                .filter((one) => one.recorded > 0 || one.reason === reason)
                .map((one) => [one.reason, said(one.reason)[0]] as const),
            ]}
          />
        </div>
      </div>
      <List
        of={drops}
        label={words.records}
        columns={columns}
        rowKey={(one) => keys.get(one)!}
        empty={
          <Empty icon={Trash2} title={words.noRecordsLike}>
            <p>{words.noRecordsLikeText}</p>
            {(reason || clientId || topic) && (
              <Button onClick={() => setQuery({ reason: "", clientId: "", topic: "" })}>{words.showAll}</Button>
            )}
          </Empty>
        }
      />
    </Card>
  );
}

/** Records have no name of their own, and two may say the same. */
function keysOf(drops: readonly Drop[]): Map<Drop, string> {
  const times = new Map<string, number>();
  return new Map(
    drops.map((one) => {
      const text = JSON.stringify(one);
      const before = times.get(text) ?? 0;
      times.set(text, before + 1);
      return [one, `${before} ${text}`] as const;
    }),
  );
}

/** A client, or the filter of a shared group. */
function Receiver({ of }: { of: Drop }) {
  if (!of.clientId) {
    return <span class="quiet">{t().messages.nobody}</span>;
  }
  return of.clientId.startsWith("$share/") ? <Name of={of.clientId} mono /> : <ClientLink of={of.clientId} />;
}

function ClientLink({ of }: { of: string }) {
  return (
    <A href={at("/clients/:clientId", { clientId: of })}>
      <Name of={of} />
    </A>
  );
}
