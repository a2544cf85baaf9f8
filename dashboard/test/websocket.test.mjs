import assert from "node:assert/strict";
import { after, test } from "node:test";
import { close, load } from "./load.mjs";

after(close);
Object.assign(globalThis, {
  BroadcastChannel: class {},
  document: { documentElement: {} },
  sessionStorage: { getItem: () => null },
  matchMedia: () => ({ matches: false, addEventListener() {} }),
});
const { draftBytes, EMPTY_DRAFT } = await load("/src/pages/message-form.tsx");
const { matches } = await load("/src/pages/websocket-connections.ts");

test("a message has the mark of a filter that takes it in", () => {
  for (const [filter, topic] of [
    ["#", "a"],
    ["a/#", "a"],
    ["a/+/c", "a/b/c"],
    ["+/+", "/"],
    ["$share/group/a/+", "a/b"],
    ["$SYS/#", "$SYS/broker/uptime"],
  ]) {
    assert.equal(matches(filter, topic), true, `${filter} takes in ${topic}`);
  }
  for (const [filter, topic] of [
    ["a", "a/b"],
    ["a/+", "a"],
    ["+", "a/b"],
    ["#", "$SYS/broker/uptime"],
    ["A", "a"],
  ]) {
    assert.equal(matches(filter, topic), false, `${filter} does not take in ${topic}`);
  }
});

test("payloads are written in four ways", () => {
  assert.deepEqual([...draftBytes("text", "é")], [0xc3, 0xa9]);
  assert.deepEqual([...draftBytes("json", "[1]")], [0x5b, 0x31, 0x5d]);
  assert.deepEqual([...draftBytes("hex", "00 fF\n10")], [0, 255, 16]);
  assert.deepEqual([...draftBytes("base64", "AP8Q")], [0, 255, 16]);
  assert.deepEqual([...draftBytes("hex", "")], []);
});

test("what is written otherwise is no payload", () => {
  assert.equal(draftBytes("json", "{bad"), null);
  assert.equal(draftBytes("hex", "0"), null);
  assert.equal(draftBytes("hex", "0g"), null);
  assert.equal(draftBytes("base64", "*"), null);
  assert.equal(EMPTY_DRAFT.payload, "");
});
