import { useMemo, useState } from "preact/hooks";
import { Pencil, SearchX } from "lucide";
import { may } from "../api/session";
import type { ConfigurationKey } from "../api/types";
import { useAsked } from "../api/use";
import { query, setQuery } from "../route";
import { t } from "../text";
import { Badge, Button, Card, Empty, Loading, Problem, SearchField, Select } from "../ui";
import { draft, written } from "./configuration-draft";
import { Edit, EditList, EditOther, listMaySet } from "./configuration-edit";
import { Effect, Meaning } from "./configuration-plan";

type Show = "all" | "changed" | "settable" | "pending";

/** What belongs together: keys with the same first part. */
function groupOf(key: string): string {
  return key.split(".")[0]!;
}

/** All keys, by the first part of their names. */
export function Keys({ asked }: { asked: ReturnType<typeof useAsked<ConfigurationKey[]>> }) {
  const words = t().system;
  const [editing, setEditing] = useState<ConfigurationKey | null>(null);
  const [list, setList] = useState<string | null>(null);
  const [other, setOther] = useState(false);
  const text = query("q").toLowerCase();
  const only = query("group");
  const show = (query("show") || "all") as Show;
  const keys = asked.data;
  const groups = useMemo(() => {
    const found = new Map<string, ConfigurationKey[]>();
    for (const key of keys ?? []) {
      const shown =
        (text === "" || key.key.toLowerCase().includes(text) || key.meaning.toLowerCase().includes(text)) &&
        (show === "all" ||
          (show === "changed" && key.origin !== "default") ||
          (show === "settable" && key.settable) ||
          (show === "pending" && key.pending !== null && key.pending !== undefined));
      if (shown) {
        const group = groupOf(key.key);
        found.set(group, [...(found.get(group) ?? []), key]);
      }
    }
    return [...found];
  }, [keys, text, show]);
  const shown = groups.some(([group]) => group === only) ? groups.filter(([group]) => group === only) : groups;
  if (!keys) {
    return asked.failure ? <Problem of={asked.failure} onRetry={asked.refresh} /> : <Loading />;
  }
  return (
    <>
      <div class="row">
        <SearchField label={words.findKey} value={query("q")} onSearch={(q) => setQuery({ q })} />
        <div>
          <Select
            label={words.show}
            value={show}
            onChange={(next) => setQuery({ show: next === "all" ? "" : next })}
            options={[
              ["all", words.showAll],
              ["changed", words.showChanged],
              ["settable", words.showSettable],
              ["pending", words.showPending],
            ]}
          />
        </div>
        {may("administrator") && (
          <span class="row-end">
            <Button onClick={() => setOther(true)}>{words.setOther}</Button>
          </span>
        )}
      </div>
      {groups.length > 1 && (
        <div class="key-groups" role="group" aria-label={words.groups}>
          {groups.map(([group, members]) => (
            <Button
              key={group}
              small
              pressed={group === only}
              onClick={() => setQuery({ group: group === only ? "" : group })}
            >
              <span class="mono">{group}</span> <span class="quiet num">{members.length}</span>
            </Button>
          ))}
        </div>
      )}
      {asked.failure && <Problem of={asked.failure} onRetry={asked.refresh} />}
      {groups.length === 0 && (
        <Card>
          <Empty icon={SearchX} title={words.noKey}>
            <Button onClick={() => setQuery({ q: "", show: "", group: "" })}>{words.showAll}</Button>
          </Empty>
        </Card>
      )}
      {shown.map(([group, members]) => (
        <Card
          key={group}
          flush
          title={
            <>
              <span class="mono">{group}</span>{" "}
              {Object.hasOwn(draft.value, group) && <Badge tone="accent">{words.inDraft}</Badge>}
            </>
          }
          actions={
            may("administrator")
              ? // Lists of entries; one of plain values is a key, and changed like any.
                [...new Set(members.filter((key) => key.list !== key.key).map((key) => key.list))]
                  .filter((one) => typeof one === "string")
                  .filter((one) => listMaySet(keys, one))
                  .map((one) => (
                    <Button key={one} small icon={Pencil} onClick={() => setList(one)}>
                      {words.editList}
                      {one !== group && <span class="mono">{one}</span>}
                    </Button>
                  ))
              : undefined
          }
        >
          <ul class="key-list">
            {members.map((key) => (
              <Key key={key.key} of={key} onEdit={() => setEditing(key)} />
            ))}
          </ul>
        </Card>
      ))}
      {editing && <Edit of={editing} onClose={() => setEditing(null)} />}
      {list !== null && <EditList list={list} keys={keys} onClose={() => setList(null)} />}
      {other && <EditOther keys={keys} onClose={() => setOther(false)} />}
    </>
  );
}

function Key({ of, onEdit }: { of: ConfigurationKey; onEdit(): void }) {
  const words = t().system;
  const inDraft = Object.hasOwn(draft.value, of.key);
  const next = draft.value[of.key];
  return (
    <li class="key">
      <div class="key-name">
        <strong class="mono">{of.key}</strong>
        <p class="quiet small" lang="en">
          <Meaning of={of.meaning} />
        </p>
      </div>
      <div class="key-value">
        <span class={inDraft ? "mono key-old" : "mono"}>{shownValue(of)}</span>
        {inDraft && (
          <div class="row">
            <span class="mono">{next === null ? words.takenBack : written(next)}</span>
            <Badge tone="accent">{words.inDraft}</Badge>
          </div>
        )}
        {of.pending !== null && of.pending !== undefined && (
          <div class="row">
            <span class="mono">{of.pending}</span>
            <Badge tone="warn">{words.afterRestart}</Badge>
          </div>
        )}
      </div>
      <div class="key-from stack-s">
        <span class="row">
          <Origin of={of} />
          <Effect of={of.effect} calm />
        </span>
        {of.whyNot && may("administrator") && (
          <span class="quiet small">
            {of.where && of.origin !== "api" ? (
              words.changeThere(of.file ? `${of.file}:${of.line ?? ""}` : of.where)
            ) : of.list ? null : (
              <span lang="en">{of.whyNot}</span>
            )}
          </span>
        )}
      </div>
      {of.settable && may("administrator") && (
        <div class="key-do">
          <Button kind="plain" icon={Pencil} label={words.editKey(of.key)} onClick={onEdit} />
        </div>
      )}
    </li>
  );
}

function shownValue(of: ConfigurationKey) {
  const words = t().system;
  if (of.value === null || of.value === undefined) {
    return <span class="quiet">{words.noValue}</span>;
  }
  return of.value === "" ? <span class="quiet">{t().common.emptyText}</span> : of.value;
}

function Origin({ of }: { of: ConfigurationKey }) {
  const words = t().system;
  const origins: Record<string, string> = words.origins;
  return (
    <Badge tone={of.origin === "default" ? undefined : "accent"}>
      {origins[of.origin] ?? of.origin}
      {of.where && of.origin !== "default" && of.origin !== "api" && <span class="mono">{of.file ? `${of.file}:${of.line ?? ""}` : of.where}</span>}
    </Badge>
  );
}
