import { Tensor } from "../autograd";
import { check, checkAll, expected, Generator, isA, isList, NDArray, readable, words } from "../tensor";

/** Where random arguments start from; see {@link withSeed}. */
let base = 0;

/** Run `fn` with other random arguments than a notebook's: its checks draw from `seed` on. 0 is what a notebook has. */
export function withSeed<T>(seed: number, fn: () => T): T {
  check("withSeed", "seed", seed, "count");
  const before = base;
  base = seed;
  try {
    return fn();
  } finally {
    base = before;
  }
}

/** A generator of checks: from this seed in a notebook, from another one at grading. */
export const checkGenerator = (seed: number): Generator =>
  base === 0 ? new Generator(seed) : new Generator(seed).split(`graded from ${base}`);

/** Any function an exercise can ask for. */
export type AnyFunction = (...args: never[]) => unknown;

/** Arguments for a function, made anew whenever they are asked for: the same seed, the same numbers. */
export interface Inputs<A extends readonly unknown[]> {
  /** Axis letter → size. */
  readonly sizes: ReadonlyMap<string, number>;
  make(seed: number): A;
}

/**
 * Seeded random arguments with named axis sizes. Sizes must differ from one another and from 1: where two axes
 * have one size, a solution that swaps them looks right, and axes of size 1 hide a missing or extra broadcast.
 */
export function seeded<A extends unknown[] | [], R, const S extends { readonly [axis: string]: number }>(
  _of: (...args: A) => R,
  sizes: S,
  args: (sizes: S, random: Generator, seed: number) => A,
): Inputs<A> {
  checkAll("seeded", { sizes: [sizes, "object"], args: [args, "function"] });
  const named = new Map(Object.entries(sizes));
  for (const [axis, size] of named) check("seeded", axis, size, "size");
  if (new Set([1, ...named.values()]).size !== named.size + 1) {
    throw expected("seeded", "different sizes above 1", words(showSizes(named)), "swapped axes could hide");
  }
  return { sizes: named, make: (seed) => args(sizes, checkGenerator(seed), seed) };
}

/** `B = 2, T = 5`. */
export const showSizes = (sizes: ReadonlyMap<string, number>): string =>
  [...sizes].map(([axis, size]) => `${axis} = ${size}`).join(", ");

/** A list longer than this is no result of any exercise: it is neither copied nor compared. */
const longest = 1e6;
export const isEndless = (list: readonly unknown[]): boolean => list.length > longest;

/** A deep copy of arguments or results that later changes in place cannot reach. */
export function snapshot(value: unknown, level = 0): unknown {
  if (isA(value, Tensor)) return new Tensor(value.data.clone());
  if (isA(value, NDArray)) return value.clone();
  if (ArrayBuffer.isView(value)) return (value as Float32Array).slice();
  return withParts(value, snapshot, level);
}

/** Lists and objects in one another to a greater depth are no result of any exercise. */
const deepest = 1000;

/** A copy of a list or plain object with `change` of each part; anything else as it is. */
function withParts(
  value: unknown,
  change: (part: unknown, level: number) => unknown,
  level: number,
): unknown {
  if (level > deepest)
    throw new RangeError(`more than ${deepest} levels; does a list or object contain itself?`);
  if (isList(value)) return isEndless(value) ? value : value.map((part) => change(part, level + 1));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, change(part, level + 1)]));
}

/**
 * `value` with all fields of its lists and plain objects read, once: a getter may answer otherwise the next time. An
 * `async` function that fails must not fail once more, later, in some other cell.
 */
export function settled(value: unknown, level = 0): unknown {
  if (isA(value, Promise)) value.catch(() => {});
  return withParts(value, settled, level);
}

/** An object that is no more than its fields: no class of its own. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && readable(hasNoClass, value);

function hasNoClass(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
