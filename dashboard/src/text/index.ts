import { signal } from "@preact/signals";
import type { en } from "./en";

/** All that the dashboard says. A language that lacks a text does not compile. */
export type Text = typeof en;

export const LANGUAGES = { en: "English", fr: "Français", es: "Español" } as const;
export type Language = keyof typeof LANGUAGES;

const KEY = "relais.language";

export const language = signal<Language>(first());
const words = signal<Text | null>(null);

function isLanguage(text: string | null): text is Language {
  return text !== null && Object.hasOwn(LANGUAGES, text);
}

/** What was chosen here before, else the first of the browser's that is known. */
function first(): Language {
  const chosen = localStorage.getItem(KEY);
  if (isLanguage(chosen)) {
    return chosen;
  }
  return navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? "en";
}

/** The texts in the language of now. To be called while drawing: what is drawn changes with the language. */
export function t(): Text {
  return words.value!;
}

async function load(which: Language): Promise<Text> {
  switch (which) {
    case "en":
      return (await import("./en")).en;
    case "fr":
      return (await import("./fr")).fr;
    case "es":
      return (await import("./es")).es;
  }
}

export async function loadLanguage(): Promise<void> {
  words.value = await load(language.value);
  document.documentElement.lang = language.value;
}

export async function choose(which: Language): Promise<void> {
  localStorage.setItem(KEY, which);
  words.value = await load(which);
  language.value = which;
  document.documentElement.lang = which;
}
