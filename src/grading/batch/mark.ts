/** One submission: its answers found, each put to its checks across the wall, the marks added up. */
import { type Language, language } from "../../notebook";
import type { Answer, Extracted } from "../submission";
import type { ExerciseMark, MarkOptions, OwnFunction, Task } from "../wall";
import type { Cache } from "./cache";
import type { Course, CourseExercise } from "./course";

export interface Marker {
  readonly course: Course;
  readonly cache: Cache;
  readonly seed: number;
  /** In which reasons are told: the reader's unless said. */
  readonly language?: Language;
  mark(task: Task, language: Language): Promise<ExerciseMark>;
}

export type MarkAnswer = (task: Task, options?: MarkOptions) => Promise<ExerciseMark>;

/** A student's functions that have passed, by their exercises. */
export type OwnFunctions = Readonly<Record<string, OwnFunction>>;

/**
 * The marks of all exercises of a notebook, in their order.
 * @param earlier what the student has passed in notebooks of earlier lectures
 */
export async function markAll(
  extracted: Extracted,
  marker: Marker,
  earlier: OwnFunctions = {},
): Promise<ExerciseMark[]> {
  const lecture = marker.course.lectures.find(({ name }) => name === extracted.lecture);
  const answers = new Map(extracted.answers.map((answer) => [answer.id, answer]));
  const own = { ...earlier };
  for (const { id } of lecture?.exercises ?? []) delete own[id];
  const marks: ExerciseMark[] = [];
  for (const exercise of lecture?.exercises ?? []) {
    const mark = await markOne(exercise, answers.get(exercise.id), own, marker);
    marks.push(mark);
    Object.assign(own, passedOf(extracted, [mark]));
  }
  return marks;
}

/** Those of a notebook's answers that have passed. */
export function passedOf({ answers }: Extracted, marks: readonly ExerciseMark[]): OwnFunctions {
  const passed = new Set(marks.filter(({ status }) => status === "passed").map(({ id }) => id));
  return Object.fromEntries(
    answers.flatMap(({ id, code, name, uses }) => (passed.has(id) ? [[id, { code, name, uses }]] : [])),
  );
}

async function markOne(
  exercise: CourseExercise,
  answer: Answer | undefined,
  passed: OwnFunctions,
  { cache, seed, mark, language: told = language() }: Marker,
): Promise<ExerciseMark> {
  const notes = answer?.notes ?? [];
  if (answer?.status !== "found")
    return withoutPoints(exercise, answer?.status ?? "missing", answer?.reason ?? null, notes);
  const { code, name, uses } = answer;
  const own = needed(uses, passed);
  const { id, lecture } = exercise;
  const task: Task = { lecture, id, code, name, uses, own, seed };
  const work = () => twice(() => mark(task, told));
  const found = await cache.get([task, exercise.version, told], work, isCertain);
  return { ...found, flags: [...notes, ...found.flags] };
}

/** Something on the machine may have ended the process, and not the answer: that does so again. */
async function twice(mark: () => Promise<ExerciseMark>): Promise<ExerciseMark> {
  const first = await mark();
  return first.status === "crashed" ? mark() : first;
}

/** What would come out the same the next time. (A machine that was busy may have made a good answer too slow.) */
export const isCertain = ({ status }: ExerciseMark): boolean => status !== "crashed";

/** Of the student's functions those that the code uses, and those that these use. */
function needed(uses: readonly string[], passed: OwnFunctions): OwnFunctions {
  const found: Record<string, OwnFunction> = {};
  const open = [...uses];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const one = Object.hasOwn(passed, id) && !Object.hasOwn(found, id) ? passed[id] : null;
    if (!one) continue;
    found[id] = one;
    open.push(...(one.uses ?? []));
  }
  return found;
}

/** An answer that no check was put to. */
export function withoutPoints(
  { id, points, checks }: CourseExercise,
  status: ExerciseMark["status"],
  reason: string | null,
  flags: readonly string[] = [],
): ExerciseMark {
  const none = checks.map((check) => ({ ...check, passed: false, reason: null }));
  return { id, earned: 0, points, status, reason, checks: none, flags };
}
