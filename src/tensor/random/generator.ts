import { check, checkArray, checkOperand, checkOptions } from "../check";
import { empty } from "../create";
import { kernels } from "../device";
import { type DType, isFloat, stored } from "../dtype";
import { expected, expectedKind, refusal, words } from "../expected";
import { unwritten } from "../fused/arrays";
import { checkShape, ownShape } from "../given-shape";
import { isList } from "../is-a";
import type { DrawOp } from "../kernels";
import { brief } from "../listed";
import type { NDArray } from "../ndarray";
import { describe, type Shape, showShape } from "../shape";
import { multinomialRow } from "./multinomial";
import { truncatedNormal } from "./truncated";
import { scramble, Xoshiro } from "./xoshiro";

export interface RandomOptions {
  readonly dtype?: DType;
}

/** The state of a generator: four whole numbers, fit for JSON. */
export type GeneratorState = readonly [number, number, number, number];

/**
 * A seeded source of random arrays. The same seed gives the same numbers on every device, platform and
 * JavaScript engine: only 32-bit integers and exactly rounded arithmetic are used. A float32 array holds the
 * rounded numbers of the float64 one.
 */
export class Generator {
  readonly #source: Xoshiro;

  /** Any whole number; seeds that lie close give unrelated numbers. */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) {
      throw expected("Generator", "a whole number below 2⁵³ as seed", seed);
    }
    this.#source = new Xoshiro(scramble([seed]));
  }

  /** Save with `state()`, go on from there with `setState()`: the way to resume a training run exactly. */
  state(): GeneratorState {
    return this.#source.words;
  }

  /** Throws unless `state` is what state() gives: four 32-bit integers, not all 0; and then has changed nothing. */
  setState(state: GeneratorState): this {
    const [fault] = generatorFaults(state);
    if (fault !== undefined) throw refusal("setState", fault);
    this.#source.restore(state);
    return this;
  }

  /** A generator of its own for a name or number; this one stays where it is. Different names, unrelated numbers. */
  split(name: string | number): Generator {
    if (typeof name !== "string") check("split", "a number as name", name, "integer");
    const child = new Generator(0);
    child.#source.restore(scramble([...this.#source.words, name]));
    return child;
  }

  /** Evenly spread over [low, high). */
  uniform(shape: Shape, options: RandomOptions & { low?: number; high?: number } = {}): NDArray {
    checkOptions("uniform", options, "low: -1, high: 1", { dtype: "dtype", low: "number", high: "number" });
    const { low = 0, high = 1, dtype } = options;
    if (!(low <= high && Number.isFinite(high - low)))
      throw expected("uniform", "finite low <= high", words(`${low} and ${high}`));
    return this.#draw("uniform", this.#unwritten("uniform", shape, dtype), low, high);
  }

  /** Normal (Gauss): one draw per number, through the inverse of its distribution function. */
  normal(shape: Shape, options: RandomOptions & { mean?: number; std?: number } = {}): NDArray {
    checkOptions("normal", options, "mean: 0, std: 1", { dtype: "dtype", mean: "number", std: "number" });
    const { mean = 0, std = 1, dtype } = options;
    checkStd("normal", std);
    return this.#draw("normal", this.#unwritten("normal", shape, dtype), mean, std);
  }

  /**
   * Normal, given that the number lies in [low, high]: PyTorch's `trunc_normal_`. The bounds are values, not
   * multiples of std.
   */
  truncatedNormal(
    shape: Shape,
    options: RandomOptions & { mean?: number; std?: number; low?: number; high?: number } = {},
  ): NDArray {
    checkOptions("truncatedNormal", options, "std: 0.02", {
      ...{ dtype: "dtype", mean: "number", std: "number", low: "number", high: "number" },
    });
    const { mean = 0, std = 1, low = -2, high = 2, dtype } = options;
    checkStd("truncatedNormal", std);
    if (!(low < high)) throw expected("truncatedNormal", "low < high", words(`${low} and ${high}`));
    const source = this.#source;
    const [from, to] = [(low - mean) / std, (high - mean) / std];
    return this.#floats("truncatedNormal", shape, dtype, () => {
      const x = std === 0 ? mean : mean + std * truncatedNormal(source, from, to);
      return Math.min(Math.max(x, low), high);
    });
  }

  /** Whole numbers in [low, high), all equally likely; int32 unless `dtype`. */
  integers(shape: Shape, options: RandomOptions & { low?: number; high: number }): NDArray {
    checkShape("integers", shape);
    checkOptions("integers", options, "high: 10", { dtype: "dtype", low: "number", high: "number" }, [
      "high",
    ]);
    const { low = 0, high, dtype = "int32" } = options;
    const n = high - low;
    if (!Number.isInteger(low) || !Number.isInteger(high) || n < 1 || low < -(2 ** 31) || high > 2 ** 31) {
      throw expected("integers", "32-bit integers low < high", words(`${low} and ${high}`));
    }
    const out = empty(shape, { dtype });
    const { data } = out;
    // Draws from the incomplete last multiple of n are thrown away.
    const fair = 4294967296 - (4294967296 % n);
    for (let i = 0; i < data.length; ) {
      const count = Math.min(draws.length, data.length - i);
      this.#source.fill(draws, count, "next");
      for (let k = 0; k < count; k++) {
        const draw = draws[k];
        if (draw >= fair) continue;
        // draw % n, exactly: of numbers below 2³² no quotient is rounded up to the next whole number.
        data[i++] = stored(dtype, low + draw - n * Math.floor(draw / n));
      }
    }
    return out;
  }

  /** 0, 1, …, n − 1 in random order (Fisher–Yates); int32. */
  permutation(n: number): NDArray {
    checkShape("permutation", [n]);
    const out = unwritten("int32", [n]);
    const { data } = out;
    for (let i = 0; i < n; ) {
      const count = Math.min(draws.length, n - i);
      this.#source.fill(draws, count, "next");
      for (let k = 0; k < count; k++) {
        const draw = draws[k] >>> 0;
        const choices = i + 1;
        // As in integers(); only one of the last may lie in the incomplete multiple.
        if (draw > 4294967296 - choices && draw >= 4294967296 - (4294967296 % choices)) continue;
        const j = draw % choices;
        data[i] = data[j];
        data[j] = i++;
      }
    }
    return out;
  }

  /** 1 with probability p, else 0. `p` may be an array that broadcasts to the shape. */
  bernoulli(shape: Shape, options: RandomOptions & { p?: number | NDArray } = {}): NDArray {
    checkShape("bernoulli", shape);
    checkOptions("bernoulli", options, "p: 0.1", { dtype: "dtype", p: "any" });
    const { p = 0.5, dtype } = options;
    checkOperand("bernoulli", p);
    const out = unwritten(dtype ?? "float32", ownShape("bernoulli", shape));
    const chances = typeof p === "number" ? [p] : p.expand(shape).flat();
    const odd = chances.findIndex((chance) => !(chance >= 0 && chance <= 1));
    if (odd >= 0) throw expected("bernoulli", "p in [0, 1]", chances[odd]);
    if (typeof p === "number") return this.#draw("bernoulli", out, p);
    const { data } = out;
    for (let start = 0; start < data.length; start += draws.length) {
      const count = Math.min(draws.length, data.length - start);
      this.#source.fill(draws, count, "next");
      for (let k = 0; k < count; k++) data[start + k] = draws[k] < chances[start + k] * 4294967296 ? 1 : 0;
    }
    return out;
  }

  /**
   * `n` indices drawn with chances proportional to `probs`, a vector (K,) or rows (B, K): (n,) or (B, n), int32.
   * Without replacement (the default, as PyTorch) no index comes twice in a row.
   */
  multinomial(probs: NDArray, n: number, options: { replacement?: boolean } = {}): NDArray {
    checkArray("multinomial", probs);
    checkOptions("multinomial", options, "replacement: true", { replacement: "boolean" });
    const { replacement = false } = options;
    if (probs.ndim !== 1 && probs.ndim !== 2) {
      throw expected("multinomial", "probs (K,) or (B, K)", words(showShape(probs.shape)));
    }
    if (!Number.isInteger(n) || n < 1) throw expected("multinomial", "n >= 1", n);
    const K = probs.shape[probs.ndim - 1];
    const out = empty([...probs.shape.slice(0, -1), n], { dtype: "int32" });
    const weights = probs.flat();
    for (let row = 0; row * n < out.size; row++) {
      const picks = multinomialRow(this.#source, weights.subarray(row * K, (row + 1) * K), n, replacement);
      out.data.set(picks, row * n);
    }
    return out;
  }

  #floats(op: string, shape: Shape, dtype: DType = "float32", draw: () => number): NDArray {
    const out = this.#unwritten(op, shape, dtype);
    const { data } = out;
    for (let i = 0; i < data.length; i++) data[i] = draw();
    return out;
  }

  /** What the device draws. */
  #draw(op: DrawOp, out: NDArray, a: number, b = 0): NDArray {
    const state = Int32Array.from(this.#source.words);
    kernels().draw(op, state, out.data, a, b);
    this.#source.restore(state);
    return out;
  }

  #unwritten(op: string, shape: Shape, dtype: DType = "float32"): NDArray {
    const own = ownShape(op, shape);
    if (!isFloat(dtype)) throw expectedKind(op, "float32 or float64", words(dtype));
    return unwritten(dtype, own);
  }
}

/** Numbers drawn together. */
const draws = new Float64Array(1024);

/** What keeps `state` from being a state of a generator, in words; none when setState() takes it. */
export function generatorFaults(state: unknown): string[] {
  const isWord = (word: unknown): boolean => typeof word === "number" && word === (word | 0);
  const valid =
    isList(state) && state.length === 4 && state.every(isWord) && state.some((word) => word !== 0);
  if (valid) return [];
  const came = isList(state) ? brief(state) : describe(state);
  return [`expected four whole numbers from state(), each of 32 bits and not all 0, got ${came}`];
}

function checkStd(op: string, std: number): void {
  if (!(std >= 0)) throw expected(op, "std >= 0", std);
}
