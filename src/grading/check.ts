import { Drawing, display, say } from "../notebook";
import { describe } from "./describe";
import type { Exercise } from "./exercise";
import type { AnyFunction } from "./inputs";
import { runChecks, type Verdict } from "./run";
import { verdictView } from "./view";

/** Points of the last verdict on each exercise. */
const earned = new Map<string, number>();

/**
 * Show what the checks of an exercise say of a student's function, and give the function to go on with: the
 * student's if it passes every check, the reference if not. Never throws, because a cell that throws would lose
 * what it declares.
 *
 * ```ts
 * const causalAttention = check(exercises.causalAttention, myCausalAttention);
 * check.points(exercises.causalAttention); // the cell's result: a number, which graders read
 * ```
 */
export function check<F extends AnyFunction>(exercise: Exercise<F>, mine: unknown): F {
  if (!isExercise(exercise)) {
    display(new Drawing(`check: expected an exercise, got ${describe(exercise)}`));
    return mine as F;
  }
  const verdict = runChecks(exercise, isOutdated(mine) ? undefined : mine, { show });
  return verdict.status === "passed" ? (mine as F) : exercise.solution;

  function show(found: Verdict): void {
    earned.set(exercise.id, found.earned);
    display(verdictView(found, { title: say(exercise.title), id: exercise.id }));
  }
}

/** Points that the last `check` of this exercise gave; 0 if there was none. */
check.points = (exercise: Pick<Exercise, "id">): number => earned.get(exercise?.id) ?? 0;

interface Kernel {
  outdated?(value: unknown): boolean;
}

/** Whether the student's cell has failed since it made this function: it is no longer what stands there. */
function isOutdated(mine: unknown): boolean {
  const kernel = (globalThis as { [kernelSymbol]?: Kernel })[kernelSymbol];
  return kernel?.outdated?.(mine) ?? false;
}

const kernelSymbol = Symbol.for("gradschool.kernel");

const isExercise = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "checks" in value && "solution" in value;
