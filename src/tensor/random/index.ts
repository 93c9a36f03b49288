import type { NDArray } from "../ndarray";
import type { Shape } from "../shape";
import { Generator, type RandomOptions } from "./generator";

export { Generator, type GeneratorState, type RandomOptions } from "./generator";

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
export const rand = (shape: Shape, { generator = standard, dtype }: SourceOptions = {}): NDArray =>
  generator.uniform(shape, { dtype });

/** Normal with mean 0 and standard deviation 1. */
export const randn = (shape: Shape, { generator = standard, dtype }: SourceOptions = {}): NDArray =>
  generator.normal(shape, { dtype });

/** Whole numbers in [low, high), int32. */
export const randint = (
  low: number,
  high: number,
  shape: Shape,
  { generator = standard, dtype }: SourceOptions = {},
): NDArray => generator.integers(shape, { low, high, dtype });

/** 0, 1, …, n − 1 in random order, int32. */
export const randperm = (n: number, { generator = standard }: SourceOptions = {}): NDArray =>
  generator.permutation(n);
