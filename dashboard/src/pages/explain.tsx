import { useEffect, useState } from "preact/hooks";
import { ListEnd, Waypoints } from "lucide";
import { call } from "../api/call";
import { useMosquitto } from "../api/listeners";
import type { Explanation } from "../api/types";
import { useAction, useAsked, usePaged } from "../api/use";
import { at, query, setQuery } from "../route";
import { t } from "../text";
import { bytes } from "../text/format";
import {
  A,
  Button,
  Card,
  CheckField,
  Command,
  Dialog,
  Empty,
  Facts,
  List,
  Loading,
  Name,
  Notice,
  Page,
  Problem,
  SearchField,
  SelectField,
  Tabs,
  TextField,
  Time,
} from "../ui";
import { Outcome, Steps, tone } from "./explain-steps";
import { here } from "./here";

export default function Explain() {
  const words = t().diagnostics;
  return (
    <Page title={t().frame.pages.explain} about={words.explainAbout}>
      <Tabs
        label={t().frame.pages.explain}
        of={[
          { key: "publish", title: words.tabs.publish, view: () => <Publish /> },
          { key: "subscribe", title: words.tabs.subscribe, view: () => <Subscribe /> },
          { key: "connect", title: words.tabs.connect, view: () => <Connect /> },
          { key: "messages", title: words.tabs.messages, view: () => <Messages /> },
        ]}
      />
    </Page>
  );
}

type Fields = Record<string, string>;

/** A longer address could not be loaded again: such a question is asked without it. */
const ADDRESS_MAX = 6_000;

/**
 * Fields that the address knows, so that a question can be sent to somebody. It is asked when it is sent, and at once
 * where the address brings what is needed.
 */
function useQuestion(names: readonly string[], needed: readonly string[], ask: (fields: Fields) => Promise<Explanation>) {
  const asked: Fields = Object.fromEntries(
    // A topic that the address brings is a filter too.
    names.map((name) => [name, query(name) || (name === "filter" ? query("topic") : "")]),
  );
  const key = JSON.stringify(asked);
  const [fields, setFields] = useState(asked);
  const [turn, setTurn] = useState(0);
  const [answer, setAnswer] = useState<Explanation | null>(null);
  const action = useAction(async (given: Fields) => setAnswer(await ask(given)));
  useEffect(() => {
    setFields(asked);
    if (turn > 0 || needed.some((name) => asked[name] !== "")) {
      void action.run(asked).then((done) => !done && setAnswer(null));
    }
  }, [key, turn]);
  return {
    fields,
    answer,
    busy: action.busy,
    failure: action.failure,
    set: (name: string) => (value: string) => setFields((before) => ({ ...before, [name]: value })),
    submit: (event: Event) => {
      event.preventDefault();
      if (key.length + JSON.stringify(fields).length > ADDRESS_MAX) {
        void action.run(fields).then((done) => !done && setAnswer(null));
        return;
      }
      setQuery(fields);
      setTurn((before) => before + 1);
    },
  };
}

type Question = ReturnType<typeof useQuestion>;

function Asking({
  question,
  fields,
  verdicts,
  hint,
  children,
}: {
  question: Question;
  /** Those that show what is wrong with them by themselves. */
  fields: readonly string[];
  verdicts: Record<string, string>;
  hint: string;
  children: preact.ComponentChildren;
}) {
  const words = t().diagnostics;
  const { answer, failure } = question;
  return (
    <div class="grid-2">
      <Card>
        <form class="form" onSubmit={question.submit}>
          {children}
          <div class="form-actions">
            <Button kind="primary" type="submit" icon={Waypoints} busy={question.busy}>
              {words.explain}
            </Button>
          </div>
        </form>
      </Card>
      <div class="stack" aria-live="polite">
        {failure && !fields.some((name) => failure.at(name)) && <Problem of={failure} />}
        {answer ? (
          <>
            <Notice tone={verdictTone(answer.outcome)}>
              <strong>{verdicts[answer.outcome] ?? answer.outcome}</strong>
            </Notice>
            <Card title={words.why}>
              <Steps of={answer.steps} />
            </Card>
          </>
        ) : (
          !failure && (
            <Card>
              <Empty icon={Waypoints} title={words.askTitle}>
                <p>{hint}</p>
              </Empty>
            </Card>
          )
        )}
      </div>
    </div>
  );
}

