import { Eraser, Snail } from "lucide";
import { call } from "../api/call";
import { may } from "../api/session";
import type { SlowSubscriber } from "../api/types";
import { type Paged, usePaged } from "../api/use";
import { at, query } from "../route";
import { t } from "../text";
import { duration, millis, num, rate } from "../text/format";
import { A, Ago, Button, Card, type Column, confirm, Empty, List, Name, Page, Tabs } from "../ui";

export default function SlowSubscribers() {
  const words = t().messages;
  const by = query("tab") === "growth" ? "growth" : "latency";
  const slow = usePaged((page, signal) => call("GET /slow-subscribers", { query: { ...page, by }, signal }), [by], 5_000);
  const forget = async () => {
    if (await forgetSlow(slow.items.length)) {
      slow.refresh();
    }
  };
  return (
    <Page
      title={t().frame.pages.slow}
      about={words.slowAbout}
      actions={
        may("operator") &&
        slow.items.length > 0 && (
          <Button kind="danger" icon={Eraser} onClick={forget}>
            {words.forget}
          </Button>
        )
      }
    >
      <Tabs
        label={t().frame.pages.slow}
        of={(["latency", "growth"] as const).map((key) => ({
          key,
          title: words.slowViews[key],
          view: () => <Slow of={slow} by={by} />,
        }))}
      />
    </Page>
  );
}

function Slow({ of, by }: { of: Paged<SlowSubscriber>; by: "latency" | "growth" }) {
  const words = t().messages;
  const common = t().common;
  const latency: Column<SlowSubscriber> = {
    key: "latency",
    title: words.latency,
    width: "112px",
    end: true,
    cell: (one) => (one.latencyMillis === null || one.latencyMillis === undefined ? "–" : took(one.latencyMillis)),
  };
  const growth: Column<SlowSubscriber>[] = [
    {
      key: "growth",
      title: words.growth,
      head: <span title={words.growthAbout}>{words.growth}</span>,
      width: "112px",
      end: true,
      cell: (one) => signed(one.queueGrowth, num),
    },
    {
      key: "growthEach",
      title: words.growthEach,
      width: "116px",
      end: true,
      wide: true,
      cell: (one) => signed(one.queueGrowthPerSecond, rate),
    },
  ];
  const columns: Column<SlowSubscriber>[] = [
    {
      key: "clientId",
      title: common.clientId,
      cell: (one) => (
        <A href={hrefOf(one)}>
          <Name of={one.clientId} />
        </A>
      ),
    },
    ...(by === "latency" ? [latency] : growth),
    {
      key: "times",
      title: words.times,
      head: <span title={words.timesAbout}>{words.times}</span>,
      width: "88px",
      end: true,
      wide: true,
      cell: (one) => num(one.times),
    },
    { key: "topic", title: common.topic, wide: true, cell: (one) => <Name of={one.topic} mono /> },
    { key: "queued", title: words.queued, width: "104px", end: true, cell: (one) => num(one.queuedMessages) },
    {
      key: "inFlight",
      title: words.inFlight,
      width: "96px",
      end: true,
      wide: true,
      cell: (one) => num(one.inFlightMessages),
    },
    ...(by === "latency" ? growth.slice(0, 1).map((one) => ({ ...one, wide: true })) : [{ ...latency, wide: true }]),
    { key: "last", title: words.last, width: "150px", wide: true, cell: (one) => <Ago of={one.lastAt} /> },
  ];
  return (
    <Card flush>
      <List
        of={of}
        label={words.slowViews[by]}
        columns={columns}
        rowKey={(one) => one.clientId}
        href={hrefOf}
        empty={
          <Empty icon={Snail} title={words.noSlow}>
            <p>{words.noSlowText}</p>
          </Empty>
        }
      />
    </Card>
  );
}

function hrefOf(one: SlowSubscriber): string {
  return at("/clients/:clientId", { clientId: one.clientId });
}

function took(latencyMillis: number): string {
  return latencyMillis < 10_000 ? millis(latencyMillis) : duration(latencyMillis / 1_000);
}

function signed(value: number, written: (value: number) => string): string {
  return value > 0 ? `+${written(value)}` : value < 0 ? `−${written(-value)}` : written(0);
}

function forgetSlow(count: number): Promise<boolean> {
  const words = t().messages;
  return confirm({
    title: words.forgetTitle,
    text: <p>{words.forgetText(count, num(count))}</p>,
    verb: words.forget,
    done: words.forgotten,
    act: () => call("DELETE /slow-subscribers"),
  });
}
