import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

/**
 * A course of two lectures in a folder of its own, without any npm package, as somebody has it who has just unpacked a new
 * version; its scripts are the project's.
 */
const outer = mkdtempSync(join(tmpdir(), "gradschool-student-"));
const course = join(outer, "курс лекций");
const place = join(course, "my-course");
afterAll(() => rmSync(outer, { recursive: true, force: true }));
cpSync(fileURLToPath(new URL("../../scripts", import.meta.url)), join(course, "scripts"), {
  recursive: true,
});
cpSync(fileURLToPath(new URL("../../package.json", import.meta.url)), join(course, "package.json"));
const load = (name: string) =>
  import(/* @vite-ignore */ pathToFileURL(join(course, "scripts", `${name}.mjs`)).href);

interface Report {
  steps: { given: { name: string }; what: string; notes: string[] }[];
  problems: Error[];
  backup: string | null;
}
type Write = (file: string, text: string) => void;
const { makeCopies } = (await load("student/copies")) as {
  makeCopies(place: string): { made: number; newer: string[] };
};
const { update } = (await load("student/update")) as {
  update(place: string, options?: { language?: string; write?: Write }): Promise<Report>;
};
const { reset } = (await load("student/reset")) as {
  reset(place: string, words: string[]): { backup: string | null; notes: string[] };
};
const { studentPlace } = (await load("student/place")) as { studentPlace(named?: string): string };
const { writeWhole } = (await load("steps")) as { writeWhole: Write };
const { answerCell, checkCell, code, markdown, notebook, stable, taskCell, textOf } =
  await load("notebooks/ipynb");

interface Cell {
  id: string;
  source: string;
}
const exercise = (id: string, start = `function my${id}() {\n  // YOUR CODE HERE\n}`): Cell[] => [
  markdown(`Write ${id}.`, taskCell(id)),
  code(start, answerCell(id)),
  code(`check(exercises.${id})`, checkCell(id, 3)),
];
/** Puts a notebook among those that the course gives. */
function give(name: string, cells: Cell[], ...folder: string[]) {
  const file = join(course, "notebooks", ...folder, `${name}.ipynb`);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, stable(notebook(cells)));
}
const read = (name: string) =>
  JSON.parse(readFileSync(join(place, `${name}.ipynb`), "utf8").replace(/^\ufeff/, ""));
const texts = (name: string): string[] => read(name).cells.map(textOf);
/** Changes a student's copy as Jupyter would save it. */
function edit(name: string, id: string, source: string) {
  const nb = read(name);
  nb.cells.find((cell: Cell) => cell.id === id).source = source;
  writeFileSync(join(place, `${name}.ipynb`), stable(nb));
}
/** All files below a folder, as path → content. */
function snapshot(folder: string, without: RegExp = /^$/): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return Object.fromEntries(
    files
      .filter((file) => !without.test(file) && statSync(join(folder, file)).isFile())
      .map((file) => [file, readFileSync(join(folder, file), "utf8")]),
  );
}
const answer = "function myheads() {\n  return 1; // моё\n}";

beforeEach(() => {
  for (const folder of ["notebooks", "my-course", ".cache"])
    rmSync(join(course, folder), { recursive: true, force: true });
  give("00-start-here", [markdown("# Start")]);
  give("01-heads", [markdown("# Heads"), ...exercise("heads"), markdown("# End")]);
  give("01-heads", [markdown("# Heads, solved")], "solutions");
});

/** Version 2: another prose, one more lecture. */
function publish() {
  give("01-heads", [markdown("# Heads, anew"), ...exercise("heads"), code("more();"), markdown("# End")]);
  give("01-heads", [markdown("# Heads, solved anew")], "solutions");
  give("02-masks", [markdown("# Masks"), ...exercise("masks")]);
}

