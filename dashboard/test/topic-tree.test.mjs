import assert from "node:assert/strict";
import { after, test } from "node:test";
import { close, load } from "./load.mjs";

after(close);
const { TOPICS_MAX, TopicTree } = await load("/src/pages/topic-tree.ts");
const { numbers, TopicHistory } = await load("/src/pages/topic-history.ts");

let clock = 1_000;

function told(topic, payload = "1", more = {}) {
  return { topic, payload, encoding: "text", qos: 0, retain: false, time: "2030-01-01T00:00:00Z", ...more };
}

function treeOf(...topics) {
  const tree = new TopicTree();
  topics.forEach((topic) => tree.take(told(topic), clock++));
  return tree;
}

const names = (rows) => rows.map((node) => node.topic());

test("levels are sorted as people sort", () => {
  const tree = treeOf("a/level 10", "a/level 2", "a/level 1");

  assert.deepEqual(names(tree.rows("")), ["a", "a/level 1", "a/level 2", "a/level 10"]);
});

test("every topic is found again under its own name", () => {
  for (const topic of ["a", "/", "//", "a//b", "/a/", `${"a/".repeat(31)}b`, `${"a/".repeat(3_000)}b`, "__proto__/constructor", " "]) {
    const tree = treeOf(topic);

    assert.equal(tree.find(topic)?.topic(), topic);
    assert.equal(tree.find(topic).isTopic, true);
    assert.equal(tree.topics, 1);
  }
});

test("a level counts what is below it", () => {
  const tree = treeOf("plant", "plant/a", "plant/a", "plant/b/c");

  const plant = tree.find("plant");

  assert.equal(plant.topics, 3);
  assert.equal(plant.messages, 4);
  assert.equal(tree.find("plant/b").isTopic, false);
});

test("rates come near to what comes each second", () => {
  const tree = treeOf("other");

  for (let second = 0; second < 30; second++) {
    for (let i = 0; i < 20; i++) {
      tree.take(told("a/b"), clock++);
    }
    tree.tick();
  }

  assert.ok(Math.abs(tree.find("a").rate - 20) < 0.1);
  for (let second = 0; second < 60; second++) {
    tree.tick();
  }
  assert.equal(tree.find("a").rate, 0);
});

test("what is retained is no message that came, and does not hide one that came", () => {
  const tree = new TopicTree();

  tree.take(told("a", "old", { retain: true }), clock++);
  assert.equal(tree.find("a").messages, 0);
  tree.take(told("a", "new"), clock++);
  tree.take(told("a", "old", { retain: true }), clock++);

  assert.equal(tree.find("a").last.payload, "new");
  assert.equal(tree.find("a").messages, 1);
});

test("topics that have no place are counted", () => {
  const tree = new TopicTree();

  for (let i = 0; i < TOPICS_MAX + 10; i++) {
    tree.take(told(`t/${i}`), clock++);
  }
  tree.take(told("t/1"), clock++);
  tree.take(told("x".repeat(60_001)), clock++);

  assert.equal(tree.topics, TOPICS_MAX);
  assert.equal(tree.passedOver, 11);
});

test("long names and deep topics take a bounded place", () => {
  const tree = new TopicTree();

  for (let i = 0; i < 1_000; i++) {
    tree.take(told(`${i}/${"x".repeat(59_000)}`), clock++);
    tree.take(told(`${i}${"/d".repeat(20_000)}`), clock++);
  }

  assert.ok(tree.topics > 50 && tree.topics < 400);
  assert.equal(tree.topics + tree.passedOver, 2_000);
});

test("a long payload is cut, and many of them take a bounded place", () => {
  const tree = new TopicTree();

  for (let i = 0; i < 2_000; i++) {
    tree.take(told(`t/${i}`, "y".repeat(100_000)), clock++);
  }

  let kept = 0;
  for (const node of tree.rows("t/")) {
    kept += node.last?.payload.length ?? 0;
  }
  assert.equal(tree.find("t/0").last.payload.length, 65_536);
  assert.equal(tree.find("t/0").last.cut, true);
  assert.equal(tree.find("t/0").last.length, 100_000);
  assert.ok(kept <= 34 << 20);
});

test("a search shows topics with the text and what is above them", () => {
  const tree = treeOf("plant/lyon/Press-1", "plant/turin/oven", "building/press");

  assert.deepEqual(names(tree.rows("press")), ["building", "building/press", "plant", "plant/lyon", "plant/lyon/Press-1"]);
  assert.deepEqual(names(tree.rows("lyon/p")), ["plant", "plant/lyon", "plant/lyon/Press-1"]);
  assert.deepEqual(names(tree.rows("nowhere")), []);
});

test("numbers are found in payloads of any shape", () => {
  assert.deepEqual([...numbers("21.5")], [["", 21.5]]);
  assert.deepEqual([...numbers(" +021 ")], [["", 21]]);
  assert.deepEqual([...numbers("true")], [["", 1]]);
  assert.deepEqual([...numbers("off")], []);
  assert.deepEqual(
    [...numbers('{"a":1,"b":{"c":false,"d":[2,"x"]},"e":"3","__proto__":{"f":4}}')],
    [
      ["a", 1],
      ["b.c", 0],
      ["b.d.0", 2],
      ["__proto__.f", 4],
    ],
  );
});

test("a history holds the last messages and four points a second", () => {
  const history = new TopicHistory();
  const at = 1_000_000;

  for (let i = 0; i < 10_000; i++) {
    history.add({ payload: `{"v":${i}}`, encoding: "text", length: 9, qos: 0, retain: false, at: at + 10 * i }, false);
  }

  const { times, values } = history.series(["v"]);
  assert.equal(history.messages.length, 100);
  assert.equal(history.messages.at(-1).payload, '{"v":9999}');
  assert.ok(times.length <= 600 && values[0].length === times.length);
  assert.ok(times.every((time, i) => i === 0 || time - times[i - 1] >= 0.25));
  assert.equal(history.thinned, true);
});

test("fields of about one size are drawn together first", () => {
  const history = new TopicHistory();

  history.add({ payload: '{"on":true,"temperature":21,"humidity":45,"pressure":1013}', encoding: "text", length: 1, qos: 0, retain: false, at: 1 }, false);

  assert.deepEqual(history.alike(3), ["temperature", "humidity"]);
});
