import type { lectureOf } from "../submission";
import type { WorkerCourse } from "../submission/worker";

/** An exercise as a grader knows it. */
export interface CourseExercise {
  readonly id: string;
  readonly lecture: string;
  readonly title: string;
  /** The sum over its checks, the hidden ones too. */
  readonly points: number;
  readonly checks: readonly { readonly name: string; readonly points: number; readonly hidden: boolean }[];
  /** Changes with what its checks ask, the hidden ones too. */
  readonly version: string;
  /** What students are told whose mistake is a known one. */
  readonly mistakes: readonly { readonly name: string; readonly says: string }[];
}

export interface CourseLecture {
  readonly name: string;
  /** `05-gpt` */
  readonly notebook: string;
  readonly title: string;
  /** The notebooks that students get, in all languages. */
  readonly files: readonly string[];
  readonly exercises: readonly CourseExercise[];
}

/** The course as it is graded. */
export interface Course {
  /** The project's folder. */
  readonly root: string;
  readonly version: string;
  readonly lectures: readonly CourseLecture[];
}

/** What the threads that compile have to know of it. */
export const workerCourse = ({ root, lectures }: Course): WorkerCourse => ({
  root,
  exercises: lectures.flatMap(({ exercises }) => exercises.map(({ id, lecture }) => ({ id, lecture }))),
  notebooks: Object.fromEntries(
    lectures.map(({ name, notebook, files }) => [name, { name: notebook, files }]),
  ),
});

/** What tells a notebook's lecture. */
export const courseNames = ({ lectures }: Course): Parameters<typeof lectureOf>[2] => ({
  exercises: lectures.flatMap(({ exercises }) => exercises),
  lectureOf: (file) => lectures.find(({ notebook }) => file.includes(notebook))?.name ?? null,
});
