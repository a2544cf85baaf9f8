import { useState } from "preact/hooks";
import { ClockFading, Trash2 } from "lucide";
import { call } from "../api/call";
import { useMosquitto } from "../api/listeners";
import type { DelayedMessage } from "../api/types";
import { usePaged } from "../api/use";
import { t } from "../text";
import { bytes } from "../text/format";
import { Ago, Button, Card, type Column, Command, confirm, cut, Empty, List, Name, Page, payloadSize, Time } from "../ui";
import { MessageDialog, Preview, Size } from "./message";

export default function Delayed() {
  const words = t().messages;
  const common = t().common;
  const delayed = usePaged((page, signal) => call("GET /delayed", { query: page, signal }), [], 5_000);
  const [open, setOpen] = useState<DelayedMessage | null>(null);
  const cancel = async (one: DelayedMessage) => {
    if (await cancelDelayed(one)) {
      setOpen(null);
      delayed.refresh();
    }
  };
  const columns: Column<DelayedMessage>[] = [
    {
      key: "topic",
      title: common.topic,
      cell: (one) => (
        <Button kind="link" onClick={() => setOpen(one)}>
          <Name of={one.topic} mono />
        </Button>
      ),
    },
    { key: "payload", title: common.payload, wide: true, cell: (one) => <Preview {...one} /> },
    { key: "size", title: common.size, width: "92px", end: true, wide: true, cell: (one) => <Size of={one} /> },
    { key: "qos", title: common.qos, width: "64px", end: true, wide: true, cell: (one) => one.qos },
    {
      key: "retain",
      title: common.retain,
      width: "84px",
      wide: true,
      cell: (one) => (one.retain ? common.yes : common.no),
    },
    { key: "due", title: words.due, width: "150px", cell: (one) => <Ago of={one.dueAt} /> },
    { key: "dueAt", title: words.dueAt, width: "190px", wide: true, cell: (one) => <Time of={one.dueAt} /> },
    {
      key: "actions",
      title: common.actions,
      head: <span class="hidden-text">{common.actions}</span>,
      width: "56px",
      end: true,
      wide: true,
      cell: (one) => (
        <Button kind="plain" small icon={Trash2} label={words.cancelDelayed} onClick={() => cancel(one)} />
      ),
    },
  ];
  return (
    <Page title={t().frame.pages.delayed} about={words.delayedAbout}>
      <Card flush>
        <List
          of={delayed}
          label={t().frame.pages.delayed}
          columns={columns}
          rowKey={(one) => one.id}
          onOpen={setOpen}
          empty={<None />}
        />
      </Card>
      {open && (
        <MessageDialog
          title={words.delayedTitle}
          message={open}
          facts={[
            [common.retain, open.retain ? common.yes : common.no],
            [words.dueAt, <Time of={open.dueAt} />],
          ]}
          actions={
            <Button kind="danger" icon={Trash2} onClick={() => cancel(open)}>
              {words.cancelDelayed}
            </Button>
          }
          onClose={() => setOpen(null)}
        />
      )}
    </Page>
  );
}

function cancelDelayed(one: DelayedMessage): Promise<boolean> {
  const words = t().messages;
  return confirm({
    title: words.cancelDelayedTitle,
    text: <p>{words.cancelDelayedText(cut(one.topic), bytes(payloadSize(one.payload, one.encoding)))}</p>,
    verb: words.cancelDelayed,
    done: words.canceledDelayed,
    act: () => call("DELETE /delayed/{id}", { path: { id: one.id } }),
  });
}

function None() {
  const words = t().messages;
  const mosquitto = useMosquitto();
  return (
    <Empty icon={ClockFading} title={words.noDelayed}>
      {mosquitto === null ? (
        <p>{words.noListener}</p>
      ) : (
        mosquitto !== undefined && (
          <>
            <p>{words.noDelayedText}</p>
            <Command line={`mosquitto_pub${mosquitto} -q 1 -t '$delayed/120/plant/valve' -m open`} />
          </>
        )
      )}
    </Empty>
  );
}
