// npm run parity -- DIR [--json FILE] [--only ops,models] [--device wasm|gpu|reference]
// Runs every case in a folder of reference values (test/parity/README.md tells the format) and counts.
import { renameSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { loadTypeScript } from "./load-typescript.mjs";
import { report } from "./steps.mjs";

const usage =
  "usage: npm run parity -- DIR [--json FILE] [--only ops,models,…] [--device wasm|gpu|reference]";

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      options: { json: { type: "string" }, only: { type: "string" }, device: { type: "string" } },
      allowPositionals: true,
    });
    if (positionals.length !== 1) throw new Error(`expected one folder, got ${positionals.length}`);
    return { ...values, folder: positionals[0] };
  } catch (error) {
    console.error(`parity: ${/** @type {Error} */ (error).message}\n${usage}`);
    process.exit(2);
  }
}

const { folder, json, only, device } = readArguments();
const tests = await loadTypeScript("./test/parity/main.ts").catch((error) => process.exit(report(error)));
try {
  const { results, text, failed } = tests.run(folder, { only: only?.split(","), device });
  if (json) {
    writeFileSync(`${json}.tmp`, `${JSON.stringify(results, null, 1)}\n`);
    renameSync(`${json}.tmp`, json);
  }
  console.log(text);
  process.exitCode = failed ? 1 : 0;
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
  process.exitCode = 1;
}
