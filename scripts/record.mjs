/**
 * `npm run record -- NAME ...`: what takes longer than a notebook may. Runs src/lectures/LECTURE/recorded/RUN.ts, all its
 * seeds, and writes recorded/LECTURE-RUN.json, from which the notebook draws.
 */
import { mkdirSync } from "node:fs";
import { loadBuilt, machineInWords, prepare, recordings, today } from "./lecture-scripts.mjs";
import { codeHash } from "./notebooks/code-hash.mjs";
import { libraryVersion } from "./notebooks/sources.mjs";
import { bold, dim, green, inRoot, isMain, Problem, report, writeWhole } from "./steps.mjs";

/**
 * All seeds of a recording, as recorded/NAME.json holds them.
 * @param {string} name
 * @param {import("../src/data").Recording<unknown>} recording
 * @param {{ code: string, machine: string }} about
 * @param {(line: string) => void} log
 */
export async function record(name, { says, seeds, run }, { code, machine }, log) {
  const start = performance.now();
  const data = [];
  for (const seed of seeds) data.push(await run(seed, (line) => log(`seed ${seed}: ${line}`)));
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  const command = `npm run record -- ${name}`;
  return {
    name,
    says,
    command,
    date: today(),
    machine,
    seconds,
    seeds,
    library: libraryVersion(),
    code,
    data,
  };
}

/** @param {readonly string[]} names */
async function main(names) {
  const there = recordings();
  const list = there.map(({ name }) => name).join(", ");
  if (names.length === 0) throw new Problem("Which run?", `npm run record -- NAME; there are: ${list}`);
  const chosen = names.map((wanted) => {
    const found = there.find(({ name }) => name === wanted);
    if (!found) throw new Problem(`There is no run ${wanted}.`, `There are: ${list}`);
    return found;
  });
  await prepare();
  for (const { name, source } of chosen) {
    const [{ recording }, library] = await Promise.all([
      loadBuilt(source),
      loadBuilt(inRoot("src", "index.ts")),
    ]);
    console.log(bold(`${name}: ${recording.says}`));
    const about = { code: codeHash(source), machine: machineInWords(library.device().name) };
    const start = performance.now();
    const run = await record(name, recording, about, (line) =>
      console.log(dim(`  ${((performance.now() - start) / 1000).toFixed(0).padStart(4)} s  ${line}`)),
    );
    mkdirSync(inRoot("recorded"), { recursive: true });
    writeWhole(inRoot("recorded", `${name}.json`), `${JSON.stringify(run, null, 1)}\n`);
    console.log(`  ${green("✓")} recorded/${name}.json, ${run.seconds} s`);
  }
}

if (isMain(import.meta.url))
  main(process.argv.slice(2)).then(
    () => process.exit(), // the library's threads would wait
    (error) => process.exit(report(error)),
  );
