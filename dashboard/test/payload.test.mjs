import assert from "node:assert/strict";
import { after, test } from "node:test";
import { close, load } from "./load.mjs";

after(close);
const { payloadBase64, payloadBytes, payloadHex, payloadSize, payloadText, prettyJson } = await load("/src/ui/Payload.tsx");

test("JSON is laid out and no value of it changes", () => {
  const text = '{"a":[1,{"b":"}, \\"x\\": ["}],"big":12345678901234567890,"exact":1.10,"none":[],"e":{}}';

  const pretty = prettyJson(text);

  assert.equal(pretty.split("\n").length, 12);
  assert.match(pretty, /"big": 12345678901234567890/);
  assert.match(pretty, /"exact": 1\.10/);
  assert.match(pretty, /"none": \[\]/);
  assert.deepEqual(JSON.parse(pretty), JSON.parse(text));
});

test("what is no JSON, or would be huge, is not laid out", () => {
  assert.equal(prettyJson("{a: 1}"), null);
  assert.equal(prettyJson(""), null);
  assert.equal(prettyJson("[".repeat(200_000) + "]".repeat(200_000)), null);
});

test("bytes come back from each encoding", () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256);

  assert.deepEqual(payloadBytes(payloadBase64(bytes), "base64"), bytes);
  assert.equal(payloadText(Uint8Array.of(0xff, 0xfe)), null);
  assert.equal(payloadText(payloadBytes("grüße 🚀", "text")), "grüße 🚀");
  assert.equal(payloadHex(Uint8Array.of(0, 10, 255)), "00 0a ff");
});

test("a size is that of the bytes", () => {
  for (const payload of ["", "plain", "grüße", "٢١٫٥", "🚀🚀", "a\u0000b"]) {
    assert.equal(payloadSize(payload, "text"), new TextEncoder().encode(payload).length, payload);
  }
  for (const length of [0, 1, 2, 3, 4, 100]) {
    assert.equal(payloadSize(payloadBase64(new Uint8Array(length)), "base64"), length);
  }
});
