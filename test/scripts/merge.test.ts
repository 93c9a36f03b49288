import { fileURLToPath, pathToFileURL } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const script = (name: string) => import(/* @vite-ignore */ pathToFileURL(`${root}scripts/${name}.mjs`).href);
const { merge } = (await script("student/merge")) as {
  merge(
    base: Notebook | null,
    mine: Notebook,
    theirs: Notebook,
    elsewhere?: ReadonlyMap<string, { cell: Cell; from: string }>,
  ): { notebook: Notebook; notes: string[] };
};
const { answerCell, checkCell, code, markdown, notebook, taskCell, textOf } = await script("notebooks/ipynb");

interface Cell {
  id: string;
  cell_type: string;
  source: string | string[];
  metadata: Record<string, unknown>;
  outputs?: unknown[];
  execution_count?: number | null;
}
interface Notebook {
  cells: Cell[];
  metadata: object;
  nbformat: number;
  nbformat_minor: number;
}

const hole = (id: string) =>
  `function my${id[0].toUpperCase()}${id.slice(1)}(x: number) {\n  // YOUR CODE HERE\n  throw new NotImplemented();\n}`;
const exerciseCells = (id: string, task = `Write ${id}.`, start = hole(id)): Cell[] => [
  markdown(task, taskCell(id)),
  code(start, answerCell(id)),
  code(`const ${id} = check(exercises.${id});`, checkCell(id, 3)),
  markdown(`Another way to write ${id}.`, { id: `${id}-after` }),
];
const course = (...parts: (string | Cell[])[]): Notebook =>
  notebook(
    parts.flatMap((part) =>
      typeof part !== "string" ? part : part.startsWith("#") ? [markdown(part)] : [code(part)],
    ),
  );

const base = course(
  "# Title",
  "const setting = 64;",
  exerciseCells("heads"),
  "# Middle of the lecture",
  "train(setting);",
  exerciseCells("masks"),
  "# End of the lecture",
);
/** A new prose, a new cell, another task, a cell gone. */
const theirs = course(
  "# Title",
  "# A word before",
  "const setting = 128;",
  exerciseCells("heads", "Write heads, with care."),
  "# The middle of the lecture, reworded",
  "train(setting);",
  exerciseCells("masks"),
  "# The end",
);

const copy = (nb: Notebook): Notebook => structuredClone(nb);
const texts = (nb: Notebook): string[] => nb.cells.map(textOf);
const at = (nb: Notebook, id: string) => nb.cells.findIndex((cell) => cell.id === id);
const find = (nb: Notebook, id: string) => nb.cells[at(nb, id)];
const edit = (nb: Notebook, id: string, source: string | string[]) => {
  find(nb, id).source = source;
};
const insert = (nb: Notebook, after: number, ...cells: Cell[]) => nb.cells.splice(after + 1, 0, ...cells);
const answer = "function myHeads(x: number) {\n  return x; // моё\n}";

/** Merges, and holds what must hold of every merge. */
function merged(mine: Notebook, from: Notebook | null = base, to: Notebook = theirs) {
  const before = copy(mine);
  const { notebook: result, notes } = merge(from, mine, to);
  expect(mine, "its input is left alone").toEqual(before);
  const ids = result.cells.map(({ id }) => id);
  expect(new Set(ids).size, "ids are unique").toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[\w-]{1,64}$/);
  const courses = new Set([...(from ?? base).cells, ...to.cells].map(textOf));
  for (const text of texts(before))
    if (!courses.has(text.replaceAll("\r\n", "\n")))
      expect(texts(result), "no cell of the student's is lost or changed").toContain(text);
  expect(merge(from, result, to).notebook, "an interrupted update can be run again").toEqual(result);
  expect(merge(to, result, to).notebook, "a second update changes nothing").toEqual(result);
  return { result, notes: notes.join("\n") };
}

