import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import type { Paged } from "../api/use";
import { go } from "../route";
import { t } from "../text";
import { num } from "../text/format";
import { Button } from "./Button";
import { useSeen } from "./seen";
import { Unanswered } from "./States";

export type Column<T> = {
  key: string;
  title: string;
  /** What stands in the header instead of the title, such as a box that chooses all. */
  head?: ComponentChildren;
  cell(row: T): ComponentChildren;
  /** As CSS has it; what is left is shared by the others. */
  width?: string;
  /** Numbers stand at the end, their digits below each other. */
  end?: boolean;
  /** Left out on a phone. */
  wide?: boolean;
};

const ROW = 40;
/** More rows than these are drawn only where they can be seen. */
const DRAWN_MAX = 150;
const AROUND = 12;

type Rows<T> = {
  /** What the table is of, for who cannot see it. */
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey(row: T): string | number;
  /** Where a click on a row leads. The first cell should be a link to the same. */
  href?: (row: T) => string;
  /** What a click on a row opens on this page, if it leads nowhere. The first cell should be a button for the same. */
  onOpen?: (row: T) => void;
  onEnd?: () => void;
};

/** Rows of one height, of which only those in sight are drawn. */
export function Table<T>({ label, columns, rows, rowKey, href, onOpen, onEnd }: Rows<T>) {
  const wrap = useRef<HTMLDivElement>(null);
  const virtual = rows.length > DRAWN_MAX;
  const { top, height } = useSeen(
    wrap,
    (element) => {
      if (element.scrollTop + element.clientHeight > element.scrollHeight - 10 * ROW) {
        onEnd?.();
      }
    },
    [onEnd, rows.length],
  );

  const first = virtual ? Math.max(0, Math.floor(top / ROW) - AROUND) : 0;
  const last = virtual ? Math.min(rows.length, Math.ceil((top + height) / ROW) + AROUND) : rows.length;
  return (
    <div
      class="table-wrap"
      ref={wrap}
      tabIndex={0}
      role="region"
      aria-label={label}
      style={virtual || onEnd ? { "--table-height": "max(22rem, calc(100dvh - 15rem))" } : undefined}
    >
      <table class="table" aria-rowcount={rows.length + 1}>
        <colgroup>
          {columns.map((column) => (
            <col class={column.wide ? "wide" : undefined} style={column.width ? { width: column.width } : undefined} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map((column) => (
              <th scope="col" class={named(column)} title={column.title}>
                {column.head ?? column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {first > 0 && <Spacer rows={first} columns={columns.length} />}
          {rows.slice(first, last).map((row, index) => (
            <tr
              key={rowKey(row)}
              class={href || onOpen ? "is-link" : undefined}
              aria-rowindex={first + index + 2}
              onClick={
                (href || onOpen) &&
                ((event) => {
                  // Links and buttons inside have a meaning of their own, and so has marking text.
                  if (!(event.target as Element).closest("a, button, input, label, select") && !getSelection()?.toString()) {
                    if (href) {
                      go(href(row));
                    } else {
                      onOpen?.(row);
                    }
                  }
                })
              }
            >
              {columns.map((column) => (
                <td class={named(column)}>{column.cell(row)}</td>
              ))}
            </tr>
          ))}
          {last < rows.length && <Spacer rows={rows.length - last} columns={columns.length} />}
        </tbody>
      </table>
    </div>
  );
}

function named<T>(column: Column<T>): string | undefined {
  return [column.end && "end", column.wide && "wide"].filter(Boolean).join(" ") || undefined;
}

function Spacer({ rows, columns }: { rows: number; columns: number }) {
  return (
    <tr class="spacer" aria-hidden="true">
      <td colSpan={columns} style={{ height: `${rows * ROW}px` }} />
    </tr>
  );
}

/** A list of the API: its rows, that it is empty, that it is being asked for, or why it is not there. */
export function List<T>({
  of,
  empty,
  ...table
}: Omit<Rows<T>, "rows" | "onEnd"> & {
  of: Paged<T>;
  /** What is there instead of no rows. */
  empty: ComponentChildren;
}) {
  return (
    <>
      <Unanswered of={of} known={of.known} />
      {of.known && of.items.length === 0 && empty}
      {of.items.length > 0 && (
        <>
          <Table {...table} rows={of.items} {...(of.hasMore ? { onEnd: of.more } : {})} />
          <div class="table-foot">
            <span class="num">
              {of.hasMore ? t().common.rowsOfMore(num(of.items.length)) : t().common.rows(of.items.length, num(of.items.length))}
            </span>
            {of.hasMore && (
              <Button small kind="plain" onClick={of.more} disabled={of.loading}>
                {t().common.more}
              </Button>
            )}
          </div>
        </>
      )}
    </>
  );
}