describe("a student's folder", () => {
  it("gets a copy of each notebook, once", () => {
    expect(makeCopies(place)).toEqual({ made: 2, newer: [] });
    expect(Object.keys(snapshot(place)).filter((file) => !file.startsWith(".gradschool"))).toEqual([
      ...["00-start-here.ipynb", "01-heads.ipynb", "progress/course.json", "solutions/01-heads.ipynb"],
    ]);
    edit("01-heads", "heads-answer", answer);
    const before = snapshot(place);
    expect(makeCopies(place)).toEqual({ made: 0, newer: [] });
    expect(snapshot(place)).toEqual(before);
  });

  it("gets what has been deleted again, and hears of a new version without being touched", () => {
    makeCopies(place);
    rmSync(join(place, "00-start-here.ipynb"));
    edit("01-heads", "heads-answer", answer);
    publish();
    expect(makeCopies(place)).toEqual({ made: 2, newer: ["01-heads"] });
    expect(texts("01-heads")).toContain("# Heads");
  });

  it("lies where the student wants it, but not in the course itself", () => {
    expect(studentPlace()).toBe(place);
    process.env.GRADSCHOOL_COURSE = join(outer, "a b");
    expect(studentPlace()).toBe(join(outer, "a b"));
    expect(studentPlace(join(outer, "named"))).toBe(join(outer, "named"));
    delete process.env.GRADSCHOOL_COURSE;
    expect(studentPlace("~/курс")).toMatch(/[\\/]курс$/);
    for (const taken of ["", "notebooks", join("notebooks", "mine"), "src"])
      expect(() => studentPlace(join(course, taken))).toThrow("belongs to the course itself");
  });
});

