import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ChevronsDownUp, ChevronsUpDown, Ear, Pause, Play, Radio, Rss, SearchX, Send } from "lucide";
import { call, type Failure } from "../api/call";
import { useMosquitto } from "../api/listeners";
import { may } from "../api/session";
import { follow, type StreamState } from "../api/stream";
import type { Topic } from "../api/types";
import { usePaged } from "../api/use";
import { query, setQuery } from "../route";
import { t } from "../text";
import { num } from "../text/format";
import {
  A,
  Button,
  Card,
  Command,
  Empty,
  List,
  Loading,
  Name,
  Notice,
  Page,
  Problem,
  SearchField,
  State,
  Tabs,
  type Tone,
} from "../ui";
import { PublishDialog } from "./publish";
import { PinnedTopics, pinned, TopicPanel } from "./topic-panel";
import { TopicRows } from "./topic-rows";
import { type Told, TopicTree } from "./topic-tree";
import "./topics.css";

/** What stands for what one listens to when nothing was asked for. */
const EVERYTHING = "#";
const DRAWN_EACH_MILLIS = 250;

export default function Topics() {
  const words = t().topics;
  const [publishing, setPublishing] = useState(false);
  return (
    <Page
      title={words.title}
      about={words.about}
      actions={
        may("operator") && (
          <Button icon={Send} onClick={() => setPublishing(true)}>
            {words.publish}
          </Button>
        )
      }
    >
      {may("operator") ? (
        <Tabs
          label={words.views}
          of={[
            { key: "live", title: words.live, view: () => <Live key={query("filter")} filter={query("filter") || EVERYTHING} /> },
            { key: "filters", title: words.filters, view: () => <Filters /> },
          ]}
        />
      ) : (
        <Filters />
      )}
      {publishing && <PublishDialog onClose={() => setPublishing(false)} />}
    </Page>
  );
}

type Listening = { state: StreamState | "paused"; failure: Failure | null };

/** What comes on a filter, drawn some times a second however much it is. */
function useTree(filter: string, running: boolean): { tree: TopicTree } & Listening {
  const tree = useMemo(() => new TopicTree(), [filter]);
  const [listening, setListening] = useState<Listening>({ state: "connecting", failure: null });
  const [, setDrawn] = useState(0);
  useEffect(() => {
    if (!running) {
      setListening({ state: "paused", failure: null });
      return undefined;
    }
    let isDrawn = true;
    const stream = follow({
      name: "GET /subscribe",
      query: { filter },
      onEvent(event, data) {
        if (event === "message") {
          tree.take(data as Told, Date.now());
          isDrawn = false;
        } else if (event === "dropped") {
          tree.dropped += (data as { dropped: number }).dropped;
          isDrawn = false;
        }
      },
      onState: (state, failure) => setListening({ state, failure: failure ?? null }),
    });
    const drawing = setInterval(() => {
      if (!isDrawn) {
        isDrawn = true;
        setDrawn((before) => before + 1);
      }
    }, DRAWN_EACH_MILLIS);
    const ticking = setInterval(() => {
      tree.tick();
      isDrawn = false; // rates, and how long ago something came
    }, 1_000);
    return () => {
      stream.close();
      clearInterval(drawing);
      clearInterval(ticking);
    };
  }, [tree, running]);
  return { tree, ...listening };
}

const TONES: Record<Listening["state"], Tone | undefined> = {
  connecting: "warn",
  live: "good",
  stale: "bad",
  refused: "bad",
  paused: undefined,
};

