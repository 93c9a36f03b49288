import { inLanguage, say } from "../notebook";
import { check } from "../tensor";
import type { Exercise } from "./exercise";
import { NotImplemented } from "./failure";
import type { AnyFunction } from "./inputs";
import { type CheckResult, runChecks, type Verdict } from "./run";

const firstFailure = (verdict: Verdict): CheckResult | undefined =>
  verdict.checks.find((check) => check.failure);

/** So many mutants at least must be wrong in nothing but their numbers: those are what checks are for. */
const fewestInValue = 3;
const fewestVariants = 2;

/**
 * What an author has to mend before students meet the exercise; empty when nothing. The solution and every variant must
 * pass every check, the untouched hole must fail every one that counts, and every mutant must be caught first by the
 * check it names, with its own words, and lose a point. A check that passes without calling the function fails.
 */
export function gate<F extends AnyFunction>(exercise: Exercise<F>, hole: AnyFunction = untouched): string[] {
  check("gate", "exercise", exercise, "object");
  const { solution, mutants, variants, checks } = exercise;
  for (const [name, list] of Object.entries({ mutants, variants, checks }))
    check("gate", name, list, "objects");
  const problems: string[] = [];
  const mustPass = [
    { name: "the solution", fn: solution },
    ...variants.map(({ name, fn }) => ({ name: `variant "${name}"`, fn })),
  ];
  for (const { name, fn } of mustPass)
    for (const { name: failed, failure } of runChecks(exercise, fn).checks)
      if (failure) problems.push(`${name} fails "${failed}": ${failure.message}`);
  if (variants.length < fewestVariants)
    problems.push(`fewer than ${fewestVariants} variants: how else is it written rightly?`);

  const empty = runChecks(exercise, hole);
  if (empty.status !== "unwritten") problems.push("the untouched hole is not recognised as one");
  for (const { name, points, failure } of empty.checks)
    if (points > 0 && !failure) problems.push(`the untouched hole passes "${name}"`);

  const kinds = new Map(checks.map(({ name, kind }) => [name, kind]));
  const inValue = mutants.filter(
    ({ caughtBy }) => !["shape", "type"].includes(kinds.get(caughtBy ?? "") ?? ""),
  );
  if (inValue.length < fewestInValue)
    problems.push(
      `fewer than ${fewestInValue} mutants are wrong in value alone: which mistakes do students make?`,
    );
  const told = new Set<string>();
  for (const mutant of mutants) {
    const says = inLanguage(mutant.says, "en");
    if (told.has(says)) problems.push(`mutant "${mutant.name}" is told what another one is told`);
    told.add(says);
    problems.push(...complaints(exercise, mutant));
  }
  return problems;
}

function complaints<F extends AnyFunction>(
  exercise: Exercise<F>,
  { name, caughtBy, says, fn }: Exercise<F>["mutants"][number],
): string[] {
  const verdict = runChecks(exercise, fn);
  const caught = firstFailure(verdict);
  if (!caught) return [`mutant "${name}" passes every check`];
  if (verdict.earned === verdict.points) return [`mutant "${name}" loses no point`];
  if (caughtBy !== undefined && caught.name !== caughtBy)
    return [`mutant "${name}" is caught by "${caught.name}", not by "${caughtBy}": ${explained(caught)}`];
  return explained(caught).includes(say(says)) ? [] : [`mutant "${name}" is told: ${explained(caught)}`];
}

const explained = ({ failure }: CheckResult): string =>
  failure ? [failure.message, ...failure.details, failure.cause ?? ""].join("\n") : "";

const untouched = (): never => {
  throw new NotImplemented();
};
