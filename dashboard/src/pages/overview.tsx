import { useMemo, useState } from "preact/hooks";
import { Radio } from "lucide";
import { call } from "../api/call";
import { useMosquitto } from "../api/listeners";
import { live, now } from "../api/live";
import type { Overview as Figures } from "../api/types";
import { useAsked } from "../api/use";
import { t } from "../text";
import { bytes, compact, duration, millis, num, percent, rate } from "../text/format";
import { Card, Command, Empty, Loading, Name, Page, Problem, Select, Stat, State, type Tone } from "../ui";
import { Chart } from "../ui/Chart";

const RANGES = { m5: "-5m", h1: "-1h", h6: "-6h", h24: "-24h" } as const;
type Range = keyof typeof RANGES;

/** What the charts are of. */
const CHARTED = [
  "messagesReceived",
  "messagesSent",
  "messagesDropped",
  "clientsConnected",
  "connectsAccepted",
  "heapUsedBytes",
  "heapLiveBytes",
  "directBytes",
  "cpuPercent",
  "messagesQueued",
] as const;

export default function Overview() {
  const words = t().overview;
  const figures = now.value;
  const nodes = useAsked((signal) => call("GET /nodes", { query: { limit: 100 }, signal }), [], 5_000);
  const node = nodes.data?.items.find((one) => one.id === figures?.node);
  return (
    <Page
      title={words.title}
      about={figures && node && words.about(node.id, node.version, duration(figures.uptimeSeconds))}
    >
      {figures ? <Now of={figures} /> : nodes.failure ? <Problem of={nodes.failure} onRetry={nodes.refresh} /> : <Loading />}
      {figures && figures.gauges["connections"] === 0 && figures.counters["messagesReceived"] === 0 && <First />}
      <Charts />
      <Card title={words.nodes}>
        <ul class="stack-s">
          {nodes.data?.items.map((one) => (
            <li class="row">
              <State tone={TONES[one.state]}>
                <Name of={one.id} />
              </State>
              <span class="quiet num">
                {words.states[one.state] ?? one.state} · {words.nodeRoles[one.role] ?? one.role} · {one.version} ·{" "}
                {one.address ?? "–"} · {words.upFor} {duration(one.uptimeSeconds)}
              </span>
            </li>
          ))}
        </ul>
      </Card>
    </Page>
  );
}

const TONES: Record<string, Tone> = {
  ready: "good",
  starting: "warn",
  draining: "warn",
  "no-quorum": "bad",
  gone: "bad",
};

function Now({ of }: { of: Figures }) {
  const words = t().overview;
  const per = t().common.perSecond;
  const gauge = (name: string) => of.gauges[name] ?? 0;
  const ack = of.gauges["ackMillisP99"];
  const sync = of.gauges["storeSyncMillisP99"];
  return (
    <div class="stats">
      <Stat
        label={words.messagesIn}
        value={rate(of.rates["messagesReceived"] ?? 0)}
        unit={per}
        note={words.bytesNote(bytes(of.rates["payloadBytesReceived"] ?? 0))}
        href="/topics"
      />
      <Stat
        label={words.messagesOut}
        value={rate(of.rates["messagesSent"] ?? 0)}
        unit={per}
        note={words.bytesNote(bytes(of.rates["payloadBytesSent"] ?? 0))}
        href="/subscriptions"
      />
      <Stat
        label={words.dropped}
        value={rate(of.rates["messagesDropped"] ?? 0)}
        unit={per}
        note={words.droppedNote(num(of.counters["messagesDropped"] ?? 0))}
        href="/drops"
      />
      <Stat
        label={words.clients}
        value={num(gauge("clientsConnected"))}
        note={words.clientsNote(gauge("sessionsKept"), num(gauge("sessionsKept")))}
        href="/clients"
      />
      <Stat
        label={words.subscriptions}
        value={num(gauge("subscriptions"))}
        note={words.subscriptionsNote(gauge("subscriptionsKept"), num(gauge("subscriptionsKept")))}
        href="/subscriptions"
      />
      <Stat
        label={words.retained}
        value={num(gauge("messagesRetained"))}
        note={words.retainedNote(gauge("messagesDelayed"), num(gauge("messagesDelayed")))}
        href="/retained"
      />
      <Stat
        label={words.queued}
        value={num(gauge("messagesQueued"))}
        note={words.queuedNote}
        href="/slow-subscribers"
      />
      {ack !== undefined ? (
        <Stat label={words.ack} value={millis(ack)} note={sync === undefined ? undefined : `${words.latency}: ${millis(sync)}`} />
      ) : (
        <Stat
          label={sync === undefined ? words.cpu : words.latency}
          value={sync === undefined ? percent(gauge("cpuPercent")) : millis(sync)}
          note={sync === undefined ? words.cpuOf : words.latencyNote}
        />
      )}
    </div>
  );
}

