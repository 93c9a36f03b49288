/**
 * `npm run bench`: how fast gradschool is, beside every peer that is installed. `npm run bench -- --help` says how.
 *
 * Every contender runs in a process of its own, and they take turns, so that whatever else the machine does hits all
 * alike: only ratios within one run mean anything.
 */
import { existsSync } from "node:fs";
import { parse, UsageError, usage } from "./arguments.mjs";
import { absent } from "./contenders.mjs";
import * as grading from "./grading.mjs";
import * as kernels from "./kernels.mjs";
import * as memory from "./memory.mjs";
import * as ops from "./ops.mjs";
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

/**
 * The results of one part of the benchmark as they come, each with how it reads.
 * @template {object} R
 * @param {Iterable<R>} results
 * @param {(result: R) => string} show
 * @returns {Generator<[result: R & { ok?: boolean }, text: string]>}
 */
function* read(results, show) {
  for (const result of results) yield [result, show(result)];
}

/** @param {string} name @param {import("./race.mjs").RaceOptions} options */
function run(name, options) {
  if (name === "kernels") return read(kernels.run(options), kernels.show);
  if (name === "ops") return read(ops.run(options), ops.show);
  if (name === "memory") return read(memory.run(options), memory.show);
  if (name === "grading") return read(grading.run(options), grading.show);
  if (name === "threads") return read(threads.run(options), threads.show);
  return read(race.race(name, options), race.show);
}

async function main() {
  const options = parse(process.argv.slice(2));
  if (options.help) return console.log(usage);
  const missing = absent(options);
  await prepare();
  for (const [name, how] of Object.entries(missing)) console.error(`absent: ${name} (${how})`);
  for (const name of options.names) {
    const all = [];
    for (const [result, text] of run(name, { ...options, missing })) {
      all.push(result);
      console.log(options.json ? JSON.stringify(result) : `\n${text}`);
      if (result.ok === false) process.exitCode = 1;
    }
    if (!options.json && !options.config) save(name, all);
  }
}

try {
  await main();
} catch (error) {
  const isUsage = error instanceof UsageError;
  console.error(
    `bench: ${/** @type {Error} */ (error).message}${isUsage ? "; npm run bench -- --help" : ""}`,
  );
  process.exitCode = isUsage ? 2 : 1;
}
