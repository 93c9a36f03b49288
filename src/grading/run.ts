import { say } from "../notebook";
import { check, expectedKind, readable } from "../tensor";
import { raised } from "./causes";
import { argumentsAsCode } from "./code";
import { compareStructure, compareTypes, compareValues } from "./compare";
import { describe, describeError, isClass } from "./describe";
import type { Check, CheckKind, Exercise, Mutant } from "./exercise";
import { type Failure, failure, given, NotImplemented } from "./failure";
import { forbiddenUse, type Lookup } from "./forbidden";
import type { AnyFunction } from "./inputs";
import { nameOf } from "./intact";
import { type Printed, Student } from "./student";

export interface CheckResult {
  readonly name: string;
  /** The name in the reader's language. */
  readonly title: string;
  readonly kind: CheckKind;
  /** What the check is worth; all of it is earned, or nothing. */
  readonly points: number;
  readonly failure: Failure | null;
  /** What the function printed while it was checked: the first calls that did. */
  readonly printed: readonly Printed[];
  /** How many calls more have printed. */
  readonly printedMore: number;
}

/** What the checks found: plain data, ready for JSON. */
export interface Verdict {
  readonly exercise: string;
  /**
   * `unwritten`: the hole is still a hole. `missing`: there is no function, because its cell has not run. `forbidden`: the
   * function lets the library do what it should do itself.
   */
  readonly status: "passed" | "failed" | "unwritten" | "missing" | "forbidden";
  readonly checks: readonly CheckResult[];
  readonly earned: number;
  readonly points: number;
  /** How many checks more there are at grading. */
  readonly hidden: number;
  /** What a reader should know besides, such as built-in objects that the notebook has replaced. */
  readonly notes: readonly string[];
}

export interface RunOptions {
  /** How long the function may take in all. */
  readonly seconds?: number;
  /** What the notebook's cells call by a name: functions that the student's function calls are read too. */
  readonly lookup?: Lookup;
  /** What to do with the verdict while the built-in objects are still as they were. */
  readonly show?: (verdict: Verdict) => void;
}

/** Put every check of the exercise to `fn`, whatever it is. Throws when `exercise` is none, else never; shows nothing. */
export function runChecks<F extends AnyFunction>(
  exercise: Exercise<F>,
  fn: unknown,
  options: RunOptions = {},
): Verdict {
  // (No method of lists is called here: a notebook may have replaced them.)
  if (!readable((x: Exercise) => typeof x?.checks?.length === "number", exercise))
    throw expectedKind("runChecks", "an exercise, as exercise() makes them", exercise);
  if (options) check("runChecks", "options", options, "object");
  const { seconds, lookup = () => undefined, show = () => {} } = options ?? {};
  if (typeof show !== "function") throw expectedKind("runChecks", "a function as show", show);
  const student = new Student(fn as AnyFunction, seconds);
  return student.guarded(() => {
    const verdict = verdictOf(exercise, fn, student, lookup);
    show(verdict);
    return verdict;
  });
}

function verdictOf<F extends AnyFunction>(
  exercise: Exercise<F>,
  fn: unknown,
  student: Student,
  lookup: Lookup,
): Verdict {
  const uncallable = notCallable(fn);
  const borrowed = uncallable ? null : notOwn(exercise, fn as AnyFunction, lookup);
  const unusable = uncallable ?? borrowed;
  const checks: CheckResult[] = [];
  let [unwritten, failed, earned] = [0, 0, 0];
  for (const check of exercise.checks) {
    const found = unusable ?? answer(check, exercise, student);
    if (found === UNWRITTEN) unwritten++;
    const failure = found === UNWRITTEN ? reached() : found;
    if (failure) failed++;
    else earned += check.points;
    const { printed, more } = student.takePrinted();
    checks.push({
      name: check.name,
      title: say(check.title ?? check.name),
      kind: check.kind,
      points: check.points,
      failure,
      printed,
      printedMore: more,
    });
  }
  const hole = unwritten === checks.length;
  const mutant = failed > 0 && !hole && !unusable && !student.stopped ? recognise(exercise, student) : null;
  student.takePrinted();
  return {
    exercise: exercise.id,
    status: statusOf({
      missing: fn === undefined,
      forbidden: borrowed !== null,
      unwritten: hole,
      failed: failed > 0,
    }),
    checks: mutant ? checks.map((check) => withCause(check, say(mutant.says))) : checks,
    earned,
    points: exercise.points,
    hidden: exercise.hidden,
    notes: notesOn(student),
  };
}

/** The first that is so, else passed. */
function statusOf(is: Record<Exclude<Verdict["status"], "passed">, boolean>): Verdict["status"] {
  for (const status of ["missing", "forbidden", "unwritten", "failed"] as const)
    if (is[status]) return status;
  return "passed";
}

const withCause = (check: CheckResult, cause: string): CheckResult =>
  check.failure ? { ...check, failure: { ...check.failure, cause } } : check;

const UNWRITTEN = Symbol("unwritten");
const reached = () =>
  failure(
    say({
      en: "a part is not written yet: the hole was reached",
      ru: "часть ещё не написана: выполнение дошло до пропуска",
    }),
  );

