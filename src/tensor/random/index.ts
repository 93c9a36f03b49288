import { checkGenerator, checkOptions } from "../check";
import { expected, words } from "../expected";
import { checkShape } from "../given-shape";
import type { NDArray } from "../ndarray";
import { describe, type Shape } from "../shape";
import { Generator, type RandomOptions } from "./generator";

export { Generator, type GeneratorState, generatorFaults, type RandomOptions } from "./generator";

/** Where the numbers come from, if not from the default generator. */
export interface SourceOptions extends RandomOptions {
  readonly generator?: Generator;
}

const standard = new Generator(0);

/**
 * The generator of everything that is not given another one. It starts from seed 0, so that a program repeats
 * itself; `manualSeed(Date.now())` makes it differ.
 */
export const defaultGenerator = (): Generator => standard;

/** Start the default generator afresh from a seed. */
export function manualSeed(seed: number): Generator {
  return standard.setState(new Generator(seed).state());
}

/** Uniform in [0, 1). */
export const rand = (shape: Shape, options: SourceOptions = {}): NDArray =>
  source("rand", shape, options).uniform(shape, { dtype: options.dtype });

/** Normal with mean 0 and standard deviation 1. */
export const randn = (shape: Shape, options: SourceOptions = {}): NDArray =>
  source("randn", shape, options).normal(shape, { dtype: options.dtype });

/** Whole numbers in [low, high), int32. */
export function randint(low: number, high: number, shape: Shape, options: SourceOptions = {}): NDArray {
  if (!Number.isInteger(low) || !Number.isInteger(high) || low >= high) {
    throw expected(
      "randint",
      "whole numbers low < high and a shape, as in randint(0, 10, [2, 3])",
      words(`${describe(low)} and ${describe(high)}`),
    );
  }
  return source("randint", shape, options).integers(shape, { low, high, dtype: options.dtype });
}

/** 0, 1, …, n − 1 in random order, int32. */
export function randperm(n: number, options: SourceOptions = {}): NDArray {
  if (!Number.isInteger(n) || n < 0) throw expected("randperm", "n >= 0", n);
  return source("randperm", [n], options).permutation(n);
}

/** The generator of the options, after a look at what was given; those of a tensor say `requiresGrad` too. */
function source(op: string, shape: Shape, options: SourceOptions & { requiresGrad?: boolean }): Generator {
  checkShape(op, shape);
  checkOptions(op, options, 'dtype: "float64"', {
    generator: "any",
    dtype: "dtype",
    requiresGrad: "boolean",
  });
  const { generator = standard } = options;
  checkGenerator(op, generator);
  return generator;
}
