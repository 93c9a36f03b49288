/**
 * A new version of a lecture, with what the student has written into the old one.
 *
 * Three notebooks go in: what the course gave (`base`), what the student made of it (`mine`), and what the course gives
 * now (`theirs`). A cell of the course that the student has left alone becomes what it is now. A cell that the student has
 * changed or added comes through letter by letter: an answer in its exercise, an added cell behind the cell it stood
 * behind, a changed cell of the course in its place, or, if the course has changed it too, below the new one.
 * Merging the result once more changes nothing.
 */
import { studentName } from "../notebooks/files.mjs";
import { answerOf, declares, hashOf, isAsNamed, plain, sameCell, withRun, withText } from "./cells.mjs";
import { match } from "./match.mjs";

/** @typedef {import("../notebooks/ipynb.mjs").Cell} Cell */
/** @typedef {import("../notebooks/ipynb.mjs").Notebook} Notebook */
/** @typedef {ReadonlyMap<string, { cell: Cell, from: string }>} Answers by exercise, and the notebook in which each stands */

/**
 * `notebook`: the new one; `notes`: what the student should know, in words.
 * @param {Notebook | null} base null: what the course gave is not known
 * @param {Notebook} mine
 * @param {Notebook} theirs
 * @param {Answers} [elsewhere] answers in other notebooks, whose exercises may have moved here
 */
export function merge(base, mine, theirs, elsewhere = new Map()) {
  /** @type {string[]} */
  const notes = [];
  const given = byId(base);
  const now = byId(theirs);
  const keys = match(mine.cells, base, theirs);
  const present = new Set(keys);
  const follows = successors(base, theirs);

  /** What becomes of each of the course's cells. @type {Map<string, Cell>} */
  const placed = new Map();
  /** The student's own cells, behind the one of the course that they stood behind; "": at the head. @type {Map<string, Cell[]>} */
  const own = new Map();
  let anchor = "";
  mine.cells.forEach((cell, i) => {
    const key = keys[i];
    if (key !== null) anchor = now.has(key) ? key : (follows.get(key) ?? anchor);
    const kept = key === null ? cell : becomes(cell, key);
    if (kept) own.set(anchor, [...(own.get(anchor) ?? []), kept]);
  });
  for (const [key, cell] of now) {
    const made = placed.has(key) || present.has(key) ? null : missing(key, cell);
    if (made) placed.set(key, made);
  }

  const behind = (/** @type {string} */ id) => (own.get(id) ?? []).map(asOwn);
  const cells = [
    ...behind(""),
    ...theirs.cells.flatMap(({ id }) => {
      const cell = placed.get(id);
      return [...(cell ? [cell] : []), ...behind(id)];
    }),
  ];
  const metadata = { ...mine.metadata, ...theirs.metadata };
  return {
    notebook: {
      ...theirs,
      metadata,
      cells: withUniqueIds(cells, new Set(placed.values()), [...given.keys(), ...now.keys()]),
    },
    notes: [...changes(base, theirs), ...notes],
  };

  /** Puts one of the course's cells into its place; what is to stand below it as the student's own, or null. @param {Cell} cell @param {string} key */
  function becomes(cell, key) {
    const [before, after] = [given.get(key), now.get(key)];
    const untouched = before ? sameCell(cell, before) : isAsNamed(cell);
    if (!after) {
      if (untouched) return null;
      notes.push(`${named(cell)} is no longer in the course; yours stays.`);
      return cell;
    }
    const asBefore = before !== undefined && sameCell(before, after);
    const exercise = answerOf(key);
    if (sameCell(cell, after)) placed.set(key, withRun(after, cell));
    else if (untouched) placed.set(key, after);
    else if (exercise || asBefore) {
      placed.set(key, withText(after, cell));
      if (exercise && before && !asBefore)
        notes.push(`${exercise} starts from other lines now; yours stays. For the new ones: npm run reset`);
    } else {
      placed.set(key, after);
      notes.push(`${named(after)} is new, and you had changed the old one; yours stands below it.`);
      return cell;
    }
    return null;
  }

  /** What stands where the student has nothing: nothing, if that was the student's wish. @param {string} key @param {Cell} cell */
  function missing(key, cell) {
    const [, exercise, role] = /^(\w+)-(task|answer|check)$/.exec(key) ?? [];
    if (!exercise) return given.has(key) ? null : cell;
    if (role === "answer") {
      if (mine.cells.some((one) => declares(one, exercise))) {
        notes.push(
          `your ${studentName(exercise)} stands in another cell than its exercise's; it stays there.`,
        );
        return null;
      }
      const moved = elsewhere.get(exercise);
      if (moved && !given.has(key)) {
        notes.push(`${exercise} has moved here; your answer is copied from ${moved.from}.`);
        return withText(cell, moved.cell);
      }
    }
    if (given.has(key)) notes.push(`${exercise}: its ${role} was missing, and is there again.`);
    return cell;
  }

  /** A cell that is not the course's is not graded in the course's name. @param {Cell} cell @returns {Cell} */
  function asOwn(cell) {
    const { nbgrader, deletable, editable, ...metadata } = /** @type {any} */ (cell.metadata ?? {});
    return nbgrader ? { ...cell, metadata } : cell;
  }
}

