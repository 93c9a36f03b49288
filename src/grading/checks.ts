import { gradcheck, type Tensor } from "../autograd";
import { Generator, shorten } from "../tensor";
import { type CompareOptions, compareStructure, compareTypes, compareValues } from "./compare";
import { describe } from "./describe";
import type { Check } from "./exercise";
import { type Failure, failure } from "./failure";
import { type AnyFunction, type Inputs, showSizes, snapshot } from "./inputs";

/** The result is built as the reference's: the same kind of value, the same fields, the same shapes. */
export function shape(inputs: Inputs<readonly unknown[]>, { points = 0 } = {}): Check {
  return comparison("shape", "shape", points, [trial(inputs, 0)], compareStructure);
}

/** The result has the reference's dtype, and finite numbers where the reference has them. */
export function dtype(inputs: Inputs<readonly unknown[]>, { points = 0 } = {}): Check {
  return comparison(
    "type",
    "dtype and finite numbers",
    points,
    [trial(inputs, 0)],
    (got, expected) => compareStructure(got, expected) ?? compareTypes(got, expected),
  );
}

/** A result that was worked out on paper, and why it is so. */
export function byHand<A extends unknown[] | [], R>(
  _of: (...args: A) => R,
  example: {
    points: number;
    name?: string;
    args(): A;
    /** Numbers in nested lists; records and lists as the function returns them. */
    expected: unknown;
    /** The working, told when the result is wrong. */
    because: string;
  },
): Check {
  const { points, name = "worked by hand", args, expected, because } = example;
  const compare = (got: unknown) => compareValues(got, expected);
  const check = comparison("value", name, points, [{ args, title: null }], compare);
  const run: Check["run"] = (fn, reference) => {
    const wrong = check.run(fn, reference);
    return wrong && { ...wrong, details: [...wrong.details, `By hand: ${because}.`] };
  };
  return { ...check, run };
}

/** Seeded random arguments, compared with the reference. */
export function random(
  inputs: Inputs<readonly unknown[]>,
  options: { points: number; name?: string; times?: number } & Pick<CompareOptions, "tolerance">,
): Check {
  const { points, name = "random input", times = 3, tolerance } = options;
  const trials = Array.from({ length: times }, (_, i) => trial(inputs, i + 1));
  return comparison(
    "random",
    name,
    points,
    trials,
    (got, expected) =>
      compareStructure(got, expected) ?? compareValues(got, expected, { tolerance, sizes: inputs.sizes }),
  );
}

/** A law that every right result obeys. `broken` says how this function breaks it, or null. */
export function invariant<F extends AnyFunction>(
  _of: F,
  name: string,
  { points, broken }: { points: number; broken(fn: F, random: Generator): string | null },
): Check {
  return {
    kind: "invariant",
    name,
    points,
    run(fn) {
      const law = broken(fn as F, new Generator(7));
      return law === null ? null : failure(law);
    },
  };
}

/**
 * Gradients of the tensor that `out` picks from the result, by central differences in float64: whether they flow
 * at all, and are right.
 */
export function gradient<A extends Tensor[], R>(
  _of: (...args: A) => R,
  inputs: Inputs<A>,
  { points, name = "gradients", out }: { points: number; name?: string; out(result: R): Tensor },
): Check {
  return {
    kind: "gradient",
    name,
    points,
    run(fn) {
      try {
        gradcheck((...tensors) => out(call(fn, tensors) as R), inputs.make(0));
        return null;
      } catch (error) {
        if (error instanceof Error && error.message.startsWith("gradcheck: ")) return failure(error.message);
        throw error;
      }
    },
  };
}

/** One call to make, and what to say of its input. */
interface Trial {
  args(): readonly unknown[];
  title: string | null;
}

const trial = (inputs: Inputs<readonly unknown[]>, seed: number): Trial => ({
  args: () => inputs.make(seed),
  title: inputs.sizes.size > 0 ? `on seeded random input with ${showSizes(inputs.sizes)}` : null,
});

/** Call the student's function and the reference on the same arguments, and compare what they give. */
function comparison(
  kind: Check["kind"],
  name: string,
  points: number,
  trials: readonly Trial[],
  compare: (got: unknown, expected: unknown) => Failure | null,
): Check {
  return {
    kind,
    name,
    points,
    run(fn, reference) {
      for (const { args, title } of trials) {
        const given = args();
        const got = snapshot(call(fn, given));
        const expected = call(reference, args());
        const wrong = compare(got, expected) ?? changedInput(given, args());
        if (wrong) return title ? { ...wrong, details: [...wrong.details, title] } : wrong;
      }
      return null;
    },
    outcomes: (fn) => trials.map(({ args }) => outcome(fn, args())),
  };
}

/** Arguments must come back as they were: the caller still needs them. */
function changedInput(given: readonly unknown[], fresh: readonly unknown[]): Failure | null {
  for (let i = 0; i < fresh.length; i++) {
    if (compareValues(given[i], fresh[i], { tolerance: EXACT }) === null) continue;
    const cause = "sort(), reverse(), push(), set() and fill() work in place; make a copy first";
    return failure(`the function changed its argument ${i + 1}, ${describe(fresh[i])}`, [], cause);
  }
  return null;
}

const EXACT = { absolute: 0, relative: 0 };

/** What a call came to: its value, or the error that it threw; and what it left of its arguments. */
function outcome(fn: AnyFunction, args: readonly unknown[]): unknown {
  try {
    return [snapshot(call(fn, args)), snapshot(args)];
  } catch (error) {
    return `threw ${shorten(String(error), 200)}`;
  }
}

/** Checks are kept in one list whatever the types of their functions: here the arguments are what `fn` takes. */
const call = (fn: AnyFunction, args: readonly unknown[]): unknown => fn(...(args as never[]));
