import { Failure } from "../api/call";
import type { Key } from "../api/types";

type Role = NonNullable<Key["role"]>;

/** A bound of a key, and the least role that has a use for it. */
export type Scope = { name: string; role: Role };

const RANK: Record<Role, number> = { viewer: 0, operator: 1, administrator: 2 };
const METRICS: Scope = { name: "metrics:read", role: "viewer" };

type Described = { paths: Record<string, Record<string, { description?: string; security?: { bearer?: string[] }[] }>> };

/** All scopes, out of the node's own description of its calls. */
export async function scopesOf(signal: AbortSignal): Promise<Scope[]> {
  const response = await fetch("/api/v1/openapi.json", { signal }).catch((error: unknown) => {
    throw signal.aborted ? error : new Failure(0, null);
  });
  if (!response.ok) {
    throw new Failure(response.status, null);
  }
  const described = (await response.json()) as Described;
  const found = new Map<string, Role>([[METRICS.name, METRICS.role]]);
  for (const operations of Object.values(described.paths)) {
    for (const operation of Object.values(operations)) {
      const role = /role (viewer|operator|administrator)/.exec(operation.description ?? "")?.[1] as Role | undefined;
      const name = operation.security?.[0]?.bearer?.[0];
      if (role && name) {
        const known = found.get(name);
        if (known === undefined || RANK[role] < RANK[known]) {
          found.set(name, role);
        }
      }
    }
  }
  return [...found].map(([name, role]) => ({ name, role }));
}

/** The areas that a role may have, with what may be done there. */
export function grouped(
  scopes: readonly Scope[],
  role: Role,
): { area: string; read: string | null; write: string | null }[] {
  const areas = new Map<string, { area: string; read: string | null; write: string | null }>();
  for (const scope of scopes) {
    const [area = "", kind] = scope.name.split(":");
    if (RANK[scope.role] <= RANK[role] && (kind === "read" || kind === "write")) {
      const row = areas.get(area) ?? { area, read: null, write: null };
      row[kind] = scope.name;
      areas.set(area, row);
    }
  }
  return [...areas.values()].sort((one, other) => (one.area < other.area ? -1 : 1));
}
