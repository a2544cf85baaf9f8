import { useState } from "preact/hooks";
import { Undo2 } from "lucide";
import type { ConfigurationKey } from "../api/types";
import { useAction } from "../api/use";
import { t } from "../text";
import { Button, Dialog, FormActions, Problem, SelectField, TextField } from "../ui";
import { draft, put, without } from "./configuration-draft";
import { Effect, Meaning } from "./configuration-plan";

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

/** One key, into the draft. */
export function Edit({ of, onClose }: { of: ConfigurationKey; onClose(): void }) {
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

/** What stands in the file, the environment or an option decides; a list of theirs is not set here. */
export function listMaySet(keys: readonly ConfigurationKey[], list: string): boolean {
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

/** A list of entries, as JSON and as a whole. */
export function EditList({ list, keys, onClose }: { list: string; keys: readonly ConfigurationKey[]; onClose(): void }) {
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

/** A key that is not listed. */
export function EditOther({ keys, onClose }: { keys: readonly ConfigurationKey[]; onClose(): void }) {
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
