import { Tensor } from "../autograd";
import { inLanguage, type Localized, say } from "../notebook";
import {
  check,
  checkAll,
  checkMethods,
  checkOptions,
  expected,
  Generator,
  isA,
  type NDArray,
} from "../tensor";
import { argumentsAsCode } from "./code";
import { type CompareOptions, compareStructure, compareTypes, compareValues } from "./compare";
import { describe, describeError, showArguments } from "./describe";
import type { Check } from "./exercise";
import { type Failure, failure, given as givenKey } from "./failure";
import { type AnyFunction, checkGenerator, type Inputs, showSizes, snapshot } from "./inputs";
import { pictureOf } from "./picture";

/** The result is built as the reference's: the same kind of value, the same fields, the same shapes. */
export function shape(inputs: Inputs<readonly unknown[]>, options: { points?: number } = {}): Check {
  checkInputs("checks.shape", inputs);
  checkOptions("checks.shape", options, "points", { points: "number" });
  const { points = 0 } = options;
  const name = { en: "shape", ru: "форма" };
  return comparison("shape", name, points, [trial(inputs, 0)], (got, expected) =>
    compareStructure(got, expected),
  );
}

/** The result has the reference's dtype, and finite numbers where the reference has them. */
export function dtype(inputs: Inputs<readonly unknown[]>, options: { points?: number } = {}): Check {
  checkInputs("checks.dtype", inputs);
  checkOptions("checks.dtype", options, "points", { points: "number" });
  const { points = 0 } = options;
  return comparison(
    "type",
    { en: "dtype and finite numbers", ru: "dtype и конечные числа" },
    points,
    [trial(inputs, 0)],
    (got, expected) => compareStructure(got, expected) ?? compareTypes(got, expected),
  );
}

/** A result that was worked out on paper, and why it is so. `picture`: what came is drawn beside what was expected. */
export function byHand<A extends unknown[] | [], R>(
  _of: (...args: A) => R,
  example: {
    points: number;
    name?: Localized;
    args(): A;
    /** Numbers in nested lists; records and lists as the function returns them. */
    expected: unknown;
    /** The working, told when the result is wrong. */
    because: Localized;
    picture?: boolean;
  },
): Check {
  checkOptions(
    "checks.byHand",
    example,
    "points, args, expected, because",
    { points: "number", name: "any", args: "function", expected: "any", because: "any", picture: "boolean" },
    ["points", "args", "because"],
  );
  const {
    points,
    name = { en: "worked by hand", ru: "пример на бумаге" },
    args,
    expected,
    because,
    picture,
  } = example;
  const compare = (got: unknown) => compareValues(got, expected);
  const check = comparison("value", name, points, [{ args, title: null }], compare, picture);
  const run: Check["run"] = (fn, reference) => {
    const wrong = check.run(fn, reference);
    return (
      wrong && {
        ...wrong,
        details: [...wrong.details, `${say({ en: "By hand", ru: "На бумаге" })}: ${say(because)}.`],
      }
    );
  };
  return { ...check, run };
}

/** Chosen arguments, each with a word on what is special about it, compared with the reference. */
export function cases<A extends unknown[] | [], R>(
  _of: (...args: A) => R,
  options: {
    points: number;
    name: Localized;
    cases: readonly { title: Localized; args(): A }[];
    picture?: boolean;
  },
): Check {
  checkOptions(
    "checks.cases",
    options,
    "points, name, cases",
    { points: "number", name: "any", cases: "objects", picture: "boolean" },
    ["points", "name", "cases"],
  );
  const { points, name, cases, picture } = options;
  for (const { title, args } of cases)
    checkAll("checks.cases", { title: [english(title), "text"], args: [args, "function"] });
  const compare = (got: unknown, expected: unknown) =>
    compareStructure(got, expected) ?? compareTypes(got, expected) ?? compareValues(got, expected);
  return comparison("value", name, points, cases, compare, picture);
}

