import { effect, signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { ArrowDown, ArrowUp, Copy, Pencil, Plus, Replace, Trash2 } from "lucide";
import { call, type Failure } from "../api/call";
import { ended, may } from "../api/session";
import type { RewriteRule } from "../api/types";
import { useAction, useAsked } from "../api/use";
import { t } from "../text";
import {
  Badge,
  Button,
  Card,
  Dialog,
  Empty,
  FormActions,
  Loading,
  Name,
  Notice,
  Page,
  Problem,
  said,
  SelectField,
  TextField,
  toast,
  visible,
} from "../ui";
import { Snippet } from "./snippet";
import "./draft.css";
import "./rewrite.css";

type Action = "all" | "publish" | "subscribe";

const RULES_MAX = 100;

const EXAMPLE: RewriteRule = {
  action: "publish",
  sourceTopic: "raw/#",
  regex: "^raw/(.+)$",
  destination: "plant/%c/$1",
};

/** Rules that are being written, and those of the node that they began from. Kept while other pages are looked at. */
const draft = signal<{ base: readonly RewriteRule[]; rules: readonly RewriteRule[] } | null>(null);

effect(() => {
  if (ended.value === "left") {
    draft.value = null;
  }
});

function same(one: readonly RewriteRule[], other: readonly RewriteRule[]): boolean {
  const plain = (rules: readonly RewriteRule[]) =>
    JSON.stringify(rules.map((rule) => [rule.action ?? "all", rule.sourceTopic, rule.regex, rule.destination]));
  return plain(one) === plain(other);
}

export default function Rewrite() {
  const words = t().system;
  const asked = useAsked((signal) => call("GET /rewrite", { signal }), []);
  // What the configuration has decides, and is not changed here.
  const keys = useAsked((signal) => call("GET /configuration", { query: { limit: 1_000 }, signal }), []);
  const fixed = keys.data?.items.find((key) => key.list === "rewrite" && key.origin !== "default");
  const [editing, setEditing] = useState<{ at: number; rule: RewriteRule } | null>(null);
  const [other, setOther] = useState(false);
  const rules = draft.value?.rules ?? asked.data ?? [];
  const changed = draft.value !== null;
  const writes = may("administrator") && keys.data !== undefined && !fixed;

  const set = (next: readonly RewriteRule[]) => {
    const base = draft.value?.base ?? asked.data ?? [];
    draft.value = same(base, next) ? null : { base, rules: next };
  };
  const move = (from: number, to: number) => {
    const next = [...rules];
    next.splice(to, 0, ...next.splice(from, 1));
    set(next);
  };

  const save = useAction(async (over: boolean) => {
    const now = await call("GET /rewrite");
    if (!over && draft.value && !same(now, draft.value.base)) {
      setOther(true);
      return;
    }
    await call("PUT /rewrite", { body: [...rules] });
    draft.value = null;
    setOther(false);
    toast(words.rewriteSaved);
    asked.refresh();
  });

  useEffect(() => {
    if (!changed) {
      return undefined;
    }
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [changed]);

  return (
    <Page
      title={t().frame.pages.rewrite}
      about={words.rewriteAbout}
      actions={
        writes && (
          <Button
            icon={Plus}
            kind="primary"
            disabled={rules.length >= RULES_MAX}
            onClick={() => setEditing({ at: rules.length, rule: { action: "all" } })}
          >
            {words.addRule}
          </Button>
        )
      }
    >
      {fixed && <Notice>{words.rewriteFixed(fixed.where ?? fixed.origin)}</Notice>}
      {asked.failure && <Problem of={asked.failure} onRetry={asked.refresh} />}
      {other && (
        <Notice
          tone="warn"
          actions={
            <>
              <Button
                small
                onClick={() => {
                  draft.value = null;
                  setOther(false);
                  asked.refresh();
                }}
              >
                {words.rewriteTheirs}
              </Button>
              <Button small kind="danger" onClick={() => void save.run(true)}>
                {words.rewriteOurs}
              </Button>
            </>
          }
        >
          {words.rewriteOther}
        </Notice>
      )}
      {save.failure &&
        (save.failure.problem?.errors?.length ? (
          // Each stands at its rule.
          <Notice tone="bad">{said(save.failure)}</Notice>
        ) : (
          <Problem of={save.failure} />
        ))}
      <Card flush title={words.rewriteRules} actions={<span class="quiet small">{words.rewriteOrder}</span>}>
        {!asked.data && !asked.failure ? (
          <Loading />
        ) : rules.length === 0 ? (
          <Empty icon={Replace} title={words.noRules}>
            <p>{words.noRulesText}</p>
            {writes && (
              <Button onClick={() => setEditing({ at: 0, rule: EXAMPLE })}>{words.ruleExample}</Button>
            )}
          </Empty>
        ) : (
          <ol>
            {rules.map((rule, index) => (
              <li class="rewrite-rule" key={index}>
                <span class="rewrite-number num">{index + 1}</span>
                <div class="stack-s">
                  <Said rule={rule} />
                  <RuleErrors failure={save.failure} index={index} />
                </div>
                {writes && (
                  <div class="rewrite-do">
                    <Button
                      kind="plain"
                      small
                      icon={ArrowUp}
                      label={words.moveUp(index + 1)}
                      disabled={index === 0}
                      onClick={() => move(index, index - 1)}
                    />
                    <Button
                      kind="plain"
                      small
                      icon={ArrowDown}
                      label={words.moveDown(index + 1)}
                      disabled={index === rules.length - 1}
                      onClick={() => move(index, index + 1)}
                    />
                    <Button kind="plain" small icon={Pencil} label={words.editRule(index + 1)} onClick={() => setEditing({ at: index, rule })} />
                    <Button
                      kind="plain"
                      small
                      icon={Copy}
                      label={words.copyRule(index + 1)}
                      disabled={rules.length >= RULES_MAX}
                      onClick={() => set([...rules.slice(0, index + 1), rule, ...rules.slice(index + 1)])}
                    />
                    <Button
                      kind="plain"
                      small
                      icon={Trash2}
                      label={words.removeRule(index + 1)}
                      onClick={() => set(rules.filter((_, at) => at !== index))}
                    />
                  </div>
                )}
              </li>
            ))}
          </ol>
        )}
      </Card>
      {may("operator") && <Try saved={!changed} />}
      <Card title={words.rewriteHow}>
        <div class="stack">
          <p class="quiet">{words.rewriteHowText}</p>
          <Snippet
            label={words.rewriteYaml}
            text={`rewrite:\n  - { action: publish, source-topic: "raw/#", regex: "^raw/(.+)$", destination: "plant/%c/$1" }`}
          />
        </div>
      </Card>
      {changed && (
        <div class="draft-bar" role="status">
          <span>{words.unsaved}</span>
          <span class="row row-end">
            <Button
              onClick={() => {
                draft.value = null;
                setOther(false);
                save.clear();
              }}
            >
              {words.discard}
            </Button>
            {writes && (
              <Button kind="primary" busy={save.busy} onClick={() => void save.run(false)}>
                {t().common.save}
              </Button>
            )}
          </span>
        </div>
      )}
      {editing && (
        <EditRule
          rule={editing.rule}
          isNew={editing.at >= rules.length}
          onClose={() => setEditing(null)}
          onDone={(rule) => {
            set([...rules.slice(0, editing.at), rule, ...rules.slice(editing.at + 1)]);
            setEditing(null);
          }}
        />
      )}
    </Page>
  );
}

function Said({ rule }: { rule: RewriteRule }) {
  const words = t().system;
  return (
    <div class="rewrite-words">
      <Badge>{words.rewriteActions[(rule.action ?? "all") as Action]}</Badge>
      <Name of={rule.sourceTopic} mono />
      <span class="quiet">{words.rewriteMatches}</span>
      <Name of={rule.regex} mono />
      <span class="quiet">{words.rewriteBecomes}</span>
      <strong>
        <Name of={rule.destination} mono />
      </strong>
    </div>
  );
}

/** What the node says of one rule: its fields are like `[2].regex`. */
function RuleErrors({ failure, index }: { failure: Failure | null; index: number }) {
  const errors = failure?.problem?.errors?.filter((error) => error.field.startsWith(`[${index}]`)) ?? [];
  return (
    <>
      {errors.map((error) => (
        <span class="field-error">
          <span class="mono">{error.field.slice(error.field.indexOf("]") + 2)}</span> {error.message}
        </span>
      ))}
    </>
  );
}

function EditRule({
  rule,
  isNew,
  onClose,
  onDone,
}: {
  rule: RewriteRule;
  isNew: boolean;
  onClose(): void;
  onDone(rule: RewriteRule): void;
}) {
  const words = t().system;
  const [action, setAction] = useState<Action>((rule.action ?? "all") as Action);
  const [sourceTopic, setSource] = useState(rule.sourceTopic ?? "");
  const [regex, setRegex] = useState(rule.regex ?? "");
  const [destination, setDestination] = useState(rule.destination ?? "");
  return (
    <Dialog title={isNew ? words.addRule : words.changeRule} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          onDone({ action, sourceTopic, regex, destination });
        }}
      >
        <SelectField
          label={words.rewriteAction}
          value={action}
          onChange={setAction}
          options={(["all", "publish", "subscribe"] as const).map((one) => [one, words.rewriteActions[one]] as const)}
        />
        <TextField
          label={words.rewriteSource}
          value={sourceTopic}
          onInput={setSource}
          placeholder="raw/#"
          hint={words.rewriteSourceHint}
          mono
          required
        />
        <TextField
          label={words.rewriteRegex}
          value={regex}
          onInput={setRegex}
          placeholder="^raw/(.+)$"
          hint={words.rewriteRegexHint}
          mono
          required
        />
        <TextField
          label={words.rewriteDestination}
          value={destination}
          onInput={setDestination}
          placeholder="plant/%c/$1"
          hint={words.rewriteDestinationHint}
          mono
          required
        />
        <FormActions onCancel={onClose} verb={words.intoDraft} />
      </form>
    </Dialog>
  );
}

