import { language, t } from "./index";

/** The locale of dates and numbers: the browser's, if it is of the language that was chosen. */
function locale(): string {
  const chosen = language.value;
  return navigator.languages.find((tag) => tag.slice(0, 2).toLowerCase() === chosen) ?? chosen;
}

const made = new Map<string, unknown>();

/** Formats are dear to make, and few. */
function once<T>(kind: string, make: (locale: string) => T): T {
  const key = `${locale()} ${kind}`;
  let one = made.get(key) as T | undefined;
  if (one === undefined) {
    one = make(locale());
    made.set(key, one);
  }
  return one;
}

export function num(value: number): string {
  return once("number", (of) => new Intl.NumberFormat(of, { maximumFractionDigits: 0 })).format(value);
}

/** With as many digits as say something: 0.25, 3.1, 120. */
export function rate(value: number): string {
  const digits = value >= 100 || value === 0 ? 0 : value >= 10 ? 1 : 2;
  return once(
    `rate ${digits}`,
    (of) => new Intl.NumberFormat(of, { maximumFractionDigits: digits, minimumFractionDigits: 0 }),
  ).format(value);
}

/** Any measured value, such as one of a payload. */
export function value(of: number): string {
  return once("value", (l) => new Intl.NumberFormat(l, { maximumSignificantDigits: 6 })).format(of);
}

/** Short: 12.3K, 4.5M. For axes and places without room. */
export function compact(of: number): string {
  return once(
    "compact",
    (l) => new Intl.NumberFormat(l, { notation: "compact", maximumFractionDigits: 1 }),
  ).format(of);
}

const BYTES = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** In units of 1,024, which the field writes as kB, MB, GB. */
export function bytes(of: number): string {
  let unit = 0;
  let left = of;
  while (left >= 1_024 && unit < BYTES.length - 1) {
    left /= 1_024;
    unit++;
  }
  const digits = unit === 0 || left >= 100 ? 0 : 1;
  return once(
    `bytes ${unit} ${digits}`,
    (l) =>
      new Intl.NumberFormat(l, {
        style: "unit",
        unit: BYTES[unit]!,
        unitDisplay: unit === 0 ? "long" : "short",
        maximumFractionDigits: digits,
      }),
  ).format(left);
}

export function percent(ofHundred: number): string {
  return once("percent", (l) => new Intl.NumberFormat(l, { style: "percent", maximumFractionDigits: 0 })).format(
    ofHundred / 100,
  );
}

export function dateTime(iso: string | number): string {
  return once("dateTime", (l) => new Intl.DateTimeFormat(l, { dateStyle: "medium", timeStyle: "medium" })).format(
    new Date(iso),
  );
}

export function time(iso: string | number): string {
  return once("time", (l) => new Intl.DateTimeFormat(l, { timeStyle: "medium" })).format(new Date(iso));
}

/** To the millisecond: for packets. */
export function timeExact(iso: string | number): string {
  return once(
    "timeExact",
    (l) =>
      new Intl.DateTimeFormat(l, {
        hour: "2-digit",
        minute: "2-digit",
        second: "2-digit",
        fractionalSecondDigits: 3,
        hour12: false,
      }),
  ).format(new Date(iso));
}

/** Hours and minutes, for the axis of a chart; days where it spans some. */
export function axisTime(epochSeconds: number, stepSeconds: number): string {
  const options: Intl.DateTimeFormatOptions =
    stepSeconds >= 86_400
      ? { day: "numeric", month: "short" }
      : stepSeconds >= 60
        ? { hour: "2-digit", minute: "2-digit" }
        : { hour: "2-digit", minute: "2-digit", second: "2-digit" };
  const kind = stepSeconds >= 86_400 ? "day" : stepSeconds >= 60 ? "minute" : "second";
  return once(`axis ${kind}`, (l) => new Intl.DateTimeFormat(l, options)).format(new Date(epochSeconds * 1_000));
}

const STEPS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** The two largest units: 3 days 4 hours. */
export function duration(seconds: number): string {
  const parts: string[] = [];
  let left = Math.max(0, Math.round(seconds));
  for (const [unit, size] of STEPS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0 || (unit === "second" && parts.length === 0)) {
      parts.push(
        once(`unit ${unit}`, (l) => new Intl.NumberFormat(l, { style: "unit", unit, unitDisplay: "short" })).format(count),
      );
    } else if (parts.length > 0) {
      break;
    }
    if (parts.length === 2) {
      break;
    }
  }
  return parts.join(" ");
}

export function millis(of: number): string {
  return once(
    `millis ${of < 10}`,
    (l) =>
      new Intl.NumberFormat(l, {
        style: "unit",
        unit: "millisecond",
        unitDisplay: "short",
        maximumFractionDigits: of < 10 ? 1 : 0,
      }),
  ).format(of);
}

/** 5 minutes ago, in 3 hours. */
export function ago(iso: string | number, nowMillis: number = Date.now()): string {
  const seconds = (new Date(iso).getTime() - nowMillis) / 1_000;
  const format = once("ago", (l) => new Intl.RelativeTimeFormat(l, { numeric: "auto" }));
  if (Math.abs(seconds) < 5) {
    return t().common.justNow;
  }
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) {
      return format.format(Math.trunc(seconds / size), unit);
    }
  }
  return t().common.justNow;
}
