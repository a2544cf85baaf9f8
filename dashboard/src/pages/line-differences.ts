/** A line of a text, and whether it is in both, or one of them. */
export type Line = { kind: "same" | "added" | "removed"; text: string } | { kind: "skipped"; count: number };

/** Beyond this, what differs is shown as a block: finding the fewest lines takes as many steps as there are pairs. */
const PAIRS_MAX = 4_000_000;
const AROUND = 3;
const LINE_MAX = 120;

/** What differs between two values of JSON, line by line; what is the same in between is left out but for its edges. */
export function lineDifferences(before: unknown, after: unknown): Line[] {
  const old = lines(before);
  const young = lines(after);
  let start = 0;
  while (start < old.length && start < young.length && old[start] === young[start]) {
    start++;
  }
  let end = 0;
  while (
    end < old.length - start &&
    end < young.length - start &&
    old[old.length - 1 - end] === young[young.length - 1 - end]
  ) {
    end++;
  }
  const same = (text: string): Line => ({ kind: "same", text });
  return shortened([
    ...old.slice(0, start).map(same),
    ...middle(old.slice(start, old.length - end), young.slice(start, young.length - end)),
    ...old.slice(old.length - end).map(same),
  ]);
}

function lines(value: unknown): string[] {
  return value === null || value === undefined ? [] : written(value, "");
}

/** JSON without what is null, and with what fits into a line on one. */
function written(value: unknown, indent: string): string[] {
  const compact = JSON.stringify(value, (_, inner: unknown) => (inner === null ? undefined : inner)) ?? "null";
  if (typeof value !== "object" || value === null || (indent !== "" && compact.length <= LINE_MAX)) {
    return [indent + compact];
  }
  const isList = Array.isArray(value);
  const inner = isList
    ? value.map((one: unknown) => written(one, `${indent}  `))
    : Object.entries(value)
        .filter(([, one]) => one !== null)
        .map(([name, one]) => {
          const [first = "", ...rest] = written(one, `${indent}  `);
          return [`${indent}  ${JSON.stringify(name)}: ${first.trimStart()}`, ...rest];
        });
  if (inner.length === 0) {
    return [indent + compact];
  }
  return [
    indent + (isList ? "[" : "{"),
    ...inner.flatMap((some, index) =>
      index === inner.length - 1 ? some : [...some.slice(0, -1), `${some.at(-1)},`],
    ),
    indent + (isList ? "]" : "}"),
  ];
}

/** By the longest common run of lines. */
function middle(old: readonly string[], young: readonly string[]): Line[] {
  const removed = (text: string): Line => ({ kind: "removed", text });
  const added = (text: string): Line => ({ kind: "added", text });
  if (old.length * young.length > PAIRS_MAX) {
    return [...old.map(removed), ...young.map(added)];
  }
  const width = young.length + 1;
  const common = new Uint32Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = young.length - 1; j >= 0; j--) {
      common[i * width + j] =
        old[i] === young[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
    }
  }
  const found: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length && j < young.length) {
    if (old[i] === young[j]) {
      found.push({ kind: "same", text: old[i++]! });
      j++;
    } else if (common[(i + 1) * width + j]! >= common[i * width + j + 1]!) {
      found.push(removed(old[i++]!));
    } else {
      found.push(added(young[j++]!));
    }
  }
  return [...found, ...old.slice(i).map(removed), ...young.slice(j).map(added)];
}

function shortened(all: readonly Line[]): Line[] {
  const near = new Set<number>();
  all.forEach((line, index) => {
    if (line.kind !== "same") {
      for (let at = index - AROUND; at <= index + AROUND; at++) {
        near.add(at);
      }
    }
  });
  const found: Line[] = [];
  let skipped = 0;
  const skip = () => {
    if (skipped > 0) {
      found.push({ kind: "skipped", count: skipped });
      skipped = 0;
    }
  };
  all.forEach((line, index) => {
    if (near.has(index)) {
      skip();
      found.push(line);
    } else {
      skipped++;
    }
  });
  skip();
  return found;
}
