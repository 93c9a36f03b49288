/** `npm run update`, `npm run reset`, `npm run progress`, `npm run hand-in`: the commands that concern a student's own folder. */
import { createRequire } from "node:module";
import path from "node:path";
import { parseArgs } from "node:util";
import { bold, dim, inRoot, Problem, step } from "../steps.mjs";
import { readSettings, shown, studentPlace, UNSAVED } from "./place.mjs";

/** @typedef {{ in?: string, name?: string, "no-run"?: boolean }} Values */

/** @type {Record<string, (place: string, words: readonly string[], values: Values) => Promise<number>>} */
const commands = {
  async update(place, words) {
    noWords(words);
    const { tell, update } = await import("./update.mjs");
    return tell(await update(place));
  },
  async reset(place, words) {
    const { reset } = await import("./reset.mjs");
    const { backup, notes } = reset(place, words);
    for (const note of notes) console.log(`  ${note}`);
    if (backup) console.log(dim(`\nAs it was: ${shown(backup)}\n${UNSAVED}`));
    return 0;
  },
  async progress(place, words) {
    noWords(words);
    const [{ build, buildUpToDate }, { installPackages, packagesUpToDate }] = await Promise.all([
      import("../build.mjs"),
      import("../packages.mjs"),
    ]);
    if (!packagesUpToDate()) await step("npm packages", installPackages);
    if (!buildUpToDate()) await step("library", build);
    process.env.GRADSCHOOL_PROGRESS = path.join(place, "progress");
    process.env.GRADSCHOOL_LANG ??= readSettings(place).language;
    const { progress } = createRequire(inRoot("package.json"))("gradschool/lectures/start");
    console.log(String(progress()));
    return 0;
  },
  async "hand-in"(place, words, { name, "no-run": without }) {
    const { main: handIn } = await import("./hand-in.mjs");
    return handIn(place, words, { name, run: !without });
  },
};

const more = "The only option is --in FOLDER: your folder, if it is not the usual one.";
const ofHandIn = 'Options: --in FOLDER, your folder; --name "Your Name"; --no-run, to hand in without a run.';

/** @param {readonly string[]} words */
function noWords([word]) {
  if (word !== undefined) throw new Problem(`Unknown argument ${word}.`, more);
}

/** Resolves with the exit code. @param {readonly string[]} args */
export async function main([command, ...args]) {
  const known = Object.entries(commands).find(([name]) => name === command);
  if (!known)
    throw new Problem(`There is no command ${command}.`, `There are: ${Object.keys(commands).join(", ")}.`);
  const { values, positionals } = options(args, command === "hand-in");
  const place = studentPlace(values.in);
  console.log(`${bold(`gradschool ${command}`)}  ${dim(shown(place))}`);
  return known[1](place, positionals, values);
}

/** @param {string[]} args @param {boolean} handsIn @returns {{ values: Values, positionals: string[] }} */
function options(args, handsIn) {
  const folder = /** @type {const} */ ({ in: { type: "string" } });
  const all = /** @type {const} */ ({ ...folder, name: { type: "string" }, "no-run": { type: "boolean" } });
  try {
    return parseArgs({ args, options: handsIn ? all : folder, allowPositionals: true });
  } catch (error) {
    throw new Problem(/** @type {Error} */ (error).message, handsIn ? ofHandIn : more);
  }
}
