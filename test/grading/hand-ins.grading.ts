import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import type { Results } from "../../src/grading/batch";

/** Zips as `npm run hand-in` writes them, of every lecture, through `npm run grade`. */
const root = fileURLToPath(new URL("../..", import.meta.url));
const outer = mkdtempSync(join(tmpdir(), "gradschool-hand-ins-"));
afterAll(() => rmSync(outer, { recursive: true, force: true }));
const load = (name: string) => import(/* @vite-ignore */ join(root, "scripts", `${name}.mjs`));
const { handIn } = (await load("student/hand-in")) as {
  handIn(place: string, words: string[], options: { name: string }): Promise<{ zip: string }>;
};
const { makeCopies } = (await load("student/copies")) as { makeCopies(place: string): void };
const { notebooksIn } = (await load("notebooks/files")) as { notebooksIn(folder: string): string[] };
const { verdictsIn } = (await load("student/trial")) as {
  verdictsIn(nb: object): Map<string, { earned: number; points: number }>;
};

interface Notebook {
  cells: { id: string; source: string | string[] }[];
}
const read = (...parts: string[]): Notebook => JSON.parse(readFileSync(join(...parts), "utf8"));
const answers = ({ cells }: Notebook) => cells.filter(({ id }) => /-answer$/.test(id));
const names = notebooksIn("notebooks");
const submissions = join(outer, "submissions");

/** Hands in every notebook with the reference answers; `open`: but for the first one of each. */
async function handInAll(student: string, open: boolean): Promise<void> {
  const place = join(outer, student);
  makeCopies(place);
  for (const name of names) {
    const solved = answers(read(root, "notebooks", "solutions", `${name}.ipynb`)).slice(open ? 1 : 0);
    const nb = read(place, `${name}.ipynb`);
    for (const { id, source } of solved) nb.cells.find((cell) => cell.id === id)!.source = source;
    writeFileSync(join(place, `${name}.ipynb`), JSON.stringify(nb));
  }
  const { zip } = await handIn(place, ["all"], { name: student });
  mkdirSync(submissions, { recursive: true });
  copyFileSync(zip, join(submissions, zip.slice(join(place, "hand-ins").length + 1)));
}

it("give what the notebooks show, and the hidden checks' points besides", async () => {
  await handInAll("Анна", false);
  await handInAll("Ben", true);
  const out = join(outer, "grades");
  const grade = [join(root, "scripts", "grade.mjs"), submissions, "--out", out];
  const { status, stdout, stderr } = spawnSync(process.execPath, grade, { encoding: "utf8" });
  expect(status, stdout + stderr).toBe(0);
  const { submissions: graded } = JSON.parse(readFileSync(join(out, "results.json"), "utf8")) as Results;
  const of = (student: string) =>
    graded.filter((one) => one.student === student).map(({ notebook }) => notebook);
  expect(of("Анна")).toEqual(names);
  expect(of("Ben")).toEqual(names);
  for (const { student, notebook, flags, exercises } of graded) {
    expect(flags, `${student} ${notebook}`).toEqual([]);
    const shown = verdictsIn(read(root, "notebooks", "solutions", `${notebook}.ipynb`));
    const [first, ...others] = exercises;
    if (student === "Ben") expect(first).toMatchObject({ earned: 0, status: "empty" });
    for (const { id, earned, points, checks, reason } of student === "Ben" ? others : exercises) {
      expect([id, earned, reason]).toEqual([id, points, null]);
      const visible = checks.filter(({ hidden }) => !hidden);
      const sum = visible.reduce((total, check) => total + check.points, 0);
      expect([id, sum]).toEqual([id, shown.get(id)?.earned]);
      expect(checks.length - visible.length).toBeGreaterThanOrEqual(2);
    }
  }
});
