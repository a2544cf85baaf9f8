import { call, Failure } from "../api/call";
import type { Client } from "../api/types";
import { t } from "../text";
import { num } from "../text/format";
import { confirm, cut } from "../ui";

/** So many are disconnected at a time. */
const AT_ONCE = 8;

/**
 * Asks, and closes the connections of clients.
 *
 * @returns whether it was done
 */
export async function disconnect(clients: readonly Client[]): Promise<boolean> {
  const words = t().clients;
  const first = clients[0];
  if (!first) {
    return false;
  }
  const others = clients.length - 1;
  const of = cut(first.clientId) + (others > 0 ? ` + ${words.disconnectMore(others, num(others))}` : "");
  return confirm({
    title: words.disconnectTitle(clients.length, num(clients.length)),
    text: (
      <div class="stack-s">
        <p>{words.disconnectText(of)}</p>
        {others === 0 && (
          <p>
            {first.persistent
              ? words.disconnectKept
              : words.disconnectTransient(first.subscriptions, num(first.subscriptions))}
          </p>
        )}
        <p class="quiet">{words.disconnectAgain}</p>
      </div>
    ),
    verb: words.disconnect,
    done: words.disconnected(clients.length, num(clients.length)),
    act: async () => {
      for (let at = 0; at < clients.length; at += AT_ONCE) {
        await Promise.all(clients.slice(at, at + AT_ONCE).map((one) => close(one.clientId)));
      }
    },
  });
}

async function close(clientId: string): Promise<void> {
  try {
    await call("DELETE /clients/{clientId}", { path: { clientId } });
  } catch (error) {
    // It left meanwhile (409), and its session with it (404): which is what was wanted.
    if (!(error instanceof Failure && (error.status === 404 || error.status === 409))) {
      throw error;
    }
  }
}
