import "./columns.css";
import { useState } from "preact/hooks";
import { Columns3 } from "lucide";
import { t } from "../text";
import { type Column, Menu, MenuItem } from "../ui";

/**
 * Which columns of a table are shown: what was chosen in this browser before, else all but those of `hidden`.
 *
 * @param name under which the choice is remembered
 * @param fixed keys of columns that are always there and not offered
 */
export function useColumns<T>(
  name: string,
  columns: readonly Column<T>[],
  hidden: readonly string[],
  fixed: readonly string[],
) {
  const key = `relais.columns.${name}`;
  const [left, setLeft] = useState<readonly string[]>(() => localStorage.getItem(key)?.split(",") ?? hidden);
  const toggle = (column: string) => {
    const next = left.includes(column) ? left.filter((one) => one !== column) : [...left, column];
    setLeft(next);
    localStorage.setItem(key, next.join(","));
  };
  const menu = (
    <div class="columns-menu">
      <Menu icon={Columns3} label={t().clients.columns}>
        {() =>
          columns
            .filter((column) => !fixed.includes(column.key))
            .map((column) => (
              <MenuItem chosen={!left.includes(column.key)} onClick={() => toggle(column.key)}>
                {column.title}
              </MenuItem>
            ))
        }
      </Menu>
    </div>
  );
  return { shown: columns.filter((column) => fixed.includes(column.key) || !left.includes(column.key)), menu };
}
