import "./topic-metrics.css";
import { useState } from "preact/hooks";
import { CircleGauge, Plus, Trash2 } from "lucide";
import { call } from "../api/call";
import { may } from "../api/session";
import type { TopicMetrics as Counts } from "../api/types";
import { useAction, usePaged } from "../api/use";
import { query, setQuery } from "../route";
import { t } from "../text";
import { bytes, num, rate } from "../text/format";
import {
  Button,
  Card,
  type Column,
  confirm,
  cut,
  Dialog,
  Empty,
  Facts,
  FormActions,
  List,
  Name,
  Page,
  Problem,
  TextField,
  Time,
  toast,
} from "../ui";

export default function TopicMetrics() {
  const words = t().messages;
  const common = t().common;
  const metrics = usePaged((page, signal) => call("GET /topic-metrics", { query: page, signal }), [], 5_000);
  // A page that speaks of a topic leads here with it.
  const [adding, setAdding] = useState(may("operator") && query("add") !== "");
  const [openFilter, setOpenFilter] = useState<string | null>(null);
  const open = metrics.items.find((one) => one.filter === openFilter);
  const remove = async (one: Counts) => {
    if (await removeFilter(one)) {
      setOpenFilter(null);
      metrics.refresh();
    }
  };
  const add = may("operator") && (
    <Button kind="primary" icon={Plus} onClick={() => setAdding(true)}>
      {words.addFilter}
    </Button>
  );
  const columns: Column<Counts>[] = [
    {
      key: "filter",
      title: common.filter,
      cell: (one) => (
        <Button kind="link" onClick={() => setOpenFilter(one.filter)}>
          <Name of={one.filter} mono />
        </Button>
      ),
    },
    { key: "inEach", title: words.inEach, width: "96px", end: true, cell: (one) => rate(one.messagesInPerSecond) },
    { key: "outEach", title: words.outEach, width: "108px", end: true, cell: (one) => rate(one.messagesOutPerSecond) },
    { key: "in", title: words.messagesIn, width: "100px", end: true, wide: true, cell: (one) => num(one.messagesIn) },
    { key: "out", title: words.messagesOut, width: "100px", end: true, wide: true, cell: (one) => num(one.messagesOut) },
    {
      key: "dropped",
      title: words.messagesDropped,
      width: "100px",
      end: true,
      wide: true,
      cell: (one) => num(one.messagesDropped),
    },
    { key: "bytesIn", title: words.bytesIn, width: "124px", end: true, wide: true, cell: (one) => bytes(one.bytesIn) },
    { key: "bytesOut", title: words.bytesOut, width: "124px", end: true, wide: true, cell: (one) => bytes(one.bytesOut) },
    ...(may("operator")
      ? [
          {
            key: "actions",
            title: common.actions,
            head: <span class="hidden-text">{common.actions}</span>,
            width: "56px",
            end: true,
            wide: true,
            cell: (one: Counts) => (
              <Button kind="plain" small icon={Trash2} label={words.removeFilter} onClick={() => remove(one)} />
            ),
          },
        ]
      : []),
  ];
  return (
    <Page title={t().frame.pages.topicMetrics} about={words.metricsAbout} actions={metrics.items.length > 0 && add}>
      <Card flush>
        <List
          of={metrics}
          label={t().frame.pages.topicMetrics}
          columns={columns}
          rowKey={(one) => one.filter}
          onOpen={(one) => setOpenFilter(one.filter)}
          empty={
            <Empty icon={CircleGauge} title={words.noMetrics}>
              <p>{words.noMetricsText}</p>
              {add}
            </Empty>
          }
        />
      </Card>
      {adding && (
        <AddFilter
          first={query("add")}
          onClose={() => {
            setQuery({ add: "" });
            setAdding(false);
          }}
          onDone={metrics.refresh}
        />
      )}
      {open && <CountsDialog of={open} onRemove={() => remove(open)} onClose={() => setOpenFilter(null)} />}
    </Page>
  );
}