function verdictTone(outcome: string): "good" | "warn" | "bad" | undefined {
  const found = tone(outcome);
  return found === "accent" ? undefined : found;
}

const QOS = ["0", "1", "2"] as const;

function Who({ question }: { question: Question }) {
  const words = t().diagnostics;
  const { fields, failure, set } = question;
  return (
    <>
      <TextField
        label={t().common.clientId}
        value={fields["clientId"]!}
        onInput={set("clientId")}
        hint={words.clientHint}
        error={failure?.at("clientId")}
      />
      <TextField
        label={t().common.username}
        value={fields["username"]!}
        onInput={set("username")}
        error={failure?.at("username")}
      />
    </>
  );
}

function Address({ question }: { question: Question }) {
  return (
    <TextField
      label={t().common.address}
      value={question.fields["address"]!}
      onInput={question.set("address")}
      placeholder="127.0.0.1"
      error={question.failure?.at("address")}
      mono
    />
  );
}

function Qos({ question }: { question: Question }) {
  const value = question.fields["qos"];
  return (
    <SelectField
      label={t().common.qos}
      value={value === "1" || value === "2" ? value : "0"}
      onChange={question.set("qos")}
      options={QOS.map((one) => [one, one] as const)}
      error={question.failure?.at("qos")}
    />
  );
}

function Publish() {
  const words = t().diagnostics;
  const question = useQuestion(["topic", "clientId", "username", "address", "qos", "retain"], ["topic"], (given) =>
    call("POST /explain/publish", {
      body: {
        topic: given["topic"]!,
        clientId: given["clientId"] || null,
        username: given["username"] || null,
        address: given["address"] || null,
        qos: Number(given["qos"] || "0"),
        retain: given["retain"] === "true",
      },
    }),
  );
  return (
    <Asking
      question={question}
      fields={["topic", "clientId", "username", "address", "qos"]}
      verdicts={words.publishVerdicts}
      hint={words.publishHint}
    >
      <TextField
        label={t().common.topic}
        value={question.fields["topic"]!}
        onInput={question.set("topic")}
        placeholder="plant/boiler/temperature"
        error={question.failure?.at("topic")}
        mono
        required
      />
      <Who question={question} />
      <Address question={question} />
      <Qos question={question} />
      <CheckField
        label={t().common.retain}
        checked={question.fields["retain"] === "true"}
        onChange={(checked) => question.set("retain")(checked ? "true" : "")}
      />
    </Asking>
  );
}

function Subscribe() {
  const words = t().diagnostics;
  const question = useQuestion(["filter", "clientId", "username", "address", "qos"], ["filter"], (given) =>
    call("POST /explain/subscribe", {
      body: {
        filter: given["filter"]!,
        clientId: given["clientId"] || null,
        username: given["username"] || null,
        address: given["address"] || null,
        qos: Number(given["qos"] || "0"),
      },
    }),
  );
  return (
    <Asking
      question={question}
      fields={["filter", "clientId", "username", "address", "qos"]}
      verdicts={words.subscribeVerdicts}
      hint={words.subscribeHint}
    >
      <TextField
        label={t().common.filter}
        value={question.fields["filter"]!}
        onInput={question.set("filter")}
        placeholder="plant/#"
        error={question.failure?.at("filter")}
        mono
        required
      />
      <Who question={question} />
      <Address question={question} />
      <Qos question={question} />
    </Asking>
  );
}

function Connect() {
  const words = t().diagnostics;
  const listeners = useAsked((signal) => call("GET /listeners", { query: { limit: 1_000 }, signal }), []);
  const question = useQuestion(["clientId", "username", "listener"], ["clientId", "username"], (given) =>
    call("POST /explain/connect", {
      body: {
        clientId: given["clientId"] || null,
        username: given["username"] || null,
        listener: given["listener"] || null,
      },
    }),
  );
  return (
    <Asking
      question={question}
      fields={["clientId", "username", "listener"]}
      verdicts={words.connectVerdicts}
      hint={words.connectHint}
    >
      <Who question={question} />
      <SelectField
        label={words.listener}
        value={question.fields["listener"]!}
        onChange={question.set("listener")}
        options={[
          ["", words.firstListener],
          ...(listeners.data?.items ?? []).map((one) => [one.name, one.name] as const),
        ]}
        error={question.failure?.at("listener")}
      />
    </Asking>
  );
}

