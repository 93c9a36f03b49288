/** Which of the course's cells a student's cells are. */
import { declares, isAsNamed, plain } from "./cells.mjs";

/** @typedef {import("../notebooks/ipynb.mjs").Cell} Cell */
/** @typedef {import("../notebooks/ipynb.mjs").Notebook} Notebook */

/**
 * For each cell the id of the course's cell that it is, or null if it is the student's own. Each of the course's is
 * found once: of the parts of a cell that was split, and of copies, the one that has its id.
 * @param {readonly Cell[]} cells
 * @param {Notebook | null} base
 * @param {Notebook} theirs
 */
export function match(cells, base, theirs) {
  const courses = [...(base?.cells ?? []), ...theirs.cells];
  const ids = new Set(courses.map(({ id }) => id));
  if (!base) for (const cell of cells) if (isAsNamed(cell)) ids.add(cell.id);
  /** @type {(string | null)[]} */
  const keys = cells.map(() => null);
  const taken = new Set();
  /** @param {number} i @param {string | undefined} key */
  const take = (i, key) => {
    if (key === undefined || keys[i] !== null || !ids.has(key) || taken.has(key)) return;
    keys[i] = key;
    taken.add(key);
  };
  for (const [i, { id }] of cells.entries()) take(i, id);
  // Pasted, or of a format without ids: what nbgrader calls it.
  for (const [i, { metadata }] of cells.entries()) take(i, /** @type {any} */ (metadata)?.nbgrader?.grade_id);
  // Of such a format too: the course's own words. (With an id of its own it is a copy that the student has made.)
  /** @type {Map<string, string[]>} */
  const byText = new Map();
  for (const cell of courses) byText.set(textKey(cell), [...(byText.get(textKey(cell)) ?? []), cell.id]);
  for (const [i, cell] of cells.entries()) {
    const courses = cell.id === undefined ? byText.get(textKey(cell)) : undefined;
    take(
      i,
      courses?.find((id) => !taken.has(id)),
    );
  }
  // An answer that was written into a cell of its own, at its exercise.
  cells.forEach((cell, i) => {
    if (keys[i] !== null) return;
    const before = keys.slice(0, i).findLast((key) => key !== null);
    const after = keys.slice(i).find((key) => key !== null);
    const exercise = /^(\w+)-task$/.exec(before ?? "")?.[1] ?? /^(\w+)-check$/.exec(after ?? "")?.[1];
    if (exercise && declares(cell, exercise)) take(i, `${exercise}-answer`);
  });
  return keys;
}

/** @param {Cell} cell */
const textKey = (cell) => `${cell.cell_type} ${plain(cell)}`;
