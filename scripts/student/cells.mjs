/** What is asked of single cells when notebooks are compared. */
import { createHash } from "node:crypto";
import { studentName } from "../notebooks/files.mjs";
import { textOf } from "../notebooks/ipynb.mjs";

/** @typedef {import("../notebooks/ipynb.mjs").Cell} Cell */

/** The text as it is compared: the line ends of other systems are no change. @param {Cell} cell */
export const plain = (cell) => textOf(cell).replaceAll("\r\n", "\n");

/** @param {Cell} a @param {Cell} b */
export const sameCell = (a, b) => a.cell_type === b.cell_type && plain(a) === plain(b);

/** Whether a cell is as the course once gave it: the ids of its texts are made of the text. @param {Cell} cell */
export const isAsNamed = (cell) => hashOf(plain(cell)) === cell.id?.replace(/-\d+$/, "");

/** @param {string} text */
export const hashOf = (text) => createHash("sha256").update(text).digest("hex").slice(0, 12);

/** The exercise whose answer the cell of that id is; undefined if it is none. @param {string} id */
export const answerOf = (id) => /^(\w+)-answer$/.exec(id)?.[1];

/** Whether it is code that declares the student's function of that exercise. @param {Cell} cell @param {string} exercise */
export const declares = (cell, exercise) =>
  cell.cell_type === "code" &&
  new RegExp(`\\b(function\\s*\\*?|const|let|var)\\s+${studentName(exercise)}\\b(?!\\s*:\\s*unknown)`).test(
    plain(cell),
  );

/** The course's cell, run as the student has run it. @param {Cell} after @param {Cell} cell @returns {Cell} */
export const withRun = (after, cell) => ({ ...after, ...runOf(after, cell) });

/** The course's cell with the student's text, and all that the student has made of it. @param {Cell} after @param {Cell} cell @returns {Cell} */
export function withText(after, cell) {
  const { attachments } = /** @type {any} */ (cell);
  return {
    ...{ cell_type: cell.cell_type, id: after.id, source: cell.source },
    metadata: { ...cell.metadata, ...after.metadata },
    ...(attachments ? { attachments } : {}),
    ...runOf(cell, cell),
  };
}

/** @param {Cell} of @param {Cell} cell */
const runOf = ({ cell_type }, { outputs = [], execution_count = null }) =>
  cell_type === "code" ? { outputs, execution_count } : {};
