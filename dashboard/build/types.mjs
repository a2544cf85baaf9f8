// Writes src/api/types.ts out of openapi.json, which the API itself gives (`/api/v1/openapi.json`), so that the
// dashboard cannot use a field or a call that the API has not. A test of the API holds openapi.json against the program.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const here = new URL("../", import.meta.url);
const document = JSON.parse(readFileSync(new URL("openapi.json", here), "utf8"));
const BASE = "/api/v1";

/** The TypeScript of a JSON schema, as far as the API uses JSON schema. */
function written(schema) {
  if (schema.$ref) {
    return schema.$ref.split("/").at(-1);
  }
  if (schema.enum) {
    return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  }
  if (schema.anyOf) {
    return schema.anyOf.map(written).join(" | ");
  }
  if (Array.isArray(schema.type)) {
    return schema.type.map((type) => written({ ...schema, type })).join(" | ");
  }
  switch (schema.type) {
    case "string":
    case "boolean":
    case "null":
      return schema.type;
    case "integer":
    case "number":
      return "number";
    case "array":
      return `(${written(schema.items)})[]`;
    case "object":
      return schema.properties ? fields(schema) : `Record<string, ${written(schema.additionalProperties ?? {})}>`;
    case undefined:
      return "unknown";
    default:
      throw new Error(`The API gives a schema that is not known here: ${JSON.stringify(schema)}`);
  }
}

function fields(schema) {
  const required = new Set(schema.required ?? []);
  const lines = Object.entries(schema.properties).map(
    ([name, of]) => `  ${name}${required.has(name) ? "" : "?"}: ${written(of)};`,
  );
  return `{\n${lines.join("\n")}\n}`;
}

/** What a call takes and gives: names of its path and query, the type of its body and of its answer. */
function call(operation) {
  const named = (where) =>
    (operation.parameters ?? [])
      .filter((parameter) => parameter.in === where)
      .map((parameter) => JSON.stringify(parameter.name))
      .join(" | ") || "never";
  const body = operation.requestBody?.content?.["application/json"]?.schema;
  const answers = Object.entries(operation.responses).filter(([status]) => status.startsWith("2"));
  const answer = answers.map(([, one]) => one.content?.["application/json"]?.schema).find((schema) => schema);
  return `{ path: ${named("path")}; query: ${named("query")}; body: ${body ? written(body) : "undefined"}; answer: ${answer ? written(answer) : "undefined"} }`;
}

const types = Object.entries(document.components.schemas).map(
  ([name, schema]) => `export type ${name} = ${written(schema)};`,
);
const calls = Object.entries(document.paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(
    ([method, operation]) => `  "${method.toUpperCase()} ${path.slice(BASE.length)}": ${call(operation)};`,
  ),
);
mkdirSync(new URL("src/api/", here), { recursive: true });
writeFileSync(
  new URL("src/api/types.ts", here),
  `// Made of openapi.json by build/types.mjs: do not edit.\n\n${types.join("\n\n")}\n\n` +
    `/** Every call under ${BASE}. */\nexport interface Calls {\n${calls.join("\n")}\n}\n`,
);
