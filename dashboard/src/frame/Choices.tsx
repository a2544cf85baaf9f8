import { Languages, Monitor, Moon, Sun } from "lucide";
import { choose, language, LANGUAGES, type Language, t } from "../text";
import { chooseTheme, chosenTheme, theme } from "../theme";
import { Menu, MenuItem } from "../ui";

export function LanguageMenu() {
  return (
    <Menu icon={Languages} label={t().frame.language}>
      {(close) =>
        (Object.keys(LANGUAGES) as Language[]).map((one) => (
          <MenuItem
            chosen={one === language.value}
            onClick={() => {
              void choose(one);
              close();
            }}
          >
            <span lang={one}>{LANGUAGES[one]}</span>
          </MenuItem>
        ))
      }
    </Menu>
  );
}

const THEMES = [
  ["system", Monitor],
  ["light", Sun],
  ["dark", Moon],
] as const;

export function ThemeMenu() {
  return (
    <Menu icon={theme.value === "dark" ? Moon : Sun} label={t().frame.theme}>
      {(close) =>
        THEMES.map(([one, icon]) => (
          <MenuItem
            icon={icon}
            chosen={one === chosenTheme.value}
            onClick={() => {
              chooseTheme(one);
              close();
            }}
          >
            {t().frame.themes[one]}
          </MenuItem>
        ))
      }
    </Menu>
  );
}
