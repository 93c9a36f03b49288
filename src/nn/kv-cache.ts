import { concat, type Tensor } from "../autograd";
import { check, checkOptions, expected } from "../tensor";

/** Keys and values (B, H, S, D) of the tokens that an attention layer has seen. */
export interface KeyValue {
  readonly key: Tensor;
  readonly value: Tensor;
}

/**
 * What the attention layers of a model remember between the steps of generation, so that a step computes the new
 * token alone. One cache serves the whole model: every layer finds its own part in it. (So a model that uses one layer
 * at two depths cannot be cached.)
 * ```ts
 * const cache = new KVCache();
 * noGrad(() => model.forward(prompt, { cache })); // (B, T): fills the cache
 * noGrad(() => model.forward(next, { cache }));   // (B, 1): sees all tokens before
 * ```
 */
export class KVCache {
  readonly #seen = new Map<object, KeyValue>();
  readonly #kept = new Map<object, { from: KeyValue; made: KeyValue }>();

  /** Tokens seen so far: the position of the next one. */
  get length(): number {
    return Math.max(0, ...[...this.#seen.values()].map(({ key }) => key.shape[2]));
  }

  /** How many tokens `layer` has seen. */
  lengthOf(layer: object): number {
    return this.#seen.get(layer)?.key.shape[2] ?? 0;
  }

  /** The keys and values of the tokens that `layer` has seen; undefined before the first. */
  seenBy(layer: object): KeyValue | undefined {
    return this.#seen.get(layer);
  }

  /** Add the new tokens of `layer`; returns all that it has seen. */
  append(layer: object, options: KeyValue): KeyValue {
    checkOptions("KVCache.append", options, "key, value", { key: "tensor", value: "tensor" }, [
      "key",
      "value",
    ]);
    const { key, value } = options;

    const past = this.#seen.get(layer);
    if (past && past.key.shape[0] !== key.shape[0]) {
      throw expected(
        "KVCache",
        `the ${past.key.shape[0]} sequences seen before`,
        key.shape[0],
        "clear() it, or make a new one for each batch",
      );
    }
    const all = past
      ? { key: concat([past.key, key], 2), value: concat([past.value, value], 2) }
      : { key, value };
    this.#seen.set(layer, all);
    return all;
  }

  /** What `layer` makes of sources that do not grow, such as an encoder's output: made once for the same tensors. */
  keep(layer: object, from: KeyValue, make: () => KeyValue): KeyValue {
    check("KVCache.keep", "from", from, "object");
    check("KVCache.keep", "make", make, "function");

    const kept = this.#kept.get(layer);
    if (kept && kept.from.key === from.key && kept.from.value === from.value) return kept.made;
    const made = make();
    this.#kept.set(layer, { from, made });
    return made;
  }

  /** Forget everything, for a new sequence. */
  clear(): void {
    this.#seen.clear();
    this.#kept.clear();
  }
}
