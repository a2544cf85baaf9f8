import { useState } from "preact/hooks";
import { FileUp, Plus, UsersRound } from "lucide";
import { call } from "../api/call";
import { may } from "../api/session";
import type { User } from "../api/types";
import { useAction, usePaged } from "../api/use";
import { query, setQuery } from "../route";
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
  FormActions,
  List,
  Name,
  Page,
  Problem,
  SearchField,
  TextField,
  toast,
} from "../ui";
import { RowButtons } from "./row-buttons";
import { UserImport } from "./user-import";
import "./access.css";

type Open = { what: "add" } | { what: "import" } | { what: "change"; user: User };

export default function Users() {
  const words = t().access.users;
  const filter = query("filter");
  const users = usePaged(
    (page, signal) => call("GET /users", { query: { ...page, filter }, signal }),
    [filter],
    10_000,
  );
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const mayChange = may("administrator");
  const columns: Column<User>[] = [
    {
      key: "username",
      title: t().common.username,
      cell: (user) => <Name of={user.username} />,
    },
    {
      key: "groups",
      title: words.groups,
      wide: true,
      cell: (user) =>
        user.groups.length === 0 ? (
          <span class="quiet">{t().common.none}</span>
        ) : (
          user.groups.map((group) => (
            <>
              <Badge>
                <Name of={group} />
              </Badge>{" "}
            </>
          ))
        ),
    },
    {
      key: "source",
      title: words.source,
      width: "8.5rem",
      cell: (user) => <span class="quiet">{words.sources[user.source] ?? user.source}</span>,
    },
    ...(mayChange
      ? [
          {
            key: "actions",
            title: t().common.actions,
            width: "96px",
            cell: (user: User) =>
              user.source === "file" ? null : (
                <RowButtons
                  change={words.change(cut(user.username, 40))}
                  remove={words.remove(cut(user.username, 40))}
                  onChange={() => setOpen({ what: "change", user })}
                  onRemove={async () => {
                    if (
                      await confirm({
                        title: words.removeTitle,
                        text: <p>{words.removeText(cut(user.username))}</p>,
                        verb: t().common.remove,
                        done: words.removed(cut(user.username, 40)),
                        act: () => call("DELETE /users/{username}", { path: { username: user.username } }),
                      })
                    ) {
                      users.refresh();
                    }
                  }}
                />
              ),
          },
        ]
      : []),
  ];
  const buttons = mayChange && (
    <>
      <Button icon={FileUp} onClick={() => setOpen({ what: "import" })}>
        {words.import}
      </Button>
      <Button kind="primary" icon={Plus} onClick={() => setOpen({ what: "add" })}>
        {words.add}
      </Button>
    </>
  );
  return (
    <Page title={t().frame.pages.users} about={words.about} actions={buttons}>
      <div class="row">
        <SearchField label={words.search} value={filter} onSearch={(text) => setQuery({ filter: text })} />
      </div>
      <Card flush>
        <List
          of={users}
          label={t().frame.pages.users}
          columns={columns}
          rowKey={(user) => user.username}
          empty={
            filter ? (
              <Empty icon={UsersRound} title={words.nobodyLike} />
            ) : (
              <Empty icon={UsersRound} title={words.emptyTitle}>
                <p>{words.emptyText}</p>
                {mayChange && (
                  <Button icon={Plus} onClick={() => setOpen({ what: "add" })}>
                    {words.addFirst}
                  </Button>
                )}
              </Empty>
            )
          }
        />
      </Card>
      {open?.what === "add" && (
        <UserForm
          onClose={close}
          onDone={(username) => {
            close();
            toast(words.added(cut(username, 40)));
            users.refresh();
          }}
        />
      )}
      {open?.what === "change" && (
        <UserForm
          user={open.user}
          onClose={close}
          onDone={(username) => {
            close();
            toast(words.changed(cut(username, 40)));
            users.refresh();
          }}
        />
      )}
      {open?.what === "import" && <UserImport onClose={close} onImported={users.refresh} />}
    </Page>
  );
}

/** Makes a user, or changes one: a password that is left empty stays. */
function UserForm({ user, onDone, onClose }: { user?: User; onDone(username: string): void; onClose(): void }) {
  const words = t().access.users;
  const common = t().common;
  const [username, setUsername] = useState(user?.username ?? "");
  const [password, setPassword] = useState("");
  const [groups, setGroups] = useState(user?.groups.join("\n") ?? "");
  const act = useAction(async () => {
    const body = { password: password || null, groups: groups.split("\n").map((one) => one.trim()).filter(Boolean) };
    if (user) {
      await call("PUT /users/{username}", { path: { username: user.username }, body });
    } else {
      await call("POST /users", { body: { username, ...body } });
    }
  });
  const failure = act.failure;
  const atField = failure?.at("username") ?? failure?.at("password") ?? failure?.at("groups");
  return (
    <Dialog title={user ? words.changeTitle(cut(user.username, 40)) : words.add} onClose={onClose}>
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
        {!user && (
          <TextField
            label={common.username}
            value={username}
            onInput={setUsername}
            error={failure?.at("username")}
            required
          />
        )}
        <TextField
          label={user ? words.newPassword : common.password}
          type="password"
          value={password}
          onInput={setPassword}
          autocomplete="new-password"
          hint={user ? words.newPasswordHint : words.passwordHint}
          error={failure?.at("password")}
          required={!user}
        />
        <TextField
          label={words.groups}
          value={groups}
          onInput={setGroups}
          lines={3}
          hint={words.groupsHint}
          error={failure?.at("groups")}
        />
        <FormActions onCancel={onClose} verb={user ? common.save : common.add} busy={act.busy} />
      </form>
    </Dialog>
  );
}
