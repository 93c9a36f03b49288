import { Drawing, display, say } from "../notebook";
import { expected, readable } from "../tensor";
import { describe } from "./describe";
import type { Exercise } from "./exercise";
import { given } from "./failure";
import type { AnyFunction } from "./inputs";
import { type Answer, remember } from "./progress";
import { runChecks, type Verdict } from "./run";
import { verdictView } from "./view";

/** Points of the last verdict on each exercise. */
const earned = new Map<string, number>();
/** What makes the arguments of the call that failed first in it. */
const inputs = new Map<string, (() => readonly unknown[]) | undefined>();

export interface CheckOptions {
  /** Whether it counts as an attempt of the student's; not where a lecture shows what a check says. */
  readonly remember?: boolean;
}

/**
 * Show what the checks of an exercise say of a student's function, and give the function to go on with: the
 * student's if it passes every check, the reference if not. What was found is remembered in the student's progress
 * folder, if there is one. Never throws, because a cell that throws would lose what it declares.
 *
 * ```ts
 * const causalAttention = check(exercises.causalAttention, myCausalAttention);
 * check.points(exercises.causalAttention); // the cell's result: a number, which graders read
 * ```
 */
export function check<F extends AnyFunction>(
  exercise: Exercise<F>,
  mine: unknown,
  options: CheckOptions = {},
): F {
  if (!isExercise(exercise)) {
    display(new Drawing(`check: expected an exercise, got ${describe(exercise)}`));
    return mine as F;
  }
  const remembers = options?.remember !== false;
  const lookup = (name: string) => kernel()?.variable?.(name);
  const verdict = runChecks(exercise, isOutdated(mine) ? undefined : mine, { show, lookup });
  return verdict.status === "passed" ? (mine as F) : exercise.solution;

  function show(found: Verdict): void {
    if (remembers) earned.set(exercise.id, found.earned);
    inputs.set(exercise.id, firstFailure(found)?.[given]);
    const answer = kernel()?.answer?.(exercise.id) ?? null;
    const note = remembers ? remember(exercise, found, answer) : null;
    const told = note === null ? found : { ...found, notes: [...found.notes, note] };
    display(verdictView(told, { title: say(exercise.title), id: exercise.id }));
  }
}

/** Points that the last `check` of this exercise gave; 0 if there was none. */
check.points = (exercise: Pick<Exercise, "id">): number => earned.get(idOf(exercise)) ?? 0;

/**
 * The arguments of the call on which the last `check` of this exercise failed first, made anew.
 * ```ts
 * myCausalAttention(...check.input(exercises.causalAttention));
 * ```
 */
check.input = <F extends AnyFunction>(exercise: Exercise<F>): Parameters<F> => {
  const id = idOf(exercise);
  const make = inputs.get(id);
  if (!make) throw expected("check.input", "an exercise whose check has just failed on a call", id);
  return make() as Parameters<F>;
};

interface Kernel {
  outdated?(value: unknown): boolean;
  variable?(name: string): { readonly value: unknown; readonly imported: boolean } | undefined;
  answer?(id: string): Answer | undefined;
}

/** What the notebook's kernel offers; nothing elsewhere. */
const kernel = (): Kernel | undefined => (globalThis as { [kernelSymbol]?: Kernel })[kernelSymbol];

/** Whether the student's cell has failed since it made this function: it is no longer what stands there. */
const isOutdated = (mine: unknown): boolean => kernel()?.outdated?.(mine) ?? false;

const kernelSymbol = Symbol.for("gradschool.kernel");

/** "" of what cannot be asked. */
const idOf = (exercise: Pick<Exercise, "id">): string =>
  readable((x: Pick<Exercise, "id">) => typeof x?.id === "string", exercise) ? exercise.id : "";

const firstFailure = ({ checks }: Verdict) => checks.find(({ failure }) => failure)?.failure;

const isExercise = (value: unknown): boolean =>
  readable((x: object) => typeof x === "object" && "checks" in x && "solution" in x, value);
