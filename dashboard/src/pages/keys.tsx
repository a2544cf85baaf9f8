import { useState } from "preact/hooks";
import { KeyRound, Plus } from "lucide";
import { call } from "../api/call";
import type { Key } from "../api/types";
import { useAction, useAsked, usePaged } from "../api/use";
import { t } from "../text";
import {
  Ago,
  Badge,
  Button,
  Card,
  CheckField,
  type Column,
  Command,
  confirm,
  cut,
  Dialog,
  Empty,
  FormActions,
  List,
  Name,
  Notice,
  Page,
  Problem,
  SelectField,
  TextField,
} from "../ui";
import { RowButtons } from "./row-buttons";
import { grouped, scopesOf } from "./scopes";
import "./access.css";

type Role = NonNullable<Key["role"]>;
const ROLES: readonly Role[] = ["viewer", "operator", "administrator"];

export default function Keys() {
  const words = t().access.keys;
  const keys = usePaged((page, signal) => call("GET /keys", { query: page, signal }), [], 15_000);
  const [adding, setAdding] = useState(false);
  const columns: Column<Key>[] = [
    { key: "name", title: t().common.name, cell: (key) => <Name of={key.name} /> },
    {
      key: "role",
      title: t().common.role,
      width: "10rem",
      wide: true,
      cell: (key) => key.role && t().common.roles[key.role],
    },
    {
      key: "scopes",
      title: words.scopes,
      width: "38%",
      wide: true,
      cell: (key) =>
        key.scopes ? (
          <span title={key.scopes.join(" ")}>
            {key.scopes.map((scope) => (
              <>
                <Badge>{scope}</Badge>{" "}
              </>
            ))}
          </span>
        ) : (
          <span class="quiet">{words.allScopes}</span>
        ),
    },
    {
      key: "ends",
      title: words.expires,
      width: "10rem",
      cell: (key) =>
        !key.expiresAt ? (
          t().common.never
        ) : Date.parse(key.expiresAt) < Date.now() ? (
          <Badge tone="bad">{words.expired}</Badge>
        ) : (
          <Ago of={key.expiresAt} />
        ),
    },
    { key: "made", title: words.made, width: "10rem", wide: true, cell: (key) => <Ago of={key.createdAt} /> },
    {
      key: "actions",
      title: t().common.actions,
      width: "88px",
      cell: (key) => (
        <RowButtons
          remove={words.remove(cut(key.name ?? "", 40))}
          onRemove={async () => {
            if (
              await confirm({
                title: words.removeTitle,
                text: <p>{words.removeText(cut(key.name ?? ""))}</p>,
                verb: t().common.remove,
                done: words.removed(cut(key.name ?? "", 40)),
                act: () => call("DELETE /keys/{id}", { path: { id: key.id ?? "" } }),
              })
            ) {
              keys.refresh();
            }
          }}
        />
      ),
    },
  ];
  const add = (
    <Button kind="primary" icon={Plus} onClick={() => setAdding(true)}>
      {words.add}
    </Button>
  );
  return (
    <Page title={t().frame.pages.keys} about={words.about} actions={add}>
      <Card flush>
        <List
          of={keys}
          label={t().frame.pages.keys}
          columns={columns}
          rowKey={(key) => key.id ?? ""}
          empty={
            <Empty icon={KeyRound} title={words.emptyTitle}>
              <p>{words.emptyText}</p>
              <Command line="./relais ctl keys add --role operator --scope publish:write gateway" />
            </Empty>
          }
        />
      </Card>
      {adding && <KeyForm onClose={() => setAdding(false)} onMade={keys.refresh} />}
    </Page>
  );
}

const DAYS = { never: null, d30: 30, d90: 90, d365: 365, date: null } as const;
type Ends = keyof typeof DAYS;

