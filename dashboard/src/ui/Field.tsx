import type { ComponentChildren } from "preact";
import { Search as SearchIcon } from "lucide";
import { useEffect, useId, useState } from "preact/hooks";
import { Icon } from "./Icon";

type Named = { label: string; hint?: ComponentChildren; error?: string | undefined };

function Framed({ id, label, hint, error, children }: Named & { id: string; children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {hint && !error && (
        <span class="field-hint" id={`${id}-about`}>
          {hint}
        </span>
      )}
      {error && (
        <span class="field-error" id={`${id}-about`}>
          {error}
        </span>
      )}
    </div>
  );
}

export function TextField({
  value,
  onInput,
  type,
  placeholder,
  autocomplete,
  required,
  mono,
  lines,
  list,
  autofocus,
  disabled,
  ...named
}: Named & {
  value: string;
  onInput(value: string): void;
  type?: "text" | "password" | "number" | "url" | "datetime-local";
  placeholder?: string;
  autocomplete?: string;
  required?: boolean;
  mono?: boolean;
  /** More than one makes it a text area. */
  lines?: number;
  /** What may be meant. */
  list?: readonly string[];
  autofocus?: boolean;
  disabled?: boolean;
}) {
  const id = useId();
  const about = named.hint || named.error ? `${id}-about` : undefined;
  const shared = {
    id,
    value,
    placeholder,
    required,
    disabled,
    autocomplete: autocomplete ?? "off",
    "aria-invalid": named.error ? ("true" as const) : undefined,
    "aria-describedby": about,
    spellcheck: false,
    onInput: (event: Event) => onInput((event.target as HTMLInputElement).value),
  };
  return (
    <Framed id={id} {...named}>
      {lines && lines > 1 ? (
        <textarea class={mono ? "textarea input-mono" : "textarea"} rows={lines} dir="auto" {...shared} />
      ) : (
        <input
          class={mono ? "input input-mono" : "input"}
          {...({ type: type ?? "text" } as object)}
          list={list ? `${id}-list` : undefined}
          autofocus={autofocus}
          dir={type === undefined || type === "text" ? "auto" : undefined}
          {...shared}
        />
      )}
      {list && (
        <datalist id={`${id}-list`}>
          {list.map((one) => (
            <option value={one} />
          ))}
        </datalist>
      )}
    </Framed>
  );
}

export function SelectField<T extends string>({
  value,
  onChange,
  options,
  disabled,
  ...named
}: Named & {
  value: T;
  onChange(value: NoInfer<T>): void;
  options: readonly (readonly [value: T, text: string])[];
  disabled?: boolean;
}) {
  const id = useId();
  return (
    <Framed id={id} {...named}>
      <Select id={id} value={value} onChange={onChange} options={options} disabled={disabled} />
    </Framed>
  );
}

/** A choice without a label in sight; `label` is what a screen reader says. */
export function Select<T extends string>({
  id,
  label,
  value,
  onChange,
  options,
  disabled,
}: {
  id?: string;
  label?: string;
  value: T;
  onChange(value: NoInfer<T>): void;
  options: readonly (readonly [value: T, text: string])[];
  disabled?: boolean | undefined;
}) {
  return (
    <select
      class="select"
      id={id}
      aria-label={label}
      value={value}
      disabled={disabled}
      onChange={(event) => onChange((event.target as HTMLSelectElement).value as T)}
    >
      {options.map(([key, text]) => (
        <option value={key} selected={key === value}>
          {text}
        </option>
      ))}
    </select>
  );
}

export function CheckField({
  label,
  checked,
  onChange,
  disabled,
}: {
  label: ComponentChildren;
  checked: boolean;
  onChange(checked: boolean): void;
  disabled?: boolean;
}) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange((event.target as HTMLInputElement).checked)}
      />
      <span>{label}</span>
    </label>
  );
}

/** Text to search for; told when the writer pauses. */
export function SearchField({
  label,
  value,
  onSearch,
  pauseMillis = 250,
}: {
  label: string;
  value: string;
  onSearch(value: string): void;
  pauseMillis?: number;
}) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) {
      return undefined;
    }
    const timer = setTimeout(() => onSearch(text), pauseMillis);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div class="search" role="search" aria-label={label}>
      <Icon of={SearchIcon} />
      <input
        class="input"
        type="search"
        aria-label={label}
        placeholder={label}
        value={text}
        dir="auto"
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => setText((event.target as HTMLInputElement).value)}
        onKeyDown={(event) => event.key === "Enter" && onSearch(text)}
      />
    </div>
  );
}
