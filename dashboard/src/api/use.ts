import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Failure } from "./call";
import { isExcused, returns } from "./live";

/** What was asked for: nothing yet, an answer, or why there is none. An answer stays while it is asked for again. */
export type Asked<T> = {
  data: T | undefined;
  failure: Failure | null;
  loading: boolean;
  /** Asks again. */
  refresh(): void;
};

function failureOf(error: unknown): Failure {
  if (error instanceof Failure) {
    return error;
  }
  throw error;
}

/** Why there was no answer, and how often the node had come back until then. */
type Failed = { failure: Failure; returns: number };

function failed(error: unknown): Failed {
  return { failure: failureOf(error), returns: returns.peek() };
}

/** What is worth telling. */
function standing(one: Failed | null): Failure | null {
  return one && !(one.failure.status === 0 && isExcused(one.returns)) ? one.failure : null;
}

/** Asks when `asking` changes, when the node is back, and each `everyMillis` while the page can be seen. */
export function useAsked<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  asking: readonly unknown[],
  everyMillis?: number,
): Asked<T> {
  type State = { data: T | undefined; failed: Failed | null; loading: boolean };
  const [state, setState] = useState<State>({ data: undefined, failed: null, loading: true });
  const [turn, setTurn] = useState(0);
  const refresh = useCallback(() => setTurn((before) => before + 1), []);
  const asked = useRef<readonly unknown[]>(asking);
  useEffect(() => {
    const abort = new AbortController();
    const changed = asked.current.some((one, index) => one !== asking[index]);
    asked.current = asking;
    // Of another thing than before: what is shown is not it.
    setState((before) => (changed ? { data: undefined, failed: null, loading: true } : { ...before, loading: true }));
    ask(abort.signal).then(
      (data) => !abort.signal.aborted && setState({ data, failed: null, loading: false }),
      (error) =>
        !abort.signal.aborted && setState((before) => ({ data: before.data, failed: failed(error), loading: false })),
    );
    return () => abort.abort();
  }, [...asking, turn, returns.value]);
  useEffect(() => {
    if (everyMillis === undefined) {
      return undefined;
    }
    const timer = setInterval(() => document.visibilityState === "visible" && refresh(), everyMillis);
    return () => clearInterval(timer);
  }, [everyMillis]);
  return { data: state.data, failure: standing(state.failed), loading: state.loading, refresh };
}

export type Page<T> = { items: T[]; next?: string | null };

export type Paged<T> = Omit<Asked<T[]>, "data"> & {
  items: readonly T[];
  /** Whether there was an answer yet. */
  known: boolean;
  /** Whether the API has more. */
  hasMore: boolean;
  /** Asks for the next page, if there is one; while something is under way, behind it. */
  more(): void;
};

const PAGE = 100;
const PAGE_MAX = 1_000;
/** So many rows are asked for again when a list is refreshed; those behind them are left as they were. */
const REFRESHED_MAX = 5_000;

/** A list of the API, page by page. */
export function usePaged<T>(
  ask: (page: { limit: number; cursor?: string | undefined }, signal: AbortSignal) => Promise<Page<T>>,
  asking: readonly unknown[],
  everyMillis?: number,
): Paged<T> {
  type State = { items: readonly T[]; next: string | null; known: boolean; failed: Failed | null; loading: boolean };
  const [state, setState] = useState<State>({ items: [], next: null, known: false, failed: null, loading: true });
  const [turn, setTurn] = useState(0);
  const refresh = useCallback(() => setTurn((before) => before + 1), []);
  const asked = useRef<readonly unknown[]>(asking);
  const current = useRef(state);
  current.current = state;
  const abort = useRef(new AbortController());
  /** The next page was asked for while something was under way. */
  const moreWanted = useRef(false);

  useEffect(() => {
    abort.current.abort();
    const mine = (abort.current = new AbortController());
    const changed = asked.current.some((one, index) => one !== asking[index]);
    asked.current = asking;
    moreWanted.current &&= !changed;
    setState((before) =>
      changed
        ? { items: [], next: null, known: false, failed: null, loading: true }
        : { ...before, loading: true },
    );
    const wanted = changed ? PAGE : Math.min(Math.max(PAGE, current.current.items.length), REFRESHED_MAX);
    all(ask, wanted, mine.signal).then(
      (page) => {
        if (!mine.signal.aborted) {
          setState({ items: page.items, next: page.next ?? null, known: true, failed: null, loading: false });
        }
      },
      (error) => {
        if (!mine.signal.aborted) {
          setState((before) => ({ ...before, failed: failed(error), loading: false }));
        }
      },
    );
    return () => mine.abort();
  }, [...asking, turn, returns.value]);

  useEffect(() => {
    if (everyMillis === undefined) {
      return undefined;
    }
    const timer = setInterval(
      () => document.visibilityState === "visible" && !current.current.loading && refresh(),
      everyMillis,
    );
    return () => clearInterval(timer);
  }, [everyMillis]);

  const more = useCallback(() => {
    const { next, loading } = current.current;
    if (next === null) {
      return;
    }
    if (loading) {
      moreWanted.current = true; // whoever came to the end meanwhile gets it then
      return;
    }
    const mine = abort.current;
    setState((before) => ({ ...before, loading: true }));
    ask({ limit: PAGE, cursor: next }, mine.signal).then(
      (page) => {
        if (!mine.signal.aborted) {
          setState((before) => ({
            ...before,
            items: [...before.items, ...page.items],
            next: page.next ?? null,
            failed: null,
            loading: false,
          }));
        }
      },
      (error) => {
        if (!mine.signal.aborted) {
          setState((before) => ({ ...before, failed: failed(error), loading: false }));
        }
      },
    );
  }, asking);

  useEffect(() => {
    if (!state.loading && moreWanted.current) {
      moreWanted.current = false;
      more();
    }
  }, [state.loading]);

  return {
    items: state.items,
    known: state.known,
    failure: standing(state.failed),
    loading: state.loading,
    hasMore: state.next !== null,
    more,
    refresh,
  };
}

/** The first `wanted` items, by as few calls as the API allows. */
async function all<T>(
  ask: (page: { limit: number; cursor?: string | undefined }, signal: AbortSignal) => Promise<Page<T>>,
  wanted: number,
  signal: AbortSignal,
): Promise<Page<T>> {
  const items: T[] = [];
  let cursor: string | undefined;
  for (;;) {
    const page = await ask({ limit: Math.min(PAGE_MAX, wanted - items.length), cursor }, signal);
    items.push(...page.items);
    cursor = page.next ?? undefined;
    if (cursor === undefined || items.length >= wanted) {
      return { items, next: cursor ?? null };
    }
  }
}

/** Does something that changes the broker: whether it is under way, and why it failed. */
export function useAction<A extends unknown[]>(
  act: (...given: A) => Promise<void>,
): { run(...given: A): Promise<boolean>; busy: boolean; failure: Failure | null; clear(): void } {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  return {
    busy,
    failure,
    clear: () => setFailure(null),
    async run(...given) {
      setBusy(true);
      setFailure(null);
      try {
        await act(...given);
        return true;
      } catch (error) {
        setFailure(failureOf(error));
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}
