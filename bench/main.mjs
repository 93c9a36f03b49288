/**
 * `npm run bench`: how fast gradschool is, beside every peer that is installed. `npm run bench -- --help` says how.
 *
 * Every contender runs in a process of its own, and they take turns, so that whatever else the machine does hits all
 * alike: only ratios within one run mean anything.
 */
import { existsSync } from "node:fs";
import { parse, UsageError, usage } from "./arguments.mjs";
import { absent } from "./contenders.mjs";
import { experiments } from "./experiments.mjs";
import * as kernels from "./kernels.mjs";
import * as memory from "./memory.mjs";
import * as race from "./race.mjs";
import { save } from "./results.mjs";
import * as threads from "./threads.mjs";

/** dist/ is what is measured: make it from the sources as they are now. */
async function prepare() {
  if (!existsSync(new URL("../node_modules/typescript", import.meta.url)))
    throw new Error("the packages are not installed; npm start -- --setup");
  const { build, buildUpToDate } = await import("../scripts/build.mjs");
  if (buildUpToDate()) return;
  console.error("building the library");
  await build();
}

function run(name, options) {
  if (name in experiments) return [race.race(name, options), race.show];
  const { run, show } = { kernels, memory, threads }[name];
  return [run(options), show];
}

async function main() {
  const options = parse(process.argv.slice(2));
  if (options.help) return console.log(usage);
  options.missing = absent(options);
  await prepare();
  for (const [name, how] of Object.entries(options.missing)) console.error(`absent: ${name} (${how})`);
  for (const name of options.names) {
    const [results, show] = run(name, options);
    const all = [];
    for (const result of results) {
      all.push(result);
      console.log(options.json ? JSON.stringify(result) : `\n${show(result)}`);
      if (result.ok === false) process.exitCode = 1;
    }
    if (!options.json && !options.config) save(name, all);
  }
}

try {
  await main();
} catch (error) {
  const isUsage = error instanceof UsageError;
  console.error(`bench: ${error.message}${isUsage ? "; npm run bench -- --help" : ""}`);
  process.exitCode = isUsage ? 2 : 1;
}