function AddFilter({ first, onClose, onDone }: { first: string; onClose(): void; onDone(): void }) {
  const words = t().messages;
  const [filter, setFilter] = useState(first);
  const add = useAction(async () => {
    await call("POST /topic-metrics", { body: { filter } });
  });
  const atField = add.failure?.at("filter");
  return (
    <Dialog title={words.addFilter} onClose={onClose}>
      <form
        class="form"
        onSubmit={async (event) => {
          event.preventDefault();
          if (await add.run()) {
            toast(words.addedFilter);
            onDone();
            onClose();
          }
        }}
      >
        <TextField
          label={t().common.filter}
          hint={words.addFilterAbout}
          error={atField}
          value={filter}
          onInput={setFilter}
          placeholder="plant/+/state"
          mono
          required
          autofocus
        />
        {add.failure && !atField && <Problem of={add.failure} />}
        <FormActions onCancel={onClose} verb={t().common.add} busy={add.busy} />
      </form>
    </Dialog>
  );
}

type Line = { name: string; messagesIn: string; messagesOut: string; dropped: string };

function CountsDialog({ of, onRemove, onClose }: { of: Counts; onRemove(): void; onClose(): void }) {
  const words = t().messages;
  const common = t().common;
  const lines: Line[] = [
    ...[0, 1, 2].map((qos) => ({
      name: `${common.qos} ${qos}`,
      messagesIn: num(of.in[qos] ?? 0),
      messagesOut: num(of.out[qos] ?? 0),
      dropped: "",
    })),
    {
      name: words.total,
      messagesIn: num(of.messagesIn),
      messagesOut: num(of.messagesOut),
      dropped: num(of.messagesDropped),
    },
    {
      name: words.each,
      messagesIn: rate(of.messagesInPerSecond),
      messagesOut: rate(of.messagesOutPerSecond),
      dropped: rate(of.messagesDroppedPerSecond),
    },
    { name: common.payload, messagesIn: bytes(of.bytesIn), messagesOut: bytes(of.bytesOut), dropped: "" },
    {
      name: `${common.payload} ${common.perSecond}`,
      messagesIn: words.bytesEach(bytes(of.bytesInPerSecond)),
      messagesOut: words.bytesEach(bytes(of.bytesOutPerSecond)),
      dropped: "",
    },
  ];
  return (
    <Dialog title={t().frame.pages.topicMetrics} onClose={onClose}>
      <div class="stack">
        <Facts
          of={[
            [common.filter, <Name of={of.filter} mono />],
            [words.since, <Time of={of.createdAt} />],
            !!of.by && [words.by, <Name of={of.by} />],
          ]}
        />
        <div class="table-wrap" tabIndex={0} role="region" aria-label={t().frame.pages.topicMetrics}>
          <table class="table counts">
            <thead>
              <tr>
                <th scope="col">
                  <span class="hidden-text">{common.name}</span>
                </th>
                {[words.messagesIn, words.messagesOut, words.messagesDropped].map((title) => (
                  <th scope="col" class="end">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {lines.map((line) => (
                <tr>
                  <td>{line.name}</td>
                  <td class="end">{line.messagesIn}</td>
                  <td class="end">{line.messagesOut}</td>
                  <td class="end">{line.dropped}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {may("operator") && (
          <div class="form-actions">
            <Button kind="danger" icon={Trash2} onClick={onRemove}>
              {words.removeFilter}
            </Button>
          </div>
        )}
      </div>
    </Dialog>
  );
}

function removeFilter(one: Counts): Promise<boolean> {
  const words = t().messages;
  return confirm({
    title: words.removeFilterTitle,
    text: <p>{words.removeFilterText(cut(one.filter), num(one.messagesIn), num(one.messagesOut))}</p>,
    verb: words.removeFilter,
    done: words.removedFilter,
    act: () => call("DELETE /topic-metrics/{filter}", { path: { filter: one.filter } }),
  });
}