// ---- messages of late

function Messages() {
  const words = t().diagnostics;
  const clientId = query("clientId");
  const topic = query("topic");
  const messages = usePaged(
    (page, signal) => call("GET /explain/messages", { query: { ...page, clientId, topic }, signal }),
    [clientId, topic],
    5_000,
  );
  const mosquitto = useMosquitto();
  const open = query("message");
  return (
    <>
      <p class="quiet">{words.messagesAbout}</p>
      <div class="row">
        <SearchField label={words.publisher} value={clientId} onSearch={(next) => setQuery({ clientId: next })} />
        <SearchField label={t().common.filter} value={topic} onSearch={(next) => setQuery({ topic: next })} />
      </div>
      <Card flush>
        <List
          of={messages}
          label={words.tabs.messages}
          rowKey={(one) => one.id}
          href={(one) => here("message", one.id)}
          columns={[
            {
              key: "time",
              title: t().common.time,
              width: "7.5rem",
              cell: (one) => (
                <A href={here("message", one.id)}>
                  <Time of={one.time} exact />
                </A>
              ),
            },
            { key: "outcome", title: words.outcome, width: "8rem", cell: (one) => <Outcome of={one.outcome} /> },
            { key: "topic", title: t().common.topic, cell: (one) => <Name of={one.topic} mono /> },
            {
              key: "client",
              title: words.publisher,
              width: "16rem",
              wide: true,
              cell: (one) => <Publisher of={one.clientId} />,
            },
            { key: "qos", title: t().common.qos, width: "5rem", end: true, wide: true, cell: (one) => one.qos },
            {
              key: "retain",
              title: t().common.retain,
              width: "6rem",
              wide: true,
              cell: (one) => (one.retain ? t().common.yes : t().common.no),
            },
            { key: "size", title: t().common.size, width: "8rem", end: true, wide: true, cell: (one) => bytes(one.payloadBytes) },
          ]}
          empty={
            <Empty icon={ListEnd} title={clientId || topic ? words.noMessagesLike : words.noMessages}>
              <p>{words.noMessagesText}</p>
              {typeof mosquitto === "string" && (
                <Command line={`mosquitto_pub${mosquitto} -q 1 -t plant/boiler/temperature -m 21.5`} />
              )}
            </Empty>
          }
        />
      </Card>
      {open !== "" && <Story id={open} onClose={() => setQuery({ message: "" })} />}
    </>
  );
}

function Publisher({ of }: { of: string | null | undefined }) {
  return of ? (
    <A href={at("/clients/:clientId", { clientId: of })}>
      <Name of={of} />
    </A>
  ) : (
    <span class="quiet">{t().diagnostics.byOperator}</span>
  );
}

function Story({ id, onClose }: { id: string; onClose(): void }) {
  const words = t().diagnostics;
  const asked = useAsked((signal) => call("GET /explain/messages/{id}", { path: { id }, signal }), [id]);
  const of = asked.data;
  return (
    <Dialog title={words.story} wide onClose={onClose}>
      {asked.failure && <Problem of={asked.failure} onRetry={asked.refresh} />}
      {!of && !asked.failure && <Loading />}
      {of && (
        <div class="stack">
          <Notice tone={verdictTone(of.outcome)}>
            <strong>{(words.pastVerdicts as Record<string, string>)[of.outcome] ?? of.outcome}</strong>
          </Notice>
          <Facts
            of={[
              [t().common.topic, <Name of={of.topic} mono />],
              [words.publisher, <Publisher of={of.clientId} />],
              [t().common.time, <Time of={of.time} />],
              [t().common.qos, <span class="num">{of.qos}</span>],
              [t().common.retain, of.retain ? t().common.yes : t().common.no],
              [t().common.size, <span class="num">{bytes(of.payloadBytes)}</span>],
            ]}
          />
          <Steps of={[...(of.steps ?? [])].sort((one, other) => one.afterMicroseconds - other.afterMicroseconds)} />
          <div class="row">
            <Button href={`/explain?topic=${encodeURIComponent(of.topic)}`}>{words.whatNow}</Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}
