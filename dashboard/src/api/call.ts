import { forget, session } from "./session";
import type { Calls, Problem } from "./types";

/** The API said no, or did not answer. */
export class Failure extends Error {
  /** 0: there was no answer. */
  readonly status: number;
  readonly problem: Problem | null;
  readonly retryAfterSeconds: number | null;

  constructor(status: number, problem: Problem | null, retryAfterSeconds: number | null = null) {
    super(problem?.detail ?? problem?.title ?? (status === 0 ? "no answer" : `status ${status}`));
    this.status = status;
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** What is wrong with a field of what was sent. */
  at(field: string): string | undefined {
    return this.problem?.errors?.find((error) => error.field === field)?.message;
  }
}

type Options<K extends keyof Calls> = {
  path?: Record<Calls[K]["path"], string>;
  query?: Partial<Record<Calls[K]["query"], string | number | boolean | null | undefined>>;
  body?: Calls[K]["body"];
  /** A body that is no JSON of ours: a file as it is. */
  raw?: { type: string; text: string };
  signal?: AbortSignal;
};

/** Where a call goes: path parameters are encoded, empty query parameters left out. */
export function address<K extends keyof Calls>(name: K, options: Options<K> = {}): string {
  const path = name.slice(name.indexOf(" ") + 1).replace(/\{(\w+)\}/g, (_, parameter: string) => {
    return encodeURIComponent((options.path as Record<string, string>)[parameter] ?? "");
  });
  const query = new URLSearchParams();
  for (const [parameter, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined && value !== null && value !== "") {
      query.set(parameter, String(value));
    }
  }
  const asked = query.toString();
  return `/api/v1${path}${asked ? `?${asked}` : ""}`;
}

/** Asks the API. A token that is over leads to the sign-in, and this to a `Failure` of status 401. */
export async function call<K extends keyof Calls>(name: K, options: Options<K> = {}): Promise<Calls[K]["answer"]> {
  const response = await send(name, options);
  return (response.status === 204 ? undefined : await response.json()) as Calls[K]["answer"];
}

/** The same, for answers that are no JSON. */
export async function send<K extends keyof Calls>(name: K, options: Options<K> = {}): Promise<Response> {
  const headers: Record<string, string> = {};
  const token = session.value?.token;
  if (token) {
    headers["Authorization"] = `Bearer ${token}`;
  }
  const body = options.raw?.text ?? (options.body === undefined ? null : JSON.stringify(options.body));
  if (body !== null) {
    headers["Content-Type"] = options.raw?.type ?? "application/json";
  }
  let response: Response;
  try {
    response = await fetch(address(name, options), {
      method: name.slice(0, name.indexOf(" ")),
      headers,
      body,
      signal: options.signal ?? null,
      cache: "no-store",
    });
  } catch (error) {
    if (options.signal?.aborted) {
      throw error;
    }
    throw new Failure(0, null);
  }
  if (!response.ok) {
    const failure = await failureOf(response);
    if (failure.status === 401 && token && session.value?.token === token) {
      forget("over");
    }
    throw failure;
  }
  return response;
}

async function failureOf(response: Response): Promise<Failure> {
  const retryAfter = response.headers.get("Retry-After");
  let problem: Problem | null = null;
  if (response.headers.get("Content-Type")?.startsWith("application/problem+json")) {
    problem = (await response.json()) as Problem;
  }
  return new Failure(response.status, problem, retryAfter ? Number(retryAfter) : null);
}
