import { Webhook as WebhookIcon } from "lucide";
import { call } from "../api/call";
import { may } from "../api/session";
import type { Webhook } from "../api/types";
import { usePaged } from "../api/use";
import { query, setQuery } from "../route";
import { t } from "../text";
import { num } from "../text/format";
import { A, Ago, Badge, Button, Card, Dialog, Empty, Facts, List, Name, Notice, Page, State, Time, visible } from "../ui";
import { here } from "./here";
import { Snippet } from "./snippet";

const YAML = `webhooks:
  - name: office
    url: https://office.example.com/mqtt
    events: [client.connected, client.disconnected, message.dropped]
    headers:
      - { name: Authorization, value-file: /etc/relais/office-token }
  - name: alarms
    url: https://alarms.example.com/in
    events: [message.published]
    topics: ["plant/+/alarm"]`;

export default function Webhooks() {
  const words = t().system;
  const webhooks = usePaged((page, signal) => call("GET /webhooks", { query: page, signal }), [], 5_000);
  const open = webhooks.items.find((one) => one.name === query("webhook"));
  return (
    <Page
      title={t().frame.pages.webhooks}
      about={words.webhooksAbout}
      actions={may("operator") && <Button href="/configuration?q=webhooks">{words.webhooksChange}</Button>}
    >
      <Card flush>
        <List
          of={webhooks}
          label={t().frame.pages.webhooks}
          rowKey={(one) => one.name}
          href={(one) => here("webhook", one.name)}
          columns={[
            {
              key: "name",
              title: t().common.name,
              width: "10rem",
              cell: (one) => (
                <A href={here("webhook", one.name)}>
                  <Name of={one.name} />
                </A>
              ),
            },
            { key: "state", title: t().common.state, width: "8rem", cell: (one) => <HowIs of={one} /> },
            { key: "url", title: words.url, wide: true, cell: (one) => <Name of={one.url} mono /> },
            {
              key: "events",
              title: words.events,
              wide: true,
              cell: (one) => <span class="mono">{one.events.join(", ")}</span>,
            },
            { key: "queued", title: words.queued, width: "6rem", end: true, wide: true, cell: (one) => num(one.queuedEvents) },
            { key: "sent", title: words.sent, width: "6rem", end: true, cell: (one) => num(one.sentEvents) },
            { key: "retries", title: words.retries, width: "6rem", end: true, wide: true, cell: (one) => num(one.retries) },
            { key: "dropped", title: words.dropped, width: "6.5rem", end: true, wide: true, cell: (one) => num(dropped(one)) },
            { key: "error", title: words.lastError, width: "8.5rem", wide: true, cell: (one) => <Ago of={one.lastErrorAt} /> },
          ]}
          empty={
            <Empty icon={WebhookIcon} title={words.noWebhooks}>
              <p>{words.noWebhooksText}</p>
              <Snippet text={YAML} label={words.webhooksYaml} />
            </Empty>
          }
        />
      </Card>
      {webhooks.items.length > 0 && (
        <Card title={words.webhooksMore}>
          <div class="stack">
            <p class="quiet">{words.noWebhooksText}</p>
            <Snippet text={YAML} label={words.webhooksYaml} />
          </div>
        </Card>
      )}
      {open && (
        <Dialog title={words.webhook} wide onClose={() => setQuery({ webhook: "" })}>
          <div class="stack">
            {open.lastError && (
              <Notice tone={failing(open) ? "bad" : undefined}>
                <Time of={open.lastErrorAt} />: <span lang="en">{visible(open.lastError)}</span>
              </Notice>
            )}
            <Facts
              of={[
                [t().common.name, <Name of={open.name} />],
                [words.url, <Name of={open.url} mono />],
                [
                  words.events,
                  <span class="row">
                    {open.events.map((one) => (
                      <Badge key={one}>
                        <Name of={one} />
                      </Badge>
                    ))}
                  </span>,
                ],
                open.topics.length > 0 && [
                  words.topics,
                  <ul>
                    {open.topics.map((one) => (
                      <li key={one}>
                        <Name of={one} mono />
                      </li>
                    ))}
                  </ul>,
                ],
                [words.queued, <span class="num">{num(open.queuedEvents)}</span>],
                [words.sent, <span class="num">{num(open.sentEvents)}</span>],
                [words.retries, <span class="num">{num(open.retries)}</span>],
                [words.droppedQueueFull, <span class="num">{num(open.droppedQueueFull)}</span>],
                [words.droppedFailed, <span class="num">{num(open.droppedFailed)}</span>],
                [words.droppedRefused, <span class="num">{num(open.droppedRefused)}</span>],
              ]}
            />
          </div>
        </Dialog>
      )}
    </Page>
  );
}

function dropped(of: Webhook): number {
  return of.droppedQueueFull + of.droppedFailed + of.droppedRefused;
}

/** Its last error is not older than a minute: as often as the node tries again at most. */
function failing(of: Webhook): boolean {
  return !!of.lastErrorAt && Date.now() - Date.parse(of.lastErrorAt) < 90_000;
}

function HowIs({ of }: { of: Webhook }) {
  const words = t().system;
  return failing(of) ? (
    <State tone="bad">{words.webhookFails}</State>
  ) : dropped(of) > 0 ? (
    <State tone="warn">{words.webhookDropped}</State>
  ) : (
    <State tone={of.sentEvents > 0 ? "good" : undefined}>{of.sentEvents > 0 ? words.webhookSends : words.webhookWaits}</State>
  );
}
