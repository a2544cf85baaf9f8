import { Filter, FilterX } from "lucide";
import { call } from "../api/call";
import { useMosquitto } from "../api/listeners";
import { may } from "../api/session";
import type { Subscription } from "../api/types";
import { usePaged } from "../api/use";
import { at, setQuery } from "../route";
import { t } from "../text";
import { A, Button, type Column, Command, confirm, cut, Empty, List, Name } from "../ui";

/** Subscriptions of one client, or of all that the API knows. */
export function SubscriptionList({
  clientId,
  all,
  onChange,
}: {
  clientId: string;
  /** Clients are named and linked; without a client id, all are there. */
  all?: boolean;
  onChange?(): void;
}) {
  const words = t().clients;
  const common = t().common;
  const subscriptions = usePaged(
    (page, signal) => call("GET /subscriptions", { query: { ...page, clientId }, signal }),
    [clientId],
    5_000,
  );
  const flag = (of: boolean) => (of ? common.yes : <span class="quiet">{common.no}</span>);
  const columns: Column<Subscription>[] = [
    ...(all
      ? [
          {
            key: "clientId",
            title: common.clientId,
            cell: (one: Subscription) => (
              <A href={at("/clients/:clientId", { clientId: one.clientId })}>
                <Name of={one.clientId} />
              </A>
            ),
          },
        ]
      : []),
    {
      key: "filter",
      title: common.filter,
      cell: (one) => (
        <A href={`/topics?filter=${encodeURIComponent(listened(one.filter))}`}>
          <Name of={one.filter} mono />
        </A>
      ),
    },
    { key: "qos", title: common.qos, width: "64px", end: true, cell: (one) => one.qos },
    {
      key: "noLocal",
      title: words.noLocal,
      head: <span title={words.noLocalAbout}>{words.noLocal}</span>,
      width: "96px",
      wide: true,
      cell: (one) => flag(one.noLocal),
    },
    {
      key: "retainAsPublished",
      title: words.retainAsPublished,
      head: <span title={words.retainAsPublishedAbout}>{words.retainAsPublished}</span>,
      width: "168px",
      wide: true,
      cell: (one) => flag(one.retainAsPublished),
    },
    {
      key: "retainHandling",
      title: words.retainHandling,
      width: "150px",
      wide: true,
      cell: (one) => words.retainHandlings[one.retainHandling] ?? one.retainHandling,
    },
    {
      key: "subscriptionId",
      title: words.subscriptionId,
      width: "104px",
      end: true,
      wide: true,
      cell: (one) => one.subscriptionId ?? <span class="quiet">–</span>,
    },
    ...(may("operator")
      ? [
          {
            key: "actions",
            title: common.actions,
            head: <span class="hidden-text">{common.actions}</span>,
            width: "56px",
            end: true,
            wide: all ?? false,
            cell: (one: Subscription) => (
              <Button
                kind="plain"
                small
                icon={FilterX}
                label={words.unsubscribe}
                onClick={async () => {
                  if (await unsubscribe(one)) {
                    subscriptions.refresh();
                    onChange?.();
                  }
                }}
              />
            ),
          },
        ]
      : []),
  ];
  return (
    <List
      of={subscriptions}
      label={words.subscriptions}
      columns={columns}
      rowKey={(one) => JSON.stringify([one.clientId, one.filter])}
      empty={<None all={all ?? false} clientId={clientId} />}
    />
  );
}

/** The topics of a subscription, without what says how they are shared out. */
function listened(filter: string): string {
  return filter.replace(/^\$share\/[^/]*\//, "").replace(/^\$exclusive\//, "");
}

function unsubscribe({ clientId, filter }: Subscription): Promise<boolean> {
  const words = t().clients;
  return confirm({
    title: words.unsubscribeTitle,
    text: <p>{words.unsubscribeText(cut(filter), cut(clientId))}</p>,
    verb: words.unsubscribe,
    done: words.unsubscribed,
    act: () => call("DELETE /clients/{clientId}/subscriptions", { path: { clientId }, query: { filter } }),
  });
}

function None({ all, clientId }: { all: boolean; clientId: string }) {
  const words = t().clients;
  const mosquitto = useMosquitto();
  return (
    <Empty icon={Filter} title={words.noSubscriptions}>
      {!all ? (
        <p>{words.noSubscriptionsOf}</p>
      ) : clientId !== "" ? (
        <>
          <p>{words.noSubscriptionsLike}</p>
          <Button onClick={() => setQuery({ clientId: "" })}>{words.showAll}</Button>
        </>
      ) : mosquitto === null || mosquitto === undefined ? (
        <p>{words.nobodyNoListener}</p>
      ) : (
        <>
          <p>{words.noSubscriptionsAtAll}</p>
          <Command line={`mosquitto_sub${mosquitto} -v -t 'plant/#'`} />
        </>
      )}
    </Empty>
  );
}
