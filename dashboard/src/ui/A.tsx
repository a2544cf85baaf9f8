import type { ComponentChildren } from "preact";
import { go } from "../route";

/** A link to a page of the dashboard: no reload, unless the browser is asked for a new tab. */
export function A({
  href,
  class: name,
  label,
  current,
  onClick,
  children,
}: {
  href: string;
  class?: string | undefined;
  label?: string | undefined;
  /** It leads to where one is. */
  current?: boolean;
  onClick?(): void;
  children: ComponentChildren;
}) {
  return (
    <a
      href={href}
      class={name}
      aria-label={label}
      title={label}
      aria-current={current ? "page" : undefined}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) {
          return;
        }
        event.preventDefault();
        onClick?.();
        go(href);
      }}
    >
      {children}
    </a>
  );
}
