import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { X } from "lucide";
import type { Failure } from "../api/call";
import { t } from "../text";
import { Button } from "./Button";
import { Problem } from "./States";

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

type Question = {
  title: string;
  /** What will be gone. */
  text: ComponentChildren;
  /** The verb that does it. */
  verb: string;
  act(): Promise<void>;
  done(): void;
};

const question = signal<Question | null>(null);

/**
 * Asks before something is destroyed, does it, and says in the dialog why it could not be done.
 *
 * @returns whether it was done
 */
export function confirm(ask: Omit<Question, "done">): Promise<boolean> {
  return new Promise((resolve) => {
    let done = false;
    question.value = {
      ...ask,
      act: async () => {
        await ask.act();
        done = true;
      },
      done: () => {
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
    <Dialog title={ask.title} onClose={ask.done}>
      <form
        class="form"
        onSubmit={async (event) => {
          event.preventDefault();
          setBusy(true);
          try {
            await ask.act();
            ask.done();
          } catch (error) {
            setFailure(error as Failure);
            setBusy(false);
          }
        }}
      >
        <div>{ask.text}</div>
        {failure && <Problem of={failure} />}
        <div class="form-actions">
          <Button onClick={ask.done}>{t().common.cancel}</Button>
          <Button kind="destroy" type="submit" busy={busy}>
            {ask.verb}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