/** Nobody has connected yet: what to type. */
function First() {
  const words = t().overview;
  const at = useMosquitto();
  if (at === undefined) {
    return null;
  }
  return (
    <Card>
      <Empty icon={Radio} title={words.firstTitle}>
        {at !== null ? (
          <>
            <p>{words.firstText}</p>
            <Command line={`mosquitto_sub${at} -v -t 'plant/#'`} />
            <Command line={`mosquitto_pub${at} -t plant/boiler/temperature -m 21.5`} />
          </>
        ) : (
          <p>{words.firstNoListener}</p>
        )}
      </Empty>
    </Card>
  );
}

function Charts() {
  const words = t().overview;
  const [range, setRange] = useState<Range>("m5");
  const history = useAsked(
    (signal) => call("GET /metrics/history", { query: { name: CHARTED.join(","), from: RANGES[range] }, signal }),
    [range],
    range === "m5" ? undefined : range === "h1" ? 5_000 : 60_000,
  );
  const seconds = live.value;
  const { times, values } = useMemo(() => {
    const series = history.data?.series ?? [];
    const points = (name: string) => (series.find((one) => one.name === name)?.points ?? []) as [number, number][];
    const times = points(CHARTED[0]).map(([at]) => at / 1_000);
    const values = Object.fromEntries(CHARTED.map((name) => [name, points(name).map(([, value]) => value)]));
    if (range === "m5") {
      // What came since the page is open is finer than what the node remembers.
      const known = times.at(-1) ?? 0;
      for (const one of seconds) {
        const at = Date.parse(one.time) / 1_000;
        if (at > known) {
          times.push(at);
          for (const name of CHARTED) {
            values[name]!.push(one.rates[name] ?? one.gauges[name] ?? 0);
          }
        }
      }
      const from = (times.at(-1) ?? 0) - 300;
      const first = Math.max(0, times.findIndex((at) => at >= from));
      return {
        times: times.slice(first),
        values: Object.fromEntries(CHARTED.map((name) => [name, values[name]!.slice(first)])),
      };
    }
    return { times, values };
  }, [history.data, range, range === "m5" ? seconds : null]);
  const line = (label: string, name: (typeof CHARTED)[number]) => ({ label, values: values[name] ?? [] });
  return (
    <>
      <div class="row">
        <div class="row row-end">
          <Select
            label={words.range}
            value={range}
            onChange={setRange}
            options={(Object.keys(RANGES) as Range[]).map((key) => [key, words.ranges[key]] as const)}
          />
        </div>
      </div>
      {history.failure && <Problem of={history.failure} onRetry={history.refresh} />}
      <div class="grid-2">
        <Card title={words.messages}>
          <Chart
            label={words.messages}
            times={times}
            format={rate}
            lines={[
              line(words.messagesIn, "messagesReceived"),
              line(words.messagesOut, "messagesSent"),
              line(words.dropped, "messagesDropped"),
            ]}
          />
        </Card>
        <Card title={words.connections}>
          <Chart
            label={words.connections}
            times={times}
            format={compact}
            lines={[line(words.clients, "clientsConnected"), line(words.newConnections, "connectsAccepted")]}
          />
        </Card>
        <Card title={words.memory}>
          <Chart
            label={words.memory}
            times={times}
            format={bytes}
            lines={[
              line(words.heapUsed, "heapUsedBytes"),
              line(words.heapLive, "heapLiveBytes"),
              line(words.direct, "directBytes"),
            ]}
          />
        </Card>
        <Card title={words.cpu}>
          <Chart label={words.cpu} times={times} format={percent} lines={[line(words.cpuOf, "cpuPercent")]} />
        </Card>
      </div>
    </>
  );
}
