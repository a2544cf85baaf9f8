import { useState } from "preact/hooks";
import { Repeat, Rss, Send, Square, X } from "lucide";
import { t } from "../text";
import { num } from "../text/format";
import { Button, Card, CheckField, Name, SelectField, TextField } from "../ui";
import { MessageFields, problemsOf } from "./message-form";
import { type Connection, EVERY_MILLIS_LEAST, save, SUBSCRIPTIONS_MAX, type Subscription } from "./websocket-connections";
import { reason } from "./websocket-settings";

const FIRST = {
  filter: "",
  qos: "0",
  noLocal: false,
  retainAsPublished: false,
  retainHandling: "0",
} as const satisfies Omit<Subscription, "granted" | "colour">;

/** What the connection asked for, and what the broker said to it. */
export function Subscriptions({ of }: { of: Connection }) {
  const words = t().websocket;
  const [wanted, setWanted] = useState<Omit<Subscription, "granted" | "colour">>(FIRST);
  const set = <K extends keyof typeof wanted>(field: K) => (value: (typeof wanted)[K]) =>
    setWanted({ ...wanted, [field]: value });
  const all = of.subscriptions.value;
  const isFull = all.length >= SUBSCRIPTIONS_MAX && all.every((one) => one.filter !== wanted.filter);
  return (
    <Card title={words.subscriptions}>
      <div class="stack">
        <form
          class="stack-s"
          onSubmit={(event) => {
            event.preventDefault();
            const filter = wanted.filter.trim();
            if (filter !== "" && !isFull) {
              of.subscribe({ ...wanted, filter });
              setWanted({ ...wanted, filter: "" });
            }
          }}
        >
          <div class="ws-subscribe">
            <TextField
              label={t().common.filter}
              value={wanted.filter}
              onInput={set("filter")}
              error={isFull ? words.subscriptionsMost(SUBSCRIPTIONS_MAX) : undefined}
              placeholder={"plant/#"}
              mono
            />
            <SelectField
              label={t().common.qos}
              value={wanted.qos}
              onChange={set("qos")}
              options={[
                ["0", "0"],
                ["1", "1"],
                ["2", "2"],
              ]}
            />
            <Button type="submit" icon={Rss} disabled={wanted.filter.trim() === ""}>
              {words.subscribe}
            </Button>
          </div>
          {of.settings.value.version === "5" && (
            <details class="message-more">
              <summary>{words.options}</summary>
              <div class="stack-s ws-options">
                <CheckField label={words.noLocal} checked={wanted.noLocal} onChange={set("noLocal")} />
                <CheckField
                  label={words.retainAsPublished}
                  checked={wanted.retainAsPublished}
                  onChange={set("retainAsPublished")}
                />
                <SelectField
                  label={words.retainHandling}
                  value={wanted.retainHandling}
                  onChange={set("retainHandling")}
                  options={[
                    ["0", words.retainHandlings.r0],
                    ["1", words.retainHandlings.r1],
                    ["2", words.retainHandlings.r2],
                  ]}
                />
              </div>
            </details>
          )}
        </form>
        {all.length === 0 ? (
          <p class="quiet small">{words.noSubscriptions}</p>
        ) : (
          <ul class="ws-subscriptions">
            {all.map((one) => (
              <li key={one.filter} class="ws-subscription">
                <span class={`ws-mark c${one.colour}`} aria-hidden="true" />
                <span class="ws-subscription-name">
                  <Name of={one.filter} mono />
                  <Granted of={one} connected={of.state.value === "on"} />
                </span>
                <Button kind="plain" small icon={X} label={words.unsubscribe} onClick={() => of.unsubscribe(one.filter)} />
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}

function Granted({ of, connected }: { of: Subscription; connected: boolean }) {
  const words = t().websocket;
  if (of.granted === null) {
    return <span class="quiet small">{connected ? words.waiting : words.asked(of.qos)}</span>;
  }
  return of.granted >= 0x80 ? (
    <span class="field-error">{words.refused(reason(of.granted))}</span>
  ) : (
    <span class="quiet small">{words.granted(of.granted)}</span>
  );
}

/** Publishes once, or again and again. */
export function Publishing({ of }: { of: Connection }) {
  const words = t().websocket;
  const [tried, setTried] = useState(false);
  const [every, setEvery] = useState("1000");
  const draft = of.draft.value;
  const is5 = of.settings.value.version === "5";
  const problems = problemsOf(draft, is5);
  const isFine = Object.keys(problems).length === 0;
  const repeated = of.repeated.value;
  const isOn = of.state.value === "on";
  const least = EVERY_MILLIS_LEAST;
  const isEvery = /^\d+$/.test(every) && Number(every) >= least && Number(every) <= 86_400_000;
  const publish = (how: () => void) => {
    setTried(true);
    if (isFine && isOn) {
      save();
      how();
    }
  };
  return (
    <Card title={words.publish}>
      <form
        class="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          publish(() => of.publish(draft));
        }}
      >
        <MessageFields
          draft={draft}
          onInput={(next) => {
            of.draft.value = next;
          }}
          errors={tried ? problems : {}}
          properties={is5}
          lines={4}
        />
        <div class="ws-publish">
          <Button kind="primary" type="submit" icon={Send} disabled={!isOn}>
            {isOn ? words.publish : words.publishNot}
          </Button>
          <div class="ws-every">
            <label class="small" for="ws-every">
              {words.every}
            </label>
            <input
              id="ws-every"
              class="input num"
              type="number"
              min={least}
              value={every}
              title={words.everyHint(num(least))}
              aria-invalid={isEvery ? undefined : "true"}
              onInput={(event) => setEvery(event.currentTarget.value)}
            />
            <span class="small">{words.everyUnit}</span>
            {repeated === null ? (
              <Button icon={Repeat} disabled={!isOn || !isEvery} onClick={() => publish(() => of.repeat(Number(every)))}>
                {words.repeat}
              </Button>
            ) : (
              <Button icon={Square} onClick={() => of.stopRepeating()}>
                <span class="num">{words.stopRepeat(num(repeated))}</span>
              </Button>
            )}
          </div>
        </div>
      </form>
    </Card>
  );
}
