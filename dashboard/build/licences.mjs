// Writes licences.txt beside the built files: whose code is in them, and on which terms, as those terms want it.
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const out = process.env["RELAIS_DASHBOARD_OUT"] ?? "target/web";
const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));

const told = [];
for (const [path, { version, license, dev, optional }] of Object.entries(packages)) {
  // Types leave nothing in what is built.
  if (path === "" || dev || optional || path.includes("/@types/") || path.endsWith("/undici-types")) {
    continue;
  }
  const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
  const file = existsSync(path) && readdirSync(path).find((one) => /^licen[cs]e(\.\w+)?$/i.test(one));
  const text = file ? readFileSync(join(path, file), "utf8").trim() : `Licence: ${license}`;
  told.push(`${name} ${version} (${license})\n\n${text}\n`);
}
writeFileSync(
  join(out, "licences.txt"),
  `The dashboard of Relais contains code of others, in whole or in part:\n\n${told.join(`\n${"-".repeat(80)}\n\n`)}`,
);
