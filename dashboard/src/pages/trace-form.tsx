import { useState } from "preact/hooks";
import { call } from "../api/call";
import type { TraceRequest } from "../api/types";
import { useAction } from "../api/use";
import { t } from "../text";
import { bytes, duration } from "../text/format";
import { Dialog, FormActions, Problem, SelectField, TextField, toast } from "../ui";
import { type Subject, SUBJECTS } from "./trace";

const SECONDS = ["60", "300", "900", "3600", "21600", "86400"] as const;
const SIZES = ["1048576", "16777216", "67108864", "268435456"] as const;
const PAYLOADS = ["0", "100", "1024", "65536"] as const;

/** A name that is not taken: the time, to the second. */
function named(): string {
  return `trace-${new Date().toISOString().slice(0, 19).replace("T", "-").replaceAll(":", "")}`;
}

/** A new trace. */
export function Create({
  kind: givenKind,
  value: givenValue,
  onClose,
  onDone,
}: {
  kind: Subject;
  value: string;
  onClose(): void;
  onDone(): void;
}) {
  const words = t().diagnostics;
  const [kind, setKind] = useState<Subject>(givenKind);
  const [value, setValue] = useState(givenValue);
  const [name, setName] = useState(named);
  const [seconds, setSeconds] = useState<(typeof SECONDS)[number]>("300");
  const [size, setSize] = useState<(typeof SIZES)[number] | "">("");
  const [payload, setPayload] = useState<(typeof PAYLOADS)[number]>("0");
  const create = useAction(async () => {
    const body: TraceRequest = {
      name,
      [kind]: value,
      seconds: Number(seconds),
      maxBytes: size === "" ? null : Number(size),
      payloadBytes: Number(payload),
    };
    await call("POST /traces", { body });
    toast(words.started);
  });
  const { failure } = create;
  const known = ["name", "seconds", "maxBytes", "payloadBytes", ...SUBJECTS];
  return (
    <Dialog title={words.newTrace} onClose={onClose}>
      <form
        class="form"
        onSubmit={async (event) => {
          event.preventDefault();
          if (await create.run()) {
            onDone();
            onClose();
          }
        }}
      >
        {failure && !known.some((field) => failure.at(field)) && <Problem of={failure} />}
        <SelectField
          label={words.recorded}
          value={kind}
          onChange={setKind}
          options={SUBJECTS.map((one) => [one, words.subjectsLong[one]] as const)}
          hint={kind === "topic" ? words.topicHint : words.packetHint}
        />
        <TextField
          label={kind === "topic" ? t().common.filter : t().common[kind]}
          value={value}
          onInput={setValue}
          placeholder={{ clientId: "press-7", username: "ann", address: "10.0.0.0/8", topic: "plant/#" }[kind]}
          error={failure?.at(kind)}
          mono={kind === "topic"}
          autofocus
          required
        />
        <TextField label={t().common.name} value={name} onInput={setName} error={failure?.at("name")} required />
        <div class="grid-2">
          <SelectField
            label={words.seconds}
            value={seconds}
            onChange={setSeconds}
            options={SECONDS.map((one) => [one, duration(Number(one))] as const)}
            error={failure?.at("seconds")}
          />
          <SelectField
            label={words.maxBytes}
            value={size}
            onChange={setSize}
            options={[["", words.asUsual], ...SIZES.map((one) => [one, bytes(Number(one))] as const)]}
            error={failure?.at("maxBytes")}
          />
        </div>
        <SelectField
          label={words.payloadBytes}
          value={payload}
          onChange={setPayload}
          options={PAYLOADS.map(
            (one) => [one, one === "0" ? words.noPayloads : words.firstBytes(bytes(Number(one)))] as const,
          )}
          hint={words.payloadHint}
          error={failure?.at("payloadBytes")}
        />
        <FormActions onCancel={onClose} verb={words.start} busy={create.busy} />
      </form>
    </Dialog>
  );
}
