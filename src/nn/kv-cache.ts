import { concat, isGradEnabled, Tensor } from "../autograd";
import { check, checkOptions, empty, expected, type NDArray, ofShape, sameShape } from "../tensor";

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
  readonly #seen = new Map<object, { readonly key: Tokens; readonly value: Tokens }>();
  readonly #kept = new Map<object, { from: KeyValue; made: KeyValue }>();

  /** Tokens seen so far: the position of the next one. */
  get length(): number {
    let most = 0;
    for (const { key } of this.#seen.values()) most = Math.max(most, key.all.shape[2]);
    return most;
  }

  /** How many tokens `layer` has seen. */
  lengthOf(layer: object): number {
    return this.#seen.get(layer)?.key.all.shape[2] ?? 0;
  }

  /** The keys and values of the tokens that `layer` has seen; undefined before the first. */
  seenBy(layer: object): KeyValue | undefined {
    const seen = this.#seen.get(layer);
    return seen && { key: seen.key.all, value: seen.value.all };
  }

  /** Add the new tokens of `layer`; returns all that it has seen. */
  append(layer: object, options: KeyValue): KeyValue {
    checkOptions("KVCache.append", options, "key, value", { key: "tensor", value: "tensor" }, [
      "key",
      "value",
    ]);
    const { key, value } = options;

    const [b, h, t] = key.shape;
    if (key.ndim !== 4 || value.ndim !== 4 || !sameShape(value.shape, [b, h, t, value.shape[3]])) {
      const what = "key and value (B, H, T, D), of the same B, H and T";
      throw expected("KVCache.append", what, ofShape(key.shape, value.shape));
    }
    const past = this.#seen.get(layer);
    if (!past) {
      this.#seen.set(layer, { key: new Tokens(key), value: new Tokens(value) });
      return { key, value };
    }
    const B = past.key.all.shape[0];
    if (key.shape[0] !== B) {
      throw expected(
        "KVCache",
        `the ${B} sequences seen before`,
        key.shape[0],
        "clear() it, or make a new one for each batch",
      );
    }
    const longer = { key: past.key.with(key), value: past.value.with(value) };
    this.#seen.set(layer, longer);
    return { key: longer.key.all, value: longer.value.all };
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

/**
 * Keys or values of the tokens so far, (B, H, S, D). Without gradients they are views of a longer array, into which the
 * next ones are written: a step copies its own tokens, not those before.
 */
class Tokens {
  constructor(
    readonly all: Tensor,
    /** (B, P, H, D) with P ≥ S: the heads of a token lie together, as attention's kernel reads them. */
    private readonly room: NDArray | null = null,
  ) {}

  with(fresh: Tensor): Tokens {
    const [B, H, S, D] = this.all.shape;
    const T = fresh.shape[2];
    // A graph holds what it has seen, so that nothing may be written behind it. (concat also refuses what does not fit.)
    const fits = fresh.dtype === this.all.dtype && sameShape(fresh.shape, [B, H, T, D]);
    if (isGradEnabled() || !fits) return new Tokens(concat([this.all, fresh], 2));
    let { room } = this;
    if (!room || room.shape[1] < S + T) {
      room = empty([B, 2 * (S + T), H, D], { dtype: fresh.dtype });
      room.narrow(1, 0, S).assign(this.all.data.transpose(1, 2));
    }
    room.narrow(1, S, T).assign(fresh.data.transpose(1, 2));
    return new Tokens(new Tensor(room.narrow(1, 0, S + T).transpose(1, 2)), room);
  }
}
