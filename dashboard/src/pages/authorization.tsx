import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Plus, SlidersHorizontal } from "lucide";
import { call, Failure } from "../api/call";
import { may, session } from "../api/session";
import type { Rule } from "../api/types";
import { useAction, useAsked } from "../api/use";
import { keepUntilSaved, setQuery } from "../route";
import { t } from "../text";
import { num } from "../text/format";
import {
  Button,
  Card,
  confirm,
  CopyButton,
  cut,
  Dialog,
  Empty,
  Loading,
  Notice,
  Page,
  Problem,
  Tabs,
  TextField,
  toast,
} from "../ui";
import { RuleAsk } from "./rule-ask";
import { Differences, summed } from "./rule-differences";
import { RuleForm } from "./rule-form";
import { RuleList } from "./rule-list";
import { Counted, summary, Trial, TrialFailure, type Tried } from "./rule-trial";
import { areSame, differences, draft, type NoRules, parsed, plain, row, type Row, rowsOf, ruleOf, written } from "./rules";
import "./access.css";
import "./draft.css";

/** A draft is tried by itself after each change, unless that takes long: then on request. */
const TRY_AFTER_MILLIS = 600;
const QUICK_MILLIS = 1_500;

export default function Authorization() {
  const words = t().access.authorization;
  const asked = useAsked((signal) => call("GET /authorization/rules", { signal }), [], 10_000);
  const where = useAsked(whereConfigured, []);

  // The same rules, asked for again, are the same rows: what has the focus keeps it.
  const last = useRef<{ rules: readonly Rule[]; rows: readonly Row[] } | null>(null);
  if (asked.data && !(last.current && areSame(last.current.rules, asked.data))) {
    last.current = { rules: asked.data, rows: asked.data.map((rule, index) => row(rule, index)) };
  }
  const inForce = last.current;
  const mine = draft.value?.by === session.value?.username ? draft.value : null;
  const base = mine?.base ?? inForce?.rules;
  const rows = mine?.rows ?? inForce?.rows;

  const changes = useMemo(() => (mine ? differences(mine.base, mine.rows) : []), [mine]);
  // With what is drawn, not behind it: who has saved may leave at once.
  useLayoutEffect(() => (mine ? keepUntilSaved(() => askToDiscard(words.leaveTitle, words.leaveVerb)) : undefined), [mine, words]);
  const trial = useTrial(mine?.rows ?? null);

  const change = (next: readonly Row[]) => {
    if (base) {
      const isBack = next.length === base.length && differences(base, next).length === 0;
      draft.value = isBack ? null : { by: session.value!.username, base, rows: next };
    }
  };
  const [form, setForm] = useState<{ title: string; row: Row; place: number; isNew: boolean } | null>(null);
  const [saving, setSaving] = useState(false);
  const add = () =>
    rows &&
    setForm({ title: words.addRule, row: row({ effect: "allow", action: "all" }, null), place: rows.length, isNew: true });

  const kinds = new Map(
    changes.flatMap((one) => (one.kind === "removed" ? [] : [[rows![one.at]!.id, one.kind] as const])),
  );
  const errors = trial.tried && trial.tried.rows === rows ? (trial.tried.failure?.problem?.errors ?? []) : [];
  const wrong = new Map(
    errors.flatMap((error) => {
      const named = ruleOf(error.field);
      return named ? [[named.at, `${named.field} ${error.message}`.trim()] as const] : [];
    }),
  );
  const mayAdd = rows && (
    <Button kind="primary" icon={Plus} onClick={add}>
      {words.addRule}
    </Button>
  );
  return (
    <Page title={t().frame.pages.authorization} about={words.about} actions={mayAdd}>
      {asked.failure && <Problem of={asked.failure} onRetry={asked.refresh} />}
      {where.data && <Notice tone="warn">{words.configured(cut(where.data))}</Notice>}
      {mine && inForce && !areSame(mine.base, inForce.rules) && <Notice tone="warn">{words.othersNotice}</Notice>}
      {!rows && !asked.failure && <Loading />}
      {rows && base && (
        <Tabs
          label={t().frame.pages.authorization}
          of={[
            {
              key: "rules",
              title: words.tabRules,
              view: () => (
                <>
                  <Card flush>
                    {rows.length === 0 ? (
                      <Empty icon={SlidersHorizontal} title={words.emptyTitle}>
                        <p>{words.emptyText}</p>
                        <Button onClick={add} icon={Plus}>
                          {words.addFirst}
                        </Button>
                      </Empty>
                    ) : (
                      <>
                        <RuleList
                          rows={rows}
                          kinds={kinds}
                          wrong={wrong}
                          onMove={(from, to) => change(moved(rows, from, to))}
                          onEdit={(at) =>
                            setForm({ title: words.editRule(at + 1), row: rows[at]!, place: at, isNew: false })
                          }
                          onDuplicate={(at) => change(rows.toSpliced(at + 1, 0, row(rows[at]!.rule, null)))}
                          onRemove={(at) => change(rows.toSpliced(at, 1))}
                        />
                        <p class="rule-last">
                          <strong>{words.last}</strong> {words.lastAbout}
                        </p>
                      </>
                    )}
                  </Card>
                  {mine && (
                    <Trial
                      tried={trial.tried}
                      isOld={trial.tried?.rows !== rows}
                      busy={trial.busy}
                      onTry={() => void trial.run(rows)}
                    />
                  )}
                </>
              ),
            },
            { key: "ask", title: words.tabAsk, view: () => <RuleAsk /> },
            {
              key: "json",
              title: words.tabJson,
              view: () => <Json key={String(mine === null)} rows={rows} onTake={(rules) => change(rowsOf(base, rules))} />,
            },
          ]}
        />
      )}
      {mine && (
        <div class="draft-bar" role="region" aria-label={words.draft}>
          <strong>{words.draft}</strong>
          <span class="quiet">{summed(changes)}</span>
          <div class="row row-end">
            <Button onClick={() => void askToDiscard(words.discardTitle, words.discard)}>{words.discard}</Button>
            {may("administrator") && !where.data && (
              <Button kind="primary" onClick={() => setSaving(true)}>
                {words.save}
              </Button>
            )}
          </div>
          {!may("administrator") && <span class="small quiet">{words.saveMayNot}</span>}
        </div>
      )}
      {form && rows && (
        <RuleForm
          title={form.title}
          rule={form.row.rule}
          place={form.place}
          places={rows.length + (form.isNew ? 1 : 0)}
          fieldError={(field) => errors.find((error) => error.field === `[${form.place}].${field}`)?.message}
          onClose={() => setForm(null)}
          onDone={async (rule, place) => {
            const others = form.isNew ? rows : rows.toSpliced(form.place, 1);
            const next = others.toSpliced(place, 0, { ...form.row, rule: plain(rule) });
            const failure = await trial.run(next);
            if (failure?.problem?.errors?.some((error) => ruleOf(error.field)?.at === place)) {
              throw failure;
            }
            change(next);
            setForm(null);
          }}
        />
      )}
      {saving && mine && (
        <Save
          rows={mine.rows}
          base={mine.base}
          tried={trial.tried?.rows === mine.rows ? trial.tried : null}
          onClose={() => setSaving(false)}
          onSaved={() => {
            draft.value = null;
            setSaving(false);
            toast(words.saved);
            asked.refresh();
          }}
        />
      )}
    </Page>
  );
}

