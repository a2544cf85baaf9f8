import { useState } from "preact/hooks";
import { Activity, CircleSlash, Inbox, Send, ShieldBan, Trash2, Unplug, Waypoints } from "lucide";
import { call } from "../api/call";
import { may } from "../api/session";
import type { Client as ClientOf, InFlightMessage, KeptSession, QueuedMessage } from "../api/types";
import { useAsked, usePaged } from "../api/use";
import { setQuery } from "../route";
import { t } from "../text";
import { bytes, duration, num } from "../text/format";
import {
  Ago,
  Button,
  Card,
  type Column,
  confirm,
  cut,
  Empty,
  Facts,
  List,
  Loading,
  Name,
  Page,
  Problem,
  State,
  Tabs,
  Time,
} from "../ui";
import { ClientTimeline } from "./client-timeline";
import { disconnect } from "./disconnect";
import { MessageDialog, Preview, Size } from "./message";
import { SubscriptionList } from "./subscription-list";

const EVERY_MILLIS = 5_000;

export default function Client({ clientId }: Record<string, string>) {
  const words = t().clients;
  const id = clientId!;
  const asked = useAsked((signal) => call("GET /clients/{clientId}", { path: { clientId: id }, signal }), [id], EVERY_MILLIS);
  const gone = asked.failure?.status === 404;
  const client = gone ? undefined : asked.data;
  const persistent = client?.persistent ?? false;
  const session = useAsked(
    async (signal) => (persistent ? keptSession(id, signal) : undefined),
    [id, persistent],
    EVERY_MILLIS,
  );
  const refresh = () => {
    asked.refresh();
    session.refresh();
  };
  return (
    <Page
      title={words.client(cut(id))}
      name={<Name of={id} />}
      about={
        client &&
        (client.connected ? (
          <State tone="good">
            <span>
              {words.isConnected}, <Ago of={client.connectedAt} />
            </span>
          </State>
        ) : (
          <State>{words.isAway}</State>
        ))
      }
      back={{ href: "/clients", text: words.back }}
      actions={<Actions id={id} client={client} onDone={refresh} />}
    >
      {asked.failure && !gone && <Problem of={asked.failure} onRetry={asked.refresh} />}
      {!client && !asked.failure && <Loading />}
      {gone && (
        <>
          <Card>
            <Empty icon={CircleSlash} title={words.none}>
              <p>{words.noneText(cut(id))}</p>
              <p>{may("operator") ? words.noneWait : words.noneWaitViewer}</p>
            </Empty>
          </Card>
          {may("operator") && (
            <ClientTimeline
              clientId={id}
              onEntry={() => {
                // It comes: what was being watched stays in sight.
                setQuery({ tab: "timeline" });
                refresh();
              }}
            />
          )}
        </>
      )}
      {client && (
        <>
          <div class="grid-2">
            <Connection of={client} />
            <Session of={client} kept={session.data} />
          </div>
          <Tabs
            label={words.views}
            of={[
              {
                key: "subscriptions",
                title: titled(words.tabs.subscriptions, client.subscriptions),
                view: () => (
                  <Card flush>
                    <SubscriptionList clientId={id} onChange={refresh} />
                  </Card>
                ),
              },
              ...(may("operator")
                ? [
                    {
                      key: "queue",
                      title: titled(words.tabs.queue, client.queuedMessages),
                      view: () => <Queue clientId={id} />,
                    },
                    {
                      key: "in-flight",
                      title: titled(words.tabs.inFlight, client.inFlightMessages),
                      view: () => <InFlight clientId={id} />,
                    },
                    {
                      key: "timeline",
                      title: words.tabs.timeline,
                      view: () => <ClientTimeline clientId={id} onEntry={() => {}} />,
                    },
                  ]
                : []),
            ]}
          />
        </>
      )}
    </Page>
  );
}

function titled(word: string, count: number) {
  return (
    <>
      {word} <span class="quiet num">{num(count)}</span>
    </>
  );
}

/** The session that outlives the connection, which the list of sessions knows more of. */
async function keptSession(clientId: string, signal: AbortSignal): Promise<KeptSession | undefined> {
  const { items } = await call("GET /sessions", { query: { filter: clientId, limit: 1_000 }, signal });
  return items.find((one) => one.clientId === clientId);
}

function Actions({ id, client, onDone }: { id: string; client: ClientOf | undefined; onDone(): void }) {
  const words = t().clients;
  if (!may("operator")) {
    return null;
  }
  const encoded = encodeURIComponent(id);
  return (
    <>
      <Button icon={Waypoints} href={`/explain?clientId=${encoded}`}>
        {words.explain}
      </Button>
      <Button icon={Activity} href={`/traces?clientId=${encoded}`}>
        {words.trace}
      </Button>
      <Button icon={ShieldBan} href={`/bans?kind=client&value=${encoded}`}>
        {words.ban}
      </Button>
      {client?.connected && (
        <Button kind="danger" icon={Unplug} onClick={async () => (await disconnect([client])) && onDone()}>
          {words.disconnect}
        </Button>
      )}
      {client && (
        <Button kind="danger" icon={Trash2} onClick={async () => (await removeSession(client)) && onDone()}>
          {words.removeSession}
        </Button>
      )}
    </>
  );
}

function removeSession(client: ClientOf): Promise<boolean> {
  const words = t().clients;
  const { clientId } = client;
  return confirm({
    title: words.removeTitle,
    text: (
      <div class="stack-s">
        <p>
          {words.removeText(
            words.removeSubscriptions(client.subscriptions, num(client.subscriptions)),
            words.removeQueued(client.queuedMessages, num(client.queuedMessages)),
            cut(clientId),
          )}
        </p>
        <p class="quiet">{client.connected ? words.removeConnected : words.removeAway}</p>
      </div>
    ),
    verb: words.removeSession,
    done: words.removed,
    act: () => call("DELETE /clients/{clientId}", { path: { clientId }, query: { session: true } }),
  });
}

