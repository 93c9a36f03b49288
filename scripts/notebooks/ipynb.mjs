/** Notebook files: nbformat 4.5 with nbgrader's cell metadata (schema 3). */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { writeWhole } from "../steps.mjs";

/** @typedef {{ id: string, cell_type: string, metadata: object, source: string | string[], outputs?: any[], execution_count?: number | null }} Cell */
/** @typedef {{ cells: Cell[], metadata: object, nbformat: number, nbformat_minor: number }} Notebook */
/** @typedef {{ id?: string, metadata?: object }} Head */

export const METADATA = {
  kernelspec: { display_name: "TypeScript", language: "typescript", name: "tslab" },
  language_info: {
    codemirror_mode: { mode: "typescript", name: "javascript", typescript: true },
    file_extension: ".ts",
    mimetype: "text/typescript",
    name: "typescript",
  },
};

/** @param {string} text @param {Head} [options] @returns {Cell} */
export const markdown = (text, options = {}) => ({
  cell_type: "markdown",
  ...head(text, options),
  source: lines(text),
});

/** @param {string} text @param {Head} [options] @returns {Cell} */
export const code = (text, options = {}) => ({
  cell_type: "code",
  execution_count: null,
  ...head(text, options),
  outputs: [],
  source: lines(text),
});

/** An id that stays when other cells change: the exercise's, or made of the cell's own text. @param {string} text @param {Head} options */
function head(text, { id, metadata = {} }) {
  return { id: id ?? createHash("sha256").update(text).digest("hex").slice(0, 12), metadata };
}

/** @param {string} text */
const lines = (text) => text.split(/(?<=\n)/);

/** @param {Cell} cell */
export const textOf = (cell) => (Array.isArray(cell.source) ? cell.source.join("") : cell.source);

/**
 * nbgrader's flags for the three cells of an exercise.
 * @param {string} id
 * @param {string} role
 * @param {{ locked?: boolean, solution?: boolean, grade?: boolean }} flags
 */
const graded = (id, role, flags, more = {}) => ({
  id: `${id}-${role}`,
  metadata: {
    deletable: false,
    ...(flags.locked ? { editable: false } : {}),
    nbgrader: {
      grade: false,
      locked: false,
      solution: false,
      ...flags,
      grade_id: `${id}-${role}`,
      schema_version: 3,
      ...more,
    },
  },
});
/** @param {string} id */
export const taskCell = (id) => graded(id, "task", { locked: true });
/** @param {string} id */
export const answerCell = (id) => graded(id, "answer", { solution: true });
/** @param {string} id @param {number} points */
export const checkCell = (id, points) => graded(id, "check", { grade: true, locked: true }, { points });

/** A notebook of these cells; two cells with the same text get different ids. @param {readonly Cell[]} cells @returns {Notebook} */
export function notebook(cells) {
  const seen = new Map();
  const unique = cells.map((cell) => {
    const count = (seen.get(cell.id) ?? 0) + 1;
    seen.set(cell.id, count);
    return count === 1 ? cell : { ...cell, id: `${cell.id}-${count}` };
  });
  return { cells: unique, metadata: METADATA, nbformat: 4, nbformat_minor: 5 };
}

/** The notebook without what running it leaves behind. @param {Notebook} nb */
export const withoutOutputs = (nb) => ({
  ...nb,
  metadata: METADATA,
  cells: nb.cells.map((cell) =>
    cell.cell_type === "code" ? { ...cell, execution_count: null, outputs: [] } : cell,
  ),
});

/** `nb` with the outputs of a run of the same cells, and what is known of that run. @param {Notebook} nb @param {Notebook} run */
export function withOutputs(nb, run) {
  const ran = new Map(run.cells.map((cell) => [cell.id, cell]));
  const { gradschool } = /** @type {any} */ (run.metadata);
  return {
    ...nb,
    metadata: gradschool ? { ...nb.metadata, gradschool } : nb.metadata,
    cells: nb.cells.map((cell) => {
      if (cell.cell_type !== "code") return cell;
      const { execution_count, outputs } = /** @type {Cell} */ (ran.get(cell.id));
      return { ...cell, execution_count, outputs };
    }),
  };
}

/** Whether every code cell has been run. @param {Notebook} nb */
export const isExecuted = (nb) =>
  nb.cells.every((cell) => cell.cell_type !== "code" || cell.execution_count !== null);

/** @param {Notebook} nb */
const codeOf = (nb) =>
  nb.cells.filter((cell) => cell.cell_type === "code").map(({ id, source }) => [id, source]);

/** @param {Notebook} a @param {Notebook} b */
export const sameCode = (a, b) => stable(codeOf(a)) === stable(codeOf(b));

/** @param {Notebook} a @param {Notebook} b */
export const sameSources = (a, b) => stable(withoutOutputs(a)) === stable(withoutOutputs(b));

/** Jupyter's own layout: keys in order, one blank of indent. @param {unknown} value */
export const stable = (value) => `${JSON.stringify(sorted(value), null, 1)}\n`;

/** @param {unknown} value @returns {unknown} */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(/** @type {Record<string, unknown>} */ (value)[key])]),
  );
}

/** The notebook in a file, or null. @param {string} file @returns {Notebook | null} */
export const readNotebook = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null);

/** Whole, or not at all; an unchanged file is not touched. @param {string} file @param {Notebook} nb */
export function writeNotebook(file, nb) {
  const text = stable(nb);
  if (existsSync(file) && readFileSync(file, "utf8") === text) return false;
  mkdirSync(path.dirname(file), { recursive: true });
  writeWhole(file, text);
  return true;
}
