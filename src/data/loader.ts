import {
  checkOptions,
  defaultGenerator,
  describe,
  type GeneratorState,
  generatorFaults,
  Generator as RandomSource,
} from "../tensor";
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

/** Where a loader stands, fit for JSON: what stateDict() gives. */
export interface LoaderState {
  /** Epochs that are over. */
  readonly epoch: number;
  /** Batches that the epoch under way has handed out; 0 between epochs. */
  readonly batch: number;
  /** What the order of the epoch under way is drawn from, when neither seed nor the natural order says it. */
  readonly order: GeneratorState | null;
  /** What the loader was made of, so that a state is not given to another one. */
  readonly samples: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: number | null;
  readonly dropLast: boolean;
}

/** An epoch under way. */
interface Epoch {
  readonly order: ArrayLike<number> | undefined;
  readonly source: GeneratorState | null;
  done: number;
}

/**
 * A dataset in batches: `for (const batch of loader)` is one epoch.
 *
 * With `shuffle` and a `seed`, epoch e has an order of its own, and the same one whenever it is run. To go on with a
 * training that stopped after 3 epochs, set `loader.epoch = 3`. To go on in the middle of one, save `stateDict()` and
 * give it to `loadStateDict()`: then the next loop over the loader gets what was left of that epoch.
 * ```ts
 * while (loader.epoch < 3) for (const batch of loader) { … } // the same words for a new and for a resumed training
 * ```
 */
export class DataLoader<T, B = Collated<T>> implements Iterable<B> {
  readonly dataset: Dataset<T>;
  readonly batchSize: number;
  /** How many epochs have begun; the next one shuffles by this number. */
  epoch = 0;
  /** The epoch under way, as long as its loop has not ended. */
  private current: Epoch | undefined;
  /** What was loaded and is still to be gone on with. */
  private pending: LoaderState | undefined;
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
      throw new RangeError(`DataLoader: expected an integer as the seed, got ${describe(seed)}`);
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
    const { pending } = this;
    this.pending = undefined;
    const isResumed = pending !== undefined && pending.epoch === this.epoch;
    const source = isResumed ? pending.order : this.needsGenerator ? defaultGenerator().state() : null;
    const generator = isResumed && source ? new RandomSource(0).setState(source) : undefined;
    const order = this.shuffle ? this.nextOrder(generator) : undefined;
    this.epoch++;
    this.current = { order, source, done: isResumed ? pending.batch : 0 };
    return this.batches(this.current);
  }

  /**
   * Where it stands, to be saved and given to loadStateDict(). A batch counts as done when it is handed out: save after
   * the step that it was used for. A loop that was left by `break` has ended its epoch.
   */
  stateDict(): LoaderState {
    const { pending, current } = this;
    const made = this.made();
    if (pending?.epoch === this.epoch) return pending;
    if (!current || current.done >= this.length) return { epoch: this.epoch, batch: 0, order: null, ...made };
    return { epoch: this.epoch - 1, batch: current.done, order: current.source, ...made };
  }

  /** Everything about `saved` that does not fit here, in words; none when loadStateDict() takes it. */
  stateFaults(saved: unknown): string[] {
    const plain = typeof saved === "object" && saved !== null && !Array.isArray(saved);
    if (!plain) return [`expected a state as stateDict() gives, got ${describe(saved)}`];
    const { epoch, batch, order, ...made } = saved as Partial<LoaderState>;
    const faults: string[] = [];
    for (const [name, mine] of Object.entries(this.made())) {
      const theirs = made[name as keyof typeof made];
      if (theirs !== mine) faults.push(`expected ${name} ${describe(mine)}, got ${describe(theirs)}`);
    }
    const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0;
    if (!isCount(epoch)) faults.push(`expected a whole number of epochs, got ${describe(epoch)}`);
    if (!isCount(batch) || (batch > 0 && batch >= this.length))
      faults.push(`expected a batch from 0 to ${this.length - 1}, got ${describe(batch)}`);
    const wanted = this.needsGenerator && (batch !== 0 || order !== null);
    if (wanted) faults.push(...generatorFaults(order).map((fault) => `order: ${fault}`));
    else if (order !== null) faults.push(`expected no order, got ${describe(order)}`);
    return faults;
  }

  /** Go on where `saved` stood. Throws one error that lists all that does not fit, and then has changed nothing. */
  loadStateDict(saved: LoaderState): void {
    const faults = this.stateFaults(saved);
    if (faults.length > 0) {
      throw new Error(`DataLoader.loadStateDict: ${faults.join("\n  ")}; nothing was loaded`);
    }
    this.epoch = saved.epoch;
    this.current = undefined;
    this.pending = saved.batch > 0 || saved.order ? structuredClone(saved) : undefined;
  }

  private made(): Omit<LoaderState, "epoch" | "batch" | "order"> {
    const { batchSize, shuffle, dropLast, seed = null } = this;
    return { samples: this.dataset.length, batchSize, shuffle, seed, dropLast };
  }

  /** Whether the orders follow the default generator. */
  private get needsGenerator(): boolean {
    return this.shuffle && this.seed === undefined;
  }

  private *batches(epoch: Epoch): Generator<B> {
    try {
      while (epoch.done < this.length) {
        const start = epoch.done * this.batchSize;
        const size = Math.min(this.batchSize, this.dataset.length - start);
        const indices = Array.from({ length: size }, (_, i) => epoch.order?.[start + i] ?? start + i);
        const batch = this.collate(indices.map((index) => this.dataset.get(index)));
        epoch.done++;
        yield batch;
      }
    } finally {
      if (this.current === epoch) this.current = undefined;
    }
  }

  private nextOrder(source?: RandomSource): ArrayLike<number> {
    const drawn =
      source ??
      (this.seed === undefined ? defaultGenerator() : new RandomSource(this.seed).split(this.epoch));
    return shuffledIndices(this.dataset.length, drawn);
  }
}
