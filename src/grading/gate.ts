import { Tensor } from "../autograd";
import { inLanguage, say } from "../notebook";
import { check, NDArray } from "../tensor";
import { compareTypes, compareValues } from "./compare";
import type { Check, Exercise, Mutant } from "./exercise";
import { NotImplemented } from "./failure";
import { withHidden } from "./hidden";
import { type AnyFunction, isRecord } from "./inputs";
import { type CheckResult, runChecks, type Verdict } from "./run";

/** An exercise has so many checks that students see: fewer miss mistakes, more are not read. */
const [fewestChecks, mostChecks] = [4, 8];
const fewestHidden = 2;
const fewestMutants = 4;
/** So many mutants at least must be wrong in nothing but their numbers: those are what checks are for. */
const fewestInValue = 3;
const fewestVariants = 2;

/** What the author's gate finds. */
export interface GateReport {
  /** What has to be mended before students meet the exercise; empty when nothing. */
  readonly problems: readonly string[];
  /** Mutants that are caught, with their own words, and lose a point. */
  readonly caught: number;
  /** Mutants whose results have the right shapes and dtypes and are finite, and are wrong all the same. */
  readonly inValue: number;
  /** Variants that pass every check, the hidden ones too. */
  readonly accepted: number;
  /** The longest that a verdict on a right or wrong solution took. */
  readonly seconds: number;
}

export interface GateOptions {
  /** What students get: by default a function that throws NotImplemented. */
  readonly hole?: AnyFunction;
  /** The exercise's hidden checks; null where this copy has none. */
  readonly hidden?: readonly Check[] | null;
}

/** The `problems` of {@link inspect}. */
export const gate = <F extends AnyFunction>(exercise: Exercise<F>, options: GateOptions = {}): string[] => [
  ...inspect(exercise, options).problems,
];

/**
 * The solution and every variant must pass every check; the untouched hole, a function that returns nothing and one that
 * gets every number wrong must fail those that count; and every mutant must be caught by a check that students see, with
 * its own words, and lose a point. A check that passes without calling the function fails.
 */
export function inspect<F extends AnyFunction>(exercise: Exercise<F>, options: GateOptions = {}): GateReport {
  check("gate", "exercise", exercise, "object");
  check("gate", "options", options, "object");
  const { hole = untouched, hidden = null } = options;
  for (const name of ["mutants", "variants", "checks"] as const)
    check("gate", name, exercise[name], "objects");
  const { solution, mutants, variants, checks } = exercise;
  const graded = hidden ? withHidden(exercise, hidden) : exercise;
  const problems: string[] = [];
  let seconds = 0;
  const timed = (fn: AnyFunction): Verdict => {
    const start = performance.now();
    const verdict = runChecks(exercise, fn);
    seconds = Math.max(seconds, (performance.now() - start) / 1000);
    return verdict;
  };

  /** What this right solution fails. */
  const failing = (name: string, fn: AnyFunction): string[] => {
    timed(fn);
    return runChecks(graded, fn).checks.flatMap(({ name: failed, failure }) =>
      failure ? [`${name} fails "${failed}": ${failure.message}`] : [],
    );
  };
  problems.push(...failing("the solution", solution));
  const refused = variants.map(({ name, fn }) => failing(`variant "${name}"`, fn));
  problems.push(...refused.flat(), ...counted(exercise, hidden), ...tooEasy(graded, hole));

  const told = new Set<string>();
  let caught = 0;
  for (const mutant of mutants) {
    const says = inLanguage(mutant.says, "en");
    if (told.has(says)) problems.push(`mutant "${mutant.name}" is told what another one is told`);
    told.add(says);
    const found = complaints(timed(mutant.fn), mutant);
    problems.push(...found);
    if (found.length === 0) caught++;
  }
  const inValue = mutants.filter(({ fn }) => isWrongInValueAlone(exercise, fn)).length;
  if (inValue < fewestInValue)
    problems.push(
      `${inValue} mutants are wrong in value alone, expected ${fewestInValue} or more: which mistakes do students make?`,
    );
  const accepted = refused.filter((failed) => failed.length === 0).length;
  return { problems, caught, inValue, accepted, seconds };

  function counted({ id }: Exercise<F>, hiddenOnes: readonly Check[] | null): string[] {
    const [n, m, v, h] = [checks.length, mutants.length, variants.length, hiddenOnes?.length];
    return [
      ...(n < fewestChecks || n > mostChecks
        ? [`${n} checks, expected ${fewestChecks} to ${mostChecks}`]
        : []),
      ...(m < fewestMutants ? [`${m} mutants, expected ${fewestMutants} or more`] : []),
      ...(v < fewestVariants
        ? [`${v} variants, expected ${fewestVariants} or more: how else is ${id} written rightly?`]
        : []),
      ...(h !== undefined && h < fewestHidden
        ? [`${h} hidden checks, expected ${fewestHidden} or more`]
        : []),
    ];
  }
}

