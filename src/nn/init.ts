import {
  check,
  checkOptions,
  checkShape,
  type DType,
  defaultGenerator,
  expected,
  full,
  type Generator,
  type NDArray,
  type Shape,
  showShape,
  words,
} from "../tensor";
import { isMeta, phantom } from "./meta";

/**
 * First values of weights, as new arrays: `this.weight = parameter(init.xavierUniform([out, in]))`.
 * To change a model that is there: `layer.weight.data.assign(init.normal(layer.weight.shape, { std: 0.02 }))`.
 *
 * A weight (out, in, ...window) feeds each output from fanIn = in · |window| numbers and spreads each input over
 * fanOut = out · |window|. The rules below choose a variance so that signals, or gradients, keep their size through
 * many layers. Inside `meta()` the arrays have shape but no memory.
 */
export interface InitOptions {
  /** Where the random numbers come from; the one that manualSeed() sets unless given. */
  readonly generator?: Generator;
  /** "float32" unless given. */
  readonly dtype?: DType;
}

const common = { generator: "generator", dtype: "dtype" } as const;

export const zeros = (shape: Shape, options?: { dtype?: DType }): NDArray => {
  check("zeros", "shape", shape, "numbers");
  checkOptions("zeros", options, "dtype", { dtype: "dtype" });
  return constant(shape, 0, options);
};
export const ones = (shape: Shape, options?: { dtype?: DType }): NDArray => constant(shape, 1, options);

export const constant = (shape: Shape, value: number, options: { dtype?: DType } = {}): NDArray => {
  check("constant", "shape", shape, "numbers");
  check("constant", "value", value, "number");

  checkOptions("constant", options, "dtype", { dtype: "dtype" });
  const { dtype } = options;
  return isMeta() ? phantom(shape, dtype) : full(shape, value, { dtype });
};

/** U[low, high) */
export function uniform(shape: Shape, options: { low?: number; high?: number } & InitOptions = {}): NDArray {
  checkOptions("uniform", options, "low, high", {
    low: "number",
    high: "number",
    ...common,
  });
  const { low = 0, high = 1, generator, dtype } = options;

  if (isMeta()) return phantom(shape, dtype);
  return (generator ?? defaultGenerator()).uniform(shape, { low, high, dtype });
}

/** N(mean, std²) */
export function normal(shape: Shape, options: { mean?: number; std?: number } & InitOptions = {}): NDArray {
  checkOptions("normal", options, "mean, std", {
    mean: "number",
    std: "number",
    ...common,
  });
  const { mean = 0, std = 1, generator, dtype } = options;

  if (isMeta()) return phantom(shape, dtype);
  return (generator ?? defaultGenerator()).normal(shape, { mean, std, dtype });
}

/**
 * N(mean, std²), drawn again while outside [low, high]. The bounds are values, not multiples of std, as in PyTorch;
 * BERT and ViT use std 0.02, where ±2 cuts nothing.
 */
export function truncatedNormal(
  shape: Shape,
  options: { mean?: number; std?: number; low?: number; high?: number } & InitOptions = {},
): NDArray {
  checkOptions("truncatedNormal", options, "mean, std", {
    mean: "number",
    std: "number",
    low: "number",
    high: "number",
    ...common,
  });
  const { mean = 0, std = 1, low = -2, high = 2, generator, dtype } = options;

  if (isMeta()) return phantom(shape, dtype);
  return (generator ?? defaultGenerator()).truncatedNormal(shape, { mean, std, low, high, dtype });
}

/**
 * U(−a, a), a = gain √(6 / (fanIn + fanOut)): a compromise that keeps both signals and gradients, for tanh-like layers.
 * Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
 */
export function xavierUniform(shape: Shape, options: { gain?: number } & InitOptions = {}): NDArray {
  checkOptions("xavierUniform", options, "gain, generator", {
    gain: "number",
    ...common,
  });
  const { gain = 1, ...rest } = options;

  const { fanIn, fanOut } = fans("xavierUniform", shape);
  const a = gain * Math.sqrt(6 / (fanIn + fanOut));
  return uniform(shape, { low: -a, high: a, ...rest });
}

