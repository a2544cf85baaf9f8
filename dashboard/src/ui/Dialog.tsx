import { signal } from "@preact/signals";
import type { IconNode } from "lucide";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { X } from "lucide";
import type { Failure } from "../api/call";
import { t } from "../text";
import { Button } from "./Button";
import { Problem } from "./States";
import { toast } from "./Toast";

/** What lies above the page until it is answered. The browser's own: it keeps the focus inside, and Escape closes it. */
export function Dialog({
  title,
  onClose,
  wide,
  children,
}: {
  title: string;
  onClose(): void;
  wide?: boolean;
  children: ComponentChildren;
}) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = element.current!;
    dialog.showModal();
    dialog.querySelector<HTMLElement>("[autofocus], .dialog-body input, .dialog-body select, .dialog-body textarea")?.focus();
    return () => dialog.close();
  }, []);
  return (
    <dialog
      ref={element}
      class={wide ? "dialog dialog-wide" : "dialog"}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div class="dialog-head">
        <h2 id={id}>{title}</h2>
        <Button kind="plain" icon={X} label={t().common.close} onClick={onClose} />
      </div>
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}

/** The end of a form in a dialog: the way back, and the verb that sends it. */
export function FormActions({
  onCancel,
  verb,
  kind,
  icon,
  busy,
  disabled,
}: {
  onCancel(): void;
  verb: string;
  kind?: "primary" | "destroy";
  icon?: IconNode;
  busy?: boolean;
  disabled?: boolean;
}) {
  return (
    <div class="form-actions">
      <Button onClick={onCancel}>{t().common.cancel}</Button>
      <Button kind={kind ?? "primary"} type="submit" icon={icon} busy={busy} disabled={disabled}>
        {verb}
      </Button>
    </div>
  );
}

type Question = {
  title: string;
  /** What will be gone. */
  text: ComponentChildren;
  /** The verb that does it. */
  verb: string;
  /** What is said once it is done. */
  done?: string;
  act(): Promise<unknown>;
  close(): void;
};

const question = signal<Question | null>(null);

/**
 * Asks before something is destroyed, does it, and says in the dialog why it could not be done.
 *
 * @returns whether it was done
 */
export function confirm(ask: Omit<Question, "close">): Promise<boolean> {
  return new Promise((resolve) => {
    let done = false;
    question.value = {
      ...ask,
      act: async () => {
        await ask.act();
        done = true;
        if (ask.done !== undefined) {
          toast(ask.done);
        }
      },
      close: () => {
        question.value = null;
        resolve(done);
      },
    };
  });
}

/** Where `confirm` asks. Once, in the frame. */
export function Questions() {
  const ask = question.value;
  return ask ? <Asked key={ask.title} ask={ask} /> : null;
}

function Asked({ ask }: { ask: Question }) {
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  return (
    <Dialog title={ask.title} onClose={ask.close}>
      <form
        class="form"
        onSubmit={async (event) => {
          event.preventDefault();
          setBusy(true);
          try {
            await ask.act();
            ask.close();
          } catch (error) {
            setFailure(error as Failure);
            setBusy(false);
          }
        }}
      >
        <div>{ask.text}</div>
        {failure && <Problem of={failure} />}
        <FormActions onCancel={ask.close} verb={ask.verb} kind="destroy" busy={busy} />
      </form>
    </Dialog>
  );
}
