/**
 * The judge: it holds the checks, the visible and the hidden ones, and puts them to a stand-in for the student's function, whose
 * calls cross the wall. A process of its own that runs nobody's code but ours; it is used for one task after another.
 */
import type { Localized } from "../../notebook";
import { say, setLanguage } from "../../notebook";
import { checkOptions, expected, manualSeed, nodeModule } from "../../tensor";
import type { Check, Exercise } from "../exercise";
import { withHidden } from "../hidden";
import { type AnyFunction, withSeed } from "../inputs";
import { type CheckResult, runChecks, type Verdict } from "../run";
import type { Cells, Started, Work } from "./agent";
import { Channel, type Ended } from "./channel";
import { text } from "./codec";
import { ProtocolError } from "./frames";
import { commandFor, projectFolder } from "./isolation";
import type { CheckMark, ExerciseMark, Job, JudgeMessage, Status, Task } from "./mark";
import { Peer } from "./peer";
import { forbiddenInCells } from "./source";

const paths = nodeModule("node:path");
const fs = nodeModule("node:fs");
const Module = nodeModule("node:module");
const load = Module.createRequire(__filename);
const lectures = paths.join(projectFolder(), "dist", "lectures");

/** All exercises of the course by id, in its order. */
const courseExercises = (): Readonly<Record<string, Exercise>> =>
  (load(paths.join(lectures, "exercises.js")) as { allExercises: Record<string, Exercise> }).allExercises;

/** Hidden checks by file: they come as code, because no build holds them. */
const hiddenChecks = new Map<string, { code: string; checks: readonly Check[] }>();

function hiddenOf({ file, code }: NonNullable<Job["hidden"]>): readonly Check[] {
  const known = hiddenChecks.get(file);
  if (known?.code === code) return known.checks;
  const made = new Module.Module(file) as NodeJS.Module & { _compile(code: string, file: string): void };
  made.filename = file;
  made.paths = [];
  made._compile(code, file);
  const { hidden } = made.exports as { hidden: readonly Check[] };
  hiddenChecks.set(file, { code, checks: hidden });
  return hidden;
}

/** What is graded: with the hidden checks, where they are. */
function gradedExercise({ task, hidden }: Job): Exercise {
  const file = paths.join(lectures, task.lecture, "exercises", "index.js");
  if (!fs.existsSync(file))
    throw expected("markAnswer", "the name of a lecture with exercises", task.lecture);
  const { exercises } = load(file) as { exercises: Readonly<Record<string, Exercise>> };
  const exercise = Object.hasOwn(exercises, task.id) ? exercises[task.id] : undefined;
  if (!exercise) throw expected("markAnswer", `an exercise of the lecture ${task.lecture}`, task.id);
  return hidden ? withHidden(exercise, hiddenOf(hidden)) : exercise;
}

/** Functions of exercises that come before this one: the student's own, or those of the course by a call back. */
function earlierThan({ id, own }: Task): Record<string, Cells | AnyFunction> {
  const found: Record<string, Cells | AnyFunction> = {};
  for (const [name, exercise] of Object.entries(courseExercises())) {
    if (name === id) break;
    found[name] = reference(exercise);
  }
  for (const [name, { code, name: called, uses = [] }] of Object.entries(own))
    if (name !== id) found[name] = { code, name: called, uses };
  return found;
}

/** The solution as a function of ours alone, whoever wrote it. */
const reference =
  ({ solution }: Exercise): AnyFunction =>
  (...args: never[]) =>
    solution(...args);

function mark(job: Job): ExerciseMark {
  const { task, isolation, limits, language } = job;
  setLanguage(language);
  manualSeed(task.seed); // whatever was marked before
  const exercise = gradedExercise(job);
  const visible = exercise.checks.length - (job.hidden ? hiddenOf(job.hidden).length : 0);
  tell({ about: zeroMark(exercise, visible) });
  const flags =
    job.hidden || exercise.hidden === 0
      ? []
      : [say({ en: "no hidden checks here", ru: "скрытых проверок здесь нет" })];
  const nothing = (status: Status, reason: string): ExerciseMark => ({
    ...zeroMark(exercise, visible),
    ...{ status, reason, flags },
  });
  const length = [task, ...Object.values(task.own)].reduce((sum, { code }) => sum + code.length, 0);
  if (length > MOST_CODE)
    return nothing(
      "failed",
      say({ en: `its cells are ${length} characters long`, ru: `его ячейки — ${length} символов` }),
    );
  const used = forbiddenInCells(task.name, job.declared, exercise.forbids);
  const channel = new Channel(commandFor(isolation, limits), limits, (pid) => tell({ pid }));
  let forbidden: string | null = used;
  let ended: Ended | null = null;
  const peer = new Peer(channel, {
    guards: true,
    took(extras) {
      const { printed, forbidden: name } = (extras ?? {}) as { printed?: unknown; forbidden?: unknown };
      if (typeof printed === "string" && printed) process.stdout.write(text(printed, 8000));
      if (typeof name === "string")
        forbidden ??= exercise.forbids.find((one) => one.replace(/^\./, "") === name) ?? null;
    },
  });
  try {
    const library = paths.join(projectFolder(), "dist", "index.js");
    const { code, name, uses = [] } = task;
    channel.allow(STARTING);
    peer.call(0, undefined, [null]);
    channel.allow(limits.seconds * PATIENCE);
    const work: Work = { code, name, uses, earlier: earlierThan(task), forbids: exercise.forbids, library };
    const started = startedFrom(peer.call(0, undefined, [work]));
    channel.allow(limits.seconds * PATIENCE);
    if (started.kind === "syntax") return nothing("syntax", errorText(started.error));
    const fn = answerOf(started);
    const verdict = withSeed(task.seed, () => runChecks(exercise, fn, { seconds: WHOLE }));
    ended = channel.ended;
    const failedCells = fn === undefined && started.error !== undefined ? errorText(started.error) : null;
    return markOf(verdict, { exercise, visible, ended, forbidden, failedCells, flags });
  } catch (error) {
    ended = error instanceof ProtocolError ? channel.broken(error) : channel.ended;
    if (!ended) throw error;
    return nothing(statusOf(ended), ended.message);
  } finally {
    peer.putBack();
    channel.close();
  }
}

