import assert from "node:assert/strict";
import { after, test } from "node:test";
import { close, load } from "./load.mjs";

after(close);
const { loadLanguage } = await load("/src/text/index.ts");
globalThis.document = { documentElement: {} };
await loadLanguage();
const format = await load("/src/text/format.ts");
const { cut, visible } = await load("/src/ui/Told.tsx");

test("sizes have the unit that fits", () => {
  assert.equal(format.bytes(0), "0 bytes");
  assert.equal(format.bytes(1_536), "1.5 kB");
  assert.equal(format.bytes(200 * 1_048_576), "200 MB");
});

test("a duration has its two largest units", () => {
  assert.equal(format.duration(0), "0 secs");
  assert.equal(format.duration(3_700), "1 hr 1 min");
  assert.equal(format.duration(3 * 86_400), "3 days");
  assert.equal(format.duration(86_400 + 59), "1 day");
});

test("rates have as many digits as say something", () => {
  assert.deepEqual([0, 0.254, 3.14159, 31.4159, 1_234.5].map(format.rate), ["0", "0.25", "3.14", "31.4", "1,235"]);
});

test("control characters and changes of direction can be seen", () => {
  assert.equal(visible("a\u0000b\u202ec\nd"), "a\u2400b\ufffdc\u240ad");
});

test("names in sentences are cut", () => {
  assert.equal(cut("x".repeat(60_000)).length, 81);
});
