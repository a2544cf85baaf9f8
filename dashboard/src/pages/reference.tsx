import { useMemo, useState } from "preact/hooks";
import { ChevronDown, ChevronRight, Play, SearchX } from "lucide";
import { send } from "../api/call";
import type { Calls } from "../api/types";
import { useAction, useAsked } from "../api/use";
import { query, setQuery } from "../route";
import { t } from "../text";
import {
  Badge,
  Button,
  Card,
  Command,
  Empty,
  Icon,
  Loading,
  Page,
  prettyJson,
  Problem,
  SearchField,
  TextField,
  type Tone,
} from "../ui";
import { example, type Schema, type Schemas, Shape } from "./reference-schema";
import "./reference.css";

type Content = Record<string, { schema?: Schema }>;

type Operation = {
  summary?: string;
  description?: string;
  security?: Record<string, string[]>[];
  parameters?: { name: string; in: "path" | "query"; description?: string; required?: boolean; schema?: Schema }[];
  requestBody?: { content?: Content };
  responses: Record<string, { content?: Content }>;
};

type Document = {
  info: { title: string; version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Schemas };
};

type One = { key: string; method: string; path: string; part: string; operation: Operation };

const BASE = "/api/v1";

export default function Reference() {
  const words = t().system;
  const asked = useAsked(async (signal) => {
    const response = await send("GET /openapi.json", { signal });
    return (await response.json()) as Document;
  }, []);
  const document = asked.data;
  const all = useMemo<One[]>(
    () =>
      Object.entries(document?.paths ?? {}).flatMap(([path, operations]) =>
        Object.entries(operations).map(([method, operation]) => ({
          key: `${method} ${path}`,
          method: method.toUpperCase(),
          path,
          part: path.slice(BASE.length + 1).split("/")[0]!,
          operation,
        })),
      ),
    [document],
  );
  const text = query("q").toLowerCase();
  const only = query("part");
  const found = all.filter(
    (one) =>
      text === "" ||
      `${one.method} ${one.path}`.toLowerCase().includes(text) ||
      (one.operation.summary ?? "").toLowerCase().includes(text),
  );
  const parts = [...new Set(found.map((one) => one.part))].sort();
  const shown = parts.includes(only) ? [only] : parts;
  return (
    <Page
      title={t().frame.pages.reference}
      about={words.referenceAbout}
      actions={
        <a class="button" href={`${BASE}/openapi.json`} target="_blank" rel="noopener">
          openapi.json
        </a>
      }
    >
      {asked.failure && <Problem of={asked.failure} onRetry={asked.refresh} />}
      {!document && !asked.failure && <Loading />}
      {document && (
        <>
          <div class="row">
            <SearchField label={words.referenceFind} value={query("q")} onSearch={(q) => setQuery({ q })} />
            <span class="quiet small num">{words.calls(found.length)}</span>
          </div>
          {found.length === 0 && (
            <Card>
              <Empty icon={SearchX} title={words.referenceNone} />
            </Card>
          )}
          <div class="reference">
            <div class="reference-parts" role="group" aria-label={words.groups}>
              {parts.map((part) => (
                <Button
                  key={part}
                  small
                  pressed={part === only}
                  onClick={() => setQuery({ part: part === only ? "" : part })}
                >
                  <span class="mono">{part}</span>
                  <span class="quiet num">{found.filter((one) => one.part === part).length}</span>
                </Button>
              ))}
            </div>
            <div class="stack">
              {shown.map((part) => (
                <Card key={part} flush title={<span class="mono">{part}</span>}>
                  <ul>
                    {found
                      .filter((one) => one.part === part)
                      .map((one) => (
                        <Told key={one.key} of={one} schemas={document.components.schemas} />
                      ))}
                  </ul>
                </Card>
              ))}
            </div>
          </div>
        </>
      )}
    </Page>
  );
}

const METHODS: Record<string, Tone> = { GET: "good", POST: "accent", PUT: "warn", PATCH: "warn", DELETE: "bad" };

const ROLE = /role (viewer|operator|administrator)/;

function Told({ of, schemas }: { of: One; schemas: Schemas }) {
  const open = query("call") === of.key;
  return (
    <li class="operation">
      <button
        type="button"
        class="operation-head"
        aria-expanded={open}
        onClick={() => setQuery({ call: open ? "" : of.key })}
      >
        <span class="method">
          <Badge tone={METHODS[of.method]}>{of.method}</Badge>
        </span>
        <span class="operation-text">
          <span class="operation-path mono">{of.path.slice(BASE.length)}</span>
          <span class="quiet small" lang="en">
            {of.operation.summary}
          </span>
        </span>
        <Icon of={open ? ChevronDown : ChevronRight} />
      </button>
      {open && <Body of={of} schemas={schemas} />}
    </li>
  );
}

