import assert from "node:assert/strict";
import { after, test } from "node:test";
import { close, load } from "./load.mjs";

after(close);
const { EventLines } = await load("/src/api/events.ts");

function told(...parts) {
  const events = [];
  const lines = new EventLines((event, data) => events.push([event, data]));
  parts.forEach((part) => lines.take(part));
  return events;
}

test("an event has a name and data", () => {
  assert.deepEqual(told('event: metrics\ndata: {"a":1}\n\n'), [["metrics", { a: 1 }]]);
});

test("an event may come in any pieces", () => {
  const text = 'event: message\ndata: {"topic":"a/ü","payload":"x"}\n\ndata: 2\n\n';

  for (let at = 1; at < text.length; at++) {
    assert.deepEqual(told(text.slice(0, at), text.slice(at)), [
      ["message", { topic: "a/ü", payload: "x" }],
      ["message", 2],
    ]);
  }
});

test("comments are signs of life and no events", () => {
  assert.deepEqual(told(": nothing came\n\n: nothing came\n\n"), []);
});

test("a name holds for one event", () => {
  assert.deepEqual(told("event: dropped\ndata: 1\n\ndata: 2\n\n"), [
    ["dropped", 1],
    ["message", 2],
  ]);
});

test("a line without an end is not held for ever", () => {
  assert.throws(() => told("data: ".padEnd(17 << 20, "x")), /too long/);
});
