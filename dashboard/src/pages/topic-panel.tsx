import { signal } from "@preact/signals";
import { useMemo, useState } from "preact/hooks";
import { CircleGauge, CornerDownRight, Pin, PinOff, Send, Waypoints, X } from "lucide";
import { go } from "../route";
import { t } from "../text";
import { num, rate, value as written } from "../text/format";
import { Badge, Button, Card, CheckField, CopyButton, cut, Empty, Facts, Icon, Name, Time, toast } from "../ui";
import { Chart } from "../ui/Chart";
import { Payload } from "../ui/Payload";
import { PublishDialog } from "./publish";
import type { Recorded, TopicHistory } from "./topic-history";
import { ShortValue } from "./topic-rows";
import type { TopicTree } from "./topic-tree";

const KEY = "relais.topics.pinned";
const PINNED_MAX = 10;
const LINES_MAX = 5;
/** So many fields are drawn before anybody has chosen. */
const LINES_FIRST = 3;
const PAST_SHOWN_MAX = 100;

/** Topics that are recorded whatever is chosen. This browser remembers which. */
export const pinned = signal<readonly string[]>(stored());

function stored(): readonly string[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one === "string").slice(0, PINNED_MAX) : [];
  } catch {
    return []; // somebody else's text under our key
  }
}

function pin(topics: readonly string[]): void {
  pinned.value = topics;
  localStorage.setItem(KEY, JSON.stringify(topics));
}

/** The pinned topics with their last values. */
export function PinnedTopics({
  tree,
  chosen,
  onChoose,
}: {
  tree: TopicTree;
  chosen: string;
  onChoose(topic: string): void;
}) {
  const words = t().topics;
  return (
    <ul class="topic-pins" aria-label={words.pinned} title={words.pinHint}>
      {pinned.value.map((topic) => {
        const node = tree.find(topic);
        return (
          <li class="topic-pin">
            <button type="button" class="topic-pin-button" aria-pressed={topic === chosen} onClick={() => onChoose(topic)}>
              <span class="topic-pin-name">
                <Icon of={Pin} />
                <Name of={topic} />
              </span>
              <span class="topic-pin-value">
                {node?.last ? <ShortValue of={node.last} /> : <span class="quiet">–</span>}
                <span class="quiet num">{node && node.rate > 0 ? words.ownMessages(rate(node.rate)) : ""}</span>
              </span>
            </button>
            <Button
              kind="plain"
              small
              icon={X}
              label={words.unpin}
              onClick={() => pin(pinned.value.filter((one) => one !== topic))}
            />
          </li>
        );
      })}
    </ul>
  );
}