function Live({ filter }: { filter: string }) {
  const words = t().topics;
  const [running, setRunning] = useState(true);
  const { tree, state, failure } = useTree(filter, running);
  const [search, setSearch] = useState("");
  const isOneTopic = !/[#+]/.test(filter);
  const chosen = query("topic") || (isOneTopic ? filter : "");
  useMemo(() => tree.record([...new Set([...(chosen ? [chosen] : []), ...pinned.value])]), [tree, chosen, pinned.value]);
  const panel = useRef<HTMLDivElement>(null);
  const choose = (topic: string) => {
    setQuery({ topic });
    // On a phone the panel is below the tree.
    if (topic && matchMedia("(max-width: 1199px)").matches) {
      requestAnimationFrame(() => panel.current?.scrollIntoView({ block: "start", behavior: "smooth" }));
    }
  };
  const [, setTurn] = useState(0);
  const toggleAll = (open: boolean) => {
    tree.toggleAll(open);
    setTurn((before) => before + 1);
  };
  const refused = state === "refused" ? failure : null;
  return (
    <>
      <FilterForm
        filter={filter}
        error={refused?.at("filter")}
        actions={
          <>
            <span role="status">
              <State tone={TONES[state]}>{words.states[state]}</State>
            </span>
            {state !== "refused" && (
              <Button icon={running ? Pause : Play} onClick={() => setRunning(!running)}>
                {running ? words.pause : words.goOn}
              </Button>
            )}
          </>
        }
      />
      {refused && !refused.at("filter") && (
        <Problem
          of={refused}
          onRetry={() => {
            setRunning(false);
            setTimeout(() => setRunning(true));
          }}
        />
      )}
      {tree.dropped > 0 && <Notice tone="warn">{words.dropped(tree.dropped, num(tree.dropped))}</Notice>}
      {tree.passedOver > 0 && <Notice tone="warn">{words.passedOver(num(tree.passedOver), num(tree.topics))}</Notice>}
      {pinned.value.length > 0 && <PinnedTopics tree={tree} chosen={chosen} onChoose={choose} />}
      {tree.topics === 0 ? (
        <>
          <Card>{state === "connecting" ? <Loading /> : <NothingYet state={state} filter={filter} />}</Card>
          {chosen && <TopicPanel key={chosen} tree={tree} topic={chosen} onClose={() => choose("")} />}
        </>
      ) : (
        <div class={chosen ? "topics-split is-split" : "topics-split"}>
          <Card flush>
            <div class="card-head">
              <SearchField label={words.search} value={search} onSearch={setSearch} />
              <div class="row row-end">
                <span class="quiet small num">{words.topicsBelow(tree.topics, num(tree.topics))}</span>
                <Button kind="plain" icon={ChevronsUpDown} label={words.openAll} onClick={() => toggleAll(true)} />
                <Button kind="plain" icon={ChevronsDownUp} label={words.closeAll} onClick={() => toggleAll(false)} />
              </div>
            </div>
            <TopicRows
              tree={tree}
              search={search.trim()}
              chosen={chosen}
              onChoose={choose}
              empty={
                <Empty icon={SearchX} title={words.searchNothing}>
                  <p>{words.searchNothingText}</p>
                </Empty>
              }
            />
          </Card>
          {chosen && (
            <div ref={panel} class="topics-panel">
              <TopicPanel key={chosen} tree={tree} topic={chosen} onClose={() => choose("")} />
            </div>
          )}
        </div>
      )}
    </>
  );
}

/** What is listened to. Another filter is another tree. */
function FilterForm({
  filter,
  error,
  actions,
}: {
  filter: string;
  error: string | undefined;
  actions: preact.ComponentChildren;
}) {
  const words = t().topics;
  const [text, setText] = useState(filter);
  const listen = (to: string) => setQuery({ filter: to === EVERYTHING ? "" : to, topic: "" });
  return (
    <form
      class="topics-filter"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== "") {
          listen(text.trim());
        }
      }}
    >
      <div class="field topics-filter-field">
        <label for="topics-filter">{words.listenTo}</label>
        <div class="topics-filter-line">
          <input
            id="topics-filter"
            class="input input-mono"
            value={text}
            dir="auto"
            autocomplete="off"
            spellcheck={false}
            aria-invalid={error ? "true" : undefined}
            aria-describedby="topics-filter-about"
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <Button type="submit" icon={Ear} kind={text.trim() === filter ? "plain" : "primary"} disabled={text.trim() === filter}>
            {words.listen}
          </Button>
        </div>
        <span id="topics-filter-about" class={error ? "field-error" : "field-hint"}>
          {error ?? words.listenHint}
        </span>
      </div>
      <div class="row topics-filter-given">
        {(
          [
            [EVERYTHING, words.everything],
            ["$SYS/#", words.system],
          ] as const
        ).map(([given, name]) => (
          <Button
            small
            pressed={filter === given}
            onClick={() => {
              setText(given);
              listen(given);
            }}
          >
            <span class="mono">{given}</span> {name}
          </Button>
        ))}
      </div>
      <div class="row row-end topics-filter-given">{actions}</div>
    </form>
  );
}