/** Why nothing can be asked of `fn`, or null. */
function notCallable(fn: unknown): Failure | null {
  if (fn === undefined)
    return failure(
      say({
        en: "there is no function to check: the cell above has not run, or has stopped with an error",
        ru: "проверять нечего: ячейка выше не запущена или остановилась с ошибкой",
      }),
      [],
      say({
        en: "run the cell above; if it shows an error, mend that first",
        ru: "запустите ячейку выше; если она показывает ошибку, сначала исправьте её",
      }),
    );
  if (typeof fn !== "function")
    return failure(
      say({
        en: `expected a function, got ${describe(fn)}`,
        ru: `ожидалась функция, получено: ${describe(fn)}`,
      }),
      [],
      say({ en: "run the cell above first", ru: "сначала запустите ячейку выше" }),
    );
  if (isClass(fn))
    return failure(
      say({ en: "expected a function, got a class", ru: "ожидалась функция, получен класс" }),
      [],
      say({ en: "write `function`, not `class`", ru: "пишите `function`, а не `class`" }),
    );
  return null;
}

/** That the library did the work, or null. */
function notOwn<F extends AnyFunction>(
  { forbids }: Exercise<F>,
  fn: AnyFunction,
  lookup: Lookup,
): Failure | null {
  const used = forbiddenUse(fn, forbids, lookup);
  if (used === null) return null;
  return failure(
    say({
      en: `your function uses \`${used}\`, which already does what the exercise asks for`,
      ru: `ваша функция использует \`${used}\`, а это уже делает то, что требуется в задании`,
    }),
    [],
    say({
      en: `write it from simpler operations; if \`${used}\` is a function of your own, give it another name`,
      ru: `напишите её из более простых операций; если \`${used}\` — ваша собственная функция, назовите её иначе`,
    }),
  );
}

/** What one check finds. */
function answer<F extends AnyFunction>(
  check: Check,
  { solution }: Exercise<F>,
  student: Student,
): Failure | null | typeof UNWRITTEN {
  if (student.stopped) return student.stopped;
  const before = student.calls;
  try {
    const found = check.run(student.call, solution);
    if (found) return found;
    const { locked } = student;
    if (locked)
      return failure(
        say({
          en: `this notebook has replaced ${locked} and locked it`,
          ru: `этот ноутбук подменил ${locked} и запретил менять`,
        }),
        [],
        say({ en: "restart the kernel (⟳)", ru: "перезапустите ядро (⟳)" }),
      );
    return student.calls > before
      ? null
      : failure(say({ en: "the function was not called", ru: "функция не была вызвана" }));
  } catch (error) {
    return caught(error, student);
  }
}

/** By name too: a notebook may hold an older copy of the class. */
function isNotImplemented(error: unknown): boolean {
  try {
    return error instanceof NotImplemented || (error instanceof Error && error.name === "NotImplemented");
  } catch {
    return false; // a Proxy that answers nothing
  }
}

function caught(error: unknown, { thrown, stopped }: Student): Failure | typeof UNWRITTEN {
  if (stopped) return stopped;
  if (isNotImplemented(error)) return UNWRITTEN;
  const { message, place } = describeError(error);
  if (!thrown || thrown.error !== error)
    return failure(
      say({ en: `the result cannot be used: ${message}`, ru: `результатом нельзя пользоваться: ${message}` }),
    );
  const details = [
    ...(place ? [say({ en: `at ${place}`, ru: `в ${place}` })] : []),
    say({ en: `called with ${thrown.input}`, ru: `вызвана с ${thrown.input}` }),
  ];
  const { args } = thrown;
  return {
    ...failure(
      say({ en: `the function threw ${message}`, ru: `функция завершилась ошибкой ${message}` }),
      details,
      raised(message),
    ),
    input: argumentsAsCode(args),
    [given]: () => args,
  };
}

function notesOn(student: Student): string[] {
  const names = student.changed.map(nameOf);
  if (names.length === 0) return [];
  const shown =
    names.length > 3
      ? `${names.slice(0, 3).join(", ")} ${say({ en: `and ${names.length - 3} more`, ru: `и ещё ${names.length - 3}` })}`
      : names.join(", ");
  return [
    say({
      en: `This notebook has changed ${shown}; the checks work with the original.`,
      ru: `Этот ноутбук изменил ${shown}; проверки работают с исходным.`,
    }),
  ];
}

/**
 * The mutant that explains what `fn` got wrong: whose results on all inputs of the checks are those of `fn`, or else the one
 * that gives the same as `fn` for the first wrong result and for most of the wrong ones, more than any other.
 */
function recognise<F extends AnyFunction>(exercise: Exercise<F>, student: Student): Mutant<F> | null {
  const asked = exercise.checks.filter((check) => check.outcomes);
  try {
    const mine = asked.map((check) => check.outcomes!(student.call));
    if (student.stopped) return null;
    const wrong = asked.flatMap((check, i) => {
      const right = check.outcomes!(exercise.solution);
      return mine[i].flatMap((result, k) => (alike(result, right[k]) ? [] : [{ check: i, call: k }]));
    });
    if (wrong.length === 0) return null;
    const [first] = wrong;
    let best: { mutant: Mutant<F>; explained: number } | null = null;
    for (const mutant of exercise.mutants) {
      const results = new Map<number, readonly unknown[]>();
      const isLike = (check: number, call: number) => {
        if (!results.has(check)) results.set(check, asked[check].outcomes!(mutant.fn));
        return alike(mine[check][call], results.get(check)![call]);
      };
      if (!isLike(first.check, first.call)) continue;
      const explained = wrong.filter(({ check, call }) => isLike(check, call)).length;
      if (explained === wrong.length && mine.every((calls, i) => calls.every((_, k) => isLike(i, k))))
        return mutant;
      if (2 * explained > wrong.length && explained > (best?.explained ?? 0)) best = { mutant, explained };
    }
    return best?.mutant ?? null;
  } catch {
    return null; // results so odd that they cannot be compared
  }
}

const alike = (a: unknown, b: unknown): boolean =>
  (compareStructure(a, b) ?? compareValues(a, b) ?? compareTypes(a, b)) === null;