/** Checks that pass for what is no answer at all. */
function tooEasy<F extends AnyFunction>(graded: Exercise<F>, hole: AnyFunction): string[] {
  const problems: string[] = [];
  const empty = runChecks(graded, hole);
  if (empty.status !== "unwritten") problems.push("the untouched hole is not recognised as one");
  const nonsense: [string, AnyFunction, (result: CheckResult) => boolean][] = [
    ["the untouched hole", hole, ({ points }) => points > 0],
    ["a function that returns nothing", () => undefined, () => true],
    ["a function whose numbers are all wrong", scrambled(graded.solution), ({ kind }) => NUMERIC.has(kind)],
  ];
  for (const [name, fn, mustFail] of nonsense)
    for (const result of fn === hole ? empty.checks : runChecks(graded, fn).checks)
      if (mustFail(result) && !result.failure) problems.push(`${name} passes "${result.name}"`);
  return problems;
}

/** Kinds of checks that look at every number. */
const NUMERIC: ReadonlySet<string> = new Set(["value", "random", "parity"]);

/** The function with another value in place of every one that it returns. */
const scrambled =
  (fn: AnyFunction): AnyFunction =>
  (...args: never[]) =>
    distorted(fn(...args));

function distorted(value: unknown): unknown {
  if (value instanceof Tensor) return new Tensor(distorted(value.data) as NDArray);
  if (value instanceof NDArray) {
    if (value.dtype === "bool") return value.logicalNot();
    return value.dtype === "int32" ? value.add(1) : value.mul(1.5).add(0.25);
  }
  if (Array.isArray(value)) return value.length > 0 ? value.map(distorted) : [0];
  if (ArrayBuffer.isView(value)) return (value as Float32Array).map((x) => x + 1);
  if (isRecord(value))
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, distorted(field)]));
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  return typeof value === "string" ? `${value}x` : value;
}

/** What is wrong with how a mutant is caught. */
function complaints<F extends AnyFunction>(verdict: Verdict, { name, caughtBy, says }: Mutant<F>): string[] {
  const caught = verdict.checks.find(({ failure }) => failure);
  if (!caught) return [`mutant "${name}" passes every check`];
  if (verdict.earned === verdict.points) return [`mutant "${name}" loses no point`];
  if (caughtBy !== undefined && caught.name !== caughtBy)
    return [`mutant "${name}" is caught by "${caught.name}", not by "${caughtBy}": ${explained(caught)}`];
  return explained(caught).includes(say(says)) ? [] : [`mutant "${name}" is told: ${explained(caught)}`];
}

const explained = ({ failure }: CheckResult): string =>
  failure ? [failure.message, ...failure.details, failure.cause ?? ""].join("\n") : "";

/** Whether the results on all inputs of the checks are built as the solution's are, and some are not equal. */
function isWrongInValueAlone<F extends AnyFunction>(exercise: Exercise<F>, fn: AnyFunction): boolean {
  // Where chance decides, no two results can be compared: there the first check that fails says it.
  if (!exercise.checks.some(({ outcomes }) => outcomes)) {
    const first = runChecks(exercise, fn).checks.find(({ failure }) => failure);
    return (
      first !== undefined && first.failure?.input === undefined && !["shape", "type"].includes(first.kind)
    );
  }
  let differs = false;
  for (const { outcomes } of exercise.checks) {
    if (!outcomes) continue;
    const [got, expected] = [outcomes(fn), outcomes(exercise.solution)];
    if (!hasForm(got, expected) || compareTypes(got, expected)) return false;
    differs ||= compareValues(got, expected) !== null;
  }
  return differs;
}

/** Whether `got` is the same kind of value, with the same fields and shapes. How long a list of texts is, is its value. */
function hasForm(got: unknown, expected: unknown): boolean {
  if (expected instanceof Tensor || expected instanceof NDArray)
    return got?.constructor === expected.constructor && `${(got as NDArray).shape}` === `${expected.shape}`;
  if (Array.isArray(expected)) {
    if (!Array.isArray(got)) return false;
    const areTexts = (list: readonly unknown[]) => list.every((one) => typeof one === "string");
    if (expected.length > 0 && areTexts(expected)) return areTexts(got);
    return got.length === expected.length && expected.every((one, i) => hasForm(got[i], one));
  }
  if (isRecord(expected))
    return isRecord(got) && Object.entries(expected).every(([key, field]) => hasForm(got[key], field));
  return typeof got === typeof expected && (got === null) === (expected === null);
}

const untouched = (): never => {
  throw new NotImplemented();
};
