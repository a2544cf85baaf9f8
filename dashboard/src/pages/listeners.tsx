import { Network } from "lucide";
import { call } from "../api/call";
import { may } from "../api/session";
import type { Listener } from "../api/types";
import { usePaged } from "../api/use";
import { t } from "../text";
import { num } from "../text/format";
import { Badge, Button, Card, Command, Empty, Facts, Loading, Name, Page, Problem, State } from "../ui";
import { Snippet } from "./snippet";

const YAML = `listeners:
  - bind: 127.0.0.1:1883
  - bind: 0.0.0.0:8883
    transport: tls
    tls: { certificate: server.crt, key: server.key }
  - bind: 0.0.0.0:8084
    transport: secure-websocket
    tls: { certificate: server.crt, key: server.key }`;

export default function Listeners() {
  const words = t().system;
  const listeners = usePaged((page, signal) => call("GET /listeners", { query: page, signal }), [], 5_000);
  return (
    <Page
      title={t().frame.pages.listeners}
      about={words.listenersAbout}
      actions={may("operator") && <Button href="/configuration?q=listeners">{words.listenersChange}</Button>}
    >
      {listeners.failure && <Problem of={listeners.failure} onRetry={listeners.refresh} />}
      {!listeners.known && !listeners.failure && <Loading />}
      {listeners.known && listeners.items.length === 0 && (
        <Card>
          <Empty icon={Network} title={words.noListeners} />
        </Card>
      )}
      <div class="grid-2">
        {listeners.items.map((one) => (
          <One key={one.name} of={one} />
        ))}
      </div>
      {listeners.hasMore && (
        <div class="row">
          <Button onClick={listeners.more}>{t().common.more}</Button>
        </div>
      )}
      <Card title={words.listenersMore}>
        <div class="stack">
          <p class="quiet">{words.listenersMoreText}</p>
          <Snippet text={YAML} label={words.listenersMore} />
        </div>
      </Card>
    </Page>
  );
}

function One({ of }: { of: Listener }) {
  const words = t().system;
  const transports: Record<string, string> = words.transports;
  const web = of.transport.endsWith("websocket");
  const lines = web ? [] : commands(of);
  const url = web ? webSocketUrl(of) : null;
  return (
    <Card title={<Name of={of.name} mono />} actions={<Badge>{transports[of.transport] ?? of.transport}</Badge>}>
      <div class="stack">
        <Facts
          of={[
            [t().common.address, <Name of={of.address} mono />],
            [words.connections, <span class="num">{num(of.connections)}</span>],
            of.bind !== of.address && [words.bind, <Name of={of.bind} mono />],
            [
              words.anonymous,
              <State tone={of.allowAnonymous ? "warn" : "good"}>
                {of.allowAnonymous ? words.anonymousYes : words.anonymousNo}
              </State>,
            ],
          ]}
        />
        {lines.map((line) => (
          <Command key={line} line={line} />
        ))}
        {url !== null && (
          <>
            <Command line={url} />
            <div class="row">
              <Button href="/websocket">{words.openWebSocket}</Button>
            </div>
          </>
        )}
      </div>
    </Card>
  );
}

/** Host and port of an address like `[::1]:1883`. */
function parts(address: string): { host: string; port: string } {
  const colon = address.lastIndexOf(":");
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ""), port: address.slice(colon + 1) };
}

/** Where a listener of all addresses is reached: as this page was. */
function reached(host: string): string {
  return host === "0.0.0.0" || host === "::" || host === "0:0:0:0:0:0:0:0" || host === ""
    ? location.hostname.replace(/^\[|\]$/g, "")
    : host;
}

function commands(of: Listener): string[] {
  let at: string;
  if (of.transport === "unix") {
    at = ` --unix ${of.address}`;
  } else {
    const { host, port } = parts(of.address);
    at = ` -h ${reached(host)} -p ${port}${of.transport === "tls" ? " --cafile ca.crt" : ""}`;
  }
  const user = of.allowAnonymous ? "" : " -u USER -P PASSWORD";
  return [
    `mosquitto_sub${at}${user} -v -t 'plant/#'`,
    `mosquitto_pub${at}${user} -t plant/boiler/temperature -m 21.5`,
  ];
}

function webSocketUrl(of: Listener): string {
  const { host, port } = parts(of.address);
  const where = reached(host);
  const path = /^[a-z-]+:\/\/[^/]*(\/.*)$/.exec(of.name)?.[1] ?? "/mqtt";
  return `${of.transport === "websocket" ? "ws" : "wss"}://${where.includes(":") ? `[${where}]` : where}:${port}${path}`;
}
