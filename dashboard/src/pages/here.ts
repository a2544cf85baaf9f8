import { route } from "../route";

/** The address of this page with something on top of it: a dialog that can be sent to somebody, and left by "back". */
export function here(name: string, value: string | number): string {
  const query = new URLSearchParams(route.value.query);
  query.set(name, String(value));
  return `${route.value.path}?${query}`;
}
