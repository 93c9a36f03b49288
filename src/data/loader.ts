import {
  check,
  checkOptions,
  defaultGenerator,
  describe,
  expected,
  expectedKind,
  type GeneratorState,
  generatorFaults,
  hasLength,
  isList,
  Generator as RandomSource,
  readable,
  refusal,
  words,
} from "../tensor";
import { type Collated, collate as defaultCollate } from "./collate";
import { asDataset, checkIndex, type Dataset, type DatasetLike, shuffledIndices } from "./dataset";

export interface DataLoaderOptions<T, B> {
  /** Samples in a batch. Default 1. */
  batchSize?: number;
  /** A new order in every epoch. Default false. */
  shuffle?: boolean;
  /**
   * Says which samples an epoch has, and in which order: asked anew in every epoch. Instead of `shuffle`. A sampler that
   * draws from a generator of its own goes on from where that stands.
   */
  sampler?: Sampler;
  /** Decides the orders of all epochs. Without it they follow the default generator, that is `manualSeed`. */
  seed?: number;
  /** Leave out the last batch if it is not full. Default false. */
  dropLast?: boolean;
  /** Make a batch of samples. Default: stack them, as `collate` does. */
  collate?: (samples: T[]) => B;
}

/** Indices of samples, a loop over it for each epoch: a {@link WeightedRandomSampler}, or a list. */
export interface Sampler extends Iterable<number> {
  /** How many indices an epoch has. */
  readonly length: number;
}

/** Where a loader stands, fit for JSON: what stateDict() gives. */
export interface LoaderState {
  /** Epochs that are over. */
  readonly epoch: number;
  /** Batches that the epoch under way has handed out; 0 between epochs. */
  readonly batch: number;
  /** What the order of the epoch under way is drawn from, when neither seed nor the natural order says it. */
  readonly order: GeneratorState | null;
  /** The indices of the epoch under way that a sampler gave. */
  readonly indices?: readonly number[];
  /** What the loader was made of, so that a state is not given to another one. */
  readonly samples: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: number | null;
  readonly dropLast: boolean;
  /** How many samples the sampler gives to an epoch; without one it is left out. */
  readonly sampled?: number;
}

/** An epoch under way. */
interface Epoch {
  readonly order: ArrayLike<number> | undefined;
  /** What a state says of the order. */
  readonly source: Pick<LoaderState, "order" | "indices">;
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
  private readonly sampler: Sampler | undefined;
  private readonly seed: number | undefined;
  private readonly dropLast: boolean;
  private readonly collate: (samples: T[]) => B;

  constructor(dataset: DatasetLike<T>, options: DataLoaderOptions<T, B> = {}) {
    const op = "DataLoader";
    checkOptions(op, options, "batchSize: 32", {
      ...{ batchSize: "any", shuffle: "boolean", sampler: "iterable", seed: "any" },
      ...{ dropLast: "boolean", collate: "any" },
    });
    const { batchSize = 1, shuffle = false, sampler, seed, dropLast = false } = options;
    if (typeof (options.collate ?? defaultCollate) !== "function")
      throw expectedKind(op, "a function as collate", options.collate);
    if (!Number.isInteger(batchSize) || batchSize < 1)
      throw expected(op, "a batchSize of 1 or more", batchSize);
    if (seed !== undefined && !Number.isInteger(seed)) throw expected(op, "an integer as the seed", seed);
    if (!hasLength(dataset)) {
      throw expectedKind(op, "a list of samples or a dataset with length and get(index)", dataset);
    }
    if (!(dataset.length > 0)) {
      throw expected(op, "a dataset with at least one sample", words("an empty one"));
    }
    if (sampler !== undefined) {
      if (shuffle || seed !== undefined)
        throw expected(op, "shuffle and seed, or a sampler", words("both"), "the sampler decides the order");
      check(op, "the sampler's length", sampler.length, "size");
    }
    this.dataset = asDataset(dataset);
    this.batchSize = batchSize;
    this.shuffle = shuffle;
    this.sampler = sampler;
    this.seed = seed;
    this.dropLast = dropLast;
    // Without a collate of the caller's, B is Collated<T>: the type parameter's default.
    this.collate = options.collate ?? (defaultCollate as unknown as (samples: T[]) => B);
  }

