import type { Exercise } from "./exercise";
import { NotImplemented } from "./failure";
import type { AnyFunction } from "./inputs";
import { type CheckResult, runChecks, type Verdict } from "./run";

const firstFailure = (verdict: Verdict): CheckResult | undefined =>
  verdict.checks.find((check) => check.failure);

/**
 * What an author has to mend before students meet the exercise; empty when nothing. The solution must pass every
 * check, the untouched hole must fail every one that counts, and every mutant must be caught first by the check
 * it names, with its own words.
 */
export function gate<F extends AnyFunction>(exercise: Exercise<F>, hole: AnyFunction = untouched): string[] {
  const problems: string[] = [];
  const solution = runChecks(exercise, exercise.solution);
  for (const { name, failure } of solution.checks)
    if (failure) problems.push(`the solution fails "${name}": ${failure.message}`);

  const empty = runChecks(exercise, hole);
  if (empty.status !== "unwritten") problems.push("the untouched hole is not recognised as one");
  for (const { name, points, failure } of empty.checks)
    if (points > 0 && !failure) problems.push(`the untouched hole passes "${name}"`);

  if (exercise.mutants.length < 3)
    problems.push("fewer than three mutants: which mistakes do students make?");
  for (const mutant of exercise.mutants) {
    const caught = firstFailure(runChecks(exercise, mutant.fn));
    if (!caught) problems.push(`mutant "${mutant.name}" passes every check`);
    else if (caught.name !== mutant.caughtBy)
      problems.push(`mutant "${mutant.name}" is caught by "${caught.name}", not by "${mutant.caughtBy}"`);
    else if (!told(caught).includes(mutant.says))
      problems.push(`mutant "${mutant.name}" is told: ${told(caught)}`);
  }
  return problems;
}

const told = ({ failure }: CheckResult): string =>
  failure ? [failure.message, ...failure.details, failure.cause ?? ""].join("\n") : "";

const untouched = (): never => {
  throw new NotImplemented();
};