function Body({ of, schemas }: { of: One; schemas: Schemas }) {
  const words = t().system;
  const { operation } = of;
  const role = ROLE.exec(operation.description ?? "")?.[1] as "viewer" | "operator" | "administrator" | undefined;
  const scopes = operation.security?.flatMap((one) => Object.values(one).flat()) ?? [];
  const body = operation.requestBody?.content ?? {};
  const [status, answer] = Object.entries(operation.responses).find(([one]) => one.startsWith("2")) ?? [];
  const parameters = operation.parameters ?? [];
  return (
    <div class="operation-body">
      <div class="row">
        <Badge>{role ? `${words.needs}: ${t().common.roles[role]}` : words.referenceNoRole}</Badge>
        {scopes.map((scope) => (
          <Badge key={scope}>
            {words.scope}: <span class="mono">{scope}</span>
          </Badge>
        ))}
      </div>
      {parameters.length > 0 && (
        <section class="stack-s">
          <h3>{words.parameters}</h3>
          <ul class="fields">
            {parameters.map((one) => (
              <li key={one.name}>
                <span class="fields-name mono">{one.name}</span>{" "}
                <span class="quiet small">{one.in === "path" ? words.inPath : one.required ? "" : words.optional}</span>
                {": "}
                <Shape of={one.schema ?? {}} schemas={schemas} />
                {one.description && (
                  <div class="quiet small" lang="en">
                    {one.description}
                  </div>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      {Object.keys(body).length > 0 && (
        <section class="stack-s">
          <h3>{words.body}</h3>
          <Contents of={body} schemas={schemas} />
        </section>
      )}
      <section class="stack-s">
        <h3>
          {words.answer} <span class="num quiet">{status}</span>
        </h3>
        <Contents of={answer?.content ?? {}} schemas={schemas} />
      </section>
      <section class="stack-s">
        <h3>{words.call}</h3>
        <Command line={curl(of, schemas)} />
      </section>
      {of.method === "GET" && !("text/event-stream" in (answer?.content ?? {})) && !("application/zip" in (answer?.content ?? {})) && (
        <Try of={of} />
      )}
    </div>
  );
}

function Contents({ of, schemas }: { of: Content; schemas: Schemas }) {
  const words = t().system;
  const kinds = Object.entries(of);
  if (kinds.length === 0) {
    return <p class="quiet">{words.noBody}</p>;
  }
  return (
    <>
      {kinds.map(([type, content]) => (
        <div key={type}>
          {type === "application/json" && content.schema ? (
            <Shape of={content.schema} schemas={schemas} open />
          ) : (
            <p>{type === "text/event-stream" ? words.stream : words.file(type)}</p>
          )}
        </div>
      ))}
    </>
  );
}

/** For a shell: what stands between quotes must not end them. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function curl(of: One, schemas: Schemas): string {
  const { operation } = of;
  const needed = (operation.parameters ?? []).filter((one) => one.in === "query" && one.required);
  const asked = needed.map((one) => `${one.name}=…`).join("&");
  const parts = ["curl"];
  if (of.method !== "GET") {
    parts.push(`-X ${of.method}`);
  }
  parts.push(quoted(`${location.origin}${of.path}${asked ? `?${asked}` : ""}`));
  if ((operation.security ?? []).length > 0) {
    parts.push(`-H "Authorization: Bearer $TOKEN"`);
  }
  const schema = operation.requestBody?.content?.["application/json"]?.schema;
  if (schema) {
    parts.push(`-d ${quoted(JSON.stringify(example(schema, schemas)))}`);
  }
  const answer = Object.entries(operation.responses).find(([one]) => one.startsWith("2"))?.[1].content ?? {};
  if ("text/event-stream" in answer) {
    parts.splice(1, 0, "-N");
  } else if ("application/zip" in answer) {
    parts.push("-o relais.zip");
  }
  return parts.join(" ");
}

// ---- try it

const SHOWN_MAX = 64 * 1_024;

/** The beginning of an answer, as text. */
async function beginning(response: Response): Promise<{ text: string; whole: boolean }> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) {
      return { text, whole: true };
    }
    text += value;
    if (text.length > SHOWN_MAX) {
      await reader.cancel();
      return { text: text.slice(0, SHOWN_MAX), whole: false };
    }
  }
}

function Try({ of }: { of: One }) {
  const words = t().system;
  const [given, setGiven] = useState<Record<string, string>>({});
  const [answer, setAnswer] = useState<{ text: string; whole: boolean; status: number } | null>(null);
  const parameters = of.operation.parameters ?? [];
  const ask = useAction(async () => {
    setAnswer(null);
    const named = (where: "path" | "query") =>
      Object.fromEntries(parameters.filter((one) => one.in === where).map((one) => [one.name, given[one.name] ?? ""]));
    const response = await send(`GET ${of.path.slice(BASE.length)}` as keyof Calls, {
      path: named("path") as never,
      query: named("query") as never,
    });
    const { text, whole } = await beginning(response);
    const pretty = whole ? prettyJson(text) : null;
    const shown = pretty !== null && pretty.length > SHOWN_MAX ? pretty.slice(0, SHOWN_MAX) : (pretty ?? text);
    setAnswer({ text: shown, whole: whole && shown === (pretty ?? text), status: response.status });
  });
  return (
    <section class="stack-s">
      <h3>{words.tryCall}</h3>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void ask.run();
        }}
      >
        {parameters.length > 0 && (
          <div class="grid-3">
            {parameters.map((one) => (
              <TextField
                key={one.name}
                label={one.name}
                value={given[one.name] ?? ""}
                onInput={(value) => setGiven((before) => ({ ...before, [one.name]: value }))}
                required={one.in === "path"}
                error={ask.failure?.at(one.name)}
                mono
              />
            ))}
          </div>
        )}
        <div class="row">
          <Button type="submit" icon={Play} busy={ask.busy}>
            {words.tryGo}
          </Button>
        </div>
      </form>
      {ask.failure && <Problem of={ask.failure} />}
      {answer && (
        <div class="stack-s" role="status">
          <div class="row">
            <Badge tone="good">{answer.status}</Badge>
            {!answer.whole && <span class="quiet small">{words.tryCut}</span>}
          </div>
          <pre class="payload" tabIndex={0} aria-label={words.tryAnswer} role="region">
            {answer.text}
          </pre>
        </div>
      )}
    </section>
  );
}
