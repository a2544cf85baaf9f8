import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Failure } from "../api/call";
import type { ConfigurationChange, ConfigurationResult } from "../api/types";
import { useAction } from "../api/use";
import { t } from "../text";
import { Badge, Dialog, FormActions, Loading, Notice, Problem, toast, type Tone } from "../ui";
import "./configuration.css";

const EFFECTS: Record<string, Tone> = { now: "good", connect: "accent", listener: "warn", restart: "warn" };

/** When a change holds; in colour where one is about to be made. */
export function Effect({ of, calm }: { of: string; calm?: boolean }) {
  const words: Record<string, string> = t().system.effects;
  return <Badge tone={calm ? undefined : EFFECTS[of]}>{words[of] ?? of}</Badge>;
}

/** A sentence of the reference, in which words of the configuration stand between backticks. */
export function Meaning({ of }: { of: string }) {
  return <>{of.split("`").map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}</>;
}

/** Keys before and after, with what is wrong with them. */
export function Changes({ of, failure }: { of: readonly ConfigurationChange[]; failure?: Failure | null }) {
  const words = t().system;
  return (
    <ul class="changes">
      {of.map((change) => (
        <li class="change" key={change.key}>
          <strong class="mono">{change.key}</strong>
          {change.effect && <Effect of={change.effect} />}
          <div class="change-sides mono" tabIndex={0}>
            <Side of={change.before} kind="before" label={words.before} />
            <span aria-hidden="true">→</span>
            <Side of={change.after} kind="after" label={words.after} />
          </div>
          {failure?.at(change.key) && <span class="field-error">{failure.at(change.key)}</span>}
        </li>
      ))}
    </ul>
  );
}

function Side({ of, kind, label }: { of: string | null | undefined; kind: "before" | "after"; label: string }) {
  return (
    <span class={`change-${kind}`}>
      <span class="hidden-text">{label}</span>
      {of ?? <span class="quiet">{t().system.noValue}</span>}
    </span>
  );
}

/**
 * Shows what a change would come to before it is made: first it is only tried. What is wrong stands at its key.
 */
export function Plan({
  title,
  about,
  verb,
  wanted,
  make,
  onClose,
  onDone,
}: {
  title: string;
  about?: ComponentChildren;
  verb: string;
  /** What is asked for, to be shown where the node refuses it. */
  wanted?: readonly ConfigurationChange[];
  make(dryRun: boolean): Promise<ConfigurationResult>;
  onClose(): void;
  onDone(): void;
}) {
  const words = t().system;
  const [plan, setPlan] = useState<ConfigurationResult | null>(null);
  const look = useAction(async () => setPlan(await make(true)));
  const apply = useAction(async () => {
    const made = await make(false);
    toast(made.restart.length === 0 ? words.applied : words.appliedRestart(made.restart.length));
  });
  useEffect(() => {
    void look.run();
  }, []);
  const failure = apply.failure ?? look.failure;
  return (
    <Dialog title={title} wide onClose={onClose}>
      <form
        class="form"
        onSubmit={async (event) => {
          event.preventDefault();
          if (await apply.run()) {
            onDone();
          }
        }}
      >
        {about && <div>{about}</div>}
        {failure && <Problem of={failure} />}
        {!plan && !failure && <Loading />}
        {!plan && failure && wanted && <Changes of={wanted} failure={failure} />}
        {plan &&
          (plan.changes.length === 0 ? (
            <p class="quiet">{words.noChange}</p>
          ) : (
            <>
              <Changes of={plan.changes} failure={failure} />
              {plan.restart.length > 0 && <Notice tone="warn">{words.needsRestart(plan.restart.length)}</Notice>}
            </>
          ))}
        <FormActions onCancel={onClose} verb={verb} busy={apply.busy} disabled={!plan || plan.changes.length === 0} />
      </form>
    </Dialog>
  );
}
