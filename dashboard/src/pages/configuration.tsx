import { useEffect, useState } from "preact/hooks";
import { FileCog } from "lucide";
import { call } from "../api/call";
import { may } from "../api/session";
import type { ConfigurationKey } from "../api/types";
import { useAsked } from "../api/use";
import { setQuery } from "../route";
import { t } from "../text";
import { Button, Notice, Page, Tabs } from "../ui";
import { draft, written } from "./configuration-draft";
import { Revisions } from "./configuration-history";
import { Keys } from "./configuration-keys";
import { Plan } from "./configuration-plan";
import "./draft.css";

const PAGE = 1_000;
/** Of the keys that wait for a restart, so many are named above the page. */
const PENDING_SHOWN = 6;

async function everyKey(abort: AbortSignal): Promise<ConfigurationKey[]> {
  const keys: ConfigurationKey[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await call("GET /configuration", { query: { limit: PAGE, cursor }, signal: abort });
    keys.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return keys;
}

export default function Configuration() {
  const words = t().system;
  const keys = useAsked(everyKey, [], 30_000);
  const [reloading, setReloading] = useState(false);
  const [reviewing, setReviewing] = useState(false);
  const changed = Object.keys(draft.value).length;
  const [turn, setTurn] = useState(0);
  const refresh = () => {
    keys.refresh();
    setTurn(turn + 1);
  };
  useEffect(() => {
    if (changed === 0) {
      return undefined;
    }
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [changed === 0]);
  const pending = keys.data?.filter((key) => key.pending !== null && key.pending !== undefined) ?? [];
  return (
    <Page
      title={t().frame.pages.configuration}
      about={may("administrator") ? words.configurationAbout : words.configurationAboutOthers}
      actions={
        may("administrator") && (
          <Button icon={FileCog} onClick={() => setReloading(true)}>
            {words.reloadFile}
          </Button>
        )
      }
    >
      {pending.length > 0 && (
        <Notice
          tone="warn"
          actions={
            <Button small onClick={() => setQuery({ tab: "", q: "", group: "", show: "pending" })}>
              {t().common.details}
            </Button>
          }
        >
          <p>{words.pendingRestart(pending.length)}</p>
          <ul>
            {pending.slice(0, PENDING_SHOWN).map((key) => (
              <li class="small" key={key.key}>
                <span class="mono">{key.key}</span>: <span class="mono">{key.value ?? words.noValue}</span> →{" "}
                <span class="mono">{key.pending}</span>
              </li>
            ))}
            {pending.length > PENDING_SHOWN && <li class="small">…</li>}
          </ul>
        </Notice>
      )}
      <Tabs
        label={t().frame.pages.configuration}
        of={[
          { key: "keys", title: words.keysTab, view: () => <Keys asked={keys} /> },
          { key: "history", title: words.historyTab, view: () => <Revisions key={turn} onReverted={refresh} /> },
        ]}
      />
      {changed > 0 && (
        <div class="draft-bar" role="status">
          <span>{words.draft(changed)}</span>
          <span class="row row-end">
            <Button onClick={() => (draft.value = {})}>{words.discard}</Button>
            <Button kind="primary" onClick={() => setReviewing(true)}>
              {words.review}
            </Button>
          </span>
        </div>
      )}
      {reviewing && (
        <Plan
          title={words.reviewTitle}
          verb={words.apply}
          wanted={Object.entries(draft.value).map(([key, value]) => {
            const known = keys.data?.find((one) => one.key === key);
            return { key, before: known?.value ?? null, after: written(value), effect: known?.effect ?? "" };
          })}
          make={(dryRun) => call("PATCH /configuration", { query: { dryRun }, body: { changes: draft.value } })}
          onClose={() => setReviewing(false)}
          onDone={() => {
            draft.value = {};
            setReviewing(false);
            refresh();
          }}
        />
      )}
      {reloading && (
        <Plan
          title={words.reloadTitle}
          about={words.reloadAbout}
          verb={words.apply}
          make={(dryRun) => call("POST /configuration/reload", { query: { dryRun } })}
          onClose={() => setReloading(false)}
          onDone={() => {
            setReloading(false);
            refresh();
          }}
        />
      )}
    </Page>
  );
}
