import { useState } from "preact/hooks";
import { ChevronDown, ChevronRight } from "lucide";
import { t } from "../text";
import { Button } from "../ui";

/** JSON schema, as far as the API uses it. */
export type Schema = {
  $ref?: string;
  type?: string | string[];
  format?: string;
  enum?: (string | null)[];
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  required?: string[];
};

export type Schemas = Record<string, Schema>;

function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf("/") + 1);
}

/** Without the null that stands beside what it is else. */
function apart(schema: Schema): { schema: Schema; nullable: boolean } {
  if (schema.anyOf) {
    const others = schema.anyOf.filter((one) => one.type !== "null");
    const nullable = others.length < schema.anyOf.length;
    return others.length === 1 ? { schema: others[0]!, nullable } : { schema: { ...schema, anyOf: others }, nullable };
  }
  if (Array.isArray(schema.type)) {
    const types = schema.type.filter((one) => one !== "null");
    return {
      schema: { ...schema, type: types.length === 1 ? types[0]! : types },
      nullable: types.length < schema.type.length,
    };
  }
  return { schema, nullable: false };
}

/** A type in words, and its fields, one level at a time. */
export function Shape({ of, schemas, open }: { of: Schema; schemas: Schemas; open?: boolean }) {
  const words = t().system;
  const { schema, nullable } = apart(of);
  const tail = nullable && <span class="quiet small"> {words.orNull}</span>;
  if (schema.$ref) {
    return (
      <>
        <Named name={nameOf(schema.$ref)} schemas={schemas} open={open ?? false} />
        {tail}
      </>
    );
  }
  if (schema.enum) {
    return (
      <>
        <span class="mono">{schema.enum.filter((one) => one !== null).map((one) => JSON.stringify(one)).join(" | ")}</span>
        {tail}
      </>
    );
  }
  if (schema.anyOf) {
    return (
      <>
        {schema.anyOf.map((one, index) => (
          <span key={index}>
            {index > 0 && " | "}
            <Shape of={one} schemas={schemas} />
          </span>
        ))}
        {tail}
      </>
    );
  }
  if (schema.type === "array") {
    return (
      <>
        <span class="quiet">{words.listOf}</span> <Shape of={schema.items ?? {}} schemas={schemas} open={open ?? false} />
        {tail}
      </>
    );
  }
  if (schema.properties) {
    return (
      <>
        <Fields of={schema} schemas={schemas} />
        {tail}
      </>
    );
  }
  if (schema.type === "object") {
    const each = typeof schema.additionalProperties === "object" ? schema.additionalProperties : {};
    return (
      <>
        <span class="quiet">{words.mapOf}</span> <Shape of={each} schemas={schemas} />
        {tail}
      </>
    );
  }
  return (
    <>
      <span class="mono">{schema.type === undefined ? words.anything : String(schema.type)}</span>
      {schema.format && <span class="quiet small mono"> {schema.format}</span>}
      {tail}
    </>
  );
}

function Named({ name, schemas, open: first }: { name: string; schemas: Schemas; open: boolean }) {
  const words = t().system;
  const [open, setOpen] = useState(first);
  const schema = schemas[name];
  return (
    <>
      <Button
        small
        icon={open ? ChevronDown : ChevronRight}
        label={open ? words.hideFields(name) : words.showFields(name)}
        pressed={open}
        onClick={() => setOpen(!open)}
      >
        <span class="mono">{name}</span>
      </Button>
      {open && schema && <Fields of={schema} schemas={schemas} />}
    </>
  );
}

function Fields({ of, schemas }: { of: Schema; schemas: Schemas }) {
  const words = t().system;
  const required = new Set(of.required ?? []);
  if (!of.properties) {
    return <Shape of={of} schemas={schemas} />;
  }
  return (
    <ul class="fields">
      {Object.entries(of.properties).map(([name, schema]) => (
        <li key={name}>
          <span class="fields-name mono">{name}</span>
          {!required.has(name) && <span class="quiet small"> {words.optional}</span>}
          {": "}
          <Shape of={schema} schemas={schemas} />
        </li>
      ))}
    </ul>
  );
}

/** A value of a type, for a line to copy. Deep down it is left out. */
export function example(of: Schema, schemas: Schemas, depth = 0): unknown {
  const { schema, nullable } = apart(of);
  if (schema.$ref) {
    return depth > 2 ? null : example(schemas[nameOf(schema.$ref)] ?? {}, schemas, depth + 1);
  }
  if (schema.enum) {
    return schema.enum[0];
  }
  if (schema.properties) {
    return Object.fromEntries(
      Object.entries(schema.properties).map(([name, one]) => [name, example(one, schemas, depth + 1)]),
    );
  }
  switch (schema.type) {
    case "array":
      return depth > 2 ? [] : [example(schema.items ?? {}, schemas, depth + 1)];
    case "object":
      return {};
    case "integer":
    case "number":
      return 0;
    case "boolean":
      return false;
    case "string":
      return "…";
    default:
      return nullable ? null : "…";
  }
}
