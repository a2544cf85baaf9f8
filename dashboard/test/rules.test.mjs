// The draft of rules: what it changes, told in as few words as are true.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { close, load } from "./load.mjs";

after(close);
const { areSame, differences, parsed, row, rowsOf, ruleOf, written } = await load("/src/pages/rules.ts");
const { lineDifferences } = await load("/src/pages/line-differences.ts");

const rule = (filter, more = {}) => ({ effect: "allow", action: "all", filter, ...more });
const rows = (rules) => rules.map((one, index) => row(one, index));
const kinds = (base, of) => differences(base, of).map((one) => `${one.kind} ${one.rule.filter}`);

test("rules that are as they were make no difference", () => {
  const base = [rule("a"), rule("b")];

  assert.deepEqual(differences(base, rows(base)), []);
});

test("what the API leaves out and what it tells as its default are the same", () => {
  const told = { ...rule("a"), username: null, maxQos: 2, retain: null };

  assert.ok(areSame([told], [rule("a")]));
  assert.ok(areSame([{ effect: "allow", filter: "a" }], [rule("a")]));
  assert.ok(!areSame([rule("a", { username: "" })], [rule("a")]));
});

test("a rule that passes others is the only one that moved", () => {
  const base = ["a", "b", "c", "d"].map((filter) => rule(filter));
  const [a, b, c, d] = rows(base);

  assert.deepEqual(kinds(base, [d, a, b, c]), ["moved d"]);
});

test("added, changed and removed rules are told apart", () => {
  const base = [rule("a"), rule("b"), rule("c")];
  const [a, b] = rows(base);

  const found = kinds(base, [a, { ...b, rule: rule("x") }, row(rule("new"), null)]);

  assert.deepEqual(found, ["changed x", "added new", "removed c"]);
});

test("pasted rules are recognized, and one in the place of another is a change of it", () => {
  const base = [rule("a"), rule("b"), rule("c")];

  assert.deepEqual(kinds(base, rowsOf(base, [rule("a"), rule("x"), rule("c")])), ["changed x"]);
  assert.deepEqual(kinds(base, rowsOf(base, [rule("new"), ...base])), ["added new"]);
  assert.deepEqual(kinds(base, rowsOf(base, [rule("b"), rule("c")])), ["removed a"]);
});

test("of equal rules each counts once", () => {
  const base = [rule("a"), rule("a")];

  assert.deepEqual(kinds(base, rowsOf(base, [rule("a")])), ["removed a"]);
});

test("written rules are read back as they were", () => {
  const base = [rule("a/%c/#", { username: "", maxQos: 1, retain: false }), rule("#")];

  assert.deepEqual(parsed(written(base)), base);
});

test("a text that is no rules says why", () => {
  assert.throws(() => parsed("["), { kind: "json" });
  assert.throws(() => parsed("{}"), { kind: "list" });
  assert.throws(() => parsed("[1]"), { kind: "rule", at: 0 });
  assert.throws(() => parsed('[{"efect": "allow"}]'), { kind: "rule", at: 0, key: "efect" });
  assert.throws(() => parsed('[{"filter": 3}]'), { kind: "rule", at: 0, key: "filter", known: true });
});

test("an error of the API leads to its rule", () => {
  assert.deepEqual(ruleOf("[12].filter"), { at: 12, field: "filter" });
  assert.deepEqual(ruleOf("[3]"), { at: 3, field: "" });
  assert.equal(ruleOf("body"), null);
});

test("one rule of 10,000 that went to the end is the only one that moved", () => {
  const base = Array.from({ length: 10_000 }, (_, index) => rule(`a/${index}`));

  const found = differences(base, rowsOf(base, [...base.slice(1), base[0]]));

  assert.deepEqual(found.map((one) => one.kind), ["moved"]);
});

test("a difference of JSON shows what changed and little around it", () => {
  const before = { list: Array.from({ length: 40 }, (_, index) => `line ${index} ${"x".repeat(20)}`), gone: null };
  const after = { list: before.list.with(20, "other") };

  const found = lineDifferences(before, after);

  assert.deepEqual(
    found.filter((line) => line.kind === "added" || line.kind === "removed").map((line) => line.text.trim()),
    [`"line 20 ${"x".repeat(20)}",`, '"other",'],
  );
  assert.equal(found.filter((line) => line.kind === "same").length, 6);
  assert.deepEqual(lineDifferences(null, undefined), []);
});
