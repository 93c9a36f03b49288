/** A class that hands in, and marks that are made up: what is tested here is everything around them. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import { type Course, type Graded, type GradeOptions, grade } from "../../../src/grading/batch";
import { workerCourse } from "../../../src/grading/batch/course";
import { Extractor } from "../../../src/grading/submission";
import type { ExerciseMark, Task } from "../../../src/grading/wall";
import { root } from "../submission/course";

const exercise = (lecture: string, id: string) => ({
  ...{ id, lecture, title: id, version: "1" },
  points: 3,
  checks: [
    { name: "seen", points: 2, hidden: false },
    { name: "unseen", points: 1, hidden: true },
  ],
  mistakes: [{ name: "doubled", says: "everything comes twice" }],
});

export const course: Course = {
  root,
  version: "1",
  lectures: [
    {
      ...{ name: "start", notebook: "00-start-here", title: "Start" },
      files: [join(root, "notebooks", "00-start-here.ipynb")],
      exercises: [exercise("start", "centre")],
    },
    {
      ...{ name: "bert", notebook: "04-bert", title: "BERT" },
      files: [join(root, "notebooks", "04-bert.ipynb")],
      exercises: [exercise("bert", "wordPieces"), exercise("bert", "encodePair")],
    },
  ],
};

/** Loading a compiler takes seconds: all share one. */
const extractor = new Extractor(workerCourse(course), { jobs: 1 });
const folders: string[] = [];
afterAll(() => {
  extractor.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "gradschool-class-"));
  folders.push(folder);
  return folder;
}

/** Files by path; a time may be told. */
export function filled(files: Readonly<Record<string, string | Uint8Array>>, time?: Date): string {
  const folder = newFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
    if (time) utimesSync(join(folder, path), time, time);
  }
  return folder;
}

/** A notebook with one answer. */
export const centre = (body: string): string =>
  JSON.stringify({
    ...{ nbformat: 4, nbformat_minor: 5, metadata: {} },
    cells: [
      {
        ...{ cell_type: "code", id: "centre-answer", metadata: {}, outputs: [] },
        source: `function myCentre(x: number) { ${body} }`,
      },
      {
        ...{ cell_type: "code", id: "centre-check", metadata: {}, outputs: [] },
        source: "const centre = check(exercises.centre, myCentre);",
      },
    ],
  });

/** Points are what stands in the code: `return 2` earns two. */
export const made = async ({ id, code }: Task): Promise<ExerciseMark> => {
  const earned = Number(/return (\d)/.exec(code)?.[1] ?? 0);
  return {
    ...{ id, earned, points: 3, flags: [] },
    status: earned === 3 ? "passed" : earned > 0 ? "partial" : "failed",
    reason: earned === 3 ? null : "wrong\neverything comes twice",
    checks: [
      {
        name: "seen",
        passed: earned >= 2,
        points: 2,
        hidden: false,
        reason: earned >= 2 ? null : "everything comes twice",
      },
      {
        name: "unseen",
        passed: earned === 3,
        points: 1,
        hidden: true,
        reason: earned === 3 ? null : "SECRET",
      },
    ],
  };
};

export const gradeHere = (
  paths: string | readonly string[],
  options: Partial<GradeOptions> = {},
): Promise<Graded[]> =>
  grade([paths].flat(), { course, seed: 5, jobs: 2, out: newFolder(), mark: made, extractor, ...options });

/** `anna 00-start-here 2 of 3` */
export const told = (all: readonly Graded[]): string[] =>
  all.map(({ submission: s }) => `${s.student} ${s.notebook} ${s.earned} of ${s.points}`);
