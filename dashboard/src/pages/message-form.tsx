import { Plus, X } from "lucide";
import { t } from "../text";
import { Button, CheckField, SelectField, TextField } from "../ui";
import "./message-form.css";

/** How a payload is written by hand. */
export const KINDS = ["text", "json", "hex", "base64"] as const;
export type Kind = (typeof KINDS)[number];

/** A message that is being written. */
export type Draft = {
  topic: string;
  kind: Kind;
  payload: string;
  qos: "0" | "1" | "2";
  retain: boolean;
  contentType: string;
  responseTopic: string;
  correlationData: string;
  expiry: string;
  user: readonly (readonly [name: string, value: string])[];
};

export const EMPTY_DRAFT: Draft = {
  topic: "",
  kind: "text",
  payload: "",
  qos: "0",
  retain: false,
  contentType: "",
  responseTopic: "",
  correlationData: "",
  expiry: "",
  user: [],
};

const USER_MAX = 50;

/** @returns null: it is not what it says it is */
export function draftBytes(kind: Kind, text: string): Uint8Array<ArrayBuffer> | null {
  switch (kind) {
    case "text":
      return new TextEncoder().encode(text);
    case "json":
      try {
        JSON.parse(text);
      } catch {
        return null; // what it is asked for
      }
      return new TextEncoder().encode(text);
    case "hex": {
      const digits = text.replace(/\s+/g, "");
      if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits)) {
        return null;
      }
      return Uint8Array.from({ length: digits.length / 2 }, (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16));
    }
    case "base64":
      try {
        return Uint8Array.from(atob(text.replace(/\s+/g, "")), (character) => character.charCodeAt(0));
      } catch {
        return null; // what it is asked for
      }
  }
}

/** What can be seen to be wrong before anything is sent, by field. */
export function problemsOf(draft: Draft, properties: boolean): Partial<Record<keyof Draft, string>> {
  const words = t().topics;
  const found: Partial<Record<keyof Draft, string>> = {};
  if (draft.topic === "") {
    found.topic = words.topicNeeded;
  } else if (/[#+]/.test(draft.topic)) {
    found.topic = words.topicWild;
  }
  if (draftBytes(draft.kind, draft.payload) === null) {
    found.payload = words.payloadWrong[draft.kind];
  }
  if (properties) {
    const expiry = Number(draft.expiry);
    if (draft.expiry !== "" && !(Number.isInteger(expiry) && expiry >= 1 && expiry <= 0xffff_ffff)) {
      found.expiry = words.expiryWrong;
    }
    if (/[#+]/.test(draft.responseTopic)) {
      found.responseTopic = words.topicWild;
    }
  }
  return found;
}

/** The fields of a message. Who uses it keeps the draft, and says what is wrong with it. */
export function MessageFields({
  draft,
  onInput,
  errors,
  properties,
  lines = 5,
}: {
  draft: Draft;
  onInput(draft: Draft): void;
  errors: Partial<Record<keyof Draft, string | undefined>>;
  /** MQTT 5 has more to say about a message. */
  properties: boolean;
  lines?: number;
}) {
  const words = t().topics;
  const set = <K extends keyof Draft>(field: K) => (value: Draft[K]) => onInput({ ...draft, [field]: value });
  const given = [draft.contentType, draft.responseTopic, draft.correlationData, draft.expiry].filter(Boolean).length;
  return (
    <>
      <TextField label={t().common.topic} value={draft.topic} onInput={set("topic")} error={errors.topic} mono />
      <TextField
        label={t().common.payload}
        value={draft.payload}
        onInput={set("payload")}
        error={errors.payload}
        lines={lines}
        mono
      />
      <div class="message-kind">
        <SelectField
          label={words.payloadKind}
          value={draft.kind}
          onChange={set("kind")}
          options={KINDS.map((kind) => [kind, words.kinds[kind]] as const)}
        />
        <SelectField
          label={t().common.qos}
          value={draft.qos}
          onChange={set("qos")}
          options={[
            ["0", words.qos.q0],
            ["1", words.qos.q1],
            ["2", words.qos.q2],
          ]}
        />
      </div>
      <CheckField label={words.retain} checked={draft.retain} onChange={set("retain")} />
      {properties && (
        <details class="message-more" open={given + draft.user.length > 0}>
          <summary>{words.properties}</summary>
          <div class="form">
            <div class="message-options">
              <TextField
                label={words.contentType}
                value={draft.contentType}
                onInput={set("contentType")}
                error={errors.contentType}
                list={["application/json", "text/plain", "application/octet-stream", "application/cbor"]}
                mono
              />
              <TextField
                label={words.expiry}
                type="number"
                value={draft.expiry}
                onInput={set("expiry")}
                error={errors.expiry}
              />
              <TextField
                label={words.responseTopic}
                value={draft.responseTopic}
                onInput={set("responseTopic")}
                error={errors.responseTopic}
                mono
              />
              <TextField
                label={words.correlationData}
                value={draft.correlationData}
                onInput={set("correlationData")}
                error={errors.correlationData}
                mono
              />
            </div>
            <fieldset class="message-user">
              <legend class="field-label">{words.userProperties}</legend>
              {draft.user.map(([name, value], index) => {
                const change = (pair: [string, string] | null) =>
                  onInput({
                    ...draft,
                    user: pair
                      ? draft.user.map((one, at) => (at === index ? pair : one))
                      : draft.user.filter((_, at) => at !== index),
                  });
                return (
                  <div class="message-pair">
                    <input
                      class="input input-mono"
                      aria-label={words.userName}
                      placeholder={words.userName}
                      value={name}
                      spellcheck={false}
                      onInput={(event) => change([event.currentTarget.value, value])}
                    />
                    <input
                      class="input input-mono"
                      aria-label={words.userValue}
                      placeholder={words.userValue}
                      value={value}
                      spellcheck={false}
                      onInput={(event) => change([name, event.currentTarget.value])}
                    />
                    <Button kind="plain" icon={X} label={words.removeProperty} onClick={() => change(null)} />
                  </div>
                );
              })}
              {draft.user.length < USER_MAX && (
                <Button small icon={Plus} onClick={() => onInput({ ...draft, user: [...draft.user, ["", ""]] })}>
                  {words.addProperty}
                </Button>
              )}
            </fieldset>
          </div>
        </details>
      )}
    </>
  );
}
