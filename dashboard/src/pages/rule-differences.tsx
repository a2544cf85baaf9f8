import { t } from "../text";
import { num } from "../text/format";
import { Badge, type Tone } from "../ui";
import { RuleWords } from "./rule-words";
import type { Difference } from "./rules";

const TONES: Record<Difference["kind"], Tone> = { added: "good", removed: "bad", changed: "accent", moved: "accent" };
const SHOWN_MAX = 200;

/** How many of each kind, as one line. */
export function summed(of: readonly Difference[]): string {
  const words = t().access.authorization;
  const count = (kind: Difference["kind"]) => of.filter((one) => one.kind === kind).length;
  const parts = [
    count("added") > 0 && words.draftAdded(count("added")),
    count("changed") > 0 && words.draftChanged(count("changed")),
    count("removed") > 0 && words.draftRemoved(count("removed")),
    count("moved") > 0 && words.draftMoved(count("moved")),
  ].filter(Boolean);
  return parts.length === 0 ? words.draftSame : parts.join(", ");
}

/** What changes between two lists of rules, rule by rule. */
export function Differences({ of }: { of: readonly Difference[] }) {
  const words = t().access.authorization;
  if (of.length === 0) {
    return <p class="quiet">{words.draftSame}</p>;
  }
  return (
    <ul class="stack-s">
      {of.slice(0, SHOWN_MAX).map((one) => (
        <li class="rule-difference">
          <span>
            <Badge tone={TONES[one.kind]}>{words.kinds[one.kind]}</Badge>
          </span>
          <div class="stack-s">
            <span class="small quiet num">
              {one.kind === "moved"
                ? words.movedFrom(num(one.from + 1), num(one.at + 1))
                : words.ruleNumber(num((one.kind === "removed" ? one.from : one.at) + 1))}
            </span>
            {one.kind === "changed" && (
              <del>
                <RuleWords rule={one.before} />
              </del>
            )}
            <RuleWords rule={one.rule} />
          </div>
        </li>
      ))}
      {of.length > SHOWN_MAX && <li class="quiet num">{words.showMore(num(of.length - SHOWN_MAX))}</li>}
    </ul>
  );
}