/** Makes a key, and shows it: nobody can see it again. */
function KeyForm({ onMade, onClose }: { onMade(): void; onClose(): void }) {
  const words = t().access.keys;
  const common = t().common;
  const all = useAsked(scopesOf, []);
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("operator");
  const [ends, setEnds] = useState<Ends>("d90");
  const [date, setDate] = useState("");
  const [bounded, setBounded] = useState(true);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [made, setMade] = useState<Key | null>(null);
  const rows = grouped(all.data ?? [], role);
  const scopes = rows.flatMap((row) => [row.read, row.write]).filter((one) => one !== null && chosen.has(one));
  const act = useAction(async () => {
    const days = DAYS[ends];
    const expiresAt =
      ends === "date"
        ? new Date(date).toISOString()
        : days === null
          ? null
          : new Date(Date.now() + days * 86_400_000).toISOString();
    setMade(
      await call("POST /keys", { body: { name, role, expiresAt, scopes: bounded ? (scopes as string[]) : null } }),
    );
    onMade();
  });
  const failure = act.failure;
  const scopeErrors = failure?.problem?.errors?.filter((error) => error.field.startsWith("scopes")) ?? [];
  const atField = ["name", "role", "expiresAt"].some((field) => failure?.at(field)) || scopeErrors.length > 0;
  if (made) {
    return (
      <Dialog title={words.madeTitle} onClose={onClose}>
        <div class="stack">
          <Notice tone="warn">{words.madeOnce}</Notice>
          <div class="secret">
            <Command line={made.key ?? ""} />
          </div>
          <p class="quiet">{words.madeUse}</p>
          <Command line={`curl -H 'Authorization: Bearer ${made.key}' ${location.origin}/api/v1/session`} />
          <div class="form-actions">
            <Button kind="primary" onClick={onClose}>
              {words.madeDone}
            </Button>
          </div>
        </div>
      </Dialog>
    );
  }
  const toggle = (scope: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) {
      next.add(scope);
    } else {
      next.delete(scope);
    }
    setChosen(next);
  };
  return (
    <Dialog title={words.add} wide onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void act.run();
        }}
      >
        {failure && !atField && <Problem of={failure} />}
        <TextField
          label={common.name}
          value={name}
          onInput={setName}
          hint={words.nameHint}
          error={failure?.at("name")}
          required
        />
        <div class="grid-2">
          <SelectField
            label={common.role}
            value={role}
            onChange={setRole}
            hint={t().access.accounts.roles[role]}
            error={failure?.at("role")}
            options={ROLES.map((one) => [one, common.roles[one]] as const)}
          />
          <div class="stack-s">
            <SelectField
              label={words.expires}
              value={ends}
              onChange={setEnds}
              error={ends === "date" ? undefined : failure?.at("expiresAt")}
              options={(Object.keys(DAYS) as Ends[]).map((one) => [one, words.ends[one]] as const)}
            />
            {ends === "date" && (
              <TextField
                label={words.date}
                type="datetime-local"
                value={date}
                onInput={setDate}
                error={failure?.at("expiresAt")}
                required
              />
            )}
          </div>
        </div>
        <div class="stack-s">
          <span class="field-label">{words.scopes}</span>
          <CheckField label={words.bounded} checked={bounded} onChange={setBounded} />
          {!bounded && <p class="field-hint">{words.unboundedHint}</p>}
          {scopeErrors.map((error) => (
            <p class="field-error">{error.message}</p>
          ))}
          {bounded && all.failure && <Problem of={all.failure} onRetry={all.refresh} />}
          {bounded && (
            <div class="scopes">
              {rows.map((row) => (
                <fieldset class="scope">
                  <legend class="mono">{row.area}</legend>
                  {row.read !== null && (
                    <CheckField
                      label={words.read}
                      checked={chosen.has(row.read)}
                      onChange={(on) => toggle(row.read!, on)}
                    />
                  )}
                  {row.write !== null && (
                    <CheckField
                      label={words.write}
                      checked={chosen.has(row.write)}
                      onChange={(on) => toggle(row.write!, on)}
                    />
                  )}
                </fieldset>
              ))}
            </div>
          )}
          {bounded && (chosen.has("accounts:write") || chosen.has("users:write")) && role === "administrator" && (
            <Notice tone="warn">{words.mighty}</Notice>
          )}
        </div>
        <FormActions onCancel={onClose} verb={common.create} busy={act.busy} disabled={bounded && scopes.length === 0} />
      </form>
    </Dialog>
  );
}
