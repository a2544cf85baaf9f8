import assert from "node:assert/strict";
import { after, test } from "node:test";
import { close, load } from "./load.mjs";

after(close);
const { at, match } = await load("/src/route.ts");

test("names of any kind go into an address and out of it again", () => {
  for (const clientId of ["plain", "a/b", "50%", "ü?&#", "<b>", "\u202ertl", " "]) {
    assert.deepEqual(match("/clients/:clientId", at("/clients/:clientId", { clientId })), { clientId });
  }
});

test("another path is another page", () => {
  assert.equal(match("/clients/:clientId", "/clients"), null);
  assert.equal(match("/clients", "/clients/a"), null);
  assert.deepEqual(match("/clients", "/clients"), {});
});

test("an address that nobody wrote is no page", () => {
  assert.equal(match("/clients/:clientId", "/clients/%E0%A4%A"), null);
});