function moved(rows: readonly Row[], from: number, to: number): Row[] {
  return rows.toSpliced(from, 1).toSpliced(to, 0, rows[from]!);
}

/** Where the configuration has rules, which decide then; null: nowhere. */
async function whereConfigured(signal: AbortSignal): Promise<string | null> {
  let cursor: string | undefined;
  do {
    const page = await call("GET /configuration", { query: { limit: 1_000, cursor }, signal });
    const found = page.items.find((one) => one.key.startsWith("authorization.rules.") && one.origin !== "default");
    if (found) {
      return found.where ?? t().access.authorization.configuredUnknown;
    }
    cursor = page.next ?? undefined;
  } while (cursor);
  return null;
}

function askToDiscard(title: string, verb: string): Promise<boolean> {
  const words = t().access.authorization;
  const mine = draft.peek();
  return confirm({
    title,
    text: <p>{words.discardText(mine ? summed(differences(mine.base, mine.rows)) : "")}</p>,
    verb,
    act: async () => {
      draft.value = null;
    },
  });
}

/** Asks what rows would change: by itself soon after they changed, and when somebody asks for it. */
function useTrial(rows: readonly Row[] | null) {
  const [tried, setTried] = useState<Tried | null>(null);
  const [busy, setBusy] = useState(false);
  const abort = useRef(new AbortController());
  const known = useRef<Tried | null>(null);

  async function run(of: readonly Row[]): Promise<Failure | null> {
    abort.current.abort();
    const mine = (abort.current = new AbortController());
    const began = performance.now();
    const keep = (result: Tried["result"], failure: Failure | null) => {
      known.current = { rows: of, result, failure, millis: performance.now() - began };
      setTried(known.current);
      setBusy(false);
      return failure;
    };
    setBusy(true);
    try {
      const body = of.map((one) => one.rule);
      return keep(await call("POST /authorization/rules/try", { body, signal: mine.signal }), null);
    } catch (error) {
      if (mine.signal.aborted) {
        return null; // others are tried by now
      }
      if (!(error instanceof Failure)) {
        throw error;
      }
      return keep(null, error);
    }
  }

  useEffect(() => {
    if (rows === null || known.current?.rows === rows || (known.current?.millis ?? 0) > QUICK_MILLIS) {
      return undefined;
    }
    const timer = setTimeout(() => void run(rows), TRY_AFTER_MILLIS);
    return () => clearTimeout(timer);
  }, [rows]);
  useEffect(() => () => abort.current.abort(), []);
  return { tried: rows === null ? null : tried, busy, run };
}

