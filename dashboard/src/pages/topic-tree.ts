import { type Recorded, TopicHistory } from "./topic-history";

/** A message as `GET /subscribe` tells it. */
export type Told = {
  topic: string;
  payload: string;
  encoding: "text" | "base64";
  qos: number;
  retain: boolean;
  time: string;
};

/** The last message of a topic. */
export type Last = Recorded & {
  /** What is kept of the payload is its beginning. */
  cut: boolean;
};

export const TOPICS_MAX = 20_000;
/** Names longer than this are passed over; MQTT allows 65,535 bytes. */
export const NAME_MAX = 60_000;
/** Levels, with and without messages of their own. */
const NODES_MAX = 60_000;
/** Levels below this one are one name: a topic may have 30,000 of them. */
const DEPTH_MAX = 32;
/** Characters of all names together, and of all values that are kept. */
const NAMES_MAX = 8 << 20;
const VALUES_MAX = 32 << 20;
const VALUE_MAX = 64 << 10;
/** What is kept of a value when there is no room any more: as much as a row shows. */
const VALUE_SHORT = 256;
/** So many rows are opened by themselves, as long as nobody has opened or closed one. */
const OPENED_MAX = 60;
/** The weight of the last second in a rate. */
const RATE_WEIGHT = 0.2;

const natural = new Intl.Collator(undefined, { numeric: true });

/** A level of the tree: its name, and what came on it and below. */
export class TopicNode {
  readonly name: string;
  readonly parent: TopicNode | null;
  readonly depth: number;
  /** Sorted as people sort: level 2 before level 10. */
  readonly children: TopicNode[] = [];
  readonly id: number;
  byName: Map<string, TopicNode> | null = null;
  /** Topics on it and below. */
  topics = 0;
  isTopic = false;
  /** Messages on it and below since the page listens. */
  messages = 0;
  /** A second, on it and below. */
  rate = 0;
  counted = 0;
  seconds = 0;
  last: Last | null = null;
  /** When something came on it or below; 0: only what was retained. */
  at = 0;
  /** Opened or closed by somebody; null: nobody cared. */
  open: boolean | null = null;

  constructor(id: number, name: string, parent: TopicNode | null) {
    this.id = id;
    this.name = name;
    this.parent = parent;
    this.depth = parent ? parent.depth + 1 : -1;
  }

  /** The whole topic. */
  topic(): string {
    const names: string[] = [];
    for (let node: TopicNode = this; node.parent; node = node.parent) {
      names.push(node.name);
    }
    return names.reverse().join("/");
  }
}

/**
 * What came, by topic. It holds so many topics, and of each the last value; what has no place is counted.
 */
export class TopicTree {
  readonly root = new TopicNode(0, "", null);
  /** Grows when rows come or go, not when a value changes. */
  shape = 0;
  /** Messages of topics that have no place here. */
  passedOver = 0;
  /** What the node dropped, because this page took it too slowly. */
  dropped = 0;
  readonly #histories = new Map<string, TopicHistory>();
  readonly #atDepth: number[] = [];
  #nodes = 0;
  #names = 0;
  #values = 0;
  /** Nodes whose rate may change. */
  readonly #lively = new Set<TopicNode>();
  /** Somebody has opened or closed a row: none is any more without being asked. */
  #asked = false;
  #openDepth = 0;

  get topics(): number {
    return this.root.topics;
  }

  take(told: Told, at: number): void {
    const node = this.#place(told.topic);
    if (!node) {
      this.passedOver++;
      return;
    }
    if (told.retain && node.last && node.at > 0) {
      return; // told again by a stream that was connected again; what came live is newer
    }
    const isCut = told.payload.length > VALUE_MAX;
    const payload = isCut ? copied(told.payload.slice(0, VALUE_MAX - (VALUE_MAX % 4))) : told.payload;
    const recorded: Recorded = {
      payload,
      encoding: told.encoding,
      length: told.payload.length,
      qos: told.qos,
      retain: told.retain,
      at,
    };
    this.#keep(node, { ...recorded, cut: isCut });
    if (!told.retain) {
      for (let one: TopicNode | null = node; one; one = one.parent) {
        one.messages++;
        one.at = at;
        if (one.counted++ === 0) {
          this.#lively.add(one);
        }
      }
    }
    this.#histories.get(told.topic)?.add(recorded, isCut);
  }

  /** To be called each second. */
  tick(): void {
    for (const node of this.#lively) {
      node.seconds++;
      node.rate += (node.counted - node.rate) * Math.max(RATE_WEIGHT, 1 / node.seconds);
      node.counted = 0;
      if (node.rate < 0.01) {
        node.rate = 0;
        node.seconds = 0;
        this.#lively.delete(node);
      }
    }
  }

  find(topic: string): TopicNode | null {
    let node: TopicNode | undefined = this.root;
    for (const name of levels(topic)) {
      node = node.byName?.get(name);
      if (!node) {
        return null;
      }
    }
    return node;
  }