/** @param filter what is listened to: the line to copy is one that it takes in */
function NothingYet({ state, filter }: { state: Listening["state"]; filter: string }) {
  const words = t().topics;
  const at = useMosquitto();
  if (state === "paused" || state === "refused") {
    return (
      <Empty icon={Pause} title={words.pausedTitle}>
        {state === "paused" && <p>{words.pausedText}</p>}
      </Empty>
    );
  }
  const topic = filter.startsWith("$") ? null : example(filter);
  return (
    <Empty icon={Radio} title={words.emptyTitle}>
      <p>{at === null || topic === null ? words.emptyNoListener : words.emptyText}</p>
      {typeof at === "string" && topic !== null && (
        <Command line={`mosquitto_pub${at} -t '${topic}' -m '{"temperature": 21.5, "running": true}'`} />
      )}
    </Empty>
  );
}

/** A topic that a filter takes in; null: it is too long or too strange to be typed. */
function example(filter: string): string | null {
  const topic =
    filter === EVERYTHING ? "plant/boiler" : filter.replace(/(^|\/)#$/, "$1boiler").replace(/(^|\/)\+(?=\/|$)/g, "$11");
  return /^[\w/ .:@-]{1,100}$/.test(topic) ? topic : null;
}

/** Filters that somebody subscribed: what a viewer may see, too. */
function Filters() {
  const words = t().topics;
  const find = query("find");
  const at = useMosquitto();
  const topics = usePaged(
    (page, signal) => call("GET /topics", { query: { ...page, filter: find }, signal }),
    [find],
    5_000,
  );
  const listens = may("operator");
  const href = (filter: string) => `/topics?filter=${encodeURIComponent(filter.replace(/^\$share\/[^/]+\//, ""))}`;
  return (
    <>
      <div class="row">
        <SearchField label={words.searchFilters} value={find} onSearch={(text) => setQuery({ find: text })} />
      </div>
      <Card flush>
        <List
          label={words.filters}
          of={topics}
          rowKey={(row) => row.filter}
          {...(listens ? { href: (row: Topic) => href(row.filter) } : {})}
          columns={[
            {
              key: "filter",
              title: t().common.filter,
              cell: (row) =>
                listens ? (
                  <A href={href(row.filter)}>
                    <Name of={row.filter} mono />
                  </A>
                ) : (
                  <Name of={row.filter} mono />
                ),
            },
            { key: "subscribers", title: words.subscribers, width: "7rem", end: true, cell: (row) => num(row.subscribers) },
            {
              key: "kept",
              title: words.kept,
              width: "8rem",
              end: true,
              wide: true,
              cell: (row) => <span title={words.keptAbout}>{num(row.kept)}</span>,
            },
          ]}
          empty={
            find ? (
              <Empty icon={SearchX} title={words.noFiltersFound} />
            ) : (
              <Empty icon={Rss} title={words.noFilters}>
                {typeof at === "string" && (
                  <>
                    <p>{words.noFiltersText}</p>
                    <Command line={`mosquitto_sub${at} -v -t 'plant/#'`} />
                  </>
                )}
              </Empty>
            )
          }
        />
      </Card>
    </>
  );
}
