/**
 * `npm run course [-- NAME ...] [--json FILE] [--lang ru]`: executes the lectures in full, and writes the solution notebooks
 * with what came of it: outputs, their pictures as PNG too, and the hash of the sources that they came from. `--lang`: in
 * this language alone, when nothing but its texts has changed. Tells what takes longer than it may.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { choose, generate, write, writtenLectures } from "./generate-notebooks.mjs";
import { readNotebook, withOutputs, writeNotebook } from "./notebooks/ipynb.mjs";
import { withPngs } from "./notebooks/pictures.mjs";
import { libraryVersion, sourcesHash } from "./notebooks/sources.mjs";
import { runNotebooks } from "./run.mjs";
import { setup } from "./setup.mjs";
import { bold, green, inRoot, isMain, Problem, report, seconds, writeWhole, yellow } from "./steps.mjs";

/** @import { Notebook } from "./notebooks/ipynb.mjs" */
/** @import { Language } from "./notebooks/sources.mjs" */
/** @typedef {{ name: string, ok: boolean, failures: string[], seconds: number, cells: { cell: string, seconds: number }[] }} Ran */
/** @typedef {{ name: string, unit: string, values: number[], mean: number, std?: number }} Result */

/** Seconds on two quiet cores that a cell, a notebook and all of them in one language may take. */
export const LIMITS = { cell: 180, notebook: 300, course: 2100 };
const RESULT = "application/vnd.gradschool.result+json";
const out = "course";

/** What result() has shown, in order. @param {Notebook} nb @returns {Result[]} */
export const resultsIn = (nb) =>
  nb.cells.flatMap(({ outputs = [] }) => outputs.flatMap(({ data }) => data?.[RESULT] ?? []));

/** What took too long, in words. @param {readonly (Pick<Ran, "seconds" | "cells"> & { notebook: string, language: string })[]} ran @returns {string[]} */
export function tooLong(ran) {
  const over = (/** @type {string} */ what, /** @type {number} */ took, /** @type {number} */ limit) =>
    took > limit ? [`${what} took ${Math.round(took)} s, and may take ${limit}`] : [];
  return [
    ...ran.flatMap(({ notebook, seconds, cells }) => [
      ...cells.flatMap(({ cell, seconds }) => over(`${notebook}: the cell "${cell}"`, seconds, LIMITS.cell)),
      ...over(notebook, seconds, LIMITS.notebook),
    ]),
    ...["en", "ru"].flatMap((language) => {
      const its = ran.filter((one) => one.language === language);
      const took = its.reduce((sum, { seconds }) => sum + seconds, 0);
      return over(`the course (${language})`, took, LIMITS.course);
    }),
  ];
}

/** The notebook as it is committed. @param {Notebook} nb @param {Notebook} run @param {string} lecture @param {Language} language */
export const committed = (nb, run, lecture, language) => {
  const made = { lecture, sources: sourcesHash(lecture, language), library: libraryVersion() };
  return { ...withOutputs(nb, run), metadata: { ...nb.metadata, gradschool: made } };
};

/**
 * One lecture, and what is told of it. Where it is Russian too, that is executed as well: its figures have Russian titles.
 * @param {import("../src/lectures/course").Lecture} lecture
 * @param {readonly import("./generate-notebooks.mjs").Generated[]} files
 * @param {import("./setup.mjs").Ready} jupyter
 */
async function execute({ name, notebook }, files, jupyter) {
  for (const file of files) write(file);
  const told = [];
  for (const { nb, file, language } of files.filter(({ solved }) => solved)) {
    const json = inRoot("out", `${out}.json`);
    const as = language === "en" ? notebook : `${notebook}-${language}`;
    const env = { ...jupyter.env, GRADSCHOOL_LANG: language };
    await runNotebooks({ ...jupyter, env }, [`${as}=${file}`], { json, out });
    const [{ ok, seconds, cells }] = /** @type {Ran[]} */ (JSON.parse(readFileSync(json, "utf8")));
    const run = ok && readNotebook(inRoot("out", out, `${as}.ipynb`));
    if (run) writeNotebook(file, await withPngs(committed(nb, run, name, language)));
    told.push({
      lecture: name,
      notebook: as,
      language,
      ok,
      seconds,
      cells,
      results: run ? resultsIn(run) : [],
    });
  }
  return told;
}

/** @param {readonly string[]} args */
async function main(args) {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { json: { type: "string" }, lang: { type: "string" } },
    allowPositionals: true,
  });
  if (values.lang && !["en", "ru"].includes(values.lang))
    throw new Problem(`--lang: expected en or ru, got ${values.lang}.`);
  const written = await writtenLectures();
  const lectures = choose(written, positionals);
  const jupyter = await setup();
  const start = performance.now();
  const told = [];
  for (const lecture of lectures) {
    const files = await generate(lecture, written);
    const wanted = files.filter(({ language }) => !values.lang || language === values.lang);
    told.push(...(await execute(lecture, wanted, jupyter)));
  }
  if (values.json) {
    const english = told.filter(({ language }) => language === "en"); // the Russian run computes the same
    writeWhole(
      path.resolve(process.env.INIT_CWD ?? ".", values.json),
      `${JSON.stringify(english, null, 1)}\n`,
    );
  }
  console.log("");
  for (const { notebook, ok, seconds, results } of told)
    console.log(
      `  ${ok ? green("✓") : yellow("✗")} ${notebook.padEnd(16)} ${seconds.toFixed(1)} s, ${results.length} results`,
    );
  const complaints = tooLong(told);
  for (const complaint of complaints) console.log(yellow(complaint));
  console.log(bold(`${told.length} notebooks, ${seconds(start)}`));
  const failed = told.filter(({ ok }) => !ok).map(({ notebook }) => notebook);
  if (failed.length > 0)
    throw new Problem(`not run to their end, and left as they were: ${failed.join(", ")}`);
  if (complaints.length > 0) process.exitCode = 1;
}

if (isMain(import.meta.url))
  main(process.argv.slice(2)).catch((error) => {
    process.exitCode = report(error);
  });