describe("npm run update", () => {
  it("brings the new version, keeps the answers, and keeps the old files", async () => {
    makeCopies(place);
    edit("01-heads", "heads-answer", answer);
    const before = snapshot(place, /^\.gradschool/);
    publish();
    const { steps, backup, problems } = await update(place);
    expect(problems).toEqual([]);
    expect(steps.map(({ given, what }) => [given.name, what])).toEqual([
      ["01-heads", "updated"],
      ["02-masks", "new"],
    ]);
    expect(steps[0].notes).toEqual(["cells of the course: 2 new, 1 gone."]);
    expect(texts("01-heads")).toEqual([
      ...["# Heads, anew", "Write heads.", answer, "check(exercises.heads)", "more();", "# End"],
    ]);
    expect(texts("solutions/01-heads")).toEqual(["# Heads, solved anew"]);
    const kept = snapshot(backup as string);
    for (const file of ["01-heads.ipynb", "solutions/01-heads.ipynb", "progress/course.json"])
      expect(kept[file]).toBe(before[file]);
  });

  it("changes nothing when it is run again, or when there is nothing new", async () => {
    makeCopies(place);
    edit("01-heads", "heads-answer", answer);
    expect(await update(place)).toMatchObject({ steps: [], backup: null });
    publish();
    await update(place);
    const after = snapshot(place);
    expect(await update(place)).toMatchObject({ steps: [], backup: null });
    expect(snapshot(place)).toEqual(after);
  });

  it("can be interrupted before any write, and is then ended by running it again", async () => {
    makeCopies(place);
    edit("01-heads", "heads-answer", answer);
    edit("01-heads", "heads-task", "Write heads. My note.");
    const start = snapshot(place);
    publish();
    await update(place);
    const whole = snapshot(place, /^backups/);
    let ended = false;
    let writes = 0;
    for (; !ended; writes++) {
      rmSync(place, { recursive: true });
      for (const [file, text] of Object.entries(start)) {
        mkdirSync(join(place, file, ".."), { recursive: true });
        writeFileSync(join(place, file), text);
      }
      let left = writes;
      const write: Write = (file, text) => {
        if (left-- === 0) throw new Error("killed");
        writeWhole(file, text);
      };
      ended = await update(place, { write }).then(
        () => true,
        () => false,
      );
      await update(place);
      expect(snapshot(place, /^backups/), `after ${writes} writes`).toEqual(whole);
      const saved = readdirSync(join(place, "backups")).map((name) => snapshot(join(place, "backups", name)));
      expect(saved.some((files) => files["01-heads.ipynb"] === start["01-heads.ipynb"])).toBe(true);
    }
    expect(writes).toBeGreaterThan(4);
  });

  it("follows a lecture that got another number", async () => {
    makeCopies(place);
    edit("01-heads", "heads-answer", answer);
    for (const folder of ["", "solutions"])
      renameSync(
        join(course, "notebooks", folder, "01-heads.ipynb"),
        join(course, "notebooks", folder, "03-heads.ipynb"),
      );
    const { steps, backup } = await update(place);
    expect(steps.map(({ what }) => what)).toEqual(["renamed"]);
    expect(texts("03-heads")).toContain(answer);
    expect(existsSync(join(place, "01-heads.ipynb"))).toBe(false);
    expect(existsSync(join(backup as string, "01-heads.ipynb"))).toBe(true);
    expect(await update(place)).toMatchObject({ steps: [] });
  });

  it("carries an answer along when its exercise moves to another lecture", async () => {
    makeCopies(place);
    edit("01-heads", "heads-answer", answer);
    give("01-heads", [markdown("# Heads")]);
    give("02-masks", [markdown("# Masks"), ...exercise("heads")]);
    const { steps } = await update(place);
    expect(texts("01-heads")).toContain(answer);
    expect(steps.map(({ what }) => what)).toEqual(["updated", "new"]);
    expect(texts("02-masks")).toContain(answer);
  });

  it("leaves a damaged notebook as it is, says so, and does the others", async () => {
    makeCopies(place);
    publish();
    const half = readFileSync(join(place, "01-heads.ipynb"), "utf8").slice(0, 300);
    writeFileSync(join(place, "01-heads.ipynb"), half);
    const { steps, problems } = await update(place);
    expect(steps.map(({ given }) => given.name)).toEqual(["02-masks"]);
    expect(problems.map(({ message }) => message).join()).toMatch(
      /01-heads\.ipynb cannot be read: it is no JSON/,
    );
    expect(readFileSync(join(place, "01-heads.ipynb"), "utf8")).toBe(half);
  });

  it("reads a notebook with a byte order mark, of format 4.2 and of format 3", async () => {
    makeCopies(place);
    edit("01-heads", "heads-answer", answer);
    publish();
    const file = join(place, "01-heads.ipynb");
    const start = read("01-heads");
    const without = start.cells.map(({ id: _, ...cell }: Cell) => cell);
    const old = without.map((cell: { cell_type: string; source: string }) =>
      cell.cell_type === "code" ? { ...cell, input: cell.source, source: undefined } : cell,
    );
    const wanted = ["# Heads, anew", "Write heads.", answer, "check(exercises.heads)", "more();", "# End"];
    for (const nb of [
      start,
      { ...start, nbformat_minor: 2, cells: without },
      { nbformat: 3, nbformat_minor: 0, metadata: {}, worksheets: [{ cells: old }] },
    ]) {
      rmSync(join(place, ".gradschool", "given"), { recursive: true });
      give("01-heads", [markdown("# Heads"), ...exercise("heads"), markdown("# End")]);
      rmSync(file);
      makeCopies(place);
      publish();
      writeFileSync(file, `\ufeff${JSON.stringify(nb).replaceAll("\\n", "\\r\\n")}`);
      await update(place);
      expect(texts("01-heads").map((text) => text.replaceAll("\r\n", "\n"))).toEqual(wanted);
      expect(read("01-heads")).toMatchObject({ nbformat: 4, nbformat_minor: 5 });
    }
  });

  it("changes the language, and keeps the answers", async () => {
    makeCopies(place);
    edit("01-heads", "heads-answer", answer);
    give("01-heads", [markdown("# Головы"), ...exercise("heads"), markdown("# Конец")], "ru");
    await update(place, { language: "ru" });
    expect(texts("01-heads")).toEqual([
      "# Головы",
      "Write heads.",
      answer,
      "check(exercises.heads)",
      "# Конец",
    ]);
    expect(texts("00-start-here")).toEqual(["# Start"]); // not translated
    expect(makeCopies(place)).toEqual({ made: 0, newer: [] });
    await update(place, { language: "en" });
    expect(texts("01-heads")[0]).toBe("# Heads");
  });
});

