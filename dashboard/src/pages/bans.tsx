import { useState } from "preact/hooks";
import { ShieldBan } from "lucide";
import { call } from "../api/call";
import { may } from "../api/session";
import type { Ban } from "../api/types";
import { useAction, usePaged } from "../api/use";
import { query, setQuery } from "../route";
import { t } from "../text";
import {
  Ago,
  Button,
  Card,
  type Column,
  confirm,
  cut,
  Dialog,
  Empty,
  FormActions,
  List,
  Name,
  Page,
  Problem,
  SelectField,
  TextField,
  toast,
} from "../ui";
import { RowButtons } from "./row-buttons";
import "./access.css";

type Kind = NonNullable<Ban["kind"]>;
const KINDS: readonly Kind[] = ["client", "user", "address", "client-pattern", "user-pattern"];

export default function Bans() {
  const words = t().access.bans;
  const bans = usePaged((page, signal) => call("GET /bans", { query: page, signal }), [], 5_000);
  // Another page may lead here with whom to ban.
  const [adding, setAdding] = useState(query("value") !== "");
  const mayChange = may("operator");
  const close = () => {
    setAdding(false);
    setQuery({ kind: "", value: "" });
  };
  const columns: Column<Ban>[] = [
    {
      key: "kind",
      title: words.kind,
      width: "13rem",
      wide: true,
      cell: (ban) => words.kinds[ban.kind ?? "client"],
    },
    { key: "value", title: words.value, cell: (ban) => <Name of={ban.value} mono /> },
    { key: "until", title: words.until, width: "10.5rem", cell: (ban) => (ban.until ? <Ago of={ban.until} /> : words.forever) },
    { key: "reason", title: t().common.reason, wide: true, cell: (ban) => <Name of={ban.reason} /> },
    { key: "by", title: words.by, width: "9rem", wide: true, cell: (ban) => <Name of={ban.by} /> },
    { key: "since", title: words.since, width: "9rem", wide: true, cell: (ban) => <Ago of={ban.createdAt} /> },
    ...(mayChange
      ? [
          {
            key: "actions",
            title: t().common.actions,
            width: "88px",
            cell: (ban: Ban) => (
              <RowButtons
                remove={words.end(cut(ban.value ?? "", 40))}
                onRemove={async () => {
                  if (
                    await confirm({
                      title: words.endTitle,
                      text: <p>{words.endText(cut(ban.value ?? ""))}</p>,
                      verb: words.endVerb,
                      done: words.ended,
                      act: () => call("DELETE /bans/{id}", { path: { id: ban.id ?? "" } }),
                    })
                  ) {
                    bans.refresh();
                  }
                }}
              />
            ),
          },
        ]
      : []),
  ];
  const add = mayChange && (
    <Button kind="primary" icon={ShieldBan} onClick={() => setAdding(true)}>
      {words.add}
    </Button>
  );
  return (
    <Page title={t().frame.pages.bans} about={words.about} actions={add}>
      <Card flush>
        <List
          of={bans}
          label={t().frame.pages.bans}
          columns={columns}
          rowKey={(ban) => ban.id ?? ""}
          empty={
            <Empty icon={ShieldBan} title={words.emptyTitle}>
              <p>{words.emptyText}</p>
            </Empty>
          }
        />
      </Card>
      {adding && mayChange && (
        <BanForm
          kind={KINDS.find((one) => one === query("kind")) ?? "client"}
          value={query("value")}
          onClose={close}
          onDone={() => {
            close();
            toast(words.added);
            bans.refresh();
          }}
        />
      )}
    </Page>
  );
}

const SECONDS = { hour: 3_600, day: 86_400, week: 7 * 86_400 } as const;
type Until = keyof typeof SECONDS | "forever" | "date";

function BanForm({
  kind: firstKind,
  value: firstValue,
  onDone,
  onClose,
}: {
  kind: Kind;
  value: string;
  onDone(): void;
  onClose(): void;
}) {
  const words = t().access.bans;
  const common = t().common;
  const [kind, setKind] = useState<Kind>(firstKind);
  const [value, setValue] = useState(firstValue);
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState<Until>("hour");
  const [date, setDate] = useState("");
  const act = useAction(async () => {
    const end =
      until === "forever"
        ? null
        : until === "date"
          ? new Date(date).toISOString()
          : new Date(Date.now() + SECONDS[until] * 1_000).toISOString();
    await call("POST /bans", { body: { kind, value, reason: reason || null, until: end } });
  });
  const failure = act.failure;
  const atField = ["kind", "value", "reason", "until"].some((field) => failure?.at(field));
  return (
    <Dialog title={words.addTitle} onClose={onClose}>
      <form
        class="form"
        onSubmit={async (event) => {
          event.preventDefault();
          if (await act.run()) {
            onDone();
          }
        }}
      >
        {failure && !atField && <Problem of={failure} />}
        <SelectField
          label={words.kind}
          value={kind}
          onChange={setKind}
          options={KINDS.map((one) => [one, words.kinds[one]] as const)}
        />
        <TextField
          label={words.value}
          value={value}
          onInput={setValue}
          hint={words.valueHints[kind]}
          error={failure?.at("value")}
          mono
          required
        />
        <SelectField
          label={words.until}
          value={until}
          onChange={setUntil}
          options={(["hour", "day", "week", "forever", "date"] as const).map(
            (one) => [one, words.untilChoices[one]] as const,
          )}
        />
        {until === "date" && (
          <TextField
            label={words.untilDate}
            type="datetime-local"
            value={date}
            onInput={setDate}
            error={failure?.at("until")}
            required
          />
        )}
        <TextField
          label={common.reason}
          value={reason}
          onInput={setReason}
          hint={words.reasonHint}
          error={failure?.at("reason")}
        />
        <FormActions onCancel={onClose} verb={words.verb} kind="destroy" busy={act.busy} />
      </form>
    </Dialog>
  );
}
