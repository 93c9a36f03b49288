/**
 * The percent format: TypeScript in which a comment line `// %%` starts a cell.
 *
 *     // %%                             code
 *     // %% [markdown]                  prose: every line is a comment
 *     // %% [markdown] task: attention  what the exercise of that id asks for; its title and points are put above
 *     // %% [markdown] plan: attention  hint 1: the plan, in words
 *     // %% [markdown] help: attention  hint 2: a list of what one may see, and what to look at then
 *     // %% exercise: attention         the exercise; the code below stands in for it while types are checked
 *     // %% [markdown] after: attention another way to write it, for whoever has passed
 *
 * These five stand together, in this order. What comes before the first cell is a note to authors.
 */

/** What is said about an exercise, in cells of its own. */
const PARTS = /** @type {const} */ (["task", "plan", "help", "after"]);

/** @typedef {typeof PARTS[number]} Part */
/** @typedef {{ kind: "code" } | { kind: "markdown" } | { kind: "exercise" | Part, id: string }} Header */
/** @typedef {Header & { text: string, line: number }} SourceCell */
/** @typedef {Record<Part, SourceCell> & { kind: "exercise", id: string, text: string, line: number }} ExerciseCell */

/** The cells of a text in percent format. @param {string} text @returns {SourceCell[]} */
export function parsePercent(text, file = "notebook source") {
  /** @type {(Header & { lines: string[], line: number })[]} */
  const cells = [];
  text.split("\n").forEach((line, i) => {
    const header = /^\/\/ %%(.*)$/.exec(line);
    if (header) cells.push({ ...parseHeader(header[1].trim(), `${file}:${i + 1}`), lines: [], line: i + 1 });
    else cells.at(-1)?.lines.push(line);
  });
  return cells.map(({ lines, ...cell }) => {
    const body =
      cell.kind !== "code" && cell.kind !== "exercise"
        ? lines.map((line, i) => uncomment(line, `${file}:${cell.line + i + 1}`))
        : lines;
    return { ...cell, text: body.join("\n").trim() };
  });
}

/** @param {string} header @param {string} where @returns {Header} */
function parseHeader(header, where) {
  if (header === "") return { kind: "code" };
  if (header === "[markdown]") return { kind: "markdown" };
  const exercise = /^exercise: (\w+)$/.exec(header);
  if (exercise) return { kind: "exercise", id: exercise[1] };
  const [, part, id] = /^\[markdown\] (\w+): (\w+)$/.exec(header) ?? [];
  const kind = PARTS.find((one) => one === part);
  if (kind) return { kind, id };
  throw new Error(
    `${where}: expected "// %%", "// %% [markdown]", "// %% exercise: id" or "// %% [markdown] ${PARTS.join("|")}: id", got "// %% ${header}"`,
  );
}

/** @param {string} line @param {string} where */
function uncomment(line, where) {
  if (line.trim() === "" || line === "//") return "";
  if (line.startsWith("// ")) return line.slice(3);
  throw new Error(`${where}: expected every line of a markdown cell to start with "// ", got "${line}"`);
}

/**
 * The cells with all that belongs to an exercise in one.
 * @param {readonly SourceCell[]} cells
 * @returns {(SourceCell & { kind: "code" | "markdown" } | ExerciseCell)[]}
 */
export function withExercises(cells, file = "notebook source") {
  /** @type {(SourceCell & { kind: "code" | "markdown" } | ExerciseCell)[]} */
  const gathered = [];
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i];
    if (cell.kind === "code" || cell.kind === "markdown") {
      gathered.push(/** @type {any} */ (cell));
      continue;
    }
    const { id } = /** @type {{ id: string }} */ (cell);
    const wanted = [...PARTS.slice(0, 3), "exercise", PARTS[3]];
    const found = cells.slice(i, i + wanted.length);
    const at = wanted.findIndex((kind, k) => found[k]?.kind !== kind || Reflect.get(found[k], "id") !== id);
    if (at >= 0)
      throw new Error(
        `${file}:${(found[at] ?? found.at(-1)).line}: expected the cell "${wanted[at]}: ${id}"; an exercise is written as ${wanted.join(", ")}, one after another`,
      );
    const [task, plan, help, exercise, after] = found;
    gathered.push({
      kind: "exercise",
      id,
      text: exercise.text,
      line: exercise.line,
      task,
      plan,
      help,
      after,
    });
    i += wanted.length - 1;
  }
  return gathered;
}
