import { display } from "../notebook";
import { type Exercise, inLanguage } from "./exercise";
import type { AnyFunction } from "./inputs";
import { runChecks } from "./run";
import { verdictView } from "./view";

/**
 * Show what the checks of an exercise say of a student's function, and give the function to go on with: the
 * student's if it passes every check, the reference if not. Never throws, because a cell that throws would lose
 * what it declares.
 *
 * ```ts
 * const causalAttention = check(exercises.causalAttention, myCausalAttention);
 * ```
 */
export function check<F extends AnyFunction>(exercise: Exercise<F>, mine: unknown): F {
  const verdict = runChecks(exercise, mine);
  display(verdictView(verdict, { title: inLanguage(exercise.title, "en"), id: exercise.id }));
  return verdict.status === "passed" ? (mine as F) : exercise.solution;
}
