import { useState } from "preact/hooks";
import { ListTree, Pin, Trash2, Waypoints } from "lucide";
import { call } from "../api/call";
import { useMosquitto } from "../api/listeners";
import { may } from "../api/session";
import type { Retained as Message } from "../api/types";
import { usePaged } from "../api/use";
import { query, setQuery } from "../route";
import { t } from "../text";
import { bytes, num } from "../text/format";
import {
  Ago,
  Button,
  Card,
  type Column,
  Command,
  confirm,
  cut,
  Empty,
  List,
  Name,
  Page,
  payloadSize,
  SearchField,
  Time,
} from "../ui";
import { MessageDialog, Preview, Size } from "./message";

export default function Retained() {
  const words = t().messages;
  const common = t().common;
  const filter = query("filter");
  const retained = usePaged(
    (page, signal) => call("GET /retained", { query: { ...page, filter }, signal }),
    [filter],
    5_000,
  );
  const [open, setOpen] = useState<Message | null>(null);
  const remove = async (one: Message) => {
    if (await removeRetained(one)) {
      setOpen(null);
      retained.refresh();
    }
  };
  const removeAll = async () => {
    if (await removeAllRetained(filter || "#", retained.items.length, retained.hasMore)) {
      retained.refresh();
    }
  };
  const columns: Column<Message>[] = [
    {
      key: "topic",
      title: common.topic,
      cell: (one) => (
        <Button kind="link" onClick={() => setOpen(one)}>
          <Name of={one.topic} mono />
        </Button>
      ),
    },
    { key: "payload", title: common.payload, cell: (one) => <Preview {...one} /> },
    { key: "size", title: common.size, width: "92px", end: true, wide: true, cell: (one) => <Size of={one} /> },
    { key: "qos", title: common.qos, width: "64px", end: true, wide: true, cell: (one) => one.qos },
    { key: "stored", title: words.stored, width: "150px", wide: true, cell: (one) => <Ago of={one.storedAt} /> },
    ...(may("operator")
      ? [
          {
            key: "actions",
            title: common.actions,
            head: <span class="hidden-text">{common.actions}</span>,
            width: "56px",
            end: true,
            wide: true,
            cell: (one: Message) => (
              <Button kind="plain" small icon={Trash2} label={words.removeRetained} onClick={() => remove(one)} />
            ),
          },
        ]
      : []),
  ];
  return (
    <Page title={t().frame.pages.retained} about={words.retainedAbout}>
      <Card flush>
        <div class="card-head">
          <SearchField label={words.searchFilter} value={filter} onSearch={(text) => setQuery({ filter: text })} />
          {may("operator") && retained.items.length > 0 && (
            <span class="row row-end">
              <Button kind="danger" icon={Trash2} onClick={removeAll}>
                {words.removeAllRetained}
              </Button>
            </span>
          )}
        </div>
        <List
          of={retained}
          label={t().frame.pages.retained}
          columns={columns}
          rowKey={(one) => one.topic}
          onOpen={setOpen}
          empty={<None filter={filter} />}
        />
      </Card>
      {open && (
        <MessageDialog
          title={words.retainedTitle}
          message={open}
          facts={[[words.stored, <Time of={open.storedAt} />]]}
          actions={
            <>
              <Button icon={ListTree} href={`/topics?filter=${encodeURIComponent(open.topic)}`}>
                {words.tree}
              </Button>
              {may("operator") && (
                <>
                  <Button icon={Waypoints} href={`/explain?topic=${encodeURIComponent(open.topic)}`}>
                    {words.who}
                  </Button>
                  <Button kind="danger" icon={Trash2} onClick={() => remove(open)}>
                    {common.remove}
                  </Button>
                </>
              )}
            </>
          }
          onClose={() => setOpen(null)}
        />
      )}
    </Page>
  );
}

function removeRetained(one: Message): Promise<boolean> {
  const words = t().messages;
  return confirm({
    title: words.removeRetainedTitle,
    text: <p>{words.removeRetainedText(cut(one.topic), bytes(payloadSize(one.payload, one.encoding)))}</p>,
    verb: t().common.remove,
    done: words.removedRetained,
    act: () => call("DELETE /retained", { query: { topic: one.topic } }),
  });
}

function removeAllRetained(filter: string, count: number, more: boolean): Promise<boolean> {
  const words = t().messages;
  return confirm({
    title: words.removeAllRetainedTitle,
    text: <p>{words.removeAllRetainedText(cut(filter), num(count), more)}</p>,
    verb: t().common.remove,
    done: words.removedAllRetained,
    act: () => call("DELETE /retained", { query: { filter } }),
  });
}

function None({ filter }: { filter: string }) {
  const words = t().messages;
  const mosquitto = useMosquitto();
  return (
    <Empty icon={Pin} title={words.noRetained}>
      {filter !== "" ? (
        <>
          <p>{words.noRetainedLike}</p>
          <Button onClick={() => setQuery({ filter: "" })}>{words.showAll}</Button>
        </>
      ) : mosquitto === null ? (
        <p>{words.noListener}</p>
      ) : (
        mosquitto !== undefined && (
          <>
            <p>{words.noRetainedText}</p>
            <Command line={`mosquitto_pub${mosquitto} -r -t plant/boiler/temperature -m 21.5`} />
          </>
        )
      )}
    </Empty>
  );
}