  /** Records what comes on these topics, and forgets what was recorded of others. */
  record(topics: readonly string[]): void {
    for (const topic of this.#histories.keys()) {
      if (!topics.includes(topic)) {
        this.#histories.delete(topic);
      }
    }
    for (const topic of topics) {
      if (!this.#histories.has(topic)) {
        const history = new TopicHistory();
        const last = this.find(topic)?.last;
        if (last) {
          history.add(last, last.cut);
        }
        this.#histories.set(topic, history);
      }
    }
  }

  history(topic: string): TopicHistory | undefined {
    return this.#histories.get(topic);
  }

  isOpen(node: TopicNode): boolean {
    return node.children.length > 0 && (node.open ?? node.depth < this.#openDepth);
  }

  toggle(node: TopicNode, open: boolean): void {
    this.#settle();
    if (node.open !== open) {
      node.open = open;
      this.shape++;
    }
  }

  /** Opens all that is above a topic. */
  reveal(node: TopicNode): void {
    for (let one = node.parent; one?.parent; one = one.parent) {
      if (!this.isOpen(one)) {
        one.open = true;
        this.shape++;
      }
    }
  }

  toggleAll(open: boolean): void {
    this.#settle();
    const all = [...this.root.children];
    for (let node = all.pop(); node; node = all.pop()) {
      node.open = open;
      all.push(...node.children);
    }
    this.shape++;
  }

  /** What there is to see, from top to bottom. With something to search for: the topics with it, and what is above. */
  rows(search: string): TopicNode[] {
    const rows: TopicNode[] = [];
    if (search !== "") {
      const wanted = search.toLowerCase();
      this.#search(this.root, "", wanted, rows);
      return rows;
    }
    const add = (node: TopicNode) => {
      for (const child of node.children) {
        rows.push(child);
        if (this.isOpen(child)) {
          add(child);
        }
      }
    };
    add(this.root);
    return rows;
  }

  #search(node: TopicNode, above: string, wanted: string, rows: TopicNode[]): boolean {
    let found = false;
    for (const child of node.children) {
      const path = child.depth === 0 ? child.name : `${above}/${child.name}`;
      const place = rows.length;
      rows.push(child);
      const below = this.#search(child, path, wanted, rows);
      if (below || (child.isTopic && path.toLowerCase().includes(wanted))) {
        found = true;
      } else {
        rows.length = place;
      }
    }
    return found;
  }

  /** @returns null: there is no room for it */
  #place(topic: string): TopicNode | null {
    const names = levels(topic);
    let node = this.root;
    let known = 0;
    for (let next = node.byName?.get(names[0]!); next; next = node.byName?.get(names[known]!)) {
      node = next;
      if (++known === names.length) {
        break;
      }
    }
    if (known === names.length && node.isTopic) {
      return node;
    }
    if (
      topic.length > NAME_MAX ||
      this.root.topics >= TOPICS_MAX ||
      this.#nodes + names.length - known > NODES_MAX ||
      this.#names + topic.length > NAMES_MAX
    ) {
      return null;
    }
    for (; known < names.length; known++) {
      node = this.#child(node, names[known]!);
    }
    this.#names += topic.length;
    node.isTopic = true;
    for (let one: TopicNode | null = node; one; one = one.parent) {
      one.topics++;
    }
    this.shape++;
    return node;
  }

  #child(parent: TopicNode, name: string): TopicNode {
    const child = new TopicNode(++this.#nodes, name, parent);
    parent.byName ??= new Map();
    parent.byName.set(name, child);
    let low = 0;
    let high = parent.children.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (natural.compare(parent.children[middle]!.name, name) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    parent.children.splice(low, 0, child);
    this.#atDepth[child.depth] = (this.#atDepth[child.depth] ?? 0) + 1;
    if (!this.#asked) {
      let rows = 0;
      this.#openDepth = 0;
      for (const [depth, count] of this.#atDepth.entries()) {
        rows += count;
        if (rows > OPENED_MAX) {
          break;
        }
        this.#openDepth = depth;
      }
    }
    return child;
  }

  #settle(): void {
    this.#asked = true;
  }

  #keep(node: TopicNode, last: Last): void {
    this.#values -= node.last?.payload.length ?? 0;
    if (last.payload.length > VALUE_SHORT && this.#values + last.payload.length > VALUES_MAX) {
      last.payload = copied(last.payload.slice(0, VALUE_SHORT));
      last.cut = true;
    }
    this.#values += last.payload.length;
    node.last = last;
  }
}

function levels(topic: string): string[] {
  const names = topic.split("/", DEPTH_MAX);
  if (names.length === DEPTH_MAX) {
    const above = names.slice(0, -1).reduce((length, name) => length + name.length + 1, 0);
    names[DEPTH_MAX - 1] = topic.slice(above);
  }
  return names;
}

/** A text of its own: a part of another keeps all of the other in memory. */
function copied(part: string): string {
  return JSON.parse(JSON.stringify(part)) as string;
}
