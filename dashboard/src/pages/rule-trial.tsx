import type { Failure } from "../api/call";
import type { RulesTried, RulesTriedAccessChange } from "../api/types";
import { at } from "../route";
import { t } from "../text";
import { num } from "../text/format";
import { A, Badge, Button, Card, type Column, Name, Notice, Problem, Table, type Tone } from "../ui";
import { ruleOf, type Row } from "./rules";

/** What came of trying rows. */
export type Tried = {
  rows: readonly Row[];
  result: RulesTried | null;
  failure: Failure | null;
  millis: number;
};

const TONES: Record<string, Tone> = { allow: "good", deny: "bad", part: "warn" };

/** Whom the draft would cut off, and whom it would let in. */
export function Trial({
  tried,
  isOld,
  busy,
  onTry,
}: {
  tried: Tried | null;
  isOld: boolean;
  busy: boolean;
  onTry(): void;
}) {
  const words = t().access.authorization;
  const result = tried?.result;
  return (
    <Card
      flush
      title={words.tryTitle}
      actions={
        <Button small onClick={onTry} busy={busy}>
          {busy ? words.trying : words.try}
        </Button>
      }
    >
      {!tried && (
        <div class="card-body is-under-line">
          <p class="quiet">{words.tryAbout}</p>
        </div>
      )}
      {tried && (
        <div class="card-body stack-s is-under-line">
          {isOld && !busy && <Notice tone="warn">{words.tryOld}</Notice>}
          {tried.failure && <TrialFailure of={tried.failure} />}
          {result && <p>{summary(result)}</p>}
          {result && result.changes.length > 0 && (
            <div class="row">
              <Counted of={result} after="deny" />
              <Counted of={result} after="allow" />
            </div>
          )}
          {result?.truncated && <p class="quiet">{words.tryTruncated}</p>}
        </div>
      )}
      {result && result.changes.length > 0 && (
        <Table
          label={words.tryTitle}
          columns={columns()}
          rows={result.changes}
          rowKey={(one) => `${one.action} ${one.clientId} ${one.topic} ${one.ruleBefore} ${one.rule} ${one.before}`}
        />
      )}
    </Card>
  );
}

/** What is wrong with the draft, naming the rules by their numbers. */
export function TrialFailure({ of }: { of: Failure }) {
  const words = t().access.authorization;
  const errors = of.problem?.errors ?? [];
  if (of.status !== 400 || errors.length === 0) {
    return <Problem of={of} />;
  }
  return (
    <Notice tone="bad">
      {words.tryRefused}
      {errors.slice(0, 20).map((error) => {
        const rule = ruleOf(error.field);
        return (
          <div class="small">
            {rule ? words.ruleNumber(num(rule.at + 1)) : ""} <span class="mono">{rule?.field ?? error.field}</span>{" "}
            {error.message}
          </div>
        );
      })}
    </Notice>
  );
}

/** What came of it, in a sentence. */
export function summary(result: RulesTried): string {
  const words = t().access.authorization;
  const { checkedSubscriptions, checkedPublishes, changes } = result;
  if (changes.length > 0) {
    return words.trySome(changes.length, num(changes.length), num(checkedSubscriptions), num(checkedPublishes));
  }
  return checkedSubscriptions + checkedPublishes === 0
    ? words.tryNoTraffic
    : words.tryNone(num(checkedSubscriptions), num(checkedPublishes));
}

export function Counted({ of, after }: { of: RulesTried; after: "allow" | "deny" }) {
  const words = t().access.authorization;
  const count = of.changes.filter((one) => one.after === after).length;
  if (count === 0) {
    return null;
  }
  return (
    <Badge tone={after === "deny" ? "bad" : "good"}>
      {after === "deny" ? words.tryCutOff(count, num(count)) : words.tryLetIn(count, num(count))}
    </Badge>
  );
}

function Verdict({ of }: { of: string }) {
  const words = t().access.authorization;
  return (
    <span title={of === "part" ? words.partAbout : undefined}>
      <Badge tone={TONES[of]}>{words.verdicts[of] ?? of}</Badge>
    </span>
  );
}

function columns(): Column<RulesTriedAccessChange>[] {
  const words = t().access.authorization;
  const by = (rule: number | null | undefined) =>
    rule === null || rule === undefined ? words.byNone : words.byRule(num(rule + 1));
  return [
    {
      key: "client",
      title: t().common.clientId,
      cell: (one) => (
        <A href={at("/clients/:clientId", { clientId: one.clientId })}>
          <Name of={one.clientId} />
        </A>
      ),
    },
    { key: "user", title: t().common.username, wide: true, width: "12%", cell: (one) => <Name of={one.username} /> },
    { key: "does", title: words.does, wide: true, width: "7.5rem", cell: (one) => words.doing[one.action] ?? one.action },
    { key: "topic", title: t().common.topic, cell: (one) => <Name of={one.topic} mono /> },
    { key: "now", title: words.now, wide: true, width: "7.5rem", cell: (one) => <Verdict of={one.before} /> },
    { key: "then", title: words.then, width: "8rem", cell: (one) => <Verdict of={one.after} /> },
    {
      key: "by",
      title: words.decidedBy,
      wide: true,
      width: "11rem",
      cell: (one) => (
        <span class="quiet num">
          {by(one.ruleBefore)} → {by(one.rule)}
        </span>
      ),
    },
  ];
}