function Connection({ of }: { of: ClientOf }) {
  const words = t().clients;
  const common = t().common;
  return (
    <Card title={words.connection}>
      <Facts
        of={[
          !of.connected && [common.state, <State>{words.isAway}</State>],
          of.connected && [words.connectedSince, <Time of={of.connectedAt} />],
          of.connected && [common.address, <Name of={of.address} />],
          of.connected && [words.listener, <Name of={of.listener} />],
          of.connected && [words.protocol, of.protocol ? `MQTT ${of.protocol}` : "–"],
          of.connected && [
            common.username,
            of.username === null || of.username === undefined ? (
              <span class="quiet">{words.noUser}</span>
            ) : (
              <Name of={of.username} />
            ),
          ],
          of.connected && [words.keepAlive, of.keepAliveSeconds > 0 ? duration(of.keepAliveSeconds) : words.noKeepAlive],
          !!of.node && [words.onNode, <Name of={of.node} />],
        ]}
      />
    </Card>
  );
}

function Session({ of, kept }: { of: ClientOf; kept: KeptSession | undefined }) {
  const words = t().clients;
  const common = t().common;
  const expiry = of.sessionExpirySeconds;
  return (
    <Card title={words.session}>
      <Facts
        of={[
          [words.persistent, of.persistent ? common.yes : common.no],
          [
            words.expiry,
            expiry === null || expiry === undefined
              ? common.never
              : expiry === 0 && !of.persistent
                ? words.expiryWith
                : words.expiryAfter(duration(expiry)),
          ],
          !of.connected && !!kept?.endsAt && [words.endsAt, <Ends at={kept.endsAt} />],
          [words.subscriptions, <span class="num">{num(of.subscriptions)}</span>],
          [
            words.queuedMessages,
            <span class="num">
              {kept ? words.queuedBytes(num(of.queuedMessages), bytes(kept.queuedBytes)) : num(of.queuedMessages)}
            </span>,
          ],
          [words.inFlightMessages, <span class="num">{num(of.inFlightMessages)}</span>],
          kept?.will === true && [words.will, words.willSet],
        ]}
      />
    </Card>
  );
}

function Ends({ at }: { at: string }) {
  return (
    <>
      <Ago of={at} />{" "}
      <span class="quiet">
        (<Time of={at} />)
      </span>
    </>
  );
}

function Queue({ clientId }: { clientId: string }) {
  const words = t().clients;
  const common = t().common;
  const queue = usePaged(
    (page, signal) => call("GET /clients/{clientId}/queue", { path: { clientId }, query: page, signal }),
    [clientId],
    EVERY_MILLIS,
  );
  const [open, setOpen] = useState<QueuedMessage | null>(null);
  const columns: Column<QueuedMessage>[] = [
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
    { key: "qos", title: common.qos, width: "64px", end: true, cell: (one) => one.qos },
    {
      key: "retain",
      title: common.retain,
      width: "84px",
      wide: true,
      cell: (one) => (one.retain ? common.yes : common.no),
    },
    {
      key: "expires",
      title: words.expires,
      width: "150px",
      wide: true,
      cell: (one) => (one.expiresAt ? <Ago of={one.expiresAt} /> : <span class="quiet">{common.never}</span>),
    },
    { key: "place", title: words.place, width: "110px", end: true, wide: true, cell: (one) => num(one.sequence) },
  ];
  return (
    <Card flush>
      <List
        of={queue}
        label={words.tabs.queue}
        columns={columns}
        rowKey={(one) => one.sequence}
        onOpen={setOpen}
        empty={
          <Empty icon={Inbox} title={words.noQueue}>
            <p>{words.noQueueText}</p>
          </Empty>
        }
      />
      {open && (
        <MessageDialog
          title={words.queueTitle}
          message={open}
          facts={[
            [common.retain, open.retain ? common.yes : common.no],
            [words.place, num(open.sequence)],
            [words.expires, open.expiresAt ? <Time of={open.expiresAt} /> : common.never],
          ]}
          onClose={() => setOpen(null)}
        />
      )}
    </Card>
  );
}

function InFlight({ clientId }: { clientId: string }) {
  const words = t().clients;
  const common = t().common;
  const inFlight = usePaged(
    (page, signal) => call("GET /clients/{clientId}/in-flight", { path: { clientId }, query: page, signal }),
    [clientId],
    EVERY_MILLIS,
  );
  const columns: Column<InFlightMessage>[] = [
    { key: "packetId", title: words.packetId, width: "104px", end: true, cell: (one) => one.packetId },
    { key: "topic", title: common.topic, cell: (one) => <Name of={one.topic} mono /> },
    { key: "qos", title: common.qos, width: "64px", end: true, cell: (one) => one.qos },
    {
      key: "state",
      title: words.waitsFor,
      width: "120px",
      cell: (one) => (one.state === "released" ? "PUBCOMP" : one.qos === 1 ? "PUBACK" : "PUBREC"),
    },
    { key: "place", title: words.place, width: "120px", end: true, wide: true, cell: (one) => num(one.sequence) },
  ];
  return (
    <Card flush>
      <List
        of={inFlight}
        label={words.tabs.inFlight}
        columns={columns}
        rowKey={(one) => one.sequence}
        empty={
          <Empty icon={Send} title={words.noInFlight}>
            <p>{words.noInFlightText}</p>
          </Empty>
        }
      />
    </Card>
  );
}
