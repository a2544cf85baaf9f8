import type { ComponentChildren } from "preact";
import { useId, useMemo, useState } from "preact/hooks";
import { t } from "../text";
import { bytes as written } from "../text/format";
import { CopyButton, visible } from "./Told";

/** What a payload is written in, as the API has it: base64 where it is no UTF-8. */
export type PayloadEncoding = "text" | "base64" | "json";

/** So many characters are laid out, and so many bytes as hex; what is copied is always all. */
const SHOWN_CHARACTERS = 65_536;
const SHOWN_BYTES = 16_384;
/** Deeper than this, JSON is not moved in any further; longer than this, it is not written in lines at all. */
const DEEP_MAX = 40;
const PRETTY_MAX = 4 << 20;

const VIEWS = ["text", "json", "hex", "base64"] as const;
type View = (typeof VIEWS)[number];

/** What was published, in each way that somebody may want to read it, and its size. */
export function Payload({ payload, encoding }: { payload: string; encoding: PayloadEncoding }) {
  const words = t().messages;
  const id = useId();
  const bytes = useMemo(() => payloadBytes(payload, encoding), [payload, encoding]);
  const text = useMemo(() => (encoding === "base64" ? payloadText(bytes) : payload), [payload, encoding]);
  const json = useMemo(() => (text === null ? null : prettyJson(text)), [text]);
  const views = VIEWS.filter((view) => (view === "text" ? text !== null : view === "json" ? json !== null : true));
  const [chosen, setChosen] = useState<View | null>(null);
  const standard = json !== null && /^\s*[[{]/.test(text!) ? "json" : text !== null ? "text" : "hex";
  const view = chosen !== null && views.includes(chosen) ? chosen : standard;
  const all = useMemo(
    () =>
      view === "text" ? text! : view === "json" ? json! : view === "base64" ? payloadBase64(bytes) : payloadHex(bytes),
    [view, text, json, bytes],
  );
  if (bytes.length === 0) {
    return <p class="quiet">{words.noPayload}</p>;
  }
  const isCut = view === "hex" ? bytes.length > SHOWN_BYTES : all.length > SHOWN_CHARACTERS;
  return (
    <div class="stack-s">
      <div class="row">
        <div
          class="tabs"
          role="tablist"
          aria-label={words.payloadAs}
          onKeyDown={(event) => {
            const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
            if (step !== 0) {
              const next = views[(views.indexOf(view) + step + views.length) % views.length]!;
              setChosen(next);
              document.getElementById(`${id}-${next}`)?.focus();
            }
          }}
        >
          {views.map((one) => (
            <button
              type="button"
              class="tab"
              role="tab"
              id={`${id}-${one}`}
              aria-selected={one === view}
              aria-controls={`${id}-view`}
              tabIndex={one === view ? 0 : -1}
              onClick={() => setChosen(one)}
            >
              {words.payloadViews[one]}
            </button>
          ))}
        </div>
        <div class="row row-end">
          <span class="quiet small num">{written(bytes.length)}</span>
          <CopyButton text={all} label={words.copyPayload} />
        </div>
      </div>
      <PayloadText id={`${id}-view`} labelled={`${id}-${view}`} lines={view === "hex"}>
        {view === "hex" ? hexDump(bytes.subarray(0, SHOWN_BYTES)) : visibleLines(all.slice(0, SHOWN_CHARACTERS))}
      </PayloadText>
      {isCut && <p class="quiet small">{words.payloadCut}</p>}
    </div>
  );
}

function PayloadText({
  id,
  labelled,
  lines,
  children,
}: {
  id: string;
  labelled: string;
  /** Its lines are not to be broken. */
  lines: boolean;
  children: ComponentChildren;
}) {
  return (
    <pre
      class="payload"
      id={id}
      role="tabpanel"
      aria-labelledby={labelled}
      tabIndex={0}
      dir={lines ? "ltr" : "auto"}
      style={lines ? { whiteSpace: "pre", overflowWrap: "normal" } : undefined}
    >
      {children}
    </pre>
  );
}

/** Control characters as symbols, but for those that part lines and columns. */
function visibleLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => line.split("\t").map(visible).join("\t"))
    .join("\n");
}

export function payloadBytes(payload: string, encoding: PayloadEncoding): Uint8Array {
  if (encoding !== "base64") {
    return new TextEncoder().encode(payload);
  }
  const characters = atob(payload);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < characters.length; i++) {
    bytes[i] = characters.charCodeAt(i);
  }
  return bytes;
}

/** Of a payload in bytes. What is base64 need not be decoded for it. */
export function payloadSize(payload: string, encoding: PayloadEncoding): number {
  if (encoding === "base64") {
    return (payload.length / 4) * 3 - (payload.endsWith("==") ? 2 : payload.endsWith("=") ? 1 : 0);
  }
  let size = 0;
  for (let i = 0; i < payload.length; i++) {
    const unit = payload.charCodeAt(i);
    // Each half of a pair makes 2 of its 4 bytes.
    size += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
  }
  return size;
}

/** @returns null: it is no UTF-8 */
export function payloadText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null; // what `fatal` is for: these bytes are no text
  }
}

export function payloadBase64(bytes: Uint8Array): string {
  let characters = "";
  for (let i = 0; i < bytes.length; i += 8_192) {
    characters += String.fromCharCode(...bytes.subarray(i, i + 8_192));
  }
  return btoa(characters);
}

/** Its bytes as hexadecimal digits, two each. */
export function payloadHex(bytes: Uint8Array): string {
  return Array.from(bytes, hex).join(" ");
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** Lines of an offset, 16 bytes and what they are in ASCII; of 8 bytes where there is no room for more. */
function hexDump(bytes: Uint8Array): string {
  const each = matchMedia("(max-width: 759px)").matches ? 8 : 16;
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += each) {
    const part = bytes.subarray(at, at + each);
    const digits = payloadHex(part).padEnd(3 * each - 1);
    const ascii = Array.from(part, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("");
    lines.push(`${at.toString(16).padStart(4, "0")}  ${digits}  ${ascii}`);
  }
  return lines.join("\n");
}

/**
 * JSON with one value a line. Numbers stay as they were written: to read them and write them again would change those
 * that have more digits than a double.
 *
 * @returns null: it is no JSON, or would be too long
 */
export function prettyJson(text: string): string | null {
  try {
    JSON.parse(text);
  } catch {
    return null; // it is no JSON, which is an answer
  }
  let out = "";
  let depth = 0;
  const line = () => `\n${"  ".repeat(Math.min(depth, DEEP_MAX))}`;
  // What is valid has these tokens only: strings, numbers and words, and what stands between them.
  const tokens = text.match(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}:,]|[^\s[\]{}:,"]+/g) ?? [];
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1];
    if (out.length > PRETTY_MAX) {
      return null;
    }
    if (token === "{" || token === "[") {
      depth++;
      const next = tokens[index + 1];
      out += next === "}" || next === "]" ? token : token + line();
    } else if (token === "}" || token === "]") {
      depth--;
      out += before === "{" || before === "[" ? token : line() + token;
    } else if (token === ",") {
      out += token + line();
    } else if (token === ":") {
      out += ": ";
    } else {
      out += token;
    }
  }
  return out;
}
