import { effect, signal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import { FileCog, History, Pencil, RotateCcw, SearchX, Undo2 } from "lucide";
import { call, Failure } from "../api/call";
import { ended, may } from "../api/session";
import type { ConfigurationKey } from "../api/types";
import { useAction, useAsked, usePaged } from "../api/use";
import { query, setQuery } from "../route";
import { t } from "../text";
import {
  A,
  Badge,
  Button,
  Card,
  Dialog,
  Empty,
  Facts,
  FormActions,
  Icon,
  List,
  Loading,
  Name,
  Notice,
  Page,
  Problem,
  SearchField,
  Select,
  SelectField,
  Tabs,
  TextField,
  Time,
} from "../ui";
import { Changes, Effect, Plan } from "./configuration-plan";
import { here } from "./here";
import "./draft.css";

/** What is to be set, by key; null takes back what was set. Kept while other pages are looked at. */
const draft = signal<Readonly<Record<string, unknown>>>({});

effect(() => {
  if (ended.value === "left") {
    draft.value = {};
  }
});

const PAGE = 1_000;
/** Of the keys that wait for a restart, so many are named above the page. */
const PENDING_SHOWN = 6;

async function everyKey(abort: AbortSignal): Promise<ConfigurationKey[]> {
  const keys: ConfigurationKey[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await call("GET /configuration", { query: { limit: PAGE, cursor }, signal: abort });
    keys.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return keys;
}

export default function Configuration() {
  const words = t().system;
  const keys = useAsked(everyKey, [], 30_000);
  const [reloading, setReloading] = useState(false);
  const [reviewing, setReviewing] = useState(false);
  const changed = Object.keys(draft.value).length;
  const [turn, setTurn] = useState(0);
  const refresh = () => {
    keys.refresh();
    setTurn(turn + 1);
  };
  useEffect(() => {
    if (changed === 0) {
      return undefined;
    }
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [changed === 0]);
  const pending = keys.data?.filter((key) => key.pending !== null && key.pending !== undefined) ?? [];
  return (
    <Page
      title={t().frame.pages.configuration}
      about={may("administrator") ? words.configurationAbout : words.configurationAboutOthers}
      actions={
        may("administrator") && (
          <Button icon={FileCog} onClick={() => setReloading(true)}>
            {words.reloadFile}
          </Button>
        )
      }
    >
      {pending.length > 0 && (
        <Notice
          tone="warn"
          actions={
            <Button small onClick={() => setQuery({ tab: "", q: "", group: "", show: "pending" })}>
              {t().common.details}
            </Button>
          }
        >
          <p>{words.pendingRestart(pending.length)}</p>
          <ul>
            {pending.slice(0, PENDING_SHOWN).map((key) => (
              <li class="small" key={key.key}>
                <span class="mono">{key.key}</span>: <span class="mono">{key.value ?? words.noValue}</span> →{" "}
                <span class="mono">{key.pending}</span>
              </li>
            ))}
            {pending.length > PENDING_SHOWN && <li class="small">…</li>}
          </ul>
        </Notice>
      )}
      <Tabs
        label={t().frame.pages.configuration}
        of={[
          { key: "keys", title: words.keysTab, view: () => <Keys asked={keys} /> },
          { key: "history", title: words.historyTab, view: () => <Revisions key={turn} onReverted={refresh} /> },
        ]}
      />
      {changed > 0 && (
        <div class="draft-bar" role="status">
          <span>{words.draft(changed)}</span>
          <span class="row row-end">
            <Button onClick={() => (draft.value = {})}>{words.discard}</Button>
            <Button kind="primary" onClick={() => setReviewing(true)}>
              {words.review}
            </Button>
          </span>
        </div>
      )}
      {reviewing && (
        <Plan
          title={words.reviewTitle}
          verb={words.apply}
          wanted={Object.entries(draft.value).map(([key, value]) => {
            const known = keys.data?.find((one) => one.key === key);
            return { key, before: known?.value ?? null, after: written(value), effect: known?.effect ?? "" };
          })}
          make={(dryRun) => call("PATCH /configuration", { query: { dryRun }, body: { changes: draft.value } })}
          onClose={() => setReviewing(false)}
          onDone={() => {
            draft.value = {};
            setReviewing(false);
            refresh();
          }}
        />
      )}
      {reloading && (
        <Plan
          title={words.reloadTitle}
          about={words.reloadAbout}
          verb={words.apply}
          make={(dryRun) => call("POST /configuration/reload", { query: { dryRun } })}
          onClose={() => setReloading(false)}
          onDone={() => {
            setReloading(false);
            refresh();
          }}
        />
      )}
    </Page>
  );
}

/** A value of the draft as the node would write it. */
function written(value: unknown): string | null {
  return value === null ? null : typeof value === "string" ? value : JSON.stringify(value);
}

// ---- keys

type Show = "all" | "changed" | "settable" | "pending";

/** What belongs together: keys with the same first part. */
function groupOf(key: string): string {
  return key.split(".")[0]!;
}

function Keys({ asked }: { asked: ReturnType<typeof useAsked<ConfigurationKey[]>> }) {
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

/** A sentence of the reference, in which words of the configuration stand between backticks. */
function Meaning({ of }: { of: string }) {
  return <>{of.split("`").map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}</>;
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

// ---- changes, into the draft

/** Kinds of values, by the type that the API tells. */
function choices(type: string): string[] | null {
  return type === "true or false" ? ["true", "false"] : /^[a-z][\w-]*(, [a-z][\w-]*)+$/.test(type) ? type.split(", ") : null;
}

/** The JSON of what was typed. */
function read(type: string, text: string): unknown {
  if (type === "true or false") {
    return text === "true";
  }
  if (type.startsWith("list of")) {
    return text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
  }
  return type === "number" && /^-?\d{1,15}$/.test(text.trim()) ? Number(text) : text.trim();
}

/** What is typed for a value. */
function typed(of: ConfigurationKey): string {
  const value = Object.hasOwn(draft.value, of.key) ? draft.value[of.key] : undefined;
  if (Array.isArray(value)) {
    return value.join("\n");
  }
  if (value !== undefined && value !== null) {
    return String(value);
  }
  const now = of.pending ?? of.value ?? "";
  return of.type.startsWith("list of")
    ? now
        .replace(/^\[|\]$/g, "")
        .split(/, */)
        .join("\n")
    : now;
}

/** Tries a key together with the draft. What is wrong with others is told when all is reviewed. */
async function put(key: string, value: unknown): Promise<void> {
  const next = { ...draft.value, [key]: value };
  try {
    await call("PATCH /configuration", { query: { dryRun: true }, body: { changes: next } });
  } catch (error) {
    const fields = error instanceof Failure ? (error.problem?.errors ?? []).map((one) => one.field) : [];
    if (fields.length === 0 || fields.some((field) => field === key || field.startsWith(`${key}.`))) {
      throw error;
    }
  }
  draft.value = next;
}

function without(key: string): void {
  const { [key]: _, ...rest } = draft.value;
  draft.value = rest;
}

function Edit({ of, onClose }: { of: ConfigurationKey; onClose(): void }) {
  const words = t().system;
  const [text, setText] = useState(typed(of));
  const action = useAction(put);
  const options = choices(of.type);
  const error = action.failure?.at(of.key);
  const submit = async (value: unknown) => {
    if (await action.run(of.key, value)) {
      onClose();
    }
  };
  const hint = [words.types[of.type as keyof typeof words.types], of.standard ? words.standard(of.standard) : null]
    .filter(Boolean)
    .join(" ");
  return (
    <Dialog title={words.editTitle} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(read(of.type, text));
        }}
      >
        <p class="quiet" lang="en">
          <Meaning of={of.meaning} />
        </p>
        {action.failure && !error && <Problem of={action.failure} />}
        {options ? (
          <SelectField
            label={of.key}
            value={text}
            onChange={setText}
            options={options.map((one) => [one, one] as const)}
            hint={hint}
            error={error}
          />
        ) : (
          <TextField
            label={of.key}
            value={text}
            onInput={setText}
            mono
            lines={of.type.startsWith("list of") ? 5 : 1}
            hint={hint}
            error={error}
            autofocus
          />
        )}
        <div class="row">
          <span class="quiet small">{words.effectLabel}</span> <Effect of={of.effect} calm />
        </div>
        <div class="form-actions">
          {of.origin === "api" && (
            <Button icon={Undo2} busy={action.busy} onClick={() => void submit(null)}>
              {words.takeBack}
            </Button>
          )}
          {Object.hasOwn(draft.value, of.key) && (
            <Button
              onClick={() => {
                without(of.key);
                onClose();
              }}
            >
              {words.outOfDraft}
            </Button>
          )}
          <Button kind="primary" type="submit" busy={action.busy}>
            {words.intoDraft}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function listMaySet(keys: readonly ConfigurationKey[], list: string): boolean {
  return keys.every((key) => key.list !== list || key.origin === "default" || key.origin === "api");
}

/** The entries of a list as it would be set: those of its keys that are no default. Secrets are masked, and left out. */
function listValue(keys: readonly ConfigurationKey[], list: string): unknown[] {
  const entries: Record<string, unknown>[] = [];
  for (const key of keys) {
    const value = key.pending ?? key.value;
    if (key.list !== list || value === null || value === undefined) {
      continue;
    }
    const [at, ...path] = key.key.slice(list.length + 1).split(".");
    const entry = (entries[Number(at)] ??= {});
    if (key.origin === "default" || key.secret) {
      continue;
    }
    let inside = entry;
    for (const part of path.slice(0, -1)) {
      inside = (inside[part] ??= {}) as Record<string, unknown>;
    }
    inside[path.at(-1)!] = read(
      key.type,
      key.type.startsWith("list of") ? value.replace(/^\[|\]$/g, "").replaceAll(", ", "\n") : value,
    );
  }
  return entries.map(listsOf) as unknown[];
}

/** Objects whose names are numbers are lists inside of an entry. */
function listsOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return value;
  }
  const parts = Object.entries(value);
  return parts.length > 0 && parts.every(([name]) => /^\d+$/.test(name))
    ? parts.map(([, one]) => listsOf(one))
    : Object.fromEntries(parts.map(([name, one]) => [name, listsOf(one)]));
}

function EditList({ list, keys, onClose }: { list: string; keys: readonly ConfigurationKey[]; onClose(): void }) {
  const words = t().system;
  const before = draft.value[list] ?? listValue(keys, list);
  const secrets = keys.some((key) => key.list === list && key.secret && (key.pending ?? key.value ?? null) !== null);
  return (
    <EditJson
      title={words.editListTitle}
      name={list}
      text={JSON.stringify(before, null, 2)}
      about={secrets ? words.listSecrets : words.listAbout}
      onClose={onClose}
    />
  );
}

function EditOther({ keys, onClose }: { keys: readonly ConfigurationKey[]; onClose(): void }) {
  const words = t().system;
  const known = keys.filter((key) => key.settable).map((key) => key.key);
  return <EditJson title={words.setOther} known={known} text="" about={words.setOtherAbout} onClose={onClose} />;
}

function EditJson({
  title,
  name,
  known,
  text,
  about,
  onClose,
}: {
  title: string;
  /** Left out: it is asked for. */
  name?: string;
  known?: readonly string[];
  text: string;
  about: string;
  onClose(): void;
}) {
  const words = t().system;
  const [key, setKey] = useState(name ?? "");
  const [value, setValue] = useState(text);
  const [wrong, setWrong] = useState<string | undefined>(undefined);
  const action = useAction(put);
  const atField = action.failure?.at(key);
  return (
    <Dialog title={title} wide={name !== undefined} onClose={onClose}>
      <form
        class="form"
        onSubmit={async (event) => {
          event.preventDefault();
          setWrong(undefined);
          let given: unknown = value.trim();
          if (name !== undefined || /^[[{"]|^(true|false|-?\d+)$/.test(value.trim())) {
            try {
              given = JSON.parse(value);
            } catch (error) {
              setWrong(words.noJson((error as Error).message));
              return;
            }
          }
          if (await action.run(key.trim(), given)) {
            onClose();
          }
        }}
      >
        <p class="quiet">{about}</p>
        {action.failure && !atField && <Problem of={action.failure} />}
        {name === undefined && (
          <TextField label={words.key} value={key} onInput={setKey} list={known ?? []} mono required autofocus />
        )}
        <TextField
          label={name ?? words.value}
          value={value}
          onInput={setValue}
          lines={name === undefined ? 3 : 16}
          error={wrong ?? atField}
          mono
          required
        />
        <FormActions onCancel={onClose} verb={words.intoDraft} busy={action.busy} />
      </form>
    </Dialog>
  );
}

// ---- history

function Revisions({ onReverted }: { onReverted(): void }) {
  const words = t().system;
  const revisions = usePaged((page, signal) => call("GET /configuration/revisions", { query: page, signal }), []);
  const open = revisions.items.find((one) => String(one.number) === query("revision"));
  const [reverting, setReverting] = useState<number | null>(null);
  return (
    <>
      <Card
        flush
        title={words.historyTitle}
        actions={
          may("administrator") && revisions.items.length > 0 ? (
            <Button small icon={RotateCcw} onClick={() => setReverting(0)}>
              {words.revertAll}
            </Button>
          ) : undefined
        }
      >
        <List
          of={revisions}
          label={words.historyTitle}
          rowKey={(one) => one.number}
          href={(one) => here("revision", one.number)}
          columns={[
            {
              key: "number",
              title: words.revision,
              width: "7rem",
              cell: (one) => (
                <A href={here("revision", one.number)} label={words.openRevision(one.number)}>
                  {one.number}
                </A>
              ),
            },
            { key: "at", title: t().common.time, width: "13rem", cell: (one) => <Time of={one.at} /> },
            { key: "by", title: words.by, width: "10rem", cell: (one) => <Name of={one.by} /> },
            { key: "address", title: t().common.address, width: "10rem", wide: true, cell: (one) => <Name of={one.address} /> },
            {
              key: "changes",
              title: words.changes,
              wide: true,
              cell: (one) => (
                <span class="mono">
                  {one.reverted !== null && one.reverted !== undefined && (
                    <>
                      <Badge>{words.revertOf(one.reverted)}</Badge>{" "}
                    </>
                  )}
                  {one.changes.map((change) => change.key).join(", ")}
                </span>
              ),
            },
          ]}
          empty={
            <Empty icon={History} title={words.noRevisions}>
              <p>{words.noRevisionsText}</p>
            </Empty>
          }
        />
      </Card>
      {open && (
        <Dialog title={words.openRevision(open.number)} wide onClose={() => setQuery({ revision: "" })}>
          <div class="stack">
            <Facts
              of={[
                [t().common.time, <Time of={open.at} />],
                [words.by, <Name of={open.by} />],
                [t().common.address, <Name of={open.address} />],
                open.reverted !== null && open.reverted !== undefined && [words.kind, words.revertOf(open.reverted)],
              ]}
            />
            <Changes of={open.changes} />
            {may("administrator") && (
              <div class="form-actions">
                <Button
                  icon={RotateCcw}
                  onClick={() => {
                    setReverting(open.number);
                    setQuery({ revision: "" });
                  }}
                >
                  {words.revertTo}
                </Button>
              </div>
            )}
          </div>
        </Dialog>
      )}
      {reverting !== null && (
        <Plan
          title={reverting === 0 ? words.revertAll : words.revertTitle(reverting)}
          about={
            <p class="row">
              <Icon of={RotateCcw} /> {reverting === 0 ? words.revertAllAbout : words.revertAbout(reverting)}
            </p>
          }
          verb={words.revert}
          make={(dryRun) =>
            call("POST /configuration/revisions/{number}/revert", {
              path: { number: String(reverting) },
              query: { dryRun },
            })
          }
          onClose={() => setReverting(null)}
          onDone={() => {
            setReverting(null);
            onReverted();
          }}
        />
      )}
    </>
  );
}
