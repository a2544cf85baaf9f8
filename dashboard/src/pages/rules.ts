import { signal } from "@preact/signals";
import type { Rule } from "../api/types";

/** A rule of a draft, and which of the rules that the draft began with it was. */
export type Row = { readonly id: number; readonly was: number | null; readonly rule: Rule };

/** Rules that somebody is thinking of. They outlast a change of the page, and a session that is over. */
export type Draft = { readonly by: string; readonly base: readonly Rule[]; readonly rows: readonly Row[] };

/** At most one in a tab. */
export const draft = signal<Draft | null>(null);

let next = 0;

export function row(rule: Rule, was: number | null): Row {
  return { id: next++, was, rule: plain(rule) };
}

const KEYS = [
  "effect",
  "action",
  "filter",
  "username",
  "clientId",
  "address",
  "certificate",
  "group",
  "maxQos",
  "retain",
] as const;

/** A rule with what it says and no more: what is left out means any. */
export function plain(rule: Rule): Rule {
  const said: Record<string, unknown> = {};
  for (const key of KEYS) {
    const value = key === "action" ? (rule.action ?? "all") : rule[key];
    if (value !== null && value !== undefined && !(key === "maxQos" && value === 2)) {
      said[key] = value;
    }
  }
  return said as Rule;
}

function text(rule: Rule): string {
  return JSON.stringify(plain(rule));
}

export function areSame(one: readonly Rule[], other: readonly Rule[]): boolean {
  return one.length === other.length && one.every((rule, index) => text(rule) === text(other[index]!));
}

/** Rules as JSON, each on a line of its own, so that they can be compared by eye and by tools. */
export function written(rules: readonly Rule[]): string {
  return rules.length === 0 ? "[]" : `[\n${rules.map((rule) => `  ${text(rule)}`).join(",\n")}\n]`;
}

/** What is wrong with a text that should be rules. */
export type NoRules = { kind: "json"; why: string } | { kind: "list" } | { kind: "rule"; at: number; key?: string; known?: true };

/** @throws NoRules */
export function parsed(json: string): Rule[] {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw { kind: "json", why: String((error as Error).message) } satisfies NoRules;
  }
  if (!Array.isArray(value)) {
    throw { kind: "list" } satisfies NoRules;
  }
  return value.map((one: unknown, at) => {
    if (typeof one !== "object" || one === null || Array.isArray(one)) {
      throw { kind: "rule", at } satisfies NoRules;
    }
    const unknown = Object.keys(one).find((key) => !(KEYS as readonly string[]).includes(key));
    if (unknown !== undefined) {
      throw { kind: "rule", at, key: unknown } satisfies NoRules;
    }
    const other = Object.entries(one).find(([key, value]) => value !== null && typeof value !== typeOf(key));
    if (other) {
      throw { kind: "rule", at, key: other[0], known: true } satisfies NoRules;
    }
    return plain(one as Rule);
  });
}

function typeOf(key: string): string {
  return key === "maxQos" ? "number" : key === "retain" ? "boolean" : "string";
}

/** Other rules as rows: what is as before is recognized, and what stands in the place of another is a change of it. */
export function rowsOf(base: readonly Rule[], rules: readonly Rule[]): Row[] {
  const places = new Map<string, number[]>();
  base.forEach((rule, index) => {
    const key = text(rule);
    const known = places.get(key);
    if (known) {
      known.push(index);
    } else {
      places.set(key, [index]);
    }
  });
  for (const known of places.values()) {
    known.reverse();
  }
  const was = rules.map((rule) => places.get(text(rule))?.pop() ?? null);
  const found = new Set(was);
  let before = -1;
  return rules.map((rule, index) => {
    let from = was[index]!;
    if (from === null && before + 1 < base.length && !found.has(before + 1)) {
      from = before + 1;
      found.add(from);
    }
    before = from ?? before;
    return row(rule, from);
  });
}

export type Difference =
  | { kind: "added"; rule: Rule; at: number }
  | { kind: "removed"; rule: Rule; from: number }
  | { kind: "changed"; rule: Rule; before: Rule; from: number; at: number }
  | { kind: "moved"; rule: Rule; from: number; at: number };

/** What rows do to rules: those that stay are moved only if they pass another one that stays. */
export function differences(base: readonly Rule[], rows: readonly Row[]): Difference[] {
  const inOrder = longestRising(rows);
  const kept = new Set(rows.map((one) => one.was));
  const found: Difference[] = [];
  rows.forEach(({ was, rule, id }, at) => {
    if (was === null) {
      found.push({ kind: "added", rule, at });
    } else if (text(base[was]!) !== text(rule)) {
      found.push({ kind: "changed", rule, before: base[was]!, from: was, at });
    } else if (!inOrder.has(id)) {
      found.push({ kind: "moved", rule, from: was, at });
    }
  });
  base.forEach((rule, from) => {
    if (!kept.has(from)) {
      found.push({ kind: "removed", rule, from });
    }
  });
  return found;
}

/** The most rows that stand in the order in which they stood. */
function longestRising(rows: readonly Row[]): Set<number> {
  const old = rows.filter((one) => one.was !== null);
  const ends: number[] = []; // index of the smallest end of a rising run, by its length
  const before: number[] = [];
  old.forEach(({ was }, index) => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (old[ends[middle]!]!.was! < was!) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    before[index] = low > 0 ? ends[low - 1]! : -1;
    ends[low] = index;
  });
  const run = new Set<number>();
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index]!) {
    run.add(old[index]!.id);
  }
  return run;
}

/** Which rule a failure of the API speaks of (`[3].filter`), and its field. */
export function ruleOf(field: string): { at: number; field: string } | null {
  const named = /^\[(\d+)\](?:\.(\w+))?$/.exec(field);
  return named ? { at: Number(named[1]), field: named[2] ?? "" } : null;
}
