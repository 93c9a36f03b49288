// npm run parity -- DIR [--json FILE] [--only ops,models] [--device wasm|gpu|reference]
// Runs every case in a folder of reference values (test/parity/README.md tells the format) and counts.
import { renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build, buildUpToDate } from "./build.mjs";
import { installPackages, packagesUpToDate } from "./packages.mjs";
import { report, step } from "./steps.mjs";

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
    console.error(`parity: ${error.message}\n${usage}`);
    process.exit(2);
  }
}

const { folder, json, only, device } = readArguments();
const root = fileURLToPath(new URL("..", import.meta.url));
try {
  // Silent where all is there, so that the table stands alone.
  if (!packagesUpToDate()) await step("npm packages", installPackages);
  if (!buildUpToDate()) await step("library", build);
} catch (error) {
  process.exit(report(error));
}
const { runnerImport } = await import("vite");
const { module } = await runnerImport("./test/parity/main.ts", { root, logLevel: "error" });
try {
  const { results, text, failed } = module.run(folder, { only: only?.split(","), device });
  if (json) {
    writeFileSync(`${json}.tmp`, `${JSON.stringify(results, null, 1)}\n`);
    renameSync(`${json}.tmp`, json);
  }
  console.log(text);
  process.exitCode = failed ? 1 : 0;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