describe("a new version of a lecture", () => {
  it("comes whole where the student has changed nothing", () => {
    const { result, notes } = merged(copy(base));
    expect(result.cells).toEqual(theirs.cells);
    expect(notes).toBe("cells of the course: 4 new, 3 gone, 1 reworded.");
  });

  it("keeps the outputs of cells that are as they were, and of answers", () => {
    const mine = copy(base);
    for (const cell of mine.cells.filter(({ cell_type }) => cell_type === "code"))
      Object.assign(cell, { execution_count: 7, outputs: [{ output_type: "stream", text: "hi" }] });
    edit(mine, "heads-answer", answer);
    const { result } = merged(mine);
    const ran = result.cells.filter(({ execution_count }) => execution_count === 7).map(({ id }) => id);
    expect(ran).toEqual([
      ...["heads-answer", "heads-check", find(theirs, base.cells[7].id).id],
      ...["masks-answer", "masks-check"],
    ]);
  });

  it("carries an answer into its exercise", () => {
    const mine = copy(base);
    edit(mine, "heads-answer", answer);
    const { result } = merged(mine);
    expect(textOf(find(result, "heads-answer"))).toBe(answer);
    expect(textOf(find(result, "heads-task"))).toBe("Write heads, with care.");
    expect(find(result, "heads-answer").metadata).toEqual(find(theirs, "heads-answer").metadata);
    expect(textOf(find(result, "masks-answer"))).toBe(hole("masks"));
  });

  it("says so when an exercise starts from other lines", () => {
    const mine = copy(base);
    edit(mine, "masks-answer", answer.replace("Heads", "Masks"));
    const to = copy(theirs);
    edit(to, "masks-answer", hole("masks").replace("x: number", "x: Tensor"));
    const { result, notes } = merged(mine, base, to);
    expect(textOf(find(result, "masks-answer"))).toContain("моё");
    expect(notes).toContain("masks starts from other lines now; yours stays");
    expect(textOf(find(merged(copy(base), base, to).result, "masks-answer"))).toContain("x: Tensor");
  });

  it("keeps added cells behind the cell they stood behind, also where that was reworded or is gone", () => {
    const mine = copy(base);
    insert(mine, -1, markdown("Mine, first of all."));
    insert(mine, at(mine, "heads-task"), code("const helper = 1;"), code("helper;"));
    insert(
      mine,
      mine.cells.findIndex((cell) => textOf(cell) === "# Middle of the lecture"),
      markdown("On the middle."),
    );
    insert(mine, mine.cells.length - 1, code("// at the end"));
    const { result } = merged(mine);
    const all = texts(result);
    const behind = (text: string) => all[all.indexOf(text) - 1];
    expect(all[0]).toBe("Mine, first of all.");
    expect(behind("const helper = 1;")).toBe("Write heads, with care.");
    expect(behind("helper;")).toBe("const helper = 1;");
    expect(behind("On the middle.")).toBe("# The middle of the lecture, reworded");
    expect(behind("// at the end")).toBe("# The end");
  });

  it("keeps a changed cell of the course, and shows the new one above it if the course has changed it too", () => {
    const mine = copy(base);
    edit(mine, mine.cells[1].id, "const setting = 7; // mine");
    edit(mine, mine.cells[7].id, "train(setting, 2);");
    const { result, notes } = merged(mine);
    const all = texts(result);
    expect(all.slice(2, 4)).toEqual(["const setting = 128;", "const setting = 7; // mine"]);
    expect(all).toContain("train(setting, 2);");
    expect(all).not.toContain("train(setting);");
    expect(notes).toContain("“const setting = 7; // mine” is no longer in the course; yours stays.");
  });

  it("keeps a task that was written into, below the new one", () => {
    const mine = copy(base);
    edit(mine, "heads-task", "Write heads. My notes: easy.");
    const { result, notes } = merged(mine);
    const place = at(result, "heads-task");
    expect(texts(result).slice(place, place + 2)).toEqual([
      "Write heads, with care.",
      "Write heads. My notes: easy.",
    ]);
    expect(result.cells[place + 1].metadata).toEqual({});
    expect(notes).toContain("“Write heads, with care.” is new, and you had changed the old one");
  });

  it.each(["first", "second"])(
    "of a split answer whose %s part has the id keeps both, in their order",
    (part) => {
      const mine = copy(base);
      const place = at(mine, "heads-answer");
      const whole = find(mine, "heads-answer");
      const [first, second] = ["const mine = 3;", answer].map((source, i) => ({
        ...structuredClone(whole),
        source,
        id: (i === 0) === (part === "first") ? whole.id : "a1b2",
      }));
      mine.cells.splice(place, 1, first, second);
      const { result } = merged(mine);
      const shown = at(result, "heads-task") + 1;
      expect(texts(result).slice(shown, shown + 2)).toEqual(["const mine = 3;", answer]);
      expect(
        result.cells.filter(
          ({ metadata }) => (metadata.nbgrader as { grade_id?: string })?.grade_id === "heads-answer",
        ),
      ).toHaveLength(1);
    },
  );

  it("leaves an answer that was merged with another cell where it is, and puts no hole behind it", () => {
    const mine = copy(base);
    const place = at(mine, "masks-answer");
    const together = `train(setting);\n${answer.replace("Heads", "Masks")}`;
    edit(mine, mine.cells[7].id, together);
    mine.cells.splice(place, 1);
    const { result, notes } = merged(mine);
    expect(texts(result)).toContain(together);
    expect(at(result, "masks-answer")).toBe(-1);
    expect(notes).toContain("your myMasks stands in another cell");
  });

  it("gives back the check that was merged into an answer", () => {
    const mine = copy(base);
    edit(mine, "heads-answer", `${answer}\n\nconst heads = check(exercises.heads);`);
    mine.cells.splice(at(mine, "heads-check"), 1);
    const { result, notes } = merged(mine);
    expect(textOf(find(result, "heads-answer"))).toContain("check(");
    expect(at(result, "heads-check")).toBe(at(result, "heads-answer") + 1);
    expect(notes).toContain("heads: its check was missing");
  });

  it("keeps copies of an answer, of which one is graded", () => {
    const mine = copy(base);
    edit(mine, "heads-answer", answer);
    const twin = { ...structuredClone(find(mine, "heads-answer")), id: "f00d", source: `${answer}\n// twin` };
    insert(mine, at(mine, "heads-answer"), twin, { ...structuredClone(twin), id: "heads-answer" });
    const { result } = merged(mine);
    expect(texts(result).filter((text) => text === `${answer}\n// twin`)).toHaveLength(2);
    expect(textOf(find(result, "heads-answer"))).toBe(answer);
    expect(result.cells.filter(({ metadata }) => metadata.nbgrader)).toHaveLength(6);
  });

  it("leaves out what the student has deleted, but no part of an exercise", () => {
    const mine = copy(base);
    mine.cells = mine.cells.filter(
      (cell) => textOf(cell) !== "train(setting);" && !cell.id.startsWith("masks-"),
    );
    const { result, notes } = merged(mine);
    expect(texts(result)).not.toContain("train(setting);");
    expect(at(result, "masks-after")).toBe(-1);
    expect(textOf(find(result, "masks-answer"))).toBe(hole("masks"));
    for (const role of ["task", "answer", "check"]) expect(notes).toContain(`masks: its ${role} was missing`);
  });

  it("takes an answer that was typed into a cell of its own as the exercise's", () => {
    const mine = copy(base);
    mine.cells.splice(at(mine, "heads-answer"), 1, {
      ...code(`const myHeads = (x: number) => x;`),
      id: "abcd",
    });
    const { result } = merged(mine);
    expect(textOf(find(result, "heads-answer"))).toBe("const myHeads = (x: number) => x;");
    expect(at(result, "abcd")).toBe(-1);
  });

  it("leaves an answer of another kind as it is: a code cell that became text", () => {
    const mine = copy(base);
    const { outputs: _, execution_count: __, ...cell } = find(mine, "heads-answer");
    mine.cells[at(mine, "heads-answer")] = { ...cell, cell_type: "markdown", source: answer };
    const kept = find(merged(mine).result, "heads-answer");
    expect(kept).toMatchObject({ cell_type: "markdown", source: answer });
    expect(kept).not.toHaveProperty("outputs");
  });

  it("knows the course's cells in files of other systems, and keeps a student's line ends", () => {
    const mine = copy(base);
    for (const cell of mine.cells) cell.source = textOf(cell).replaceAll("\n", "\r\n");
    expect(merged(mine).result.cells).toEqual(theirs.cells);
    edit(mine, "heads-answer", answer.replaceAll("\n", "\r\n"));
    expect(textOf(find(merged(mine).result, "heads-answer"))).toBe(answer.replaceAll("\n", "\r\n"));
  });

  it("finds cells again that have lost their ids", () => {
    const mine = { ...copy(base), nbformat_minor: 4 };
    edit(mine, "heads-answer", answer);
    insert(mine, at(mine, "heads-answer"), code("const own = 1;"));
    for (const cell of mine.cells) Reflect.deleteProperty(cell, "id");
    const { result } = merged(mine);
    expect(result.nbformat_minor).toBe(5);
    expect(textOf(find(result, "heads-answer"))).toBe(answer);
    expect(result.cells).toHaveLength(theirs.cells.length + 1);
  });

  it("without the old version at hand loses nothing either", () => {
    const mine = copy(base);
    edit(mine, "heads-answer", answer);
    edit(mine, mine.cells[7].id, "train(setting, 2);");
    insert(mine, 3, { ...code("const own = 1;"), id: "0b7e" });
    const { result, notes } = merged(mine, null);
    expect(textOf(find(result, "heads-answer"))).toBe(answer);
    expect(texts(result)).not.toContain("const setting = 64;"); // its id says that it is the course's
    expect(notes).toContain("is not at hand");
  });

  it("copies an answer whose exercise has come from another lecture, and leaves the old one", () => {
    const moved = course("# Title", exerciseCells("heads"));
    const other = { cell: { ...find(base, "heads-answer"), source: answer }, from: "03-other" };
    const { notebook, notes } = merge(
      course("# Title"),
      course("# Title"),
      moved,
      new Map([["heads", other]]),
    );
    expect(textOf(find(notebook, "heads-answer"))).toBe(answer);
    expect(notes.join()).toContain("heads has moved here; your answer is copied from 03-other");
    const mine = copy(base);
    edit(mine, "heads-answer", answer);
    const { result, notes: told } = merged(mine, base, course("# Title", exerciseCells("masks")));
    expect(texts(result)).toContain(answer);
    expect(told).toContain("is no longer in the course; yours stays");
  });

  it("holds all this whatever the student did", () => {
    const place = fc.nat({ max: 100 });
    const word = fc.constantFrom(
      "a = 1;",
      answer,
      hole("heads"),
      "",
      "train(setting);",
      "const myMasks = 1;",
    );
    const act = fc.oneof(
      fc.record({ kind: fc.constant("edit"), place, word }),
      fc.record({ kind: fc.constant("insert"), place, word }),
      fc.record({ kind: fc.constant("delete"), place, word }),
      fc.record({ kind: fc.constant("duplicate"), place, word }),
      fc.record({ kind: fc.constant("move"), place, word }),
      fc.record({ kind: fc.constant("twin"), place, word }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 8 }), fc.boolean(), (acts, known) => {
        const mine = copy(base);
        acts.forEach(({ kind, place, word }, n) => {
          if (mine.cells.length === 0) return;
          const i = place % mine.cells.length;
          const cell = mine.cells[i];
          if (kind === "edit") cell.source = `${word} // ${n}`;
          else if (kind === "insert") insert(mine, i, { ...code(`${word} // ${n}`), id: `own-${n}` });
          else if (kind === "delete") mine.cells.splice(i, 1);
          else if (kind === "duplicate") insert(mine, i, { ...structuredClone(cell), id: `twin-${n}` });
          else if (kind === "twin") insert(mine, i, structuredClone(cell));
          else mine.cells.splice(place % 7, 0, ...mine.cells.splice(i, 1));
        });
        merged(mine, known ? base : null);
      }),
      { numRuns: 500 },
    );
  });
});
