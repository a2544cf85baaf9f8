import { useEffect, useState } from "preact/hooks";
import { call, Failure } from "../api/call";
import { ended, forget, keep, session } from "../api/session";
import { useAction } from "../api/use";
import { t } from "../text";
import { Button, Notice, Problem, TextField, toast } from "../ui";
import { LanguageMenu, ThemeMenu } from "./Choices";
import { Mark } from "./Mark";

/** Who are you? The page of the address stays, and is there again behind it. */
export function SignIn() {
  const words = t().frame;
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useAction(async () => {
    const made = await call("POST /session", { body: { username, password } });
    keep({ ...made, username });
  });
  useEffect(() => {
    document.title = `${words.signIn} · Relais`;
  }, [words]);
  return (
    <Door>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void signIn.run();
        }}
      >
        <div>
          <h1>{words.signIn}</h1>
          <p class="quiet">{words.signInAbout}</p>
        </div>
        {ended.value === "over" && !signIn.failure && <Notice tone="warn">{words.signInOver}</Notice>}
        {signIn.failure &&
          (signIn.failure.status === 401 ? (
            <Notice tone="bad">{words.signInWrong}</Notice>
          ) : (
            <Problem of={signIn.failure} />
          ))}
        <TextField
          label={t().common.username}
          value={username}
          onInput={setUsername}
          autocomplete="username"
          autofocus
          required
        />
        <TextField
          label={t().common.password}
          type="password"
          value={password}
          onInput={setPassword}
          autocomplete="current-password"
          required
        />
        <Button kind="primary" type="submit" busy={signIn.busy}>
          {words.signIn}
        </Button>
        <p class="small quiet">{words.signInFirst}</p>
      </form>
    </Door>
  );
}

/** The password of a fresh node must be replaced before anything else. */
export function NewPassword() {
  const words = t().frame;
  return (
    <Door>
      <div class="form">
        <div>
          <h1>{words.newPasswordTitle}</h1>
          <p class="quiet">{words.newPasswordAbout}</p>
        </div>
        <PasswordForm
          onDone={() => {
            keep({ ...session.value!, passwordChangeRequired: false });
            toast(words.passwordChanged);
          }}
        />
        <Button kind="plain" onClick={() => forget("left")}>
          {words.signOut}
        </Button>
      </div>
    </Door>
  );
}

/** Changes the password of who is signed in. */
export function PasswordForm({ onDone }: { onDone(): void }) {
  const words = t().frame;
  const [current, setCurrent] = useState("");
  const [first, setFirst] = useState("");
  const [second, setSecond] = useState("");
  const [other, setOther] = useState(false);
  const change = useAction(() => call("PUT /session/password", { body: { current, new: first } }));
  const failure = change.failure;
  const atField = failure?.at("new") ?? failure?.at("current");
  return (
    <form
      class="form"
      onSubmit={async (event) => {
        event.preventDefault();
        setOther(first !== second);
        if (first === second && (await change.run())) {
          onDone();
        }
      }}
    >
      {failure && !atField && <Problem of={failure} />}
      <TextField
        label={words.currentPassword}
        type="password"
        value={current}
        onInput={setCurrent}
        autocomplete="current-password"
        error={failure?.at("current")}
        required
        autofocus
      />
      <TextField
        label={words.newPassword}
        type="password"
        value={first}
        onInput={setFirst}
        autocomplete="new-password"
        error={failure?.at("new")}
        required
      />
      <TextField
        label={words.newPasswordAgain}
        type="password"
        value={second}
        onInput={setSecond}
        autocomplete="new-password"
        error={other && first !== second ? words.newPasswordOther : undefined}
        required
      />
      <Button kind="primary" type="submit" busy={change.busy}>
        {words.changePassword}
      </Button>
    </form>
  );
}

function Door({ children }: { children: preact.ComponentChildren }) {
  return (
    <div class="door">
      <header class="door-head">
        <Mark />
        <div class="row row-end">
          <LanguageMenu />
          <ThemeMenu />
        </div>
      </header>
      <main class="door-main">
        <div class="card door-card">{children}</div>
      </main>
    </div>
  );
}

/** Ends the session at the node too; one that is over already is as good. */
export async function signOut(): Promise<void> {
  try {
    await call("DELETE /session");
  } catch (error) {
    if (!(error instanceof Failure)) {
      throw error;
    }
  }
}
