import { BellOff, History } from "lucide";
import { call } from "../api/call";
import { may } from "../api/session";
import type { Alarm } from "../api/types";
import { usePaged } from "../api/use";
import { query, setQuery } from "../route";
import { t } from "../text";
import { bytes, duration, millis, percent, rate, value } from "../text/format";
import {
  A,
  Ago,
  Badge,
  Button,
  Card,
  Dialog,
  Empty,
  Facts,
  List,
  Name,
  Page,
  State,
  Tabs,
  Time,
  Unanswered,
  visible,
} from "../ui";
import { here } from "./here";
import "./alarms.css";

export default function Alarms() {
  const words = t().system;
  return (
    <Page
      title={t().frame.pages.alarms}
      about={words.alarmsAbout}
      actions={may("operator") && <Button href="/configuration?q=alarms.">{words.thresholds}</Button>}
    >
      <Tabs
        label={t().frame.pages.alarms}
        of={[
          { key: "active", title: words.active, view: () => <Active /> },
          { key: "history", title: words.historyTab, view: () => <Past /> },
        ]}
      />
    </Page>
  );
}

/** What an alarm is called; one that this page does not know yet by its name in the API. */
function called(of: Alarm): string {
  const names: Record<string, string> = t().system.alarmNames;
  return names[of.name] ?? of.name;
}

/** A value or threshold in the unit of its alarm. */
function measured(name: string, of: number): string {
  switch (name) {
    case "memory-high":
    case "connections-high":
    case "store-nearly-full":
    case "cpu-high":
      return percent(of);
    case "disk-nearly-full":
      return bytes(of);
    case "sync-slow":
    case "node-stalls":
      return millis(of);
    case "certificate-expires":
      return duration(of * 86_400);
    case "connects-refused":
    case "messages-dropped":
      return `${rate(of)}${t().common.perSecond}`;
    default:
      return value(of);
  }
}

/** Of a listener that is down there is nothing to measure. */
function isMeasured(of: Alarm): boolean {
  return of.name !== "listener-down";
}

function Severity({ of }: { of: Alarm["severity"] }) {
  return <Badge tone={of === "critical" ? "bad" : "warn"}>{t().system.severities[of]}</Badge>;
}

function Active() {
  const words = t().system;
  const alarms = usePaged((page, signal) => call("GET /alarms", { query: page, signal }), [], 5_000);
  return (
    <Card flush>
      <Unanswered of={alarms} known={alarms.known} />
      {alarms.known && alarms.items.length === 0 && (
        <Empty icon={BellOff} title={words.noAlarms}>
          <p>{words.noAlarmsText}</p>
        </Empty>
      )}
      <ul>
        {alarms.items.map((one) => (
          <li class="alarm" key={one.id}>
            <span class={`dot dot-${one.severity === "critical" ? "bad" : "warn"}`} aria-hidden="true" />
            <div class="alarm-text">
              <div class="row">
                <h3>{called(one)}</h3>
                <Severity of={one.severity} />
                {one.subject && <Name of={one.subject} mono />}
                <span class="quiet small row-end">
                  {words.since} <Ago of={one.raisedAt} />
                </span>
              </div>
              <p lang="en">{visible(one.message)}</p>
              {isMeasured(one) && (
                <p class="quiet small num">{words.against(measured(one.name, one.value), measured(one.name, one.threshold))}</p>
              )}
            </div>
          </li>
        ))}
      </ul>
      {alarms.hasMore && (
        <div class="table-foot">
          <Button small kind="plain" onClick={alarms.more}>
            {t().common.more}
          </Button>
        </div>
      )}
    </Card>
  );
}

function lasted(of: Alarm): string {
  const end = of.clearedAt ? Date.parse(of.clearedAt) : Date.now();
  return duration((end - Date.parse(of.raisedAt)) / 1_000);
}

function Past() {
  const words = t().system;
  const alarms = usePaged((page, signal) => call("GET /alarms/history", { query: page, signal }), [], 15_000);
  const open = alarms.items.find((one) => one.id === query("alarm"));
  const state = (one: Alarm) =>
    one.clearedAt ? (
      <State tone="good">{words.cleared}</State>
    ) : (
      <State tone={one.severity === "critical" ? "bad" : "warn"}>{words.isActive}</State>
    );
  return (
    <Card flush>
      <List
        of={alarms}
        label={words.historyTab}
        rowKey={(one) => one.id}
        href={(one) => here("alarm", one.id)}
        columns={[
          {
            key: "name",
            title: words.alarm,
            cell: (one) => <A href={here("alarm", one.id)}>{called(one)}</A>,
          },
          { key: "state", title: t().common.state, width: "8rem", cell: state },
          { key: "severity", title: words.severity, width: "8rem", wide: true, cell: (one) => <Severity of={one.severity} /> },
          { key: "subject", title: words.subject, wide: true, cell: (one) => <Name of={one.subject} mono /> },
          { key: "raised", title: words.raised, width: "13rem", wide: true, cell: (one) => <Time of={one.raisedAt} /> },
          { key: "lasted", title: words.lasted, width: "9rem", end: true, wide: true, cell: (one) => lasted(one) },
          {
            key: "value",
            title: words.value,
            width: "9rem",
            end: true,
            wide: true,
            cell: (one) => (isMeasured(one) ? measured(one.name, one.value) : <span class="quiet">–</span>),
          },
        ]}
        empty={
          <Empty icon={History} title={words.noHistory}>
            <p>{words.noHistoryText}</p>
          </Empty>
        }
      />
      {open && (
        <Dialog title={called(open)} onClose={() => setQuery({ alarm: "" })}>
          <div class="stack">
            <p lang="en">{visible(open.message)}</p>
            <Facts
              of={[
                [t().common.state, state(open)],
                [words.severity, <Severity of={open.severity} />],
                !!open.subject && [words.subject, <Name of={open.subject} mono />],
                isMeasured(open) && [words.value, <span class="num">{measured(open.name, open.value)}</span>],
                isMeasured(open) && [words.threshold, <span class="num">{measured(open.name, open.threshold)}</span>],
                [words.raised, <Time of={open.raisedAt} />],
                !!open.clearedAt && [words.clearedAt, <Time of={open.clearedAt} />],
                [words.lasted, <span class="num">{lasted(open)}</span>],
              ]}
            />
          </div>
        </Dialog>
      )}
    </Card>
  );
}
