import type { IconNode } from "lucide";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Check } from "lucide";
import { Button } from "./Button";
import { Icon } from "./Icon";

/** A button that opens a list; Escape, a click elsewhere and a choice close it. */
export function Menu({
  icon,
  label,
  text,
  children,
}: {
  icon: IconNode;
  label: string;
  text?: ComponentChildren;
  children(close: () => void): ComponentChildren;
}) {
  const [open, setOpen] = useState(false);
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) {
      return undefined;
    }
    const elsewhere = (event: Event) => {
      if (!element.current?.contains(event.target as Node)) {
        setOpen(false);
      }
    };
    document.addEventListener("pointerdown", elsewhere);
    document.addEventListener("focusin", elsewhere);
    element.current?.querySelector<HTMLElement>(".menu-list .menu-item")?.focus();
    return () => {
      document.removeEventListener("pointerdown", elsewhere);
      document.removeEventListener("focusin", elsewhere);
    };
  }, [open]);
  return (
    <div
      class="menu"
      ref={element}
      onKeyDown={(event) => {
        if (event.key === "Escape" && open) {
          setOpen(false);
          element.current?.querySelector("button")?.focus();
        } else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
          event.preventDefault();
          const items = [...element.current!.querySelectorAll<HTMLElement>(".menu-list .menu-item")];
          const here = items.indexOf(document.activeElement as HTMLElement);
          items[(here + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length]?.focus();
        }
      }}
    >
      <Button kind="plain" icon={icon} label={label} pressed={open} onClick={() => setOpen(!open)}>
        {text}
      </Button>
      {open && <div class="menu-list">{children(() => setOpen(false))}</div>}
    </div>
  );
}

export function MenuItem({
  icon,
  chosen,
  onClick,
  children,
}: {
  icon?: IconNode;
  chosen?: boolean;
  onClick(): void;
  children: ComponentChildren;
}) {
  return (
    <button type="button" class="menu-item" aria-pressed={chosen} onClick={onClick}>
      {icon && <Icon of={icon} />}
      {children}
      {chosen && (
        <span class="row-end">
          <Icon of={Check} />
        </span>
      )}
    </button>
  );
}
