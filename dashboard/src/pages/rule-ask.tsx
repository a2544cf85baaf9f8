import { useState } from "preact/hooks";
import { call } from "../api/call";
import type { Explanation } from "../api/types";
import { useAction } from "../api/use";
import { t } from "../text";
import { Button, Card, CheckField, Notice, Problem, SelectField, TextField } from "../ui";
import { Steps } from "./explain-steps";

/** Whether a client may do something, by the rules in force. */
export function RuleAsk() {
  const words = t().access.authorization;
  const common = t().common;
  const [clientId, setClientId] = useState("");
  const [username, setUsername] = useState("");
  const [address, setAddress] = useState("");
  const [action, setAction] = useState<"publish" | "subscribe">("publish");
  const [topic, setTopic] = useState("");
  const [qos, setQos] = useState<"0" | "1" | "2">("0");
  const [retain, setRetain] = useState(false);
  const [answer, setAnswer] = useState<Explanation | null>(null);
  const ask = useAction(async () => {
    const who = { clientId: clientId || null, username: username || null, address: address || null, qos: Number(qos) };
    setAnswer(null);
    setAnswer(
      action === "publish"
        ? await call("POST /explain/publish", { body: { ...who, topic, retain } })
        : await call("POST /explain/subscribe", { body: { ...who, filter: topic } }),
    );
  });
  const field = (name: string) => ask.failure?.at(name);
  const atField = ["topic", "filter", "address"].some((name) => field(name));
  const more = new URLSearchParams({ topic, ...(clientId ? { clientId } : {}) });
  return (
    <>
      <Card>
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault();
            void ask.run();
          }}
        >
          <p class="quiet">{words.askAbout}</p>
          <div class="grid-3">
            <TextField
              label={common.clientId}
              value={clientId}
              onInput={setClientId}
              hint={words.askClientHint}
            />
            <TextField label={common.username} value={username} onInput={setUsername} />
            <TextField
              label={common.address}
              value={address}
              onInput={setAddress}
              placeholder="127.0.0.1"
              error={field("address")}
              mono
            />
            <SelectField
              label={words.action}
              value={action}
              onChange={setAction}
              options={[
                ["publish", words.actions.publish],
                ["subscribe", words.actions.subscribe],
              ]}
            />
            <TextField
              label={action === "publish" ? common.topic : common.filter}
              value={topic}
              onInput={setTopic}
              error={field("topic") ?? field("filter")}
              mono
              required
            />
            <SelectField
              label={common.qos}
              value={qos}
              onChange={setQos}
              options={[
                ["0", "0"],
                ["1", "1"],
                ["2", "2"],
              ]}
            />
          </div>
          {action === "publish" && <CheckField label={common.retain} checked={retain} onChange={setRetain} />}
          {ask.failure && !atField && <Problem of={ask.failure} />}
          <div class="row">
            <Button kind="primary" type="submit" busy={ask.busy}>
              {words.ask}
            </Button>
            {action === "publish" && topic !== "" && (
              <Button kind="plain" href={`/explain?${more}`}>
                {words.askMore}
              </Button>
            )}
          </div>
        </form>
      </Card>
      {answer && (
        <Card>
          <div class="stack" role="status">
            <Notice tone={answer.outcome === "denied" ? "bad" : answer.outcome === "dropped" ? "warn" : "good"}>
              <strong>{words.askVerdicts[answer.outcome] ?? answer.outcome}</strong>
            </Notice>
            <Steps of={answer.steps} />
          </div>
        </Card>
      )}
    </>
  );
}