/** Shows what saving does, and does it. */
function Save({
  base,
  rows,
  tried,
  onClose,
  onSaved,
}: {
  base: readonly Rule[];
  rows: readonly Row[];
  tried: Tried | null;
  onClose(): void;
  onSaved(): void;
}) {
  const words = t().access.authorization;
  const theirs = useAsked((signal) => call("GET /authorization/rules", { signal }), []);
  const save = useAction(async () => {
    const now = await call("GET /authorization/rules");
    if (theirs.data && !areSame(now, theirs.data)) {
      theirs.refresh(); // changed while it was looked at: show that first
      return;
    }
    await call("PUT /authorization/rules", { body: rows.map((one) => one.rule) });
    onSaved();
  });
  const others = theirs.data && !areSame(theirs.data, base) ? theirs.data : null;
  const found = useMemo(
    () =>
      others
        ? differences(
            others,
            rowsOf(
              others,
              rows.map((one) => one.rule),
            ),
          )
        : differences(base, rows),
    [others, rows, base],
  );
  return (
    <Dialog title={words.saveTitle} wide onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void save.run();
        }}
      >
        {theirs.failure && <Problem of={theirs.failure} onRetry={theirs.refresh} />}
        {save.failure && <TrialFailure of={save.failure} />}
        {!theirs.data && !theirs.failure && <Loading />}
        {theirs.data && (
          <>
            {others && (
              <>
                <Notice tone="warn">
                  <p>{words.othersTitle}</p>
                  <Differences of={differences(base, rowsOf(base, others))} />
                  <p>{words.othersOverwrite}</p>
                </Notice>
              </>
            )}
            <h3>
              {words.differences(summed(found))}
            </h3>
            <Differences of={found} />
            {tried?.result && !others && (
              <div class="row">
                <span>{summary(tried.result)}</span>
                <Counted of={tried.result} after="deny" />
                <Counted of={tried.result} after="allow" />
              </div>
            )}
            <p class="quiet">{words.saveAbout}</p>
            <div class="form-actions">
              {others && (
                <Button
                  onClick={() => {
                    draft.value = null;
                    onClose();
                  }}
                >
                  {words.takeTheirs}
                </Button>
              )}
              <Button onClick={onClose}>{t().common.cancel}</Button>
              <Button kind={others ? "destroy" : "primary"} type="submit" busy={save.busy}>
                {others ? words.saveOver : words.saveVerb}
              </Button>
            </div>
          </>
        )}
      </form>
    </Dialog>
  );
}

/** The rules as text, to be carried elsewhere and back. */
function Json({ rows, onTake }: { rows: readonly Row[]; onTake(rules: readonly Rule[]): void }) {
  const words = t().access.authorization;
  const shown = written(rows.map((one) => one.rule));
  const [text, setText] = useState(shown);
  const [wrong, setWrong] = useState<string | undefined>(undefined);
  return (
    <Card>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          try {
            const rules = parsed(text);
            setWrong(undefined);
            setText(written(rules));
            onTake(rules);
            setQuery({ tab: "" });
          } catch (error) {
            setWrong(whyNot(error as NoRules));
          }
        }}
      >
        <TextField
          label={words.rules}
          value={text}
          onInput={setText}
          lines={16}
          hint={words.jsonAbout}
          error={wrong}
          mono
        />
        <div class="row">
          <Button kind="primary" type="submit" disabled={text === shown}>
            {words.jsonTake}
          </Button>
          <CopyButton text={text} />
        </div>
      </form>
    </Card>
  );
}

function whyNot(error: NoRules): string {
  const words = t().access.authorization;
  switch (error.kind) {
    case "json":
      return words.jsonWrong(error.why);
    case "list":
      return words.jsonNoList;
    case "rule":
      return error.key === undefined
        ? words.jsonRule(num(error.at + 1))
        : (error.known ? words.jsonType : words.jsonKey)(num(error.at + 1), cut(error.key));
  }
}
