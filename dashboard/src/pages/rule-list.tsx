import { useEffect, useRef, useState } from "preact/hooks";
import { ArrowDown, ArrowUp, Copy, Ellipsis, GripVertical, Pencil, Trash2 } from "lucide";
import { query, setQuery } from "../route";
import { t } from "../text";
import { num } from "../text/format";
import { Badge, Button, Empty, Icon, Menu, MenuItem, SearchField } from "../ui";
import { RuleWords } from "./rule-words";
import type { Difference, Row } from "./rules";

/** As many rules are drawn at once; more are asked for. There may be 10,000. */
const DRAWN = 200;
const SEARCH_FROM = 12;

/** The rules in their order. Each can be moved by its buttons, or be dragged. */
export function RuleList({
  rows,
  kinds,
  wrong,
  onMove,
  onEdit,
  onDuplicate,
  onRemove,
}: {
  rows: readonly Row[];
  /** What became of a row, by its id. */
  kinds: ReadonlyMap<number, Difference["kind"]>;
  /** What the API says is wrong with a row, by its place. */
  wrong: ReadonlyMap<number, string>;
  onMove(from: number, to: number): void;
  onEdit(at: number): void;
  onDuplicate(at: number): void;
  onRemove(at: number): void;
}) {
  const words = t().access.authorization;
  const [drawn, setDrawn] = useState(DRAWN);
  const [over, setOver] = useState<number | null>(null);
  const [told, setTold] = useState("");
  const list = useRef<HTMLOListElement>(null);
  const dragged = useRef<number | null>(null);
  const focus = useRef<{ id: number; button: "up" | "down" } | null>(null);

  // What moves in the document loses the focus, which the next press of the key needs.
  useEffect(() => {
    const wanted = focus.current;
    focus.current = null;
    if (wanted) {
      const row = list.current?.querySelector(`[data-rule="${wanted.id}"]`);
      const button = row?.querySelector<HTMLButtonElement>(`.rule-${wanted.button} button:not(:disabled)`);
      (button ?? row?.querySelector<HTMLButtonElement>(".rule-move button:not(:disabled)"))?.focus();
    }
  }, [rows]);

  const wanted = query("search").toLowerCase();
  const shown = rows
    .map((row, at) => ({ row, at }))
    .filter(({ row }) => wanted === "" || JSON.stringify(row.rule).toLowerCase().includes(wanted));
  const move = (at: number, button: "up" | "down") => {
    const to = at + (button === "up" ? -1 : 1);
    focus.current = { id: rows[at]!.id, button };
    setTold(words.movedFrom(num(at + 1), num(to + 1)));
    onMove(at, to);
  };
  return (
    <>
      {(rows.length >= SEARCH_FROM || wanted !== "") && (
        <div class="card-body">
          <SearchField
            label={words.search}
            value={query("search")}
            onSearch={(search) => {
              setDrawn(DRAWN);
              setQuery({ search });
            }}
          />
        </div>
      )}
      <p class="hidden-text" role="status">
        {told}
      </p>
      {shown.length === 0 && <Empty title={words.searchNone} />}
      <ol ref={list} style={{ "--digits": `${Math.max(3, num(rows.length).length + 1)}ch` }}>
        {shown.slice(0, drawn).map(({ row, at }) => {
          const kind = kinds.get(row.id);
          const error = wrong.get(at);
          return (
            <li
              key={row.id}
              data-rule={row.id}
              class={["rule", over === at && "is-over", error && "is-wrong"].filter(Boolean).join(" ")}
              onDragOver={(event) => {
                if (dragged.current !== null) {
                  event.preventDefault();
                  setOver(at);
                }
              }}
              onDrop={(event) => {
                event.preventDefault();
                const from = dragged.current;
                dragged.current = null;
                setOver(null);
                if (from !== null && from !== at) {
                  onMove(from, at > from ? at - 1 : at);
                }
              }}
            >
              <span
                class="rule-grip"
                draggable
                title={words.drag(at + 1)}
                onDragStart={(event) => {
                  dragged.current = at;
                  event.dataTransfer!.effectAllowed = "move";
                  event.dataTransfer!.setData("text/plain", String(at + 1));
                  event.dataTransfer!.setDragImage((event.currentTarget as Element).closest("li")!, 0, 0);
                }}
                onDragEnd={() => {
                  dragged.current = null;
                  setOver(null);
                }}
              >
                <Icon of={GripVertical} />
              </span>
              <span class="rule-number num">{num(at + 1)}</span>
              <button type="button" class="rule-open" title={words.editRule(at + 1)} onClick={() => onEdit(at)}>
                <RuleWords rule={row.rule} />
              </button>
              <span class="rule-mark">
                {kind && <Badge tone={kind === "added" ? "good" : "accent"}>{words.kinds[kind]}</Badge>}
              </span>
              <span class="rule-buttons">
                <span class="rule-up rule-move">
                  <Button
                    kind="plain"
                    icon={ArrowUp}
                    label={words.up(at + 1)}
                    disabled={at === 0}
                    onClick={() => move(at, "up")}
                  />
                </span>
                <span class="rule-down rule-move">
                  <Button
                    kind="plain"
                    icon={ArrowDown}
                    label={words.down(at + 1)}
                    disabled={at === rows.length - 1}
                    onClick={() => move(at, "down")}
                  />
                </span>
                <Menu icon={Ellipsis} label={words.menu(at + 1)}>
                  {(close) => (
                    <>
                      <MenuItem icon={Pencil} onClick={() => (close(), onEdit(at))}>
                        {t().common.edit}
                      </MenuItem>
                      <MenuItem icon={Copy} onClick={() => (close(), onDuplicate(at))}>
                        {words.duplicate}
                      </MenuItem>
                      <MenuItem icon={Trash2} onClick={() => (close(), onRemove(at))}>
                        {t().common.remove}
                      </MenuItem>
                    </>
                  )}
                </Menu>
              </span>
              {error && <span class="rule-error">{error}</span>}
            </li>
          );
        })}
      </ol>
      {shown.length > drawn && (
        <div class="table-foot">
          <Button small kind="plain" onClick={() => setDrawn(drawn + DRAWN)}>
            {words.showMore(num(shown.length - drawn))}
          </Button>
        </div>
      )}
    </>
  );
}