/** N(0, std²), std = gain √(2 / (fanIn + fanOut)). Glorot and Bengio 2010. */
export function xavierNormal(shape: Shape, options: { gain?: number } & InitOptions = {}): NDArray {
  checkOptions("xavierNormal", options, "gain, generator", {
    gain: "number",
    ...common,
  });
  const { gain = 1, ...rest } = options;

  const { fanIn, fanOut } = fans("xavierNormal", shape);
  return normal(shape, { std: gain * Math.sqrt(2 / (fanIn + fanOut)), ...rest });
}

/**
 * gain times a weight (out, in · |window|) whose rows, or if there are more rows than columns whose columns, are
 * orthogonal and of length 1, drawn evenly from all such: signals keep their length, for recurrent nets above all.
 * Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", 2014.
 */
export function orthogonal(shape: Shape, options: { gain?: number } & InitOptions = {}): NDArray {
  checkOptions("orthogonal", options, "gain, generator", {
    gain: "number",
    ...common,
  });
  const { gain = 1, generator = defaultGenerator(), dtype = "float32" } = options;
  fans("orthogonal", shape);
  if (isMeta()) return phantom(shape, dtype);
  const rows = shape[0];
  const columns = shape.slice(1).reduce((a, b) => a * b, 1);
  const [few, many] = rows < columns ? [rows, columns] : [columns, rows];
  // Gram and Schmidt: from each vector goes what the ones before it have, twice, as the first time leaves rounding errors.
  const vectors = generator.normal([few, many], { dtype: "float64" });
  for (let i = 0; i < few; i++) {
    const vector = vectors.select(0, i);
    const before = vectors.narrow(0, 0, i);
    for (let pass = 0; i > 0 && pass < 2; pass++)
      vector.assign(vector.sub(before.matmul(vector).matmul(before)));
    vector.assign(vector.div(vector.norm()));
  }
  const weight = rows < columns ? vectors : vectors.transpose();
  return weight.mul(gain).contiguous().reshape(shape).to(dtype);
}

export interface KaimingOptions extends InitOptions {
  /** Slope of the leaky relu that follows, for negative inputs: 0 (the default) for relu. */
  readonly a?: number;
  /** "fanIn" (the default) keeps the size of signals on the way forward, "fanOut" of gradients on the way back. */
  readonly mode?: "fanIn" | "fanOut";
}

/**
 * U(−b, b), b = √(6 / ((1 + a²) fan)): relu halves the variance, so the weights double it.
 * He et al., "Delving deep into rectifiers", 2015. PyTorch's default for Linear and Conv2d is a = √5, that is
 * b = 1 / √fanIn.
 */
export function kaimingUniform(shape: Shape, options: KaimingOptions = {}): NDArray {
  checkOptions("kaimingUniform", options, "a, mode", {
    a: "number",
    mode: ["fanIn", "fanOut"],
    ...common,
  });
  const { a = 0, mode = "fanIn", ...rest } = options;

  const bound = Math.sqrt(3) * kaimingStd("kaimingUniform", shape, a, mode);
  return uniform(shape, { low: -bound, high: bound, ...rest });
}

/** N(0, std²), std = √(2 / ((1 + a²) fan)). He et al. 2015. */
export function kaimingNormal(shape: Shape, options: KaimingOptions = {}): NDArray {
  checkOptions("kaimingNormal", options, "a, mode", {
    a: "number",
    mode: ["fanIn", "fanOut"],
    ...common,
  });
  const { a = 0, mode = "fanIn", ...rest } = options;

  return normal(shape, { std: kaimingStd("kaimingNormal", shape, a, mode), ...rest });
}

function kaimingStd(name: string, shape: Shape, a: number, mode: "fanIn" | "fanOut"): number {
  if (mode !== "fanIn" && mode !== "fanOut") {
    throw expected(name, 'mode "fanIn" or "fanOut"', mode);
  }
  return Math.sqrt(2 / ((1 + a * a) * fans(name, shape)[mode]));
}

/** From how many numbers an output is made, and into how many an input goes, for a weight (out, in, ...window). */
function fans(name: string, shape: Shape): { fanIn: number; fanOut: number } {
  checkShape(name, shape);
  if (shape.length < 2) {
    throw expected(name, "a weight with at least 2 axes (out, in)", words(showShape(shape)));
  }
  const window = shape.slice(2).reduce((a, b) => a * b, 1);
  return { fanIn: shape[1] * window, fanOut: shape[0] * window };
}
