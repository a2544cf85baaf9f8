import { computed, signal } from "@preact/signals";

export type Theme = "light" | "dark";

const KEY = "relais.theme";
const dark = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(dark.matches);
dark.addEventListener("change", () => {
  systemDark.value = dark.matches;
});

function stored(): Theme | "system" {
  const text = localStorage.getItem(KEY);
  return text === "light" || text === "dark" ? text : "system";
}

/** What was chosen: one of both, or as the system has it. */
export const chosenTheme = signal<Theme | "system">(stored());

/** What is drawn. */
export const theme = computed<Theme>(() =>
  chosenTheme.value === "system" ? (systemDark.value ? "dark" : "light") : chosenTheme.value,
);

export function chooseTheme(which: Theme | "system"): void {
  chosenTheme.value = which;
  if (which === "system") {
    localStorage.removeItem(KEY);
  } else {
    localStorage.setItem(KEY, which);
  }
}

/** The page's root says it to the style sheets. */
export function drawTheme(): void {
  theme.subscribe((which) => {
    document.documentElement.dataset["theme"] = which;
  });
}