/** Seeded random arguments, compared with the reference; the first of them twice. */
export function random(
  inputs: Inputs<readonly unknown[]>,
  options: { points: number; name?: Localized; times?: number; picture?: boolean } & Pick<
    CompareOptions,
    "tolerance"
  >,
): Check {
  checkInputs("checks.random", inputs);
  checkOptions(
    "checks.random",
    options,
    "points: 2",
    { points: "number", name: "any", times: "size", tolerance: "object", picture: "boolean" },
    ["points"],
  );
  const {
    points,
    name = { en: "random input", ru: "случайные данные" },
    times = 3,
    tolerance,
    picture,
  } = options;
  if (times > 1000) throw expected("checks.random", "times to be at most 1000", times);
  const trials = Array.from({ length: times }, (_, i) => trial(inputs, i + 1));
  trials.push({
    ...trials[0],
    title: {
      en: "on the first input once more: does it remember something of the calls before?",
      ru: "снова на первых данных: не помнит ли функция чего-то о прежних вызовах?",
    },
  });
  return comparison(
    "random",
    name,
    points,
    trials,
    (got, expected) =>
      compareStructure(got, expected) ??
      compareTypes(got, expected) ??
      compareValues(got, expected, { tolerance, sizes: inputs.sizes }),
    picture,
  );
}

/**
 * A law that every right result obeys. `broken` says how this function breaks it, or null. `examples` are arguments of
 * calls that `broken` makes: by their results a mutant is recognised.
 */
export function invariant<A extends unknown[] | [], R>(
  _of: (...args: A) => R,
  name: Localized,
  law: {
    points: number;
    broken(fn: (...args: A) => R, random: Generator): Localized | null;
    examples?: readonly (() => A)[];
  },
): Check {
  check("checks.invariant", "name", english(name), "text");
  checkOptions(
    "checks.invariant",
    law,
    "points, broken",
    { points: "number", broken: "function", examples: "list" },
    ["points", "broken"],
  );
  const { points, broken, examples } = law;
  return {
    kind: "invariant",
    name: english(name),
    title: name,
    points,
    run(fn) {
      const found = broken(fn as (...args: A) => R, checkGenerator(7));
      return found === null ? null : failure(say(found));
    },
    ...(examples ? { outcomes: (fn) => examples.map((args) => outcome(fn, args())) } : {}),
  };
}

/**
 * Gradients of the tensor that `out` picks from the result, by every argument that is a Tensor: whether they arrive at
 * all where the result depends on it, and are the reference's. `names` are the arguments, for the message.
 */
export function gradient<A extends unknown[], R>(
  _of: (...args: A) => R,
  inputs: Inputs<A>,
  options: { points: number; name?: Localized; names?: readonly string[]; out(result: R): Tensor },
): Check {
  checkInputs("checks.gradient", inputs);
  checkOptions(
    "checks.gradient",
    options,
    "points, out",
    { points: "number", name: "any", names: "texts", out: "function" },
    ["points", "out"],
  );
  const { points, name = { en: "gradients", ru: "градиенты" }, names = [], out } = options;
  const gradients = (fn: AnyFunction) => gradientsOf((...args) => out(call(fn, args) as R), inputs.make(0));
  return {
    kind: "gradient",
    name: english(name),
    title: name,
    points,
    run(fn, reference) {
      const [got, expected] = [gradients(fn), gradients(reference)];
      for (let i = 0; i < expected.length; i++) {
        const which = names[i] ?? say({ en: `argument ${i + 1}`, ru: `аргумента ${i + 1}` });
        const [mine, right] = [got[i], expected[i]];
        if (!right) continue; // the result does not depend on it
        if (!mine && right.flat().every((slope) => slope === 0)) continue; // nor does it move here
        if (!mine)
          return failure(
            say({ en: `no gradient reaches ${which}`, ru: `до ${which} не доходит градиент` }),
            [],
            say(LEFT_GRAPH),
          );
        const wrong = compareValues(
          mine,
          right,
          { sizes: inputs.sizes },
          say({ en: `the gradient of ${which}`, ru: `градиент по ${which}` }),
        );
        if (wrong) return wrong;
      }
      return null;
    },
    outcomes: (fn) => [attempt(() => gradients(fn))],
  };
}

const LEFT_GRAPH = {
  en: "on the way from it to the result the numbers were taken out of the Tensor, by .data, detach() or noGrad(): what was computed with them cannot be learned. Stay with the methods of Tensor",
  ru: "по пути от него к результату числа вынули из Tensor — через .data, detach() или noGrad(): тому, что вычислено с ними, нельзя научиться. Пользуйтесь методами Tensor",
};