  /** Batches in an epoch. */
  get length(): number {
    const batches = this.samples / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  /** Samples in an epoch. */
  private get samples(): number {
    return this.sampler?.length ?? this.dataset.length;
  }

  [Symbol.iterator](): Iterator<B> {
    const { pending } = this;
    this.pending = undefined;
    const resumed = pending?.epoch === this.epoch ? pending : undefined;
    const epoch = this.sampler ? this.sampledEpoch(this.sampler, resumed) : this.shuffledEpoch(resumed);
    this.epoch++;
    this.current = epoch;
    return this.batches(epoch);
  }

  private shuffledEpoch(resumed: LoaderState | undefined): Epoch {
    const order = resumed ? resumed.order : this.needsGenerator ? defaultGenerator().state() : null;
    const generator = resumed && order ? new RandomSource(0).setState(order) : undefined;
    return {
      order: this.shuffle ? this.nextOrder(generator) : undefined,
      source: { order },
      done: resumed?.batch ?? 0,
    };
  }

  private sampledEpoch(sampler: Sampler, resumed: LoaderState | undefined): Epoch {
    if (resumed?.indices) return { order: resumed.indices, source: resumed, done: resumed.batch };
    const indices: number[] = [];
    for (const index of sampler) {
      checkIndex("DataLoader: sampler", index, this.dataset.length);
      if (indices.push(index) > sampler.length) break;
    }
    if (indices.length !== sampler.length) {
      const got = indices.length > sampler.length ? words("more") : indices.length;
      throw expected("DataLoader", `${sampler.length} indices from the sampler, as its length says`, got);
    }
    return { order: indices, source: { order: null, indices }, done: 0 };
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
    const { order, indices } = current.source;
    const drawn = { order, ...(indices && { indices }) };
    return { epoch: this.epoch - 1, batch: current.done, ...drawn, ...made };
  }

  /** Everything about `saved` that does not fit here, in words; none when loadStateDict() takes it. */
  stateFaults(saved: unknown): string[] {
    const isPlain = (x: object) => typeof x === "object" && Object.keys(x).length >= 0 && !Array.isArray(x);
    const plain = readable(isPlain, saved);
    if (!plain) return [`expected a state as stateDict() gives, got ${describe(saved)}`];
    const { epoch, batch, order, indices, ...made } = saved as Partial<LoaderState>;
    const faults: string[] = [];
    for (const [name, mine] of Object.entries({ sampled: undefined, ...this.made() })) {
      const theirs = made[name as keyof typeof made];
      if (theirs !== mine) faults.push(`expected ${name} ${describe(mine)}, got ${describe(theirs)}`);
    }
    const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0;
    if (!isCount(epoch)) faults.push(`expected a whole number of epochs, got ${describe(epoch)}`);
    if (!isCount(batch) || (batch > 0 && batch >= this.length))
      faults.push(`expected a batch from 0 to ${this.length - 1}, got ${describe(batch)}`);
    if (this.sampler && batch) {
      const fits = (index: unknown) => isCount(index) && index < this.dataset.length;
      if (!isList(indices) || indices.length !== this.samples || !indices.every(fits))
        faults.push(
          `expected ${this.samples} indices below ${this.dataset.length}, got ${describe(indices)}`,
        );
    } else if (indices !== undefined) faults.push(`expected no indices, got ${describe(indices)}`);
    const wanted = this.needsGenerator && (batch !== 0 || order !== null);
    if (wanted) faults.push(...generatorFaults(order).map((fault) => `order: ${fault}`));
    else if (order !== null) faults.push(`expected no order, got ${describe(order)}`);
    return faults;
  }

  /** Go on where `saved` stood. Throws one error that lists all that does not fit, and then has changed nothing. */
  loadStateDict(saved: LoaderState): void {
    const faults = this.stateFaults(saved);
    if (faults.length > 0) {
      throw refusal("DataLoader.loadStateDict", faults.join("\n  "), "nothing was loaded");
    }
    this.epoch = saved.epoch;
    this.current = undefined;
    this.pending = saved.batch > 0 || saved.order ? structuredClone(saved) : undefined;
  }

  private made(): Omit<LoaderState, "epoch" | "batch" | "order" | "indices"> {
    const { batchSize, shuffle, dropLast, seed = null, sampler } = this;
    const sampled = sampler && { sampled: sampler.length };
    return { samples: this.dataset.length, batchSize, shuffle, seed, dropLast, ...sampled };
  }

  /** Whether the orders follow the default generator. */
  private get needsGenerator(): boolean {
    return this.shuffle && this.seed === undefined;
  }

  private *batches(epoch: Epoch): Generator<B> {
    try {
      while (epoch.done < this.length) {
        const start = epoch.done * this.batchSize;
        const size = Math.min(this.batchSize, this.samples - start);
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
