import { useState } from "preact/hooks";
import type { Rule } from "../api/types";
import { useAction } from "../api/use";
import { t } from "../text";
import { CheckField, Dialog, FormActions, Problem, SelectField, TextField } from "../ui";

const RETAIN = { either: null, only: true, never: false } as const;
const QOS = { q2: 2, q1: 1, q0: 0 } as const;

/** A rule by its fields. */
export function RuleForm({
  title,
  rule,
  place,
  places,
  fieldError,
  onDone,
  onClose,
}: {
  title: string;
  rule: Rule;
  /** Where it stands, from 0. */
  place: number;
  places: number;
  /** What the API said is wrong with it when it was tried. */
  fieldError(field: string): string | undefined;
  /** Takes it; throws what the API says is wrong with it. */
  onDone(rule: Rule, place: number): Promise<void>;
  onClose(): void;
}) {
  const words = t().access.authorization;
  const common = t().common;
  const [effect, setEffect] = useState<"allow" | "deny">(rule.effect === "deny" ? "deny" : "allow");
  const [action, setAction] = useState<"publish" | "subscribe" | "all">((rule.action ?? "all") as "all");
  const [filter, setFilter] = useState(rule.filter ?? "");
  const [username, setUsername] = useState(rule.username ?? "");
  const [noUsername, setNoUsername] = useState(rule.username === "");
  const [clientId, setClientId] = useState(rule.clientId ?? "");
  const [address, setAddress] = useState(rule.address ?? "");
  const [certificate, setCertificate] = useState(rule.certificate ?? "");
  const [group, setGroup] = useState(rule.group ?? "");
  const [qos, setQos] = useState<keyof typeof QOS>(rule.maxQos === 0 ? "q0" : rule.maxQos === 1 ? "q1" : "q2");
  const [retain, setRetain] = useState<keyof typeof RETAIN>(
    rule.retain === true ? "only" : rule.retain === false ? "never" : "either",
  );
  const [at, setAt] = useState(String(place + 1));
  const [missing, setMissing] = useState(false);
  const done = useAction(async () => {
    const number = Number(at);
    await onDone(
      {
        effect,
        action,
        filter,
        username: noUsername ? "" : username || null,
        clientId: clientId || null,
        address: address.trim() || null,
        certificate: certificate || null,
        group: group || null,
        maxQos: QOS[qos],
        retain: action === "subscribe" ? null : RETAIN[retain],
      },
      Math.min(Math.max(Number.isInteger(number) ? number - 1 : place, 0), places - 1),
    );
  });
  // What was wrong before is wrong no more once something else is sent.
  const error = (field: string) =>
    done.failure ? done.failure.problem?.errors?.find((one) => one.field.endsWith(`.${field}`))?.message : fieldError(field);
  const atField = done.failure?.problem?.errors?.some((one) =>
    /\.(filter|address|group|username|clientId|certificate)$/.test(one.field),
  );
  return (
    <Dialog title={title} wide onClose={onClose}>
      <form
        class="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setMissing(filter === "");
          if (filter !== "") {
            void done.run();
          }
        }}
      >
        {done.failure && !atField && <Problem of={done.failure} />}
        <div class="grid-2">
          <SelectField
            label={words.effect}
            value={effect}
            onChange={setEffect}
            options={[
              ["allow", words.effects["allow"]!],
              ["deny", words.effects["deny"]!],
            ]}
          />
          <SelectField
            label={words.action}
            value={action}
            onChange={setAction}
            options={[
              ["publish", words.actions.publish],
              ["subscribe", words.actions.subscribe],
              ["all", words.actions.all],
            ]}
          />
        </div>
        <TextField
          label={common.filter}
          value={filter}
          onInput={setFilter}
          hint={words.filterHint}
          error={missing && filter === "" ? words.filterMissing : error("filter")}
          mono
          required
        />
        <fieldset class="rule-fields">
          <legend>{words.who}</legend>
          <p class="small quiet">{words.whoAbout}</p>
          <div class="grid-2">
            <div class="stack-s">
              <TextField
                label={common.username}
                value={noUsername ? "" : username}
                onInput={setUsername}
                disabled={noUsername}
                error={error("username")}
              />
              <CheckField label={words.noUsername} checked={noUsername} onChange={setNoUsername} />
            </div>
            <TextField label={common.clientId} value={clientId} onInput={setClientId} error={error("clientId")} />
            <TextField label={words.group} value={group} onInput={setGroup} error={error("group")} />
            <TextField
              label={common.address}
              value={address}
              onInput={setAddress}
              hint={words.addressHint}
              error={error("address")}
              mono
            />
            <TextField
              label={words.certificate}
              value={certificate}
              onInput={setCertificate}
              error={error("certificate")}
            />
          </div>
        </fieldset>
        <fieldset class="rule-fields">
          <legend>{words.which}</legend>
          <div class="grid-3">
            <SelectField
              label={words.maxQos}
              value={qos}
              onChange={setQos}
              options={[
                ["q2", words.maxQosOptions.q2],
                ["q1", words.maxQosOptions.q1],
                ["q0", words.maxQosOptions.q0],
              ]}
            />
            {action !== "subscribe" && (
              <SelectField
                label={common.retain}
                value={retain}
                onChange={setRetain}
                options={[
                  ["either", words.retainOptions.either],
                  ["only", words.retainOptions.only],
                  ["never", words.retainOptions.never],
                ]}
              />
            )}
            <TextField label={words.place} type="number" value={at} onInput={setAt} hint={words.placeHint(places)} />
          </div>
        </fieldset>
        <FormActions onCancel={onClose} verb={words.toDraft} busy={done.busy} />
      </form>
    </Dialog>
  );
}
