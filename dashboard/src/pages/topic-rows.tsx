import type { ComponentChildren } from "preact";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { ChevronRight } from "lucide";
import { t } from "../text";
import { ago, bytes, num, rate } from "../text/format";
import { Icon, Name, useSeen, visible } from "../ui";
import type { Recorded } from "./topic-history";
import type { TopicNode, TopicTree } from "./topic-tree";

const ROW = 32;
const AROUND = 10;
/** Levels that are moved in; those below stand under each other. */
const INDENTED_MAX = 12;

/** A value in one line. */
export function ShortValue({ of }: { of: Pick<Recorded, "payload" | "encoding" | "length"> }) {
  if (of.length === 0) {
    return <span class="quiet">{t().common.emptyText}</span>;
  }
  if (of.encoding === "base64") {
    return <span class="quiet">{t().topics.binary(bytes(base64Bytes(of.payload, of.length)))}</span>;
  }
  return <bdi class="mono">{visible(of.payload.slice(0, 160))}</bdi>;
}

function base64Bytes(payload: string, length: number): number {
  const padding = payload.length < length ? 0 : (/=*$/.exec(payload.slice(-2))?.[0].length ?? 0);
  return (length / 4) * 3 - padding;
}

/**
 * The tree as rows, of which only those in sight are drawn. The focus stays on the whole; arrow keys go from row to row
 * and open and close levels, as in any tree.
 */
export function TopicRows({
  tree,
  search,
  chosen,
  onChoose,
  empty,
}: {
  tree: TopicTree;
  search: string;
  chosen: string;
  onChoose(topic: string): void;
  empty: ComponentChildren;
}) {
  const words = t().topics;
  const id = useId();
  const wrap = useRef<HTMLDivElement>(null);
  const { top, height } = useSeen(wrap);
  const [active, setActive] = useState<TopicNode | null>(null);
  const [, setTurn] = useState(0);
  const rows = useMemo(() => tree.rows(search), [tree, tree.shape, search]);
  const chosenNode = chosen ? tree.find(chosen) : null;
  useEffect(() => {
    if (chosenNode) {
      tree.reveal(chosenNode);
      setActive(chosenNode);
    }
  }, [chosenNode]);

  const toggle = (node: TopicNode, open: boolean) => {
    tree.toggle(node, open);
    setTurn((before) => before + 1);
  };
  const goTo = (index: number) => {
    const node = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (!node) {
      return;
    }
    setActive(node);
    const element = wrap.current!;
    const at = rows.indexOf(node) * ROW;
    const head = element.querySelector<HTMLElement>(".topic-head")?.offsetHeight ?? 0;
    if (at < element.scrollTop) {
      element.scrollTop = at;
    } else if (at + ROW + head > element.scrollTop + element.clientHeight) {
      element.scrollTop = at + ROW + head - element.clientHeight;
    }
  };
  /** A level without a message of its own is opened; there is nothing else to show of it. */
  const choose = (node: TopicNode) => {
    setActive(node);
    if (node.isTopic) {
      onChoose(node.topic());
    } else if (search === "") {
      toggle(node, !tree.isOpen(node));
    }
  };
  const here = active ? rows.indexOf(active) : -1;
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(height / ROW) - 2);
    const steps: Record<string, () => void> = {
      ArrowDown: () => goTo(here + 1),
      ArrowUp: () => goTo(here < 0 ? 0 : here - 1),
      PageDown: () => goTo(here + page),
      PageUp: () => goTo(here - page),
      Home: () => goTo(0),
      End: () => goTo(rows.length - 1),
      ArrowRight: () => {
        if (active && active.children.length > 0) {
          if (search === "" && !tree.isOpen(active)) {
            toggle(active, true);
          } else {
            goTo(here + 1);
          }
        }
      },
      ArrowLeft: () => {
        if (active && search === "" && tree.isOpen(active)) {
          toggle(active, false);
        } else if (active?.parent?.parent) {
          goTo(rows.indexOf(active.parent));
        }
      },
      Enter: () => active && choose(active),
      " ": () => active && choose(active),
    };
    const step = steps[event.key];
    if (step && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      step();
    }
  };

  const first = Math.max(0, Math.floor(top / ROW) - AROUND);
  const last = Math.min(rows.length, Math.ceil((top + height) / ROW) + AROUND);
  // What has the focus is drawn, wherever it is: a screen reader looks for it.
  const drawn = rows.slice(first, last);
  const activeDrawn = here >= first && here < last;
  const now = Date.now();
  return (
    <div
      class="topic-rows"
      ref={wrap}
      tabIndex={0}
      role="treegrid"
      aria-label={words.tree}
      aria-rowcount={rows.length + 1}
      aria-activedescendant={active && activeDrawn ? `${id}-${active.id}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div class="topic-row topic-head" role="row" aria-rowindex={1}>
        <span role="columnheader">{words.columns.topic}</span>
        <span role="columnheader">{words.columns.value}</span>
        <span role="columnheader" class="end">
          {words.columns.rate}
        </span>
        <span role="columnheader" class="end topic-more">
          {words.columns.messages}
        </span>
        <span role="columnheader" class="topic-more">
          {words.columns.updated}
        </span>
      </div>
      {rows.length === 0 ? (
        <div role="row">
          <div role="gridcell">{empty}</div>
        </div>
      ) : (
        <div class="topic-body" role="presentation" style={{ height: `${rows.length * ROW}px` }}>
          {drawn.map((node, index) => {
            const isOpen = search !== "" ? node.children.length > 0 : tree.isOpen(node);
            return (
              <div
                key={node.id}
                id={`${id}-${node.id}`}
                class={node === active ? "topic-row is-active" : "topic-row"}
                role="row"
                aria-level={node.depth + 1}
                aria-rowindex={first + index + 2}
                aria-expanded={node.children.length > 0 ? isOpen : undefined}
                aria-selected={node === chosenNode}
                style={{ top: `${(first + index) * ROW}px` }}
                onClick={() => choose(node)}
              >
                <span
                  role="gridcell"
                  class="topic-name"
                  style={{ paddingInlineStart: `${Math.min(node.depth, INDENTED_MAX)}rem` }}
                >
                  <span
                    class={node.children.length === 0 ? "topic-arrow" : isOpen ? "topic-arrow is-open" : "topic-arrow is-closed"}
                    aria-hidden="true"
                    onClick={(event) => {
                      if (node.children.length > 0 && search === "") {
                        event.stopPropagation();
                        setActive(node);
                        toggle(node, !isOpen);
                      }
                    }}
                  >
                    {node.children.length > 0 && <Icon of={ChevronRight} />}
                  </span>
                  <Name of={node.name} />
                </span>
                <span role="gridcell" class="topic-value">
                  {node.last ? (
                    <ShortValue of={node.last} />
                  ) : (
                    <span class="quiet num">{words.topicsBelow(node.topics, num(node.topics))}</span>
                  )}
                </span>
                <span role="gridcell" class="end num">
                  {node.rate > 0 ? rate(node.rate) : <span class="quiet">–</span>}
                </span>
                <span role="gridcell" class="end num topic-more">
                  {num(node.messages)}
                </span>
                <span role="gridcell" class="quiet num topic-more">
                  {node.at > 0 ? ago(node.at, now) : words.retained}
                </span>
              </div>
            );
          })}
        </div>
      )}
    </div>
  );
}
