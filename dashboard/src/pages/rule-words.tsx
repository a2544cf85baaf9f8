import type { Rule } from "../api/types";
import { t } from "../text";
import { Badge, Name } from "../ui";

/** A rule as a sentence. */
export function RuleWords({ rule }: { rule: Rule }) {
  const words = t().access.authorization;
  const who = [
    rule.username !== null &&
      rule.username !== undefined &&
      (rule.username === "" ? words.forNoUser : <>{words.forUser} <Name of={rule.username} mono /></>),
    rule.clientId && <>{words.forClient} <Name of={rule.clientId} mono /></>,
    rule.group && <>{words.forGroup} <Name of={rule.group} mono /></>,
    rule.certificate && <>{words.forCertificate} <Name of={rule.certificate} mono /></>,
    rule.address && <>{words.forAddress} <Name of={rule.address} mono /></>,
  ].filter(Boolean);
  const which = [
    rule.maxQos !== null && rule.maxQos !== undefined && rule.maxQos < 2 && words.qosMost(rule.maxQos),
    rule.retain === true && words.retainOnly,
    rule.retain === false && words.retainNever,
  ].filter(Boolean);
  return (
    <span class="rule-words">
      <Badge tone={rule.effect === "allow" ? "good" : "bad"}>{words.effects[rule.effect ?? ""] ?? "–"}</Badge>{" "}
      <span>{words.says[rule.action ?? "all"]}</span> <strong><Name of={rule.filter} mono /></strong>{" "}
      <span class="quiet">
        {who.length === 0 ? words.forAll : who.map((one, index) => <>{index > 0 ? " · " : `${words.for} `}{one}</>)}
        {which.map((one) => <>{" · "}{one}</>)}
      </span>
    </span>
  );
}
