import type { IconNode } from "lucide";
import type { ComponentChildren } from "preact";
import { CircleCheck, CircleAlert, Inbox, Info, TriangleAlert } from "lucide";
import type { Failure } from "../api/call";
import { t } from "../text";
import { Button } from "./Button";
import { Icon } from "./Icon";

export function Loading() {
  return (
    <p class="loading" role="status">
      {t().common.loading}
    </p>
  );
}

/** There is nothing, and what to do about it. */
export function Empty({ icon, title, children }: { icon?: IconNode; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon of={icon ?? Inbox} />
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

export function Notice({
  tone,
  actions,
  children,
}: {
  tone?: "good" | "warn" | "bad";
  actions?: ComponentChildren;
  children: ComponentChildren;
}) {
  const icon = tone === "bad" ? CircleAlert : tone === "warn" ? TriangleAlert : tone === "good" ? CircleCheck : Info;
  return (
    <div class={tone ? `notice notice-${tone}` : "notice"} role={tone === "bad" ? "alert" : undefined}>
      <Icon of={icon} />
      <div>{children}</div>
      {actions}
    </div>
  );
}

/** Why something was not done or is not shown, in words, and a way to try again. */
export function Problem({ of, onRetry }: { of: Failure; onRetry?: () => void }) {
  const retry = onRetry && (
    <Button small onClick={onRetry}>
      {t().common.retry}
    </Button>
  );
  const sentence = said(of);
  // Of one field, the sentence says it already.
  const errors = of.problem?.errors?.filter((error) => !sentence.includes(error.message));
  return (
    <Notice tone="bad" actions={retry}>
      {sentence}
      {errors?.map((error) => (
        <div class="small">
          <span class="mono">{error.field}</span> {error.message}
        </div>
      ))}
    </Notice>
  );
}

/** What stands in a card, to its edges, where there is no answer: that it is being asked for, or why there is none. */
export function Unanswered({ of, known }: { of: { failure: Failure | null; refresh(): void }; known: boolean }) {
  if (of.failure) {
    return (
      <div class="card-body">
        <Problem of={of.failure} onRetry={of.refresh} />
      </div>
    );
  }
  return known ? null : <Loading />;
}

/** A failure in a sentence. What the node said stands as it is: it names what was wrong. */
export function said(failure: Failure): string {
  const words = t().common;
  switch (failure.status) {
    case 0:
      return words.noAnswer;
    case 401:
      return words.signedOut;
    case 403:
      return words.forbidden(failure.message);
    case 429:
      return words.tooMany(failure.retryAfterSeconds ?? 1);
    default:
      return failure.message;
  }
}
