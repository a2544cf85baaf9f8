import { useState } from "preact/hooks";
import { UserRoundPlus } from "lucide";
import { call } from "../api/call";
import { session } from "../api/session";
import type { Account } from "../api/types";
import { useAction, usePaged } from "../api/use";
import { t } from "../text";
import {
  Badge,
  Button,
  Card,
  type Column,
  confirm,
  cut,
  Dialog,
  Empty,
  Facts,
  FormActions,
  List,
  Name,
  Notice,
  Page,
  Problem,
  SelectField,
  TextField,
  Time,
  toast,
} from "../ui";
import { RowButtons } from "./row-buttons";
import "./access.css";

type Role = NonNullable<Account["role"]>;
const ROLES: readonly Role[] = ["viewer", "operator", "administrator"];

export default function Accounts() {
  const words = t().access.accounts;
  const accounts = usePaged((page, signal) => call("GET /accounts", { query: page, signal }), [], 15_000);
  const [open, setOpen] = useState<"add" | Account | null>(null);
  const me = session.value?.username;
  const administrators = accounts.items.filter((one) => one.role === "administrator");
  // Behind what was loaded there may be more.
  const isLast = (account: Account) =>
    account.role === "administrator" && administrators.length === 1 && !accounts.hasMore;
  const columns: Column<Account>[] = [
    {
      key: "username",
      title: t().common.username,
      cell: (account) => (
        <>
          <Name of={account.username} /> {account.username === me && <Badge tone="accent">{words.you}</Badge>}
        </>
      ),
    },
    {
      key: "role",
      title: t().common.role,
      width: "34%",
      cell: (account) => account.role && t().common.roles[account.role],
    },
    { key: "made", title: words.made, width: "24%", wide: true, cell: (account) => <Time of={account.createdAt} /> },
    {
      key: "actions",
      title: t().common.actions,
      width: "96px",
      cell: (account) => {
        const username = account.username ?? "";
        return (
          <RowButtons
            change={words.change(cut(username, 40))}
            onChange={() => setOpen(account)}
            {...(isLast(account)
              ? {}
              : {
                  remove: words.remove(cut(username, 40)),
                  onRemove: async () => {
                    if (
                      await confirm({
                        title: words.removeTitle,
                        text: (
                          <>
                            <p>{words.removeText(cut(username))}</p>
                            {username === me && <Notice tone="warn">{words.removeYourself}</Notice>}
                          </>
                        ),
                        verb: t().common.remove,
                        done: words.removed(cut(username, 40)),
                        act: () => call("DELETE /accounts/{username}", { path: { username } }),
                      })
                    ) {
                      accounts.refresh();
                    }
                  },
                })}
          />
        );
      },
    },
  ];
  return (
    <Page
      title={t().frame.pages.accounts}
      about={words.about}
      actions={
        <Button kind="primary" icon={UserRoundPlus} onClick={() => setOpen("add")}>
          {words.add}
        </Button>
      }
    >
      <Card flush>
        <List
          of={accounts}
          label={t().frame.pages.accounts}
          columns={columns}
          rowKey={(account) => account.username ?? ""}
          empty={<Empty title={words.emptyTitle} />}
        />
      </Card>
      <Card title={words.rolesTitle}>
        <Facts of={ROLES.map((role) => [t().common.roles[role], words.roles[role]] as const)} />
      </Card>
      {open !== null && (
        <AccountForm
          {...(open === "add" ? {} : { account: open, isLast: isLast(open) })}
          onClose={() => setOpen(null)}
          onDone={(username) => {
            toast((open === "add" ? words.added : words.changed)(cut(username, 40)));
            setOpen(null);
            accounts.refresh();
          }}
        />
      )}
    </Page>
  );
}

/** Makes an account, or changes one: a password that is left empty stays. */
function AccountForm({
  account,
  isLast,
  onDone,
  onClose,
}: {
  account?: Account;
  /** The only administrator: it stays one. */
  isLast?: boolean;
  onDone(username: string): void;
  onClose(): void;
}) {
  const words = t().access.accounts;
  const common = t().common;
  const [username, setUsername] = useState(account?.username ?? "");
  const [role, setRole] = useState<Role>(account?.role ?? "viewer");
  const [password, setPassword] = useState("");
  const act = useAction(async () => {
    if (account) {
      await call("PUT /accounts/{username}", { path: { username }, body: { role, password: password || null } });
    } else {
      await call("POST /accounts", { body: { username, role, password } });
    }
  });
  const failure = act.failure;
  const atField = ["username", "role", "password"].some((field) => failure?.at(field));
  return (
    <Dialog title={account ? words.change(cut(username, 40)) : words.add} onClose={onClose}>
      <form
        class="form"
        onSubmit={async (event) => {
          event.preventDefault();
          if (await act.run()) {
            onDone(username);
          }
        }}
      >
        {failure && !atField && <Problem of={failure} />}
        {!account && (
          <TextField
            label={common.username}
            value={username}
            onInput={setUsername}
            error={failure?.at("username")}
            required
          />
        )}
        <SelectField
          label={common.role}
          value={role}
          onChange={setRole}
          disabled={isLast === true}
          hint={isLast ? words.last : words.roles[role]}
          error={failure?.at("role")}
          options={ROLES.map((one) => [one, common.roles[one]] as const)}
        />
        <TextField
          label={account ? words.newPassword : common.password}
          type="password"
          value={password}
          onInput={setPassword}
          autocomplete="new-password"
          hint={account ? words.newPasswordHint : words.passwordHint}
          error={failure?.at("password")}
          required={!account}
        />
        <FormActions onCancel={onClose} verb={account ? common.save : common.add} busy={act.busy} />
      </form>
    </Dialog>
  );
}
