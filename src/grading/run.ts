import { compareTypes, compareValues } from "./compare";
import { describe } from "./describe";
import type { Check, CheckKind, Exercise, Mutant } from "./exercise";
import { type Failure, failure, NotImplemented } from "./failure";
import type { AnyFunction } from "./inputs";

export interface CheckResult {
  readonly name: string;
  readonly kind: CheckKind;
  /** What the check is worth; all of it is earned, or nothing. */
  readonly points: number;
  readonly failure: Failure | null;
}

/** What the checks found: plain data, ready for JSON. */
export interface Verdict {
  readonly exercise: string;
  /** `unwritten`: the hole is still a hole. */
  readonly status: "passed" | "failed" | "unwritten";
  readonly checks: readonly CheckResult[];
  readonly earned: number;
  readonly points: number;
}

/** Put every check of the exercise to `fn`, whatever it is. Never throws, shows nothing. */
export function runChecks<F extends AnyFunction>(exercise: Exercise<F>, fn: unknown): Verdict {
  let unwritten = 0;
  const ask = (check: Check): Failure | null => {
    if (typeof fn !== "function")
      return failure(`expected a function, got ${describe(fn)}`, [], "run the cell above first");
    try {
      return check.run(fn as F, exercise.solution);
    } catch (error) {
      if (isNotImplemented(error)) unwritten++;
      return thrown(error);
    }
  };
  let checks: CheckResult[] = exercise.checks.map((check) => ({
    name: check.name,
    kind: check.kind,
    points: check.points,
    failure: ask(check),
  }));
  const failed = checks.some((check) => check.failure);
  const hole = unwritten === checks.length;
  const mutant = failed && !hole && typeof fn === "function" ? recognise(exercise, fn as F) : null;
  if (mutant)
    checks = checks.map((check) =>
      check.failure ? { ...check, failure: { ...check.failure, cause: mutant.says } } : check,
    );
  return {
    exercise: exercise.id,
    status: hole ? "unwritten" : failed ? "failed" : "passed",
    checks,
    earned: checks.reduce((sum, check) => sum + (check.failure ? 0 : check.points), 0),
    points: exercise.points,
  };
}

/** The mutant whose results on all inputs of the checks are those of `fn`, and not those of the solution. */
function recognise<F extends AnyFunction>(exercise: Exercise<F>, fn: F): Mutant<F> | null {
  const asked = exercise.checks.filter((check) => check.outcomes);
  const outcomes = (f: AnyFunction) => asked.flatMap((check) => check.outcomes!(f));
  const same = (a: unknown, b: unknown) => (compareValues(a, b) ?? compareTypes(a, b)) === null;
  try {
    const mine = outcomes(fn);
    if (same(mine, outcomes(exercise.solution))) return null;
    return exercise.mutants.find((mutant) => same(mine, outcomes(mutant.fn))) ?? null;
  } catch {
    return null; // results so odd that they cannot be compared
  }
}

/** By name too: a notebook may hold an older copy of the class. */
const isNotImplemented = (error: unknown): boolean =>
  error instanceof NotImplemented || (error instanceof Error && error.name === "NotImplemented");

function thrown(error: unknown): Failure {
  if (isNotImplemented(error)) return failure("a part is not written yet: the hole was reached");
  if (!(error instanceof Error)) return failure(`the function threw ${describe(error)}`);
  const line = /cell \[\d+\]:\d+:\d+/.exec(error.stack ?? "");
  return failure(`the function threw ${error.name}: ${error.message}`, line ? [`at ${line[0]}`] : []);
}
