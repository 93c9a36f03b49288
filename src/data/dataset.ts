import {
  check,
  checkArray,
  checkOptions,
  expected,
  expectedKind,
  Generator,
  hasLength,
  listed,
  type NDArray,
  showShape,
  words,
} from "../tensor";

/** Samples by number. A plain array of samples serves wherever a dataset is expected. */
export interface Dataset<T> {
  readonly length: number;
  get(index: number): T;
}

export type DatasetLike<T> = Dataset<T> | readonly T[];

/** The dataset behind an array of samples, or the dataset itself. */
export function asDataset<T>(samples: DatasetLike<T>): Dataset<T> {
  if (typeof samples !== "object" || !hasLength(samples))
    throw expectedKind("dataset", "a list of samples, or length and get(index)", samples);
  if ("get" in samples) return samples;
  return { length: samples.length, get: (index) => samples[index]! };
}

/** Row i of every array is sample i; a sample is a list with one entry for each array. */
export class TensorDataset<const T extends readonly NDArray[]>
  implements Dataset<{ -readonly [K in keyof T]: NDArray }>
{
  readonly arrays: T;
  readonly length: number;

  constructor(...arrays: T) {
    if (arrays.length === 0) throw expected("TensorDataset", "at least one array", words("none"));
    for (const array of arrays) checkArray("TensorDataset", array);
    const sizes = arrays.map((array) => array.shape[0]);
    const odd = sizes.findIndex((size) => size === undefined || size !== sizes[0]);
    if (odd >= 0) {
      const shapes = listed(arrays.map((array) => showShape(array.shape)));
      throw expected(
        "TensorDataset",
        "arrays with equally many rows",
        words(`shapes ${shapes}`),
        "axis 0 counts the samples",
      );
    }
    this.arrays = arrays;
    this.length = sizes[0]!;
  }

  get(index: number): { -readonly [K in keyof T]: NDArray } {
    checkIndex("TensorDataset", index, this.length);
    return this.arrays.map((array) => array.select(0, index)) as { -readonly [K in keyof T]: NDArray };
  }
}

/** Some samples of a dataset, in the order of `indices`. */
export class Subset<T> implements Dataset<T>, Iterable<T> {
  readonly dataset: Dataset<T>;
  readonly indices: readonly number[];

  constructor(dataset: DatasetLike<T>, indices: readonly number[]) {
    check("Subset", "indices", indices, "numbers");
    this.dataset = asDataset(dataset);
    this.indices = Object.freeze([...indices]);
    for (const index of indices) checkIndex("Subset", index, this.dataset.length);
  }

  get length(): number {
    return this.indices.length;
  }

  get(index: number): T {
    checkIndex("Subset", index, this.length);
    return this.dataset.get(this.indices[index]!);
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const index of this.indices) yield this.dataset.get(index);
  }
}

export interface SplitOptions {
  /** The same seed gives the same split. Default 0. */
  seed?: number;
}

/**
 * Deal the samples out at random into parts that share none. `sizes` are counts that add up to the length, or
 * fractions that add up to 1; what rounding leaves over goes one by one to the first parts.
 */
export function randomSplit<T>(
  dataset: DatasetLike<T>,
  sizes: readonly number[],
  options: SplitOptions = {},
): Subset<T>[] {
  check("randomSplit", "sizes", sizes, "numbers");

  checkOptions("randomSplit", options, "seed", { seed: "number" });
  const { seed = 0 } = options;

  const { length } = asDataset(dataset);
  const counts = splitCounts(sizes, length);
  const order = shuffledIndices(length, new Generator(seed));
  let start = 0;
  return counts.map((count) => {
    const indices = Array.from(order.subarray(start, start + count));
    start += count;
    return new Subset(dataset, indices);
  });
}

function splitCounts(sizes: readonly number[], length: number): number[] {
  const sum = sizes.reduce((total, size) => total + size, 0);
  const areCounts = sizes.every((size) => Number.isInteger(size) && size >= 0) && sum === length;
  if (areCounts) return [...sizes];
  const areFractions = sizes.every((size) => size >= 0 && size <= 1) && Math.abs(sum - 1) < 1e-9;
  if (!areFractions) {
    throw expected(
      "randomSplit",
      `counts that add up to ${length} or fractions that add up to 1`,
      words(`[${listed(sizes)}] with the sum ${sum}`),
    );
  }
  const counts = sizes.map((fraction) => Math.floor(fraction * length + 1e-9));
  const left = length - counts.reduce((total, count) => total + count, 0);
  for (let i = 0; i < left; i++) counts[i % counts.length]!++;
  return counts;
}

export interface TrainValidation<T> {
  train: T[];
  validation: T[];
}

/**
 * Set a share of whole documents aside, so that no validation sentence has neighbours in the training text.
 * Both parts keep the order of `documents`, and both get at least one.
 */
export function splitDocuments<T>(
  documents: readonly T[],
  options: SplitOptions & { validation?: number } = {},
): TrainValidation<T> {
  check("splitDocuments", "documents", documents, "list");

  checkOptions("splitDocuments", options, "seed, validation", { seed: "number", validation: "number" });
  const { validation = 0.1, seed = 0 } = options;

  if (!(validation > 0 && validation < 1)) {
    throw expected("splitDocuments", "a validation share between 0 and 1", validation);
  }
  if (documents.length < 2) {
    throw expected("splitDocuments", "at least 2 documents", documents.length);
  }
  const count = Math.min(documents.length - 1, Math.max(1, Math.round(validation * documents.length)));
  const aside = new Set(shuffledIndices(documents.length, new Generator(seed)).subarray(0, count));
  return {
    train: documents.filter((_, i) => !aside.has(i)),
    validation: documents.filter((_, i) => aside.has(i)),
  };
}

/** 0, 1, ..., length - 1 in random order. */
export const shuffledIndices = (length: number, generator: Generator): Int32Array =>
  Int32Array.from(generator.permutation(length).flat());

/** Throws if `index` is not one of 0, 1, ..., length - 1. */
export function checkIndex(owner: string, index: number, length: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= length) {
    throw expected(owner, `an index from 0 to ${length - 1}`, index);
  }
}
