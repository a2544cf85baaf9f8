// The last step of the build: beside each file of the dashboard its gzip where that is worth it, so that a node compresses
// nothing while it runs, and files.txt, by which a node finds them in its class path.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { constants, gzipSync } from "node:zlib";

const out = process.env["RELAIS_DASHBOARD_OUT"] ?? "target/web";
const COMPRESSED = /\.(js|css|html|svg|json|webmanifest|txt|woff2?)$/;

const files = readdirSync(out, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));
const listed = [];
for (const file of files) {
  listed.push(file);
  const bytes = readFileSync(file);
  const zipped = COMPRESSED.test(file) ? gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }) : bytes;
  if (zipped.length < 0.95 * bytes.length) {
    writeFileSync(`${file}.gz`, zipped);
    listed.push(`${file}.gz`);
  }
}
const names = listed.map((file) => file.slice(join(out, "/").length).split(sep).join("/")).sort();
writeFileSync(join(out, "files.txt"), names.map((name) => `${name}\n`).join(""));
