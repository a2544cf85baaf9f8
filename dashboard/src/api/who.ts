import { call, Failure } from "./call";
import { keep, session } from "./session";

/** Asks the node who the token of this tab is: its role may have changed since, or the token may be over. */
export async function askWho(): Promise<void> {
  const mine = session.value;
  if (mine === null) {
    return;
  }
  try {
    const told = await call("GET /session");
    if (session.value?.token === mine.token) {
      keep({
        ...mine,
        username: told.username,
        role: told.role,
        expiresAt: told.expiresAt ?? mine.expiresAt,
        passwordChangeRequired: told.passwordChangeRequired,
      });
    }
  } catch (error) {
    // Over: the sign-in is there already. Away: the page says so by itself, and the role is as it was.
    if (!(error instanceof Failure)) {
      throw error;
    }
  }
}
