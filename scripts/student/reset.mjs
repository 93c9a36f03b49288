/** `npm run reset`: one exercise, or one notebook, as the course gives it. */
import { existsSync } from "node:fs";
import { closest } from "../arguments.mjs";
import { shortName, studentName } from "../notebooks/files.mjs";
import { stable } from "../notebooks/ipynb.mjs";
import { Problem, writeWhole } from "../steps.mjs";
import { backUp } from "./backup.mjs";
import { declares } from "./cells.mjs";
import { copyOf, giveFresh, givenNotebooks, readOriginal } from "./copies.mjs";
import { match } from "./match.mjs";
import { makePlace, readSettings } from "./place.mjs";
import { readAny } from "./reading.mjs";

/** @typedef {import("../notebooks/ipynb.mjs").Notebook} Notebook */

const usage =
  "For example: npm run reset -- 03-transformer splitHeads, or the whole notebook: npm run reset -- 03-transformer";

/** Which notebook and exercise the words name. @param {string} place @param {readonly string[]} words */
function choose(place, words) {
  const given = givenNotebooks(readSettings(place).language);
  const byName = (/** @type {string} */ word) =>
    given.find(({ name }) => [name, shortName(name), name.slice(0, 2), `${name}.ipynb`].includes(word));
  const exercises = given.flatMap((one) => exercisesOf(readAny(one.file)).map((id) => ({ id, given: one })));
  const [first, second, ...more] = words;
  if (first === undefined || more.length > 0)
    throw new Problem("Name a notebook, an exercise of it, or both.", usage);
  const notebook = byName(first);
  const id = notebook ? second : first;
  if (!notebook && second !== undefined)
    throw unknown(
      first,
      given.map(({ name }) => name),
      "notebook",
    );
  if (id === undefined) return { given: /** @type {NonNullable<typeof notebook>} */ (notebook), id: null };
  const found = exercises.filter((one) => !notebook || one.given === notebook).find((one) => one.id === id);
  if (found) return found;
  const names = exercises.map((one) => one.id);
  throw unknown(
    id,
    notebook ? names : [...names, ...given.map(({ name }) => name)],
    notebook ? `exercise of ${notebook.name}` : "notebook or exercise",
  );
}

/** @param {string} word @param {readonly string[]} names @param {string} what */
function unknown(word, names, what) {
  const near = closest(word, names);
  return new Problem(
    `There is no ${what} ${word}.${near ? ` Did you mean ${near}?` : ""}`,
    `There are: ${names.join(", ")}. ${usage}`,
  );
}

/** @param {Notebook} nb */
const exercisesOf = (nb) => nb.cells.flatMap(({ id }) => /^(\w+)-answer$/.exec(id ?? "")?.[1] ?? []);

/**
 * Resets what the words name; answers with what was done. Progress that is remembered stays: what has been passed has been
 * passed.
 * @param {string} place @param {readonly string[]} words
 */
export function reset(place, words) {
  makePlace(place);
  const { given, id } = choose(place, words);
  const file = copyOf(place, given.name);
  const backup = existsSync(file) ? backUp(place, [file], "before reset") : null;
  if (id === null || !backup) {
    giveFresh(place, given);
    return { backup, notes: [`${given.name} is as the course gives it.`] };
  }
  const [mine, theirs] = [readAny(file), readAny(given.file)];
  const keys = match(mine.cells, readOriginal(place, given.name), theirs);
  const at = keys.indexOf(`${id}-answer`);
  const hole = /** @type {import("../notebooks/ipynb.mjs").Cell} */ (
    theirs.cells.find((cell) => cell.id === `${id}-answer`)
  );
  if (at < 0)
    throw new Problem(
      `The cell of ${id} is not in ${file} any more.`,
      `The whole notebook can be had afresh: npm run reset -- ${given.name}`,
    );
  const cells = mine.cells.map((cell, i) => (i === at ? hole : cell));
  writeWhole(file, stable({ ...mine, cells }));
  const other = cells.findIndex((cell, i) => i !== at && declares(cell, id));
  return {
    backup,
    notes: [
      `${id} in ${given.name} is as the course gives it.`,
      ...(other < 0 ? [] : [`Cell ${other + 1} declares ${studentName(id)} too; it was left alone.`]),
    ],
  };
}
