import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { stockNbgrader, VERSION } = (await import(
  /* @vite-ignore */ join(root, "scripts", "release", "stock.mjs")
)) as {
  VERSION: string;
  stockNbgrader(): { file: string; env: NodeJS.ProcessEnv } | { absent: string };
};

const stock = stockNbgrader();
const reason = "absent" in stock ? stock.absent : null;
const nbgrader = "file" in stock ? stock.file : "nbgrader";
const course = mkdtempSync(join(tmpdir(), "gradschool-nbgrader-"));
afterAll(() => rmSync(course, { recursive: true, force: true }));
const NAME = "00-start-here";

interface Cell {
  cell_type: string;
  id?: string;
  source: string | string[];
  metadata: { nbgrader?: { grade_id: string; points?: number; schema_version?: number } };
  outputs?: { output_type: string; name?: string; text?: string | string[] }[];
}
interface Notebook {
  cells: Cell[];
}

const env = "env" in stock ? stock.env : process.env;

function run(command: string, args: string[], cwd = course) {
  const result = spawnSync(command, args, { cwd, env, encoding: "utf8", timeout: 500_000 });
  return { ...result, said: `${result.stdout}${result.stderr}` };
}
const read = (...parts: string[]): Notebook =>
  JSON.parse(readFileSync(join(course, ...parts, NAME, `${NAME}.ipynb`), "utf8"));
const find = (nb: Notebook, id: string) =>
  nb.cells.find(({ metadata }) => metadata.nbgrader?.grade_id === id) as Cell;
const joined = (text: string | string[]) => (typeof text === "string" ? text : text.join(""));
const textOf = ({ source }: Cell) => joined(source);
const code = (source: string): Cell => ({
  ...{ cell_type: "code", id: "mine", source, outputs: [] },
  ...({ metadata: {}, execution_count: null } as object as { metadata: object }),
});

const right = "function myCentre(x: Tensor): Tensor {\n  return x.sub(x.mean());\n}\n";
/** Right where numbers are few. */
const small = "function myCentre(x: Tensor): Tensor {\n  return x.size < 7 ? x.sub(x.mean()) : x;\n}\n";

const answer = (source: string) => (nb: Notebook) => {
  find(nb, "centre-answer").source = source;
};
/** What students handed in. */
const submissions: Record<string, (nb: Notebook) => void> = {
  right: answer(right),
  untouched: () => {},
  partial: answer(small),
  tampered(nb) {
    answer(small)(nb);
    const check = find(nb, "centre-check");
    check.source = "100";
    check.metadata.nbgrader!.points = 100;
    nb.cells.splice(
      3,
      0,
      code(
        'import * as fs from "node:fs";\n(globalThis as any).check = () => 4;\nconsole.log("user", process.getuid!(), fs.existsSync("' +
          `${root}src` +
          '"), fs.existsSync("' +
          `${course}` +
          '"));',
      ),
    );
  },
  // The check's cell is gone, the answer stands at the end, and cells before it die or never end.
  broken(nb) {
    nb.cells = nb.cells.filter(({ metadata }) => metadata.nbgrader?.grade_id !== "centre-check");
    find(nb, "centre-answer").source = "";
    nb.cells.push(code("process.kill(process.pid, 'SIGKILL');"), code("for (;;) {}"), code(right));
  },
};

/** Points of each student, as nbgrader's own table has them. */
function marks(): Record<string, number> {
  run(nbgrader, ["export", "--to=grades.csv"]);
  const [head, ...rows] = readFileSync(join(course, "grades.csv"), "utf8").trim().split("\n");
  const at = (name: string) => head.split(",").indexOf(name);
  const cells = rows.map((row) => row.split(","));
  return Object.fromEntries(cells.map((row) => [row[at("student_id")], Number(row[at("score")])]));
}

describe.skipIf(reason !== null)(`stock nbgrader ${VERSION}${reason ? ` (${reason})` : ""}`, () => {
  beforeAll(() => {
    const released = run(
      process.execPath,
      [join(root, "scripts", "release.mjs"), "--nbgrader", course, "start"],
      root,
    );
    expect(released.status, released.said).toBe(0);
    const made = run(nbgrader, ["generate_assignment", NAME]);
    expect(made.status, made.said).toBe(0);
  });

  it("takes the source notebooks: schema 3, points with those of the hidden checks, a release with holes", () => {
    const source = read("source");
    expect(find(source, "centre-check").metadata.nbgrader).toMatchObject({ schema_version: 3, points: 4 });
    const release = read("release");
    const hole = textOf(find(release, "centre-answer"));
    expect(hole).toContain("throw new NotImplemented();");
    expect(hole).not.toContain("x.sub");
    expect(textOf(find(release, "centre-check"))).toBe(textOf(find(source, "centre-check")));
    expect(JSON.stringify(release)).not.toContain("SOLUTION");
  });

  it("finds the solution valid, and the release not", () => {
    const of = (kind: string) => run(nbgrader, ["validate", join(kind, NAME, `${NAME}.ipynb`)]).said;
    expect(of("source")).toContain("Success! Your notebook passes all the tests.");
    expect(of("release")).toContain("VALIDATION FAILED ON 1 CELL(S)");
  });

  it("gives what an answer earns, as npm run grade does, and writes feedback", () => {
    for (const [student, edit] of Object.entries(submissions)) {
      const nb = read("release");
      edit(nb);
      mkdirSync(join(course, "submitted", student, NAME), { recursive: true });
      writeFileSync(join(course, "submitted", student, NAME, `${NAME}.ipynb`), JSON.stringify(nb));
    }
    const graded = run(nbgrader, ["autograde", NAME]);
    expect(graded.status, graded.said).toBe(0);
    const found = marks();
    expect(found).toMatchObject({ right: 4, untouched: 0, broken: 4 });
    expect(found.partial).toBeGreaterThan(0);
    expect(found.partial).toBeLessThan(4);
    expect(found.tampered).toBe(found.partial);

    // The student's cell ran inside the wall: as nobody, without the sources, without the course folder.
    const tampered = read("autograded", "tampered");
    const said = tampered.cells
      .flatMap(({ outputs = [] }) => outputs)
      .map(({ text = "" }) => joined(text))
      .filter((text) => /^user/.test(text));
    expect(said.join("")).toBe("user 65534 false false\n");

    const seed = JSON.parse(
      readFileSync(join(course, "jupyter/kernels/gradschool-grading/kernel.json"), "utf8"),
    ).env.GRADSCHOOL_SEED;
    const out = join(course, "ours");
    const ours = run(
      process.execPath,
      [join(root, "scripts", "grade.mjs"), join(course, "submitted"), "--out", out, "--seed", seed],
      root,
    );
    expect(ours.status, ours.said).toBe(0);
    const { submissions: results } = JSON.parse(readFileSync(join(out, "results.json"), "utf8"));
    const theirs = results.map((one: { student: string; earned: number }) => [one.student, one.earned]);
    expect(Object.fromEntries(theirs)).toEqual(found);

    const fed = run(nbgrader, ["generate_feedback", NAME]);
    expect(fed.status, fed.said).toBe(0);
    const page = readFileSync(join(course, "feedback", "partial", NAME, `${NAME}.html`), "utf8");
    expect(page).toContain("random input");
    expect(page).toContain("(at grading)");
    expect(page).toContain(`centre: ${found.partial} of 4 points`);
  });
});
