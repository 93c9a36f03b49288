/** What the kernels of `kernels.ts` are told: names of operations, and sizes. */

export type Floats = Float32Array | Float64Array;

export type UnaryOp =
  | "neg"
  | "abs"
  | "sign"
  | "square"
  | "reciprocal"
  | "sqrt"
  | "rsqrt"
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "log2"
  | "log10"
  | "sin"
  | "cos"
  | "tan"
  | "asin"
  | "acos"
  | "atan"
  | "sinh"
  | "cosh"
  | "tanh"
  | "sigmoid"
  | "erf"
  | "relu"
  | "silu"
  | "gelu"
  | "geluTanh"
  | "quickGelu"
  | "softplus"
  | "logSigmoid"
  | "mish"
  | "floor"
  | "ceil"
  | "round"
  | "trunc"
  | "leakyRelu"
  | "elu"
  | "clamp"
  | "nanToNum";

/**
 * Numbers that an operation takes beside its arrays, as they are in the arrays' type: the slope of leakyRelu, α of elu, min
 * and max of clamp, what nanToNum puts for NaN, ∞ and −∞.
 */
export type Parameters = readonly number[];

/** Activations whose derivative pays as a kernel of its own. */
export type ActivationOp =
  | ("relu" | "silu" | "gelu" | "geluTanh" | "quickGelu" | "tanh" | "sigmoid")
  | ("softplus" | "mish" | "leakyRelu" | "elu" | "clamp");

/**
 * Beside arithmetic: lerp, a + weight (b − a); prelu, a where a > 0, else a · b; huber, c (a − b − c/2), and its slope c, which
 * is a − b held within ± a threshold; logisticLoss, (1 − b) ln (1 + eᵃ) + b ln (1 + e⁻ᵃ), and its slope (1 − b) σ(a) − b σ(−a).
 */
export type BinaryOp =
  | ("add" | "sub" | "mul" | "div" | "pow" | "maximum" | "minimum")
  | ("remainder" | "fmod" | "atan2" | "logaddexp" | "lerp")
  | ("prelu" | "huber" | "huberSlope" | "logisticLoss" | "logisticSlope");
export type CompareOp = "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "close";
export type ReduceOp = "sum" | "sumOfSquares" | "norm" | "prod" | "max" | "min";
export type ScatterOp = "sum" | "assign";
export type ScanOp = "sum" | "prod";
export type ExtremeOp = "max" | "min";
export type DrawOp = "uniform" | "normal" | "bernoulli";

/** `batch` products out (m, n) = A (m, k) · B (k, n), row-major. */
export interface MatmulSizes {
  readonly batch: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** A is stored as (k, m). */
  readonly transposeA: boolean;
  /** B is stored as (n, k). */
  readonly transposeB: boolean;
  /** One A serves the whole batch. */
  readonly sharedA: boolean;
  /** One B serves the whole batch. */
  readonly sharedB: boolean;
}

/** What {@link Kernels.attention} works on. */
export interface AttentionSizes {
  /** B and H. */
  readonly batch: number;
  readonly heads: number;
  /** T and S. */
  readonly queries: number;
  readonly keys: number;
  /** C of q and k, D of v. */
  readonly width: number;
  readonly valueWidth: number;
  readonly scale: number;
  /** Query t sees keys 0 … t only. */
  readonly isCausal: boolean;
  /** Steps through the mask along B, H and T, 0 where it repeats; along S it is in order. */
  readonly maskStrides: readonly [number, number, number];
}

/** Of something that has a vertical and a horizontal part. */
export type Both = readonly [vertical: number, horizontal: number];

/** What a convolution works on: images (B, C, H, W), a weight (O, C/groups, kh, kw), results (B, O, h, w). */
export interface ConvSizes {
  readonly batch: number;
  readonly groups: number;
  /** C and O, of all groups. */
  readonly channels: number;
  readonly outChannels: number;
  /** H, W */
  readonly image: Both;
  /** h, w: how many windows there are. */
  readonly windows: Both;
  /** kh, kw: how large one is. */
  readonly window: Both;
  readonly stride: Both;
  /** Zeros before the first row and column; behind the last as many as the windows need. */
  readonly padding: Both;
  readonly dilation: Both;
}

/**
 * What a pool works on: planes (height, width) under a grid of windows. A window is where a row and a column of the grid
 * cross; each of these is four numbers: the first cell, the end, the step from cell to cell, and its size for a mean.
 */
export interface PoolSizes {
  readonly planes: number;
  readonly height: number;
  readonly width: number;
  readonly rows: Int32Array;
  readonly columns: Int32Array;
}

/** One step of AdamW or Adam, the `step`th, counted from 1. */
export interface AdamStep {
  readonly step: number;
  readonly lr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  /** true: decay the weight itself (AdamW); false: add weightDecay · w to the gradient (Adam). */
  readonly decoupled: boolean;
}
