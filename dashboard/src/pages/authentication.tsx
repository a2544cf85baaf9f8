import { call } from "../api/call";
import { useAsked } from "../api/use";
import { t } from "../text";
import { num } from "../text/format";
import { A, Badge, Button, Card, Facts, Loading, Notice, Page, Problem, Stat, State, Table, Unanswered } from "../ui";
import { Snippet } from "./snippet";
import "./access.css";

const SOURCES = ["users", "jwt", "http"] as const;

const YAML: Record<(typeof SOURCES)[number], string> = {
  users: `authentication:
  password-file: users.passwd`,
  jwt: `authentication:
  jwt:
    jwks: https://login.example.com/keys   # or public-key: key.pem, or hmac-secret-file: secret
    issuer: https://login.example.com
    audience: mqtt`,
  http: `authentication:
  http:
    url: https://login.example.com/mqtt
    timeout: 5s`,
};

/** What credentials are checked against, in its order. */
export default function Authentication() {
  const words = t().access.authentication;
  const sources = useAsked(
    (signal) => call("GET /authentication", { query: { limit: 100 }, signal }),
    [],
    5_000,
  );
  const listeners = useAsked((signal) => call("GET /listeners", { query: { limit: 1_000 }, signal }), [], 30_000);
  const known = sources.data?.items;
  const anyConfigured = known?.some((one) => one.configured) ?? false;
  const names = [...(known?.map((one) => one.name) ?? []), ...SOURCES.filter((name) => !known?.some((one) => one.name === name))];
  return (
    <Page title={t().frame.pages.authentication} about={words.about}>
      {sources.failure && <Problem of={sources.failure} onRetry={sources.refresh} />}
      {!known && !sources.failure && <Loading />}
      {known && !anyConfigured && <Notice tone="warn">{words.nobody}</Notice>}
      {known && (
        <ol class="stack">
          {names.map((name, index) => {
            const source = known.find((one) => one.name === name);
            const yaml = YAML[name as (typeof SOURCES)[number]];
            return (
              <li key={name}>
                <Card
                  title={
                    <span class="row">
                      <span class="quiet num">{num(index + 1)}</span> {words.sources[name] ?? name}
                    </span>
                  }
                  actions={
                    <State tone={source?.configured ? "good" : undefined}>
                      {source?.configured ? words.configured : words.notConfigured}
                    </State>
                  }
                >
                  <div class="stack">
                    <p class="quiet">{words.abouts[name]}</p>
                    {source?.configured && (
                      <div class="grid-2">
                        <Stat label={words.accepted} value={num(source.accepted)} note={words.since} />
                        <Stat label={words.refused} value={num(source.refused)} note={words.since} />
                      </div>
                    )}
                    {!source?.configured && yaml && (
                      <div class="stack-s">
                        <p>{name === "users" ? words.howUsers : words.how}</p>
                        <Snippet text={yaml} label={words.snippet(words.sources[name] ?? name)} />
                      </div>
                    )}
                    <div class="row">
                      {name === "users" && <Button href="/users">{words.toUsers}</Button>}
                      {name !== "users" && <Button href="/configuration">{words.toConfiguration}</Button>}
                    </div>
                  </div>
                </Card>
              </li>
            );
          })}
        </ol>
      )}
      {known && (
        <Card title={words.outcomes}>
          <Facts
            of={[
              [words.right, anyConfigured ? words.rightYes : words.rightIgnored],
              [words.wrong, anyConfigured ? words.wrongRefused : words.rightIgnored],
              [words.without, words.withoutListener],
            ]}
          />
        </Card>
      )}
      <Card flush title={words.anonymous}>
        <Unanswered of={listeners} known={listeners.data !== undefined} />
        {listeners.data && (
          <Table
            label={words.anonymous}
            columns={[
              {
                key: "listener",
                title: words.listener,
                cell: (one) => (
                  <A href="/listeners">
                    <bdi>{one.name}</bdi>
                  </A>
                ),
              },
              { key: "transport", title: words.transport, width: "22%", wide: true, cell: (one) => one.transport },
              {
                key: "anonymous",
                title: words.anonymousColumn,
                width: "38%",
                cell: (one) => (
                  <Badge tone={one.allowAnonymous ? "warn" : "good"}>
                    {one.allowAnonymous ? words.letIn : words.keptOut}
                  </Badge>
                ),
              },
            ]}
            rows={listeners.data.items}
            rowKey={(one) => one.name}
          />
        )}
        <p class="rule-last">{words.anonymousAbout}</p>
      </Card>
    </Page>
  );
}