/** @param {Notebook | null} nb */
const byId = (nb) => new Map((nb?.cells ?? []).map((cell) => [cell.id, cell]));

/** A cell as a reader finds it. @param {Cell} cell */
function named(cell) {
  const line =
    plain(cell)
      .split("\n")
      .find((one) => /\w/.test(one)) ?? "";
  return `“${line.length > 50 ? `${line.slice(0, 49)}…` : line.trim()}”`;
}

/** What the course has changed, in numbers. @param {Notebook | null} base @param {Notebook} theirs */
function changes(base, theirs) {
  if (!base)
    return ["what the course gave you is not at hand (.gradschool/); so all that differs counts as yours."];
  const [old, now] = [byId(base), byId(theirs)];
  const fresh = theirs.cells.filter(({ id }) => !old.has(id)).length;
  const gone = base.cells.filter(({ id }) => !now.has(id)).length;
  const other = theirs.cells.filter(
    (cell) => old.has(cell.id) && !sameCell(cell, /** @type {Cell} */ (old.get(cell.id))),
  ).length;
  const parts = Object.entries({ new: fresh, gone, reworded: other }).filter(([, number]) => number > 0);
  return parts.length > 0
    ? [`cells of the course: ${parts.map(([what, number]) => `${number} ${what}`).join(", ")}.`]
    : [];
}

/**
 * For each cell that the course no longer has, the one that stands in its place now, between the same neighbours.
 * @param {Notebook | null} base
 * @param {Notebook} theirs
 */
function successors(base, theirs) {
  /** @type {Map<string, string>} */
  const found = new Map();
  const known = new Set(base?.cells.map(({ id }) => id));
  const { cells } = theirs;
  /** The cells that are new behind the last one that has stayed, and how many of each type are gone there. */
  let at = -1;
  /** @type {Record<string, number>} */
  let gone = {};
  for (const { id, cell_type } of base?.cells ?? []) {
    const next = cells.findIndex((cell) => cell.id === id);
    if (next >= 0) {
      at = next;
      gone = {};
      continue;
    }
    let end = at + 1;
    while (end < cells.length && !known.has(cells[end].id)) end++;
    const gap = cells.slice(at + 1, end);
    const alike = gap.filter((cell) => cell.cell_type === cell_type);
    const nth = gone[cell_type] ?? 0;
    gone[cell_type] = nth + 1;
    // The first that is gone has become the first that is new, and so on; the last new one stands for all that are left.
    const successor = alike[Math.min(nth, alike.length - 1)] ?? gap.at(-1) ?? cells[at];
    if (successor) found.set(id, successor.id);
  }
  return found;
}

/**
 * No two cells of one id, and none of the student's with an id of the course's, old or new, by which it would be taken for
 * the course's cell the next time.
 * @param {readonly Cell[]} cells @param {ReadonlySet<Cell>} courses @param {Iterable<string>} ids @returns {Cell[]}
 */
function withUniqueIds(cells, courses, ids) {
  const taken = new Set(ids);
  return cells.map((cell, i) => {
    if (courses.has(cell)) return cell;
    const isValid = typeof cell.id === "string" && /^[\w-]{1,64}$/.test(cell.id);
    const stem = isValid ? cell.id : hashOf(`${i} ${plain(cell)}`);
    let id = isAsNamed(cell) ? `${stem}-mine` : stem;
    for (let number = 1; taken.has(id); number++)
      id = `${stem.slice(0, 50)}-mine${number > 1 ? `-${number}` : ""}`;
    taken.add(id);
    return { ...cell, id };
  });
}