/** The gradient of Σ y ⊙ r by each Tensor, with fixed random r so that errors cannot cancel; null where none arrives. */
function gradientsOf(fn: (...args: unknown[]) => Tensor, args: readonly unknown[]): (NDArray | null)[] {
  const leaves = args.map((arg) => (isA(arg, Tensor) ? new Tensor(arg.data, { requiresGrad: true }) : arg));
  const y = fn(...leaves);
  if (y.requiresGrad)
    y.mul(new Generator(0).uniform(y.shape, { low: 0.5, high: 1.5 }))
      .sum()
      .backward();
  return leaves.flatMap((leaf) => (isA(leaf, Tensor) ? [leaf.grad] : []));
}

/** The name by which a check is referred to. */
const english = (text: Localized): string => inLanguage(text, "en");

function checkInputs(op: string, inputs: Inputs<readonly unknown[]>): void {
  checkMethods(op, "inputs, as seeded() makes them,", inputs, ["make"]);
  check(op, "inputs.sizes", inputs.sizes, "map");
}

/** One call to make, and what to say of its input. */
interface Trial {
  args(): readonly unknown[];
  title: Localized | null;
}

const trial = (inputs: Inputs<readonly unknown[]>, seed: number): Trial => ({
  args: () => inputs.make(seed),
  title:
    inputs.sizes.size > 0
      ? {
          en: `on seeded random input with ${showSizes(inputs.sizes)}`,
          ru: `на случайных данных, где ${showSizes(inputs.sizes)}`,
        }
      : null,
});

/** Call the student's function and the reference on the same arguments, and compare what they give. */
function comparison(
  kind: Check["kind"],
  name: Localized,
  points: number,
  trials: readonly Trial[],
  compare: (got: unknown, expected: unknown) => Failure | null,
  picture = false,
): Check {
  return {
    kind,
    name: english(name),
    title: name,
    points,
    run(fn, reference) {
      for (const { args, title } of trials) {
        const given = args();
        const got = snapshot(call(fn, given));
        const expected = call(reference, args());
        const wrong = compare(got, expected);
        const changed = changedInput(given, args());
        if (!wrong && !changed) continue;
        const { message, details, cause } = wrong ?? changed!;
        const more = [
          ...(title ? [say(title)] : [called(args())]),
          ...(wrong && changed
            ? [say({ en: `besides, ${changed.message}`, ru: `кроме того, ${changed.message}` })]
            : []),
        ];
        const drawn = picture && wrong ? pictureOf(got, expected) : null;
        return {
          ...failure(message, [...details, ...more], cause ?? changed?.cause ?? null),
          input: argumentsAsCode(args()),
          [givenKey]: args,
          ...(drawn ? { picture: drawn } : {}),
        };
      }
      return null;
    },
    outcomes: (fn) => trials.map(({ args }) => outcome(fn, args())),
  };
}

const called = (args: readonly unknown[]): string => {
  const input = showArguments(args);
  return say({ en: `called with ${input}`, ru: `вызвана с ${input}` });
};

/** Arguments must come back as they were: the caller still needs them. */
function changedInput(given: readonly unknown[], fresh: readonly unknown[]): Failure | null {
  for (let i = 0; i < fresh.length; i++) {
    const changed = (a: unknown, b: unknown) => compareValues(a, b, { tolerance: EXACT }) !== null;
    if (!changed(given[i], fresh[i]) && !changed(fresh[i], given[i])) continue;
    return failure(
      say({
        en: `the function changed its argument ${i + 1}, ${describe(fresh[i])}`,
        ru: `функция изменила свой аргумент ${i + 1}: ${describe(fresh[i])}`,
      }),
      [],
      say({
        en: "push(), pop(), unshift(), splice(), sort() and reverse(), set(), fill() and assign() work in place; make a copy first",
        ru: "push(), pop(), unshift(), splice(), sort() и reverse(), set(), fill() и assign() меняют на месте; сначала сделайте копию",
      }),
    );
  }
  return null;
}

const EXACT = { absolute: 0, relative: 0 };

/** What a call came to: its value, or the error that it threw; and what it left of its arguments. */
const outcome = (fn: AnyFunction, args: readonly unknown[]): unknown =>
  attempt(() => [snapshot(call(fn, args)), snapshot(args)]);

function attempt(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    const { message } = describeError(error);
    return message.startsWith("Error: ") ? "threw Error" : `threw ${message}`; // its words are the student's own
  }
}

/** Checks are kept in one list whatever the types of their functions: here the arguments are what `fn` takes. */
const call = (fn: AnyFunction, args: readonly unknown[]): unknown => fn(...(args as never[]));
