/** Reads the command line of `npm start`. */
import { parseArgs } from "node:util";
import { notebooksIn, shortName } from "./notebooks/files.mjs";
import { OPTIONAL } from "./optional.mjs";
import { Problem } from "./steps.mjs";

const flag = /** @type {const} */ ({ type: "boolean" });
const string = /** @type {const} */ ({ type: "string" });
const options = {
  ...{ check: flag, setup: flag, help: { ...flag, short: "h" }, students: flag },
  run: { ...string, multiple: /** @type {const} */ (true) },
  jobs: { ...string, short: "j" },
  with: { ...string, multiple: /** @type {const} */ (true) },
  ...{ in: string, lang: string },
};
const examples = {
  run: "--run gpt",
  jobs: "--jobs 2",
  with: "--with minilm",
  in: "--in ~/my-course",
  lang: "--lang ru",
};
const flags = Object.keys(options).map((name) => `--${name}`);

/** @typedef {{ mode: "open" | "run" | "check" | "setup" | "with" | "help", lectures: string[], wanted: string[], students: boolean, jobs: number, place?: string, language?: "en" | "ru" }} Options */

/** What the command line asks for. @param {readonly string[]} args @returns {Options} */
export function parse(args) {
  const { run = [], with: wanted = [], students = false, jobs = "1", ...rest } = values(args);
  const { check, setup, help, in: place, lang } = rest;
  const asked = { help, check, setup, run: run.length > 0, with: wanted.length > 0 };
  const modes = Object.entries(asked).filter(([, isAsked]) => isAsked);
  const [mode = "open"] = modes.map(([name]) => /** @type {Options["mode"]} */ (name));
  if (!/^[1-9]\d*$/.test(jobs)) throw new Problem(`--jobs: expected a whole number from 1 on, got ${jobs}.`);
  if (mode !== "help" && modes.length > 1)
    throw new Problem(`--${modes.map(([name]) => name).join(" and --")} do not go together.`);
  if (students && mode !== "run")
    throw new Problem("--students goes with --run, for example: npm start -- --run gpt --students");
  if (lang !== undefined && lang !== "en" && lang !== "ru")
    throw new Problem(`--lang: expected en (English) or ru (Russian), got ${lang}.`);
  const odd = wanted.find((name) => !(name in OPTIONAL));
  if (odd !== undefined) {
    const names = Object.keys(OPTIONAL);
    const near = closest(odd, names);
    throw new Problem(
      `--with: there is no ${odd}.${near ? ` Did you mean ${near}?` : ""}`,
      `There are: ${names.join(", ")}.`,
    );
  }
  return { mode, lectures: run, wanted, students, jobs: Number(jobs), place, language: lang };
}

/** @param {readonly string[]} args */
function values(args) {
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    const text = token.kind === "option" ? token.rawName : token.value;
    if (token.kind === "positional" || !(token.name in options)) throw unknown(text);
    const wants = options[/** @type {keyof typeof options} */ (token.name)].type === "string";
    if (wants && (token.value === undefined || token.value.startsWith("-")))
      throw new Problem(
        `${text} needs a value, for example ${examples[/** @type {keyof typeof examples} */ (token.name)]}.`,
      );
  }
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new Problem(/** @type {Error} */ (error).message, "npm start -- --help shows them all.");
  }
}

/** @param {string} argument */
function unknown(argument) {
  const near = closest(argument.startsWith("-") ? argument : `--${argument}`, flags);
  const notebook = notebooksIn("notebooks").some((name) => name === argument || shortName(name) === argument);
  const instead = notebook ? `--run ${argument}` : near;
  return new Problem(
    `Unknown argument ${argument}.${instead ? ` Did you mean: npm start -- ${instead} ?` : ""}`,
    "npm start -- --help shows them all.",
  );
}

/** The name that begins so, or else is at most three edits away, if there is one. @param {string} word @param {readonly string[]} names */
export function closest(word, names) {
  const longer = names.find((name) => word.length > 2 && name.startsWith(word));
  if (longer) return longer;
  const ranked = names
    .map((name) => ({ name, edits: distance(word, name) }))
    .sort((a, b) => a.edits - b.edits);
  return ranked.find(({ edits }) => edits <= 3)?.name;
}

/** Levenshtein's edit distance. @param {string} a @param {string} b */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length];
}
