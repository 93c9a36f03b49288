/** Students' notebook files as they come: with a byte order mark, of an older format, or damaged. */
import { readFileSync } from "node:fs";
import { Problem } from "../steps.mjs";

/** @typedef {import("../notebooks/ipynb.mjs").Cell} Cell */
/** @typedef {import("../notebooks/ipynb.mjs").Notebook} Notebook */

/** The notebook in a file, in today's format; cells of an older one have no id yet. Throws a Problem. @param {string} file @returns {Notebook} */
export function readAny(file) {
  /** @param {string} why */
  const unreadable = (why) =>
    new Problem(
      `${file} cannot be read: ${why}.`,
      "It stays as it is. Open it in JupyterLab and save it, put back a copy from backups/, or move it away: `npm start` then makes a fresh one.",
    );
  const bytes = readFileSync(file);
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw unreadable("it is no text in UTF-8");
  }
  let found;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw unreadable(`it is no JSON (${/** @type {Error} */ (error).message.split("\n")[0]})`);
  }
  const nb = found?.worksheets ? fromVersion3(found) : found;
  if (nb?.nbformat !== 4) throw unreadable("it is no notebook of format 3 or 4");
  if (!Array.isArray(nb.cells) || !nb.cells.every(isCell)) throw unreadable("its cells are not cells");
  return { ...nb, metadata: nb.metadata ?? {} };
}

/** @param {any} cell */
const isCell = (cell) =>
  ["code", "markdown", "raw"].includes(cell?.cell_type) &&
  (typeof cell.source === "string" ||
    (Array.isArray(cell.source) &&
      cell.source.every((/** @type {unknown} */ line) => typeof line === "string")));

/** Format 3 had sheets, headings, and another word for a code cell's text. Its outputs are left behind. @param {any} nb */
function fromVersion3({ worksheets, metadata }) {
  const cells = worksheets.flatMap((/** @type {any} */ sheet) => sheet.cells ?? []);
  return {
    ...{ nbformat: 4, nbformat_minor: 5, metadata: metadata ?? {} },
    cells: cells.map((/** @type {any} */ cell) => {
      const metadata = cell.metadata ?? {};
      if (cell.cell_type === "code")
        return { cell_type: "code", metadata, source: cell.input ?? "", outputs: [], execution_count: null };
      if (cell.cell_type !== "heading") return { ...cell, metadata };
      const text = Array.isArray(cell.source) ? cell.source.join("") : cell.source;
      return { cell_type: "markdown", metadata, source: `${"#".repeat(cell.level ?? 1)} ${text}` };
    }),
  };
}
