import type { Localized } from "../notebook";
import { check, checkAll, refusal } from "../tensor";
import type { Failure } from "./failure";
import { type AnyFunction, isRecord } from "./inputs";

/** The order in which a result is looked at: each kind is of use only where the kinds before it pass. */
export const CHECK_KINDS = ["shape", "type", "value", "random", "invariant", "gradient", "parity"] as const;

export type CheckKind = (typeof CHECK_KINDS)[number];

/** One question to a student's function. */
export interface Check {
  readonly kind: CheckKind;
  /** Unique in the exercise; mutants and feedback refer to it. English. */
  readonly name: string;
  /** What the student reads in its place. */
  readonly title?: Localized;
  /** What passing it is worth; 0 for a check that only explains. */
  readonly points: number;
  /** Null if `fn` is right, else what is wrong. Errors of `fn` may escape. */
  run(fn: AnyFunction, reference: AnyFunction): Failure | null;
  /** What `fn` gives on the inputs of this check: two functions with equal results make the same mistake. */
  outcomes?(fn: AnyFunction): readonly unknown[];
}

/** A wrong solution that students really write. Where a student's wrong results are its results, `says` explains them. */
export interface Mutant<F extends AnyFunction> {
  readonly name: string;
  /** The check that must fail first, where the author wants to say so; the gate finds it by itself. */
  readonly caughtBy?: string;
  /** The likely cause, as the student is told it. */
  readonly says: Localized;
  readonly fn: F;
}

/** A right solution that goes another way: no check may depend on how the numbers came about. */
export interface Variant<F extends AnyFunction> {
  readonly name: string;
  readonly fn: F;
}

export interface ExerciseSpec<F extends AnyFunction> {
  /** The name of the function in the lecture's code and in the notebook. */
  readonly id: string;
  readonly title: Localized;
  /** How long a student who read the lecture needs. */
  readonly minutes: number;
  /** Exports and methods of the library that already do what is asked: a solution that uses one does not pass. */
  readonly forbids: readonly string[];
  readonly solution: F;
  readonly checks: readonly Check[];
  readonly mutants: readonly Mutant<F>[];
  readonly variants: readonly Variant<F>[];
  /** How many hidden checks there are, one point each: in a file that a student's copy lacks; 2 unless said. */
  readonly hidden?: number;
}

export interface Exercise<F extends AnyFunction = AnyFunction> extends ExerciseSpec<F> {
  /** The sum over the checks, the hidden ones apart. */
  readonly points: number;
  readonly hidden: number;
}

/**
 * An exercise, after a look at what types cannot say: names are unique, checks come in the order of their kinds. It is
 * frozen, so that no cell of a notebook can change what is asked.
 */
export function exercise<F extends AnyFunction>(
  solution: F,
  about: Omit<ExerciseSpec<F>, "solution">,
): Exercise<F> {
  check("exercise", "solution", solution, "function");
  check("exercise", "about", about, "object");
  const { id, checks, mutants, forbids, hidden = 2 } = about;
  checkAll("exercise", {
    id: [id, "text"],
    checks: [checks, "objects"],
    mutants: [mutants, "objects"],
    forbids: [forbids, "texts"],
    hidden: [hidden, "count"],
  });
  for (const { name, kind, points, run } of checks)
    checkAll("exercise", {
      "a check's name": [name, "text"],
      "its kind": [kind, CHECK_KINDS],
      "its points": [points, "number"],
      "its run": [run, "function"],
    });
  for (const { name, fn } of mutants)
    checkAll("exercise", {
      "a mutant's name": [name, "text"],
      "its fn": [fn, "function"],
    });

  const spec: ExerciseSpec<F> = { ...about, solution };
  const wrong = (what: string): never => {
    throw refusal(`exercise ${spec.id}`, what);
  };
  const names = spec.checks.map((check) => check.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) wrong(`two checks are named "${twice}"; names must differ`);
  const ranks = spec.checks.map((check) => CHECK_KINDS.indexOf(check.kind));
  const early = ranks.findIndex((rank, i) => i > 0 && rank < ranks[i - 1]);
  if (early > 0)
    wrong(`check "${names[early]}" stands too late; the order of kinds is ${CHECK_KINDS.join(", ")}`);
  const lost = spec.mutants.find(({ caughtBy }) => caughtBy !== undefined && !names.includes(caughtBy));
  if (lost)
    wrong(`mutant "${lost.name}" names the check "${lost.caughtBy}"; there are only ${names.join(", ")}`);
  const points = spec.checks.reduce((sum, check) => sum + check.points, 0);
  if (!(points > 0)) wrong("the checks are worth no points; give some of them points");
  return deepFrozen({ ...spec, points, hidden });
}

/** The name of the student's function: `attention` → `myAttention`. */
export const studentName = (id: string): string => `my${id[0].toUpperCase()}${id.slice(1)}`;

/** Plain objects, lists and functions, with all that they hold, made read-only. */
function deepFrozen<T>(value: T): T {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const one = open.pop();
    if (!isContainer(one) || Object.isFrozen(one)) continue;
    Object.freeze(one);
    for (const key of Reflect.ownKeys(one)) {
      const field = Reflect.getOwnPropertyDescriptor(one, key);
      if (field && "value" in field) open.push(field.value);
    }
  }
  return value;
}

function isContainer(value: unknown): value is object {
  try {
    return typeof value === "function" || Array.isArray(value) || isRecord(value);
  } catch {
    return false; // a Proxy that was revoked
  }
}
