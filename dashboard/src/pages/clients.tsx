import { useState } from "preact/hooks";
import { Cable, Unplug } from "lucide";
import { call } from "../api/call";
import { now } from "../api/live";
import { useMosquitto } from "../api/listeners";
import { may } from "../api/session";
import type { Client } from "../api/types";
import { usePaged } from "../api/use";
import { at, go, query, setQuery } from "../route";
import { t } from "../text";
import { duration, num } from "../text/format";
import {
  A,
  Ago,
  Button,
  Card,
  type Column,
  Command,
  cut,
  Empty,
  List,
  Name,
  Page,
  SearchField,
  Select,
  State,
} from "../ui";
import { useColumns } from "./columns";
import { disconnect } from "./disconnect";

const STATES = { all: undefined, connected: true, away: false } as const;
type StateOf = keyof typeof STATES;

export default function Clients() {
  const words = t().clients;
  const common = t().common;
  const filter = query("filter");
  const username = query("username");
  const address = query("address");
  const state: StateOf = query("state") in STATES ? (query("state") as StateOf) : "all";
  const clients = usePaged(
    (page, signal) =>
      call("GET /clients", { query: { ...page, filter, username, address, connected: STATES[state] }, signal }),
    [filter, username, address, state],
    5_000,
  );
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const choose = (ids: readonly string[], on: boolean) => {
    const next = new Set(chosen);
    for (const id of ids) {
      if (on) {
        next.add(id);
      } else {
        next.delete(id);
      }
    }
    setChosen(next);
  };
  const cutOff = async (which: readonly Client[]) => {
    if (await disconnect(which)) {
      setChosen(new Set());
      clients.refresh();
    }
  };
  const operator = may("operator");
  const there = clients.items.filter((one) => one.connected);
  // Who has left meanwhile, or is not in the list any more, is not meant any more either.
  const meant = chosen.size === 0 ? [] : there.filter((one) => chosen.has(one.clientId));

  const choice: Column<Client> = {
    key: "choice",
    title: common.actions,
    width: "44px",
    wide: true,
    head: (
      <label class="check">
        <input
          type="checkbox"
          aria-label={words.chooseAll}
          checked={there.length > 0 && meant.length === there.length}
          disabled={there.length === 0}
          onChange={(event) => setChosen(new Set(event.currentTarget.checked ? there.map((one) => one.clientId) : []))}
        />
      </label>
    ),
    cell: (one) =>
      one.connected && (
        <label class="check">
          <input
            type="checkbox"
            aria-label={words.choose(cut(one.clientId))}
            checked={chosen.has(one.clientId)}
            onChange={(event) => choose([one.clientId], event.currentTarget.checked)}
          />
        </label>
      ),
  };
  const columns: Column<Client>[] = [
    ...(operator ? [choice] : []),
    {
      key: "clientId",
      title: common.clientId,
      cell: (one) => (
        <A href={hrefOf(one)}>
          <Name of={one.clientId} />
        </A>
      ),
    },
    {
      key: "state",
      title: words.connectedSince,
      width: "160px",
      cell: (one) =>
        one.connected ? (
          <State tone="good">
            <Ago of={one.connectedAt} />
          </State>
        ) : (
          <State>
            <span class="quiet">{words.away}</span>
          </State>
        ),
    },
    { key: "username", title: common.username, width: "152px", wide: true, cell: (one) => <Name of={one.username} /> },
    { key: "address", title: common.address, width: "158px", wide: true, cell: (one) => <Name of={one.address} /> },
    { key: "protocol", title: words.protocol, width: "112px", wide: true, cell: (one) => protocolOf(one) },
    { key: "listener", title: words.listener, width: "180px", wide: true, cell: (one) => <Name of={one.listener} /> },
    {
      key: "keepAlive",
      title: words.keepAlive,
      width: "100px",
      end: true,
      wide: true,
      cell: (one) => (one.connected && one.keepAliveSeconds > 0 ? duration(one.keepAliveSeconds) : "–"),
    },
    {
      key: "subscriptions",
      title: words.subscriptions,
      width: "122px",
      end: true,
      wide: true,
      cell: (one) => num(one.subscriptions),
    },
    { key: "queued", title: words.queued, width: "88px", end: true, wide: true, cell: (one) => num(one.queuedMessages) },
    {
      key: "inFlight",
      title: words.inFlight,
      width: "88px",
      end: true,
      wide: true,
      cell: (one) => num(one.inFlightMessages),
    },
    {
      key: "actions",
      title: common.actions,
      head: <span class="hidden-text">{common.actions}</span>,
      width: "56px",
      end: true,
      wide: true,
      cell: (one) =>
        one.connected && (
          <Button
            kind="plain"
            small
            icon={Unplug}
            label={words.disconnectOf(cut(one.clientId))}
            onClick={() => cutOff([one])}
          />
        ),
    },
  ];
  const { shown, menu } = useColumns(
    "clients",
    operator ? columns : columns.filter((column) => column.key !== "actions"),
    ["listener", "keepAlive"],
    ["choice", "clientId", "actions"],
  );
  const figures = now.value?.gauges;
  return (
    <Page
      title={t().frame.pages.clients}
      about={figures && words.about(num(figures["clientsConnected"] ?? 0), num(figures["sessionsKept"] ?? 0))}
    >
      <Card flush>
        <div class="card-head">
          <SearchField label={words.search} value={filter} onSearch={(text) => setQuery({ filter: text })} />
          <SearchField label={words.searchUser} value={username} onSearch={(text) => setQuery({ username: text })} />
          <SearchField
            label={words.searchAddress}
            value={address}
            onSearch={(text) => setQuery({ address: text })}
            pauseMillis={700}
          />
          <div>
            <Select
              label={common.state}
              value={state}
              onChange={(value) => setQuery({ state: value === "all" ? "" : value })}
              options={(Object.keys(STATES) as StateOf[]).map((key) => [key, words.states[key]] as const)}
            />
          </div>
          <div class="row row-end">
            {meant.length > 0 && (
              <>
                <span class="num" role="status">
                  {words.chosen(meant.length, num(meant.length))}
                </span>
                <Button kind="plain" onClick={() => setChosen(new Set())}>
                  {words.chooseNone}
                </Button>
                <Button kind="danger" icon={Unplug} onClick={() => cutOff(meant)}>
                  {words.disconnect}
                </Button>
              </>
            )}
            {menu}
          </div>
        </div>
        <List
          of={clients}
          label={t().frame.pages.clients}
          columns={shown}
          rowKey={(one) => one.clientId}
          href={hrefOf}
          empty={filter || username || address || state !== "all" ? <NobodyLike /> : <Nobody />}
        />
      </Card>
    </Page>
  );
}

function hrefOf(one: Client): string {
  return at("/clients/:clientId", { clientId: one.clientId });
}

function protocolOf(one: Client): string {
  return one.protocol ? `MQTT ${one.protocol}` : "–";
}

function Nobody() {
  const words = t().clients;
  const mosquitto = useMosquitto();
  if (mosquitto === undefined) {
    return null;
  }
  return (
    <Empty icon={Cable} title={words.nobody}>
      {mosquitto === null ? (
        <>
          <p>{words.nobodyNoListener}</p>
          <Button href="/listeners">{t().frame.pages.listeners}</Button>
        </>
      ) : (
        <>
          <p>{words.nobodyText}</p>
          <Command line={`mosquitto_sub${mosquitto} -i my-first-client -v -t 'plant/#'`} />
        </>
      )}
    </Empty>
  );
}

function NobodyLike() {
  const words = t().clients;
  return (
    <Empty icon={Cable} title={words.nobodyLike}>
      <p>{words.nobodyLikeText}</p>
      <Button onClick={() => go("/clients")}>{words.showAll}</Button>
    </Empty>
  );
}
