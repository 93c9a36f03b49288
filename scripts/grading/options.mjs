/** Reads the command line of `npm run grade`. */
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { closest } from "../arguments.mjs";
import { Problem } from "../steps.mjs";

const flag = /** @type {const} */ ({ type: "boolean" });
const string = /** @type {const} */ ({ type: "string" });
const options = {
  ...{ out: string, format: string, jobs: { ...string, short: /** @type {const} */ ("j") }, seed: string },
  ...{ due: string, late: string, overrides: string, queue: string, lang: string },
  ...{ regrade: flag, similar: flag, trust: flag, help: { ...flag, short: /** @type {const} */ ("h") } },
};

export const USAGE = `npm run grade -- PATH… [options]

  PATH                 a notebook, a folder <student>/…/<notebook>.ipynb, or a zip of either
  --out DIR            where results go (default: grades)
  --format moodle      grades.csv for Moodle's import, or: canvas (default: nbgrader's columns)
  --lang ru            pages and reasons in Russian
  --due 2026-11-30     when it was due (that day's end; or 2026-11-30T18:00)
  --late 10%/day       what lateness costs: of what was earned, for every day that has begun (or hour, week)
  --regrade            mark everything anew, and print whose marks changed: old → new
  --overrides FILE     decisions by hand (default: overrides.csv in DIR): student,notebook,exercise,earned,reason
  --seed N             of the random inputs (default: drawn once for DIR, and kept there)
  --jobs N             submissions at once (default: one for each processor)
  --similar            besides, whose answers are alike: a hint, no proof
  --queue redis://HOST give the work to machines on which npm run grade:worker -- --queue redis://HOST runs
  --trust              run other people's code although this machine cannot wall it off`;

/**
 * @typedef {{ paths: string[], out: string, language: "en" | "ru", format: "nbgrader" | "moodle" | "canvas", jobs: number, seed: number | null,
 *   due: string | null, late: string | null, overrides: string | null, queue: string | null, regrade: boolean, similar: boolean, trust: boolean }} Options
 */

/** Null: only help is wanted. @param {readonly string[]} args @returns {Options | null} */
export function parse(args) {
  const { values, positionals } = read(args);
  if (values.help) return null;
  const { format = "nbgrader", lang: language = "en", jobs, seed, late, due } = values;
  if (format !== "nbgrader" && format !== "moodle" && format !== "canvas")
    throw new Problem(`--format: expected nbgrader, moodle or canvas, got ${format}.`);
  if (language !== "en" && language !== "ru")
    throw new Problem(`--lang: expected en or ru, got ${language}.`);
  if (positionals.length === 0)
    throw new Problem(
      "What shall be graded?",
      "npm run grade -- submissions --out grades\nnpm run grade -- --help shows all options.",
    );
  if (late !== undefined && due === undefined)
    throw new Problem("--late needs --due: when was it due?", "For example: --due 2026-11-30 --late 10%/day");
  const at = (/** @type {string} */ place) => path.resolve(process.env.INIT_CWD ?? process.cwd(), place);
  return {
    paths: positionals.map(at),
    ...{ out: at(values.out ?? "grades"), format, language },
    jobs: number("--jobs", jobs, 1) ?? os.availableParallelism?.() ?? os.cpus().length,
    seed: number("--seed", seed, 1),
    ...{ due: due ?? null, late: late ?? null },
    overrides: values.overrides === undefined ? null : at(values.overrides),
    queue: values.queue ?? null,
    ...{ regrade: values.regrade ?? false, similar: values.similar ?? false, trust: values.trust ?? false },
  };
}

/** @param {string} name @param {string | undefined} text @param {number} least */
function number(name, text, least) {
  if (text === undefined) return null;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > 2 ** 31)
    throw new Problem(`${name}: expected a whole number from ${least} on, got ${text}.`);
  return value;
}

/** @param {readonly string[]} args */
function read(args) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    const [, wrong] = /'(-[^' ]*)/.exec(message) ?? [];
    const near =
      wrong &&
      closest(
        wrong,
        Object.keys(options).map((name) => `--${name}`),
      );
    throw new Problem(
      `${message.split(". ")[0]}.${near && near !== wrong ? ` Did you mean ${near}?` : ""}`,
      "npm run grade -- --help shows all options.",
    );
  }
}
