// What Maven runs: fetches the libraries and builds, but only if something changed since the last time. Says one line when
// it builds and nothing when it does not; what npm has to say is in target/build.log, and is shown where it fails.
//
// node build/maven.mjs TOOLS OUT     TOOLS: the folder that Maven unpacked npm into; OUT: the folder to build into
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [tools, out] = process.argv.slice(2);
const npm = join(tools, "npm/package/bin/npm-cli.js");
const root = fileURLToPath(new URL("..", import.meta.url));
const stamp = join(root, "target/web.stamp");
const log = join(root, "target/build.log");

/** What is not built from: what the build makes, and what only tests need. */
const OTHER = new Set(["node_modules", "target", "test", "pom.xml", ".gitignore", "src/api/types.ts"]);

/** All that the build depends on, in an order that is the same everywhere. */
function* sources(folder = "") {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (OTHER.has(path) || entry.name.endsWith(".md")) {
      continue;
    }
    if (entry.isDirectory()) {
      yield* sources(path);
    } else if (entry.isFile()) {
      yield path;
    }
  }
}

function hash() {
  const all = createHash("sha256").update(`${process.version}\n${out}\n`);
  for (const path of sources()) {
    const bytes = readFileSync(join(root, path));
    all.update(`${path} ${bytes.length}\n`).update(bytes);
  }
  return all.digest("hex");
}

/** Whether node_modules has what package-lock.json asks for, by the list that npm leaves there. */
function librariesAreThere() {
  const there = join(root, "node_modules/.package-lock.json");
  if (!existsSync(there)) {
    return false;
  }
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const found = JSON.parse(readFileSync(there, "utf8")).packages;
  return (
    Object.keys(found).every((path) => path in wanted) &&
    Object.entries(wanted).every(
      // Those that are optional are for some platforms only.
      ([path, one]) => path === "" || (path in found ? found[path].integrity === one.integrity : one.optional === true),
    )
  );
}

function run(...words) {
  const to = openSync(log, "a");
  const env = {
    ...process.env,
    PATH: dirname(process.execPath) + delimiter + process.env["PATH"],
    RELAIS_DASHBOARD_OUT: out,
  };
  delete env["NODE_OPTIONS"];
  delete env["NODE_ENV"]; // "production" would leave out what builds
  const ran = spawnSync(process.execPath, [npm, ...words], { cwd: root, env, stdio: ["ignore", to, to] });
  closeSync(to);
  if (ran.error || ran.status !== 0) {
    const said = readFileSync(log, "utf8").trimEnd().split("\n").slice(-60).join("\n");
    console.error(`${said}\nThe dashboard was not built: "npm ${words.join(" ")}" ${ran.error?.message ?? "failed"}.`);
    console.error(`All of its output is in ${log}; -Dweb.skip builds the program without a dashboard.`);
    process.exit(1);
  }
}

const built = hash();
if (existsSync(stamp) && readFileSync(stamp, "utf8") === built && existsSync(join(out, "files.txt"))) {
  process.exit(0);
}
console.log("Building the dashboard (the log is dashboard/target/build.log)");
mkdirSync(dirname(log), { recursive: true });
rmSync(stamp, { force: true });
rmSync(log, { force: true });
if (!librariesAreThere()) {
  run("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--prefer-offline");
}
run("run", "build");
writeFileSync(stamp, built);
