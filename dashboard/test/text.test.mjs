// What the dashboard says: in every language, and nowhere but in src/text.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, test } from "node:test";
import { parseSync } from "vite";
import { close, load, root } from "./load.mjs";

after(close);
const { en } = await load("/src/text/en/index.ts");
const others = { fr: (await load("/src/text/fr/index.ts")).fr, es: (await load("/src/text/es/index.ts")).es };

/** Every text by its path, such as `common.save`. */
function texts(of, path = []) {
  return Object.entries(of).flatMap(([name, value]) =>
    typeof value === "object" ? texts(value, [...path, name]) : [[[...path, name].join("."), value]],
  );
}

for (const [language, other] of Object.entries(others)) {
  test(`${language} has every text`, () => {
    const there = new Map(texts(other));

    for (const [path, text] of texts(en)) {
      const translated = there.get(path);
      assert.equal(typeof translated, typeof text, `${language} lacks ${path}`);
      if (typeof text === "string") {
        assert.notEqual(translated.trim(), "", `${language}: ${path} is empty`);
      }
    }
    assert.equal(there.size, texts(en).length, `${language} has texts that English has not`);
  });

  test(`${language} is not English`, () => {
    const there = new Map(texts(other));

    const same = texts(en)
      .filter(([path, text]) => typeof text === "string" && text.split(" ").length >= 4 && there.get(path) === text)
      .map(([path]) => path);

    assert.deepEqual(same, [], "sentences that were not translated");
  });
}

/** Attributes that a reader sees or hears. */
const SAID = new Set(["label", "title", "placeholder", "about", "aria-label", "alt", "text", "verb", "hint", "unit"]);
/** Words that are the same in every language. */
const NAMES = /^(Relais|MQTT|QoS|JSON|YAML|CSV|HTTP|curl|GET|POST|PUT|DELETE|PATCH|hex|base64|Base64|ID|URL|WebSocket|ms|admin|public|null|true|false)$/;

function* sources(folder) {
  for (const entry of readdirSync(new URL(folder, root), { withFileTypes: true })) {
    if (entry.isDirectory()) {
      yield* sources(`${folder}${entry.name}/`);
    } else if (entry.name.endsWith(".tsx")) {
      yield `${folder}${entry.name}`;
    }
  }
}

/** Words, and not topics, addresses, names of files and the like. */
function isSaid(text) {
  return text
    .split(/\s+/)
    .map((word) => word.replace(/^[("'“]+|[)"'”.,:;!?…]+$/g, ""))
    .some((word) => /^[\p{L}’'-]{2,}$/u.test(word) && !NAMES.test(word));
}

function walk(node, found) {
  if (Array.isArray(node)) {
    node.forEach((one) => walk(one, found));
  } else if (node && typeof node === "object") {
    if (node.type === "JSXText" && isSaid(node.value)) {
      found.push(node.value.trim());
    }
    if (node.type === "JSXAttribute" && node.value?.type === "Literal" && SAID.has(node.name.name) && isSaid(node.value.value)) {
      found.push(`${node.name.name}="${node.value.value}"`);
    }
    Object.values(node).forEach((value) => walk(value, found));
  }
}

test("no page says anything that is not in src/text", () => {
  const found = [];
  for (const file of sources("src/")) {
    const { program, errors } = parseSync(file, readFileSync(new URL(file, root), "utf8"));
    assert.deepEqual(errors, []);
    const here = [];
    walk(program, here);
    found.push(...here.map((text) => `${file}: ${text}`));
  }
  assert.deepEqual(found, []);
});
