// Style sheets of pages stay loaded when another page is opened: a name belongs to one of them.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const source = new URL("../src/", import.meta.url);

test("no class is styled by two style sheets", () => {
  const owners = new Map();

  for (const file of readdirSync(source, { recursive: true }).filter((name) => name.endsWith(".css"))) {
    const text = readFileSync(new URL(file, source), "utf8").replace(/\/\*.*?\*\//gs, "");
    for (const [, selectors] of text.matchAll(/^\s*([^{}@]+)\{/gm)) {
      for (const selector of selectors.replace(/\([^)]*\)/g, "()").split(",").map((one) => one.trim())) {
        if (/^\.[\w-]+$/.test(selector)) {
          owners.set(selector, new Set(owners.get(selector)).add(file));
        }
      }
    }
  }

  const shared = [...owners].filter(([, files]) => files.size > 1).map(([name, files]) => `${name}: ${[...files]}`);
  assert.ok(owners.size > 100);
  assert.deepEqual(shared, []);
});
