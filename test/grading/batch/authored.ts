/**
 * Answers that the course's authors wrote (solutions, other right ways, known mistakes, untouched holes), handed in as notebooks and
 * graded in one batch. The walled-off process may read the built lectures for it, so that an answer is the very function.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect } from "vitest";
import { type Exercise, NotImplemented, runChecks } from "../../../src/grading";
import { type Course, grade } from "../../../src/grading/batch";
import { type AnyFunction, withSeed } from "../../../src/grading/inputs";
import { type ExerciseMark, findIsolation, markAnswer, type Task } from "../../../src/grading/wall";
import { type Authored, authored } from "../../lectures/authored";
import { bytesOf, cellOf, notebook, root } from "../submission/course";

const SEED = 7;
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "gradschool-authored-"));
  folders.push(folder);
  return folder;
}

const script = pathToFileURL(join(root, "scripts", "grading", "catalogue.mjs")).href;
/** As `npm run grade` knows it. */
export const course: Course = (await import(/* @vite-ignore */ script)).catalogue();

interface AuthoredAnswer {
  readonly kind: "solution" | "variant" | "mutant" | "hole";
  /** Who hands it in. */
  readonly student: string;
  /** Where it stands in the exercise, as code; null for a hole. */
  readonly path: string | null;
  readonly fn: AnyFunction;
}

const answersOf = ({ solution, variants, mutants }: Exercise): AuthoredAnswer[] => [
  { kind: "solution", student: "solution", path: "solution", fn: solution },
  {
    ...{ kind: "hole", student: "hole", path: null },
    fn: () => {
      throw new NotImplemented();
    },
  },
  ...variants.map(({ fn }, i) => ({
    ...{ kind: "variant" as const, student: `variant ${i}`, path: `variants[${i}].fn`, fn },
  })),
  ...mutants.map(({ fn }, i) => ({
    ...{ kind: "mutant" as const, student: `mutant ${i}`, path: `mutants[${i}].fn`, fn },
  })),
];

const built = join(root, "dist", "lectures");
const answerName = (id: string): string => `my${id[0].toUpperCase()}${id.slice(1)}`;

/** Answers may not `require` the library's files; a `require` of Node's own can, where the wall lets it read them. */
const loaded = (file: string): string =>
  `require("node:module").createRequire(${JSON.stringify(file)})(${JSON.stringify(file)})`;

/** A notebook for every lecture and student; where a student has no answer the hole is left. */
function handIn(all: readonly Authored[]): string {
  const folder = newFolder();
  const students = new Set(all.flatMap(({ exercise }) => answersOf(exercise)).map((one) => one.student));
  for (const student of students) {
    mkdirSync(join(folder, student));
    for (const { name, notebook: file } of course.lectures) {
      const asked = all.filter(({ lecture }) => lecture === name);
      if (asked.length === 0) continue;
      const nb = notebook(file, { solved: false });
      for (const { id, exercise } of asked) {
        const answer = answersOf(exercise).find((one) => one.student === student);
        if (answer?.path)
          cellOf(nb, `${id}-answer`).source =
            `const ${answerName(id)} = ${loaded(join(built, name, "exercises", "index.js"))}.exercises.${id}.${answer.path};`;
      }
      writeFileSync(join(folder, student, `${file}.ipynb`), bytesOf(nb));
    }
  }
  return folder;
}

/** Every answer's marks: by exercise and student. */
export async function gradeAuthored(all: readonly Authored[] = authored) {
  const isolation = { ...findIsolation(), readable: [built] };
  const graded = await grade([handIn(all)], {
    ...{ course, seed: SEED, jobs: 2, out: newFolder() },
    mark: (task: Task) => markAnswer(task, { isolation }),
  });
  const found = new Map<string, Omit<ExerciseMark, "flags">>();
  for (const { submission } of graded)
    for (const mark of submission.exercises) found.set(`${mark.id} ${submission.student}`, mark);
  return found;
}

/** What the batch has made of an exercise's answers is what its checks say where nothing is walled off. */
export function expectSame(
  { id, exercise }: Authored,
  marks: Awaited<ReturnType<typeof gradeAuthored>>,
): void {
  for (const { kind, student, fn } of answersOf(exercise)) {
    const mark = marks.get(`${id} ${student}`)!;
    const where = `${id}, ${student}`;
    const here = withSeed(SEED, () => runChecks(exercise, fn));
    const visible = mark.checks.filter(({ hidden }) => !hidden);
    expect([where, visible.map(({ name, passed }) => [name, passed])]).toEqual([
      where,
      here.checks.map(({ name, failure }) => [name, failure === null]),
    ]);
    const earned = visible.reduce((sum, { passed, points }) => sum + (passed ? points : 0), 0);
    expect([where, earned]).toEqual([where, here.earned]);
    expect([where, mark.earned === mark.points]).toEqual([where, kind === "solution" || kind === "variant"]);
    if (kind === "hole") expect([where, mark.status, mark.earned]).toEqual([where, "empty", 0]);
    if (kind === "mutant") expect([where, here.earned < exercise.points]).toEqual([where, true]);
  }
}
