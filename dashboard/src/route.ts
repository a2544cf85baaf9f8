import { signal } from "@preact/signals";

/** Where the page is. Kept in the address, so that a view can be sent to somebody. */
export const route = signal(read());

export type Route = { path: string; query: URLSearchParams };

function read(): Route {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

/** Asks whether the page may be left; null: there is nothing to lose. */
let keeper: (() => Promise<boolean>) | null = null;

/**
 * Has somebody asked before the page is left with what was not saved: by `ask` on the way to another page of ours, by
 * the browser on any other way.
 *
 * @returns what ends it
 */
export function keepUntilSaved(ask: () => Promise<boolean>): () => void {
  const unload = (event: Event) => event.preventDefault();
  keeper = ask;
  addEventListener("beforeunload", unload);
  return () => {
    keeper = null;
    removeEventListener("beforeunload", unload);
  };
}

function askKeeper(to: string): void {
  void keeper?.().then((mayLeave) => {
    if (mayLeave) {
      keeper = null;
      go(to);
    }
  });
}

addEventListener("popstate", () => {
  const next = read();
  if (keeper && next.path !== route.value.path) {
    const { path, query } = route.value;
    const text = query.toString();
    history.pushState(null, "", path + (text ? `?${text}` : ""));
    askKeeper(next.path + (next.query.size > 0 ? `?${next.query}` : ""));
    return;
  }
  route.value = next;
});

/** Goes to a page. */
export function go(to: string, how: "push" | "replace" = "push"): void {
  if (keeper && new URL(to, location.href).pathname !== route.value.path) {
    askKeeper(to);
    return;
  }
  if (how === "push") {
    history.pushState(null, "", to);
    scrollTo(0, 0);
  } else {
    history.replaceState(null, "", to);
  }
  route.value = read();
}

/** A parameter of the address; empty when it is not there. */
export function query(name: string): string {
  return route.value.query.get(name) ?? "";
}

/** Changes parameters of the address; an empty one goes. No step of the browser's history. */
export function setQuery(values: Record<string, string>): void {
  const next = new URLSearchParams(route.value.query);
  for (const [name, value] of Object.entries(values)) {
    if (value === "") {
      next.delete(name);
    } else {
      next.set(name, value);
    }
  }
  const text = next.toString();
  go(route.value.path + (text ? `?${text}` : ""), "replace");
}

/** @returns the named parts of a path like `/clients/:clientId`, or null if it is another */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) {
    return null;
  }
  const named: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const there = given[index]!;
    if (part.startsWith(":")) {
      try {
        named[part.slice(1)] = decodeURIComponent(there);
      } catch {
        return null; // no percent-encoding that anybody made: no page of ours
      }
    } else if (part !== there) {
      return null;
    }
  }
  return named;
}

/** The address of a page with a name in it that may hold anything. */
export function at(pattern: string, named: Record<string, string>): string {
  return pattern.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(named[name] ?? ""));
}