/** All about one topic: its last message, its numbers over time, and what came before. */
export function TopicPanel({ tree, topic, onClose }: { tree: TopicTree; topic: string; onClose(): void }) {
  const words = t().topics;
  const node = tree.find(topic);
  const history = tree.history(topic);
  const [publishing, setPublishing] = useState(false);
  const [past, setPast] = useState<(Recorded & { cut: boolean }) | null>(null);
  const last = node?.last ?? null;
  const shown = past ?? last;
  const isPinned = pinned.value.includes(topic);
  const encoded = encodeURIComponent(topic);
  return (
    <section class="stack" aria-label={words.panelOf}>
      <Card flush>
        <div class="topic-panel-head">
          <h2>
            <Name of={topic} mono />
          </h2>
          <span class="topic-panel-buttons">
            <CopyButton text={topic} />
            <Button
              kind="plain"
              small
              icon={isPinned ? PinOff : Pin}
              label={isPinned ? words.unpin : words.pin}
              pressed={isPinned}
              onClick={() => {
                if (isPinned) {
                  pin(pinned.value.filter((one) => one !== topic));
                } else if (pinned.value.length >= PINNED_MAX) {
                  toast(words.pinsFull(PINNED_MAX));
                } else {
                  pin([...pinned.value, topic]);
                }
              }}
            />
            <Button kind="plain" small icon={X} label={t().common.close} onClick={onClose} />
          </span>
        </div>
        {shown ? (
          <div class="card-body stack">
            <Facts
              of={[
                [past ? words.pastMessage : words.lastMessage, <Time of={new Date(shown.at).toISOString()} exact />],
                [
                  t().common.qos,
                  <span class="row">
                    <span class="num">{shown.qos}</span>
                    {shown.retain && <Badge tone="accent">{words.retained}</Badge>}
                  </span>,
                ],
                node && [
                  words.rateOf,
                  <span class="num">
                    {words.ownMessages(rate(node.rate))} · {words.messagesSeen(node.messages, num(node.messages))}
                  </span>,
                ],
              ]}
            />
            <Payload payload={shown.payload} encoding={shown.encoding} />
            {shown.cut && <p class="quiet small">{words.valueCut}</p>}
            {past && (
              <div>
                <Button small onClick={() => setPast(null)}>
                  {words.toLast}
                </Button>
              </div>
            )}
          </div>
        ) : (
          <Empty title={words.nothingOn}>
            <p>{node && node.topics > 0 ? words.levelText : words.nothingOnText}</p>
          </Empty>
        )}
        <div class="topic-links">
          <Button small icon={Send} onClick={() => setPublishing(true)}>
            {words.publish}
          </Button>
          <Button small icon={Waypoints} href={`/explain?topic=${encoded}`}>
            {words.whoReceives}
          </Button>
          <Button small icon={Pin} href={`/retained?filter=${encoded}`}>
            {words.whatIsRetained}
          </Button>
          <Button small icon={CircleGauge} href={`/topic-metrics?add=${encoded}`}>
            {words.countIt}
          </Button>
          {node && node.children.length > 0 && (
            <Button small icon={CornerDownRight} onClick={() => go(`/topics?filter=${encodeURIComponent(`${topic}/#`)}`)}>
              {words.narrow}
            </Button>
          )}
        </div>
      </Card>
      {history && history.fields.length > 0 && <Values history={history} version={history.version} />}
      {history && history.messages.length > 0 && (
        <Past history={history} chosen={past} onChoose={(one) => setPast(one === history.messages.at(-1) ? null : one)} />
      )}
      {publishing && <PublishDialog topic={topic} onClose={() => setPublishing(false)} />}
    </section>
  );
}

/** The numbers of a topic's payloads over time. */
function Values({ history, version }: { history: TopicHistory; version: number }) {
  const words = t().topics;
  const [chosen, setChosen] = useState<readonly string[] | null>(null);
  // As long as nobody has chosen: what was drawn first stays, whatever comes.
  const [first] = useState(() => history.alike(LINES_FIRST));
  const fields = chosen ?? first;
  const { times, values } = useMemo(() => history.series(fields), [history, version, fields.join("\n")]);
  const name = (field: string) => (field === "" ? words.fieldPlain : cut(field, 40));
  const lines = useMemo(() => fields.map((field, index) => ({ label: name(field), values: values[index]! })), [values]);
  return (
    <Card title={words.chart}>
      <div class="stack-s">
        <Chart label={words.chart} times={times} lines={lines} format={written} min={null} />
        {history.fields.length > 1 && (
          <fieldset class="topic-fields">
            <legend class="hidden-text">{words.chartFields}</legend>
            {history.fields.map((field) => (
              <CheckField
                label={<bdi>{name(field)}</bdi>}
                checked={fields.includes(field)}
                disabled={fields.length >= LINES_MAX && !fields.includes(field)}
                onChange={(checked) =>
                  setChosen(history.fields.filter((one) => (one === field ? checked : fields.includes(one))))
                }
              />
            ))}
          </fieldset>
        )}
        {(history.thinned || history.fields.length > LINES_MAX) && (
          <p class="quiet small">
            {history.fields.length > LINES_MAX && words.fieldsMost(LINES_MAX)} {history.thinned && words.chartThinned}
          </p>
        )}
      </div>
    </Card>
  );
}

/** What came on a topic; a click shows it in full. */
function Past({
  history,
  chosen,
  onChoose,
}: {
  history: TopicHistory;
  chosen: Recorded | null;
  onChoose(one: Recorded & { cut: boolean }): void;
}) {
  const words = t().topics;
  const shown = history.messages.slice(-PAST_SHOWN_MAX).reverse();
  return (
    <Card flush title={words.history}>
      <ul class="topic-past" aria-label={words.historyMost(PAST_SHOWN_MAX)}>
        {shown.map((message, index) => (
          <li key={history.version - index}>
            <button type="button" class="topic-past-row" aria-pressed={message === chosen} onClick={() => onChoose(message)}>
              <Time of={new Date(message.at).toISOString()} exact />
              <span class="topic-value">
                <ShortValue of={message} />
              </span>
              {message.retain && <Badge tone="accent">{words.retained}</Badge>}
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
