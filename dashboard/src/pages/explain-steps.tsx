import { ArrowRight, CircleCheck, CircleDot, CircleMinus, CircleX, Clock } from "lucide";
import { t } from "../text";
import { millis } from "../text/format";
import { Badge, Icon, type Tone, visible } from "../ui";
import "./explain.css";

type Step = { step: string; outcome: string; detail: string; afterMicroseconds?: number };

const TONES: Record<string, Tone> = {
  allowed: "good",
  delivered: "good",
  sent: "good",
  acknowledged: "good",
  queued: "warn",
  "no-subscriber": "warn",
  skipped: "warn",
  denied: "bad",
  dropped: "bad",
  refused: "bad",
};

export function tone(outcome: string): Tone | undefined {
  return TONES[outcome];
}

/** An outcome in words; one that this page does not know yet as the node says it. */
export function outcome(of: string): string {
  const words: Record<string, string> = t().diagnostics.outcomes;
  return words[of] ?? of;
}

export function Outcome({ of }: { of: string }) {
  return <Badge tone={tone(of)}>{outcome(of)}</Badge>;
}

function icon(of: Step) {
  switch (tone(of.outcome)) {
    case "good":
      return CircleCheck;
    case "bad":
      return CircleX;
    case "warn":
      return of.outcome === "queued" ? Clock : CircleMinus;
    default:
      return of.outcome === "rewritten" ? ArrowRight : CircleDot;
  }
}

/** What happened, or would, one after the other. The details are as the node tells them. */
export function Steps({ of }: { of: readonly Step[] }) {
  const words = t().diagnostics;
  const names: Record<string, string> = words.steps;
  return (
    <ol class="steps">
      {of.map((step, index) => (
        <li class={`step step-${tone(step.outcome) ?? "none"}`} key={index}>
          <Icon of={icon(step)} />
          <div>
            <div class="step-head">
              <strong>{names[step.step] ?? step.step}</strong>
              <span>{outcome(step.outcome)}</span>
              {step.afterMicroseconds !== undefined && (
                <span class="quiet small num row-end">{words.after(millis(step.afterMicroseconds / 1_000))}</span>
              )}
            </div>
            <p class="quiet" lang="en">
              <bdi>{visible(step.detail.length > 1_000 ? `${step.detail.slice(0, 1_000)}…` : step.detail)}</bdi>
            </p>
          </div>
        </li>
      ))}
    </ol>
  );
}
