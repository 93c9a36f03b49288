import { checkOptions, defaultGenerator, describe, Generator as RandomSource } from "../tensor";
import { type Collated, collate as defaultCollate } from "./collate";
import { asDataset, type Dataset, type DatasetLike, shuffledIndices } from "./dataset";

export interface DataLoaderOptions<T, B> {
  /** Samples in a batch. Default 1. */
  batchSize?: number;
  /** A new order in every epoch. Default false. */
  shuffle?: boolean;
  /** Decides the orders of all epochs. Without it they follow the default generator, that is `manualSeed`. */
  seed?: number;
  /** Leave out the last batch if it is not full. Default false. */
  dropLast?: boolean;
  /** Make a batch of samples. Default: stack them, as `collate` does. */
  collate?: (samples: T[]) => B;
}

/**
 * A dataset in batches: `for (const batch of loader)` is one epoch.
 *
 * With `shuffle` and a `seed`, epoch e has an order of its own, and the same one whenever it is run. To go on with a
 * training that stopped after 3 epochs, set `loader.epoch = 3`.
 */
export class DataLoader<T, B = Collated<T>> implements Iterable<B> {
  readonly dataset: Dataset<T>;
  readonly batchSize: number;
  /** How many epochs have begun; the next one shuffles by this number. */
  epoch = 0;
  private readonly shuffle: boolean;
  private readonly seed: number | undefined;
  private readonly dropLast: boolean;
  private readonly collate: (samples: T[]) => B;

  constructor(dataset: DatasetLike<T>, options: DataLoaderOptions<T, B> = {}) {
    checkOptions("DataLoader", options, "batchSize: 32");
    if (typeof (options.collate ?? defaultCollate) !== "function") {
      throw new TypeError(`DataLoader: expected a function as collate, got ${describe(options.collate)}`);
    }
    const { batchSize = 1, shuffle = false, seed, dropLast = false } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new RangeError(`DataLoader: expected a batchSize of 1 or more, got ${describe(batchSize)}`);
    }
    if (typeof dataset?.length !== "number") {
      throw new TypeError(
        `DataLoader: expected a list of samples or a dataset with length and get(index), got ${describe(dataset)}`,
      );
    }
    if (!(dataset.length > 0)) {
      throw new RangeError("DataLoader: expected a dataset with at least one sample, got an empty one");
    }
    if (seed !== undefined && !Number.isInteger(seed)) {
      throw new RangeError(`DataLoader: expected an integer as the seed, got ${seed}`);
    }
    this.dataset = asDataset(dataset);
    this.batchSize = batchSize;
    this.shuffle = shuffle;
    this.seed = seed;
    this.dropLast = dropLast;
    // Without a collate of the caller's, B is Collated<T>: the type parameter's default.
    this.collate = options.collate ?? (defaultCollate as unknown as (samples: T[]) => B);
  }

  /** Batches in an epoch. */
  get length(): number {
    const batches = this.dataset.length / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  [Symbol.iterator](): Iterator<B> {
    const order = this.shuffle ? this.nextOrder() : undefined;
    this.epoch++;
    return this.batches(order);
  }

  private *batches(order: ArrayLike<number> | undefined): Generator<B> {
    for (let batch = 0; batch < this.length; batch++) {
      const start = batch * this.batchSize;
      const size = Math.min(this.batchSize, this.dataset.length - start);
      const indices = Array.from({ length: size }, (_, i) => order?.[start + i] ?? start + i);
      yield this.collate(indices.map((index) => this.dataset.get(index)));
    }
  }

  private nextOrder(): ArrayLike<number> {
    const generator =
      this.seed === undefined ? defaultGenerator() : new RandomSource(this.seed).split(this.epoch);
    return shuffledIndices(this.dataset.length, generator);
  }
}