const MOST_REASON = 4000;

/** A program of more characters is none that a person has written. */
const MOST_CODE = 4_000_000;

/** So much longer than it may compute it may do nothing: where nobody can tell the two apart, the machine may be busy. */
const PATIENCE = 4;

/** Seconds until the process is there. */
const STARTING = 20;

/** Seconds of a check by the clock: calls across the wall have limits of their own. */
const WHOLE = 600;

/** What the process says of the answer, looked at. */
function startedFrom(came: unknown): Started {
  const { kind, answer, error } = (typeof came === "object" && came !== null ? came : {}) as Partial<Started>;
  if (kind === "syntax" || kind === "function" || kind === "class" || kind === "other")
    return { kind, answer, error };
  throw new ProtocolError("an answer of no known kind");
}

/** What the checks are put to: the stand-in; or what stands there in place of a function. */
function answerOf({ kind, answer }: Started): unknown {
  if (kind === "class") return class Answer {};
  return answer;
}

interface Circumstances {
  readonly exercise: Exercise;
  readonly visible: number;
  readonly ended: Ended | null;
  readonly forbidden: string | null;
  readonly failedCells: string | null;
  readonly flags: readonly string[];
}

function markOf(
  verdict: Verdict,
  { exercise, visible, ended, forbidden, failedCells, flags }: Circumstances,
): ExerciseMark {
  const checks = verdict.checks.map((result, i) => checkMark(result, i >= visible));
  const first = checks.find(({ passed }) => !passed);
  if (forbidden !== null) {
    const reason = forbiddenText(forbidden);
    const none = checks.map((one) => ({ ...one, passed: false, reason }));
    return {
      ...zeroMark(exercise, visible),
      status: "forbidden",
      reason,
      checks: none,
      flags: [...flags, reason],
    };
  }
  const status = ended
    ? statusOf(ended)
    : verdict.status === "unwritten"
      ? "empty"
      : verdict.status === "failed" && verdict.earned > 0
        ? "partial"
        : verdict.status;
  const reason = ended?.message ?? failedCells ?? first?.reason ?? null;
  return {
    id: exercise.id,
    earned: verdict.earned,
    points: exercise.points,
    status,
    reason,
    checks,
    flags: [...flags, ...verdict.notes],
  };
}

function checkMark({ title: name, points, failure }: CheckResult, hidden: boolean): CheckMark {
  const told =
    failure && [failure.message, ...failure.details, ...(failure.cause ? [failure.cause] : [])].join("\n");
  const reason = told === null ? null : text(told, MOST_REASON); // it may quote what the function gave
  return { name, passed: failure === null, points, hidden, reason };
}

const zeroMark = (exercise: Exercise, visible: number): ExerciseMark => ({
  id: exercise.id,
  earned: 0,
  points: exercise.points,
  status: "crashed",
  reason: null,
  checks: exercise.checks.map(({ name, title = name, points }, i) => ({
    name: say(title),
    passed: false,
    points,
    hidden: i >= visible,
    reason: null,
  })),
  flags: [],
});

const ENDINGS = {
  time: "timeout",
  exit: "crashed",
  memory: "memory",
  output: "output",
  protocol: "crashed",
} as const;

/** An engine that has no memory left says so and dies. */
const statusOf = ({ ending, detail }: Ended): Status =>
  ending === "exit" && /heap out of memory|Allocation failed|bad_alloc/i.test(detail)
    ? "memory"
    : ENDINGS[ending];

const forbiddenText = (name: string): string => {
  const words: Localized = {
    en: `uses \`${name}\`, which already does what the exercise asks for`,
    ru: `используется \`${name}\`, а это уже делает то, что требуется в задании`,
  };
  return say(words);
};

function errorText(error: unknown): string {
  try {
    if (error instanceof Error) return `${text(error.name, 100)}: ${text(error.message, 500)}`;
  } catch {
    // a stand-in that does not answer
  }
  return typeof error === "string"
    ? text(error, 500)
    : say({ en: "something was thrown", ru: "брошено значение" });
}

const tell = (message: JudgeMessage): void => void process.send?.(message);

process.on("message", (job: Job) => {
  try {
    checkOptions("markAnswer", job, "task, isolation, limits, language");
    tell({ mark: mark(job) });
  } catch (error) {
    tell({ failed: error instanceof Error ? error.message.replace(/^markAnswer: /, "") : String(error) });
  }
});
process.on("disconnect", () => process.exit(0));
