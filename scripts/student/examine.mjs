/** What a look at a student's notebook file says, before anything of it is run. */
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { answerOf, declares, plain, sameCell } from "./cells.mjs";
import { copyOf, readOriginal } from "./copies.mjs";
import { match } from "./match.mjs";
import { say } from "./reader.mjs";
import { readAny } from "./reading.mjs";

/** @typedef {import("../notebooks/ipynb.mjs").Cell} Cell */
/** @typedef {import("./copies.mjs").Given} Given */
/**
 * One exercise in it. `answer`, `check`: their cells, by number from 0; -1 where there is none. `written`: whether the
 * answer is another than the course gave. `declaring`: all cells that declare its function.
 * @typedef {{ id: string, answer: number, check: number, written: boolean, declaring: number[] }} Exercise
 */
/** @typedef {{ name: string, file: string, saved: Date, bytes: Buffer, cells: readonly Cell[], exercises: Exercise[], warnings: string[] }} Examined */

/**
 * Throws a Problem if the file cannot be read.
 * @param {string} place @param {Given} given @returns {Examined}
 */
export function examine(place, given) {
  const file = copyOf(place, given.name);
  const { cells } = readAny(file);
  const theirs = readAny(given.file);
  const base = readOriginal(place, given.name);
  const keys = match(cells, base, theirs);
  const ids = theirs.cells.flatMap(({ id }) => answerOf(id) ?? []);
  const exercises = ids.map((id) => {
    const at = (/** @type {string} */ role) => keys.indexOf(`${id}-${role}`);
    const declaring = cells.flatMap((cell, i) => (declares(cell, id) ? [i] : []));
    const answer = at("answer") < 0 ? (declaring.at(-1) ?? -1) : at("answer");
    const before = [base, theirs].flatMap((nb) => nb?.cells.find((cell) => cell.id === `${id}-answer`) ?? []);
    const written = answer >= 0 && !before.some((cell) => sameCell(cell, cells[answer]));
    return { id, answer, check: at("check"), written, declaring };
  });
  const saved = statSync(file).mtime;
  const warnings = [...exercises.flatMap(doubtful), ...imports(cells)];
  const unsaved = exercises.flatMap(({ id }) => lastAttempt(place, id) ?? []).filter((time) => time > saved);
  if (unsaved.length > 0) {
    const ran = clock(unsaved.sort((a, b) => +a - +b).at(-1) ?? saved);
    warnings.unshift(
      say({
        en: `It was last saved at ${clock(saved)}, and a check ran at ${ran}: save it (Ctrl + S) and hand in again.`,
        ru: `Тетрадь сохранена в ${clock(saved)}, а проверка запускалась в ${ran}: сохраните (Ctrl + S) и сдайте ещё раз.`,
      }),
    );
  }
  return { name: given.name, file, saved, bytes: readFileSync(file), cells, exercises, warnings };
}

/** @param {Exercise} exercise @returns {string[]} */
function doubtful({ id, answer, check, declaring }) {
  const at = declaring.map((i) => i + 1);
  if (answer < 0)
    return [
      say({
        en: `${id}: its cell is gone. To have it back: npm run reset -- ${id}`,
        ru: `${id}: ячейки нет. Вернуть её: npm run reset -- ${id}`,
      }),
    ];
  if (declaring.length > 1)
    return [
      say({
        en: `${id}: written in cells ${at.join(" and ")}; the last one counts.`,
        ru: `${id}: написано в ячейках ${at.join(" и ")}; считается последняя.`,
      }),
    ];
  if (check < 0)
    return [
      say({
        en: `${id}: its check is gone; the grader puts it back.`,
        ru: `${id}: проверки нет; при оценивании она будет возвращена.`,
      }),
    ];
  return [];
}

/** Files beside the notebook, which do not come along. @param {readonly Cell[]} cells @returns {string[]} */
function imports(cells) {
  const texts = cells.filter(({ cell_type }) => cell_type === "code").map(plain);
  const files = texts.flatMap((text) =>
    [...text.matchAll(/\b(?:from|import|require\s*\()\s*["'](\.{1,2}\/[^"'\n]+)["']/g)].map(
      ([, file]) => file,
    ),
  );
  return [...new Set(files)].map((file) =>
    say({
      en: `It imports ${file}, which does not come along: put what it needs into the notebook.`,
      ru: `Тетрадь импортирует ${file}, а этот файл с ней не отправляется: перенесите нужное в тетрадь.`,
    }),
  );
}

/** When the exercise was checked last, as far as progress tells. @param {string} place @param {string} id */
function lastAttempt(place, id) {
  try {
    const { attempts } = JSON.parse(readFileSync(path.join(place, "progress", `${id}.json`), "utf8"));
    const time = new Date(attempts.at(-1).time);
    return Number.isNaN(+time) ? null : time;
  } catch {
    return null;
  }
}

/** @param {Date} time */
const clock = (time) => time.toTimeString().slice(0, 8);
