/** Notebook files: nbformat 4.5 with nbgrader's cell metadata (schema 3). */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

export const METADATA = {
  kernelspec: { display_name: "TypeScript", language: "typescript", name: "tslab" },
  language_info: {
    codemirror_mode: { mode: "typescript", name: "javascript", typescript: true },
    file_extension: ".ts",
    mimetype: "text/typescript",
    name: "typescript",
  },
};

export const markdown = (text, options = {}) => ({
  cell_type: "markdown",
  ...head(text, options),
  source: lines(text),
});

export const code = (text, options = {}) => ({
  cell_type: "code",
  execution_count: null,
  ...head(text, options),
  outputs: [],
  source: lines(text),
});

/** An id that stays when other cells change: the exercise's, or made of the cell's own text. */
function head(text, { id, metadata = {} }) {
  return { id: id ?? createHash("sha256").update(text).digest("hex").slice(0, 12), metadata };
}

const lines = (text) => text.split(/(?<=\n)/);

export const textOf = (cell) => (Array.isArray(cell.source) ? cell.source.join("") : cell.source);

/** nbgrader's flags for the three cells of an exercise. */
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
export const taskCell = (id) => graded(id, "task", { locked: true });
export const answerCell = (id) => graded(id, "answer", { solution: true });
export const checkCell = (id, points) => graded(id, "check", { grade: true, locked: true }, { points });

/** A notebook of these cells; two cells with the same text get different ids. */
export function notebook(cells) {
  const seen = new Map();
  const unique = cells.map((cell) => {
    const count = (seen.get(cell.id) ?? 0) + 1;
    seen.set(cell.id, count);
    return count === 1 ? cell : { ...cell, id: `${cell.id}-${count}` };
  });
  return { cells: unique, metadata: METADATA, nbformat: 4, nbformat_minor: 5 };
}

/** The notebook without what running it leaves behind. */
export const withoutOutputs = (nb) => ({
  ...nb,
  metadata: METADATA,
  cells: nb.cells.map((cell) =>
    cell.cell_type === "code" ? { ...cell, execution_count: null, outputs: [] } : cell,
  ),
});

/** `nb` with the outputs of a run of the same cells. */
export function withOutputs(nb, run) {
  const ran = new Map(run.cells.map((cell) => [cell.id, cell]));
  return {
    ...nb,
    cells: nb.cells.map((cell) => {
      if (cell.cell_type !== "code") return cell;
      const { execution_count, outputs } = ran.get(cell.id);
      return { ...cell, execution_count, outputs };
    }),
  };
}

/** Whether every code cell has been run. */
export const isExecuted = (nb) =>
  nb.cells.every((cell) => cell.cell_type !== "code" || cell.execution_count !== null);

const codeOf = (nb) =>
  nb.cells.filter((cell) => cell.cell_type === "code").map(({ id, source }) => [id, source]);

export const sameCode = (a, b) => stable(codeOf(a)) === stable(codeOf(b));

export const sameSources = (a, b) => stable(withoutOutputs(a)) === stable(withoutOutputs(b));

/** Jupyter's own layout: keys in order, one blank of indent. */
export const stable = (value) => `${JSON.stringify(sorted(value), null, 1)}\n`;

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

/** The notebook in a file, or null. */
export const readNotebook = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null);

/** Whole, or not at all; an unchanged file is not touched. */
export function writeNotebook(file, nb) {
  const text = stable(nb);
  if (existsSync(file) && readFileSync(file, "utf8") === text) return false;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(`${file}.part`, text);
  renameSync(`${file}.part`, file);
  return true;
}
