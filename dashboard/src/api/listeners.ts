import { call } from "./call";
import { useAsked } from "./use";

/**
 * What `mosquitto_pub` and `mosquitto_sub` need to find this node, to be put behind their names: nothing, or
 * ` -h broker -p 1884`.
 *
 * @returns undefined: not known yet; null: there is no plain TCP listener
 */
export function useMosquitto(): string | null | undefined {
  const listeners = useAsked((signal) => call("GET /listeners", { query: { limit: 100 }, signal }), []);
  if (!listeners.data) {
    return undefined;
  }
  const tcp = listeners.data.items.find((one) => one.transport === "tcp");
  if (!tcp) {
    return null;
  }
  const port = tcp.address.slice(tcp.address.lastIndexOf(":") + 1);
  const more = port === "1883" ? "" : ` -p ${port}`;
  const host = location.hostname.replace(/^\[|\]$/g, "");
  return host === "localhost" ? more : ` -h ${host}${more}`;
}
