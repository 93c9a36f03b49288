/** `npm run update`: a new version of the course, with all that the student has written. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { locked } from "../lock.mjs";
import { shortName } from "../notebooks/files.mjs";
import { sameSources, stable } from "../notebooks/ipynb.mjs";
import { dim, Problem, red, writeWhole } from "../steps.mjs";
import { backUp } from "./backup.mjs";
import { sameCell } from "./cells.mjs";
import {
  copyOf,
  givenNotebooks,
  hashOf,
  originalOf,
  readOriginal,
  solutionOf,
  writeSolution,
} from "./copies.mjs";
import { merge } from "./merge.mjs";
import { hidden, makePlace, readSettings, shown, UNSAVED, writeSettings } from "./place.mjs";
import { readAny } from "./reading.mjs";

/** @typedef {import("../notebooks/ipynb.mjs").Notebook} Notebook */
/** @typedef {import("./copies.mjs").Given} Given */
/** @typedef {import("./place.mjs").Language} Language */
/**
 * What is to be done for one lecture. `from`: the name under which the student's copy lies now.
 * @typedef {{ given: Given, from: string, what: "new" | "updated" | "renamed", notes: string[], nb: Notebook, theirs: string }} Step
 */
/** @typedef {{ steps: Step[], solutions: Given[], problems: Problem[], backup: string | null }} Report */

/**
 * Brings a student's folder up to the course as it is, in the student's language, or in the one that is asked for. Nothing
 * is written before a backup is whole; each file is written whole; and if it is interrupted, running it again ends it.
 * @param {string} place
 * @param {{ language?: Language, write?: typeof writeWhole }} [options] `write`: how files are written
 */
export async function update(place, { language, write = writeWhole } = {}) {
  makePlace(place);
  /** @type {Report} */
  let report = { steps: [], solutions: [], problems: [], backup: null };
  const work = async () => {
    report = plan(place, language ?? readSettings(place).language);
    carryOut(place, report, write);
    const settings = readSettings(place);
    if (language && language !== settings.language) writeSettings(place, { ...settings, language });
    return "";
  };
  await locked("your notebooks", "updated", () => false, work, hidden(place, "update.lock"));
  return report;
}

/** @param {string} place @param {Language} language @returns {Report} */
function plan(place, language) {
  const given = givenNotebooks(language);
  /** @type {Problem[]} */
  const problems = [];
  const copies = readCopies(place, problems);
  const answers = answersIn(place, copies);
  /** @type {Step[]} */
  const steps = [];
  for (const one of given) {
    const from =
      copies.has(one.name) || existsSync(copyOf(place, one.name))
        ? one.name
        : earlierName(one.name, given, copies);
    const theirs = readAny(one.file);
    const text = readFileSync(one.file, "utf8");
    const others = new Map([...answers].filter(([, { from: other }]) => other !== from));
    const mine = from ? copies.get(from) : { ...theirs, cells: [] };
    if (!mine) continue; // it cannot be read
    const base = from ? readOriginal(place, from) : mine;
    if (from === one.name && base && sameSources(base, theirs)) continue;
    const { notebook, notes } = merge(base, mine, theirs, others);
    const what = from ? (from === one.name ? "updated" : "renamed") : "new";
    steps.push({ given: one, from: from ?? one.name, what, notes, nb: notebook, theirs: text });
  }
  const solutions = given.filter(
    ({ name, solution }) =>
      solution &&
      (!existsSync(solutionOf(place, name)) || hashOf(solutionOf(place, name)) !== hashOf(solution)),
  );
  return { steps, solutions, problems, backup: null };
}

/** All notebooks at the top of the student's folder, by name. @param {string} place @param {Problem[]} problems */
function readCopies(place, problems) {
  /** @type {Map<string, Notebook>} */
  const found = new Map();
  for (const file of readdirSync(place).filter((name) => name.endsWith(".ipynb"))) {
    try {
      found.set(file.slice(0, -".ipynb".length), readAny(path.join(place, file)));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problems.push(error);
    }
  }
  return found;
}

/** A lecture's number may change: the student's copy then has an old one. @param {string} name @param {Given[]} given @param {ReadonlyMap<string, Notebook>} copies */
const earlierName = (name, given, copies) =>
  [...copies.keys()].find(
    (copy) => shortName(copy) === shortName(name) && !given.some((one) => one.name === copy),
  ) ?? null;

/** What stands in the students' exercises, by exercise: an exercise may move to another lecture. @param {string} place @param {ReadonlyMap<string, Notebook>} copies */
function answersIn(place, copies) {
  /** @type {Map<string, { cell: import("../notebooks/ipynb.mjs").Cell, from: string }>} */
  const answers = new Map();
  for (const [from, { cells }] of copies) {
    const base = readOriginal(place, from);
    for (const cell of cells) {
      const id = /^(\w+)-answer(-mine)?$/.exec(cell.id ?? "")?.[1];
      const before = base?.cells.find((one) => one.id === `${id}-answer`);
      if (id && !(before && sameCell(before, cell)) && !answers.has(id)) answers.set(id, { cell, from });
    }
  }
  return answers;
}

/** @param {string} place @param {Report} report @param {typeof writeWhole} write */
function carryOut(place, report, write) {
  const { steps, solutions } = report;
  const touched = [
    ...steps.filter(({ what }) => what !== "new").map(({ from }) => copyOf(place, from)),
    ...solutions.map(({ name }) => solutionOf(place, name)).filter((file) => existsSync(file)),
  ];
  if (touched.length > 0) report.backup = backUp(place, touched, "before update");
  for (const { given, from, what, nb, theirs } of steps) {
    write(copyOf(place, given.name), stable(nb));
    write(originalOf(place, given.name), theirs);
    if (what !== "renamed") continue;
    rmSync(copyOf(place, from)); // it lies in the backup
    rmSync(originalOf(place, from), { force: true });
  }
  for (const { name, solution } of solutions)
    writeSolution(place, name, /** @type {string} */ (solution), write);
}

/** Prints what an update has done; answers with the exit code. @param {Report} report */
export function tell({ steps, solutions, problems, backup }) {
  for (const { given, from, what, notes } of steps) {
    const done = what === "renamed" ? `was ${from}, and is brought up to date` : what;
    console.log(`  ${given.name.padEnd(24)} ${done}`);
    for (const note of what === "new" ? notes.slice(1) : notes) console.log(`    ${note}`);
  }
  for (const { name } of solutions) console.log(`  ${`solutions/${name}`.padEnd(24)} new`);
  for (const { message, remedy } of problems) console.log(`  ${red(message)}\n    ${remedy}`);
  if (steps.length + solutions.length === 0)
    console.log("  Your notebooks are those of this version of the course.");
  if (backup) console.log(dim(`\n  As they were: ${shown(backup)}\n  ${UNSAVED}`));
  return problems.length > 0 ? 1 : 0;
}
