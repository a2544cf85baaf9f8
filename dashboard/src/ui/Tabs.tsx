import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { query, setQuery } from "../route";

/** Views of one thing, of which the address (`?tab=`) knows the one that is open. Arrow keys go from one to the next. */
export function Tabs({
  of,
  label,
}: {
  of: readonly { key: string; title: ComponentChildren; view(): ComponentChildren }[];
  label: string;
}) {
  const id = useId();
  const open = of.find((tab) => tab.key === query("tab")) ?? of[0]!;
  const show = (key: string) => setQuery({ tab: key === of[0]!.key ? "" : key });
  const list = useRef<HTMLDivElement>(null);
  // Where there is no room for all of them, the one that is open is in sight.
  useEffect(() => {
    const tab = document.getElementById(`${id}-${open.key}`);
    if (tab && list.current) {
      list.current.scrollLeft = tab.offsetLeft - (list.current.clientWidth - tab.offsetWidth) / 2;
    }
  }, [open.key]);
  return (
    <div class="stack">
      <div
        class="tabs"
        ref={list}
        role="tablist"
        aria-label={label}
        onKeyDown={(event) => {
          const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
          if (step !== 0) {
            const next = of[(of.indexOf(open) + step + of.length) % of.length]!;
            show(next.key);
            document.getElementById(`${id}-${next.key}`)?.focus();
          }
        }}
      >
        {of.map((tab) => (
          <button
            type="button"
            class="tab"
            role="tab"
            id={`${id}-${tab.key}`}
            aria-selected={tab === open}
            aria-controls={`${id}-view`}
            tabIndex={tab === open ? 0 : -1}
            onClick={() => show(tab.key)}
          >
            {tab.title}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-view`} aria-labelledby={`${id}-${open.key}`} key={open.key} class="stack">
        {open.view()}
      </div>
    </div>
  );
}
