/** Answers that the authors wrote, put across the wall: the walled-off process may read the built lectures for it. */
import { type Exercise, NotImplemented } from "../../../src/grading";
import type { AnyFunction } from "../../../src/grading/inputs";
import { type ExerciseMark, findIsolation, markAnswer } from "../../../src/grading/wall";
import { projectFolder } from "../../../src/grading/wall/isolation";

export interface AuthoredAnswer {
  readonly kind: "solution" | "variant" | "mutant" | "hole";
  readonly name: string;
  /** Where it stands in the exercise, as code. */
  readonly path: string;
  readonly fn: AnyFunction;
}

export const answersOf = ({ solution, variants, mutants }: Exercise): AuthoredAnswer[] => [
  { kind: "solution", name: "", path: "exercise.solution", fn: solution },
  {
    ...{ kind: "hole", name: "", path: "() => { throw new NotImplemented(); }" },
    fn: () => {
      throw new NotImplemented();
    },
  },
  ...variants.map(({ name, fn }, i) => ({
    kind: "variant" as const,
    name,
    path: `exercise.variants[${i}].fn`,
    fn,
  })),
  ...mutants.map(({ name, fn }, i) => ({
    kind: "mutant" as const,
    name,
    path: `exercise.mutants[${i}].fn`,
    fn,
  })),
];

export function markBuilt(
  { lecture, id, path, seed }: { lecture: string; id: string; path: string; seed: number },
  isolation = findIsolation(),
): Promise<ExerciseMark> {
  const lectures = `${projectFolder()}/dist/lectures`;
  const code = `const { exercises } = require(${JSON.stringify(`${lectures}/${lecture}/exercises/index.js`)});
const exercise = exercises[${JSON.stringify(id)}];
const { NotImplemented } = require("gradschool");
const answer = ${path};`;
  const task = { lecture, id, code, name: "answer", own: {}, seed };
  return markAnswer(task, { isolation: { ...isolation, readable: [lectures] } });
}

/** Names of the checks that students see, and whether they passed. */
export const visibleOf = ({ checks }: ExerciseMark): [string, boolean][] =>
  checks.filter(({ hidden }) => !hidden).map(({ name, passed }) => [name, passed]);
