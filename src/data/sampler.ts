import { array, check, checkOptions, defaultGenerator, expected, type Generator, words } from "../tensor";

/**
 * Indices drawn with chances proportional to `weights`, anew in each loop over it: so that rare classes are seen as often
 * as common ones:
 * ```ts
 * const sampler = new WeightedRandomSampler(labels.map((label) => 1 / counts[label]), labels.length);
 * const loader = new DataLoader(dataset, { sampler, batchSize: 32 });
 * ```
 */
export class WeightedRandomSampler implements Iterable<number> {
  readonly weights: readonly number[];
  readonly replacement: boolean;
  readonly generator?: Generator;

  /** `replacement` (true unless given) lets an index come more than once. */
  constructor(
    weights: readonly number[],
    readonly numSamples: number,
    options: { replacement?: boolean; generator?: Generator } = {},
  ) {
    const op = "WeightedRandomSampler";
    check(op, "weights", weights, "numbers");
    check(op, "numSamples", numSamples, "size");
    checkOptions(op, options, "replacement: false", { replacement: "boolean", generator: "generator" });
    const { replacement = true, generator } = options;
    const odd = weights.findIndex((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
    if (odd >= 0) throw expected(op, "finite weights >= 0", words(`${weights[odd]} at index ${odd}`));
    const possible = weights.filter((weight) => weight > 0).length;
    if (possible === 0) throw expected(op, "a weight > 0", words("none"));
    if (!replacement && numSamples > possible) {
      const what = `numSamples of at most ${possible}, the number of weights > 0, without replacement`;
      throw expected(op, what, numSamples);
    }
    this.weights = Object.freeze([...weights]);
    this.replacement = replacement;
    if (generator !== undefined) this.generator = generator;
  }

  get length(): number {
    return this.numSamples;
  }

  [Symbol.iterator](): Iterator<number> {
    const { weights, numSamples, replacement, generator = defaultGenerator() } = this;
    const probs = array([...weights], { dtype: "float64" });
    return generator.multinomial(probs, numSamples, { replacement }).flat()[Symbol.iterator]();
  }
}