/** What the rules in effect make of a topic, asked of the node, which alone knows. */
function Try({ saved }: { saved: boolean }) {
  const words = t().system;
  const [what, setWhat] = useState<"publish" | "subscribe">("publish");
  const [topic, setTopic] = useState("");
  const [clientId, setClientId] = useState("");
  const [username, setUsername] = useState("");
  const [answer, setAnswer] = useState<string | null>(null);
  const ask = useAction(async () => {
    const who = { clientId: clientId || null, username: username || null };
    const told =
      what === "publish"
        ? await call("POST /explain/publish", { body: { ...who, topic } })
        : await call("POST /explain/subscribe", { body: { ...who, filter: topic } });
    setAnswer(told.steps.find((step) => step.step === "rewrite")?.detail ?? "");
  });
  const at = ask.failure?.at("topic") ?? ask.failure?.at("filter");
  return (
    <Card title={words.tryTitle}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          setAnswer(null);
          void ask.run();
        }}
      >
        {!saved && <Notice>{words.trySaved}</Notice>}
        <div class="grid-2">
          <SelectField
            label={words.rewriteAction}
            value={what}
            onChange={setWhat}
            options={(["publish", "subscribe"] as const).map((one) => [one, words.rewriteActions[one]] as const)}
          />
          <TextField
            label={what === "publish" ? t().common.topic : t().common.filter}
            value={topic}
            onInput={setTopic}
            error={at}
            mono
            required
          />
          <TextField label={t().common.clientId} value={clientId} onInput={setClientId} />
          <TextField label={t().common.username} value={username} onInput={setUsername} />
        </div>
        {ask.failure && !at && <Problem of={ask.failure} />}
        <div class="row">
          <Button type="submit" busy={ask.busy}>
            {words.tryVerb}
          </Button>
          <span role="status">
            {answer === null ? null : answer === "" ? words.trySame : <span lang="en">{visible(answer)}</span>}
          </span>
        </div>
      </form>
    </Card>
  );
}
