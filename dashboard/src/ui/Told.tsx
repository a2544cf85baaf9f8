import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Check, Copy } from "lucide";
import { t } from "../text";
import { ago, dateTime, timeExact } from "../text/format";
import { Button } from "./Button";

/** What is shown of a name; the rest would cost more to lay out than anybody reads. */
const NAME_MAX = 256;

/**
 * Somebody else's text: a client id, a topic, a user name. It may hold anything: markup, which is text here, another
 * direction of writing, which stays inside, and control characters, which are made visible.
 */
export function Name({ of, mono }: { of: string | null | undefined; mono?: boolean }) {
  if (of === null || of === undefined) {
    return <span class="quiet">–</span>;
  }
  const shown = visible(of.length > NAME_MAX ? `${of.slice(0, NAME_MAX)}…` : of);
  return (
    <bdi class={mono ? "mono" : undefined} title={shown === of ? undefined : visible(of.slice(0, 4 * NAME_MAX))}>
      {shown === "" ? <span class="quiet">{t().common.emptyText}</span> : shown}
    </bdi>
  );
}

/** Control characters and those that change the direction, as symbols. */
export function visible(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
  });
}

/** A name cut to what fits into a sentence, such as the question of a dialog. */
export function cut(text: string, most = 80): string {
  return visible(text.length > most ? `${text.slice(0, most)}…` : text);
}

/** A time in the reader's own way of writing it. */
export function Time({ of, exact }: { of: string | null | undefined; exact?: boolean }) {
  if (!of) {
    return <span class="quiet">–</span>;
  }
  return (
    <time dateTime={of} class="num" title={exact ? dateTime(of) : undefined}>
      {exact ? timeExact(of) : dateTime(of)}
    </time>
  );
}

const tick = signal(0);
let watchers = 0;
let clock: ReturnType<typeof setInterval> | undefined;

/** Draws again each ten seconds, all who do at once. */
function useTick(): void {
  void tick.value;
  useEffect(() => {
    if (watchers++ === 0) {
      clock = setInterval(() => tick.value++, 10_000);
    }
    return () => {
      if (--watchers === 0) {
        clearInterval(clock);
      }
    };
  }, []);
}

/** How long ago, kept right while it is looked at. */
export function Ago({ of }: { of: string | null | undefined }) {
  useTick();
  if (!of) {
    return <span class="quiet">–</span>;
  }
  return (
    <time dateTime={of} title={dateTime(of)} class="num">
      {ago(of, Date.now())}
    </time>
  );
}

export type Tone = "good" | "warn" | "bad" | "accent";

export function Badge({ tone, children }: { tone?: Tone | undefined; children: ComponentChildren }) {
  return <span class={tone ? `badge badge-${tone}` : "badge"}>{children}</span>;
}

/** A state by colour and by word. */
export function State({ tone, children }: { tone?: Tone | undefined; children: ComponentChildren }) {
  return (
    <span class="row" style={{ flexWrap: "nowrap" }}>
      <span class={tone ? `dot dot-${tone}` : "dot"} aria-hidden="true" />
      {children}
    </span>
  );
}

/** A line for a terminal, with a button that copies it. */
export function Command({ line }: { line: string }) {
  return (
    <div class="command">
      <code tabIndex={0}>{line}</code>
      <CopyButton text={line} />
    </div>
  );
}

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) {
      return undefined;
    }
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  // There is no clipboard where the page came over plain HTTP from another machine.
  if (!navigator.clipboard) {
    return null;
  }
  return (
    <Button
      kind="plain"
      small
      icon={copied ? Check : Copy}
      label={copied ? t().common.copied : (label ?? t().common.copy)}
      onClick={() => {
        navigator.clipboard.writeText(text).then(
          () => setCopied(true),
          () => setCopied(false), // the browser asks its user, who may say no
        );
      }}
    />
  );
}