describe("npm run reset", () => {
  it("gives one exercise back, and leaves the rest", () => {
    makeCopies(place);
    edit("01-heads", "heads-answer", answer);
    edit("00-start-here", read("00-start-here").cells[0].id, "# Mine");
    const { backup, notes } = reset(place, ["01-heads", "heads"]);
    expect(texts("01-heads")[2]).toContain("YOUR CODE HERE");
    expect(texts("00-start-here")).toEqual(["# Mine"]);
    expect(readFileSync(join(backup as string, "01-heads.ipynb"), "utf8")).toContain("моё");
    expect(notes).toEqual(["heads in 01-heads is as the course gives it."]);
  });

  it.each([[["heads"]], [["01"]], [["01-heads.ipynb"]]])("knows what %j means", (words) => {
    makeCopies(place);
    const nb = read("01-heads");
    nb.cells.push({ ...code("own();"), id: "own" });
    writeFileSync(join(place, "01-heads.ipynb"), stable(nb));
    edit("01-heads", "heads-answer", answer);
    reset(place, words);
    // A lecture's short name comes before an exercise of the same name.
    expect(texts("01-heads")).toEqual([
      "# Heads",
      "Write heads.",
      expect.stringContaining("YOUR CODE"),
      expect.any(String),
      "# End",
    ]);
  });

  it("says what there is, when there is no such thing", () => {
    makeCopies(place);
    expect(() => reset(place, [])).toThrow("Name a notebook, an exercise of it, or both");
    expect(() => reset(place, ["01-heads", "haeds"])).toThrow(
      "There is no exercise of 01-heads haeds. Did you mean heads?",
    );
    expect(() => reset(place, ["hades"])).toThrow(
      "There is no notebook or exercise hades. Did you mean heads?",
    );
    expect(() => reset(place, ["02-none", "heads"])).toThrow("There is no notebook 02-none");
    expect(existsSync(join(place, "backups"))).toBe(false);
  });

  it("says where else the function is declared", () => {
    makeCopies(place);
    const nb = read("01-heads");
    nb.cells.push({ ...code("const myHeads = 1;"), id: "own" });
    writeFileSync(join(place, "01-heads.ipynb"), stable(nb));
    expect(reset(place, ["01", "heads"]).notes[1]).toBe("Cell 6 declares myHeads too; it was left alone.");
  });
});

describe("the commands", () => {
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(course, "scripts", "student.mjs"), ...args],
      {
        encoding: "utf8",
        env: { ...process.env, INIT_CWD: course, NO_COLOR: "1" },
      },
    );
    return { status, said: `${stdout}${stderr}` };
  };

  it("need no npm package, and say what they did and what they cannot see", () => {
    const elsewhere = join(outer, "тетради студента");
    expect(run("update", "--in", elsewhere).said).toContain("00-start-here            new");
    publish();
    const { status, said } = run("update", "--in", elsewhere);
    expect(status).toBe(0);
    expect(said).toMatch(/01-heads {17}updated\n {4}cells of the course: 2 new, 1 gone\./);
    expect(said).toMatch(/As they were: .*тетради студента.backups/);
    expect(said).toContain("What you have not saved in JupyterLab cannot be seen here");
    expect(run("update", "--in", elsewhere).said).toContain(
      "Your notebooks are those of this version of the course.",
    );
    expect(run("reset", "--in", elsewhere, "heads").said).toContain("01-heads is as the course gives it");
  });

  it("refuse what they do not know", () => {
    expect(run("update", "everything")).toMatchObject({
      status: 1,
      said: expect.stringContaining("Unknown argument everything"),
    });
    expect(run("update", "--now")).toMatchObject({ status: 1, said: expect.stringContaining("--now") });
    expect(run("undo").said).toContain("There is no command undo");
  });
});
