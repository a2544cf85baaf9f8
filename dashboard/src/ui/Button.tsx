import type { IconNode } from "lucide";
import type { ComponentChildren } from "preact";
import { Icon } from "./Icon";
import { A } from "./A";

type Props = {
  children?: ComponentChildren;
  icon?: IconNode;
  /** What a button with an icon alone says. */
  label?: string;
  /** `link`: the text alone, as of a link; for what opens something on this page. */
  kind?: "plain" | "primary" | "danger" | "destroy" | "link";
  small?: boolean;
  disabled?: boolean;
  /** Something is under way: the button waits, and its text stays. */
  busy?: boolean;
  type?: "button" | "submit";
  /** Makes it a link. */
  href?: string;
  pressed?: boolean;
  onClick?(event: MouseEvent): void;
};

export function Button({ children, icon, label, kind, small, disabled, busy, type, href, pressed, onClick }: Props) {
  const names = ["button", kind && `button-${kind}`, small && "button-small", !children && "button-icon"];
  const inside = (
    <>
      {icon && <Icon of={icon} />}
      {children}
    </>
  );
  if (href !== undefined) {
    return (
      <A href={href} class={names.filter(Boolean).join(" ")} label={label}>
        {inside}
      </A>
    );
  }
  return (
    <button
      type={type ?? "button"}
      class={names.filter(Boolean).join(" ")}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      aria-busy={busy}
      disabled={disabled || busy}
      onClick={onClick}
    >
      {inside}
    </button>
  );
}
