import type { DType } from "./dtype";
import type { BincountOptions, HistcOptions } from "./ops/counting";
import type { CloseOptions, NanToNumOptions } from "./ops/elementwise";
import type { SortOptions, TopkOptions } from "./ops/order";
import type { Axes, ReduceOptions } from "./ops/reduce";
import type { SliceSpec } from "./ops/views";
import type { Shape } from "./shape";

/** Elements in order, and the positions (int32) they had along the axis. */
export interface InOrder<X> {
  readonly values: X;
  readonly indices: X;
}

/**
 * The methods that arrays and tensors have alike, each said once. An NDArray's compute (`ops/methods.ts`), a Tensor's remember
 * beside how to pull a gradient back (`rules/` of autograd). `X` is the class itself, `Y` what may stand beside it: an
 * NDArray beside an NDArray, either beside a Tensor. `derived/` has those that are made of these.
 */
export interface ArrayMethods<X, Y> {
  // Arithmetic broadcasts; a number takes the type of the array

  add(b: Y | number): X;
  sub(b: Y | number): X;
  mul(b: Y | number): X;
  /** True division: integers give float32. */
  div(b: Y | number): X;
  pow(b: Y | number): X;
  /** The larger of both; equal elements share the gradient. */
  maximum(b: Y | number): X;
  /** The smaller of both; equal elements share the gradient. */
  minimum(b: Y | number): X;
  /** a − b ⌊a / b⌋: the sign of the divisor, as Python's %. */
  remainder(b: Y | number): X;
  /** a − b trunc(a / b): the sign of a, as C's %; {@link remainder} has that of b. */
  fmod(b: Y | number): X;
  /** The angle of the point (b, x) against the first axis, in (−π, π]: `y.atan2(x)`. */
  atan2(b: Y | number): X;
  /** log(eᵃ + eᵇ), without overflow. */
  logaddexp(b: Y | number): X;
  /** min(max(x, min), max); either bound may be left out as ∓∞. */
  clamp(min: number, max?: number): X;

  // Comparisons give bool, and no gradient

  eq(b: Y | number): X;
  ne(b: Y | number): X;
  lt(b: Y | number): X;
  le(b: Y | number): X;
  gt(b: Y | number): X;
  ge(b: Y | number): X;
  logicalAnd(b: Y): X;
  logicalOr(b: Y): X;
  logicalNot(): X;
  isNaN(): X;
  /** Neither NaN nor ∞. */
  isFinite(): X;
  /** |a − b| ≤ atol + rtol |b|, element by element, in float64; infinities are close to themselves. */
  isClose(b: Y | number, options?: CloseOptions): X;

  // Functions of every element

  neg(): X;
  abs(): X;
  /** −1, 0 or 1; NaN stays. */
  sign(): X;
  /** eˣ */
  exp(): X;
  /** eˣ − 1, with all its digits near 0. */
  expm1(): X;
  /** The natural logarithm; −∞ of 0, NaN below. */
  log(): X;
  /** log(1 + x), with all its digits near 0. */
  log1p(): X;
  /** log x / log 2, exact for powers of 2. */
  log2(): X;
  /** log x / log 10 */
  log10(): X;
  sqrt(): X;
  /** 1 / √x */
  rsqrt(): X;
  square(): X;
  reciprocal(): X;
  /** Of an angle in radians. */
  sin(): X;
  /** Of an angle in radians. */
  cos(): X;
  /** sin x / cos x, of an angle in radians. */
  tan(): X;
  /** The angle in [−π/2, π/2] that has this sine; NaN beyond [−1, 1]. */
  asin(): X;
  /** The angle in [0, π] that has this cosine; NaN beyond [−1, 1]. */
  acos(): X;
  /** The angle in (−π/2, π/2) that has this tangent; {@link atan2} takes both sides. */
  atan(): X;
  /** (eˣ − e⁻ˣ) / 2 */
  sinh(): X;
  /** (eˣ + e⁻ˣ) / 2 */
  cosh(): X;
  /** sinh x / cosh x, in (−1, 1) */
  tanh(): X;
  /** 1 / (1 + exp(−x)) */
  sigmoid(): X;
  /** 2/√π ∫₀ˣ exp(−t²) dt */
  erf(): X;
  relu(): X;
  floor(): X;
  ceil(): X;
  /** Halves go to the even neighbour. */
  round(): X;
  /** The whole part: the fraction is dropped, towards 0. */
  trunc(): X;
  /** Numbers for NaN, ∞ and −∞, with gradient 0 there; integers have none. */
  nanToNum(options?: NanToNumOptions): X;

  // Reductions over one axis, several, or all

  /** Σ x; int32 for bool and int32. Throws where a sum of integers does not fit; `x.to("float64").sum()` holds it. */
  sum(axes?: Axes, options?: ReduceOptions): X;
  /** Π x; integers as in {@link sum}. */
  prod(axes?: Axes, options?: ReduceOptions): X;
  mean(axes?: Axes, options?: ReduceOptions): X;
  /** Σ (x − mean)² / (n − correction); correction 1 unless given, as PyTorch. */
  var(axes?: Axes, options?: ReduceOptions & { correction?: number }): X;
  /** √var, also where the variance itself would overflow; the gradient is 0 where it is 0. */
  std(axes?: Axes, options?: ReduceOptions & { correction?: number }): X;
  /** Equal elements share the gradient (torch.amax); with a single number as axis the first takes it (torch.max). */
  max(axes?: Axes, options?: ReduceOptions): X;
  /** Gradients as of {@link max}. */
  min(axes?: Axes, options?: ReduceOptions): X;
  /** First index of the largest element along `axis`, or in the flattened array; int32, no gradient. */
  argmax(axis?: number, options?: ReduceOptions): X;
  argmin(axis?: number, options?: ReduceOptions): X;
  /** Whether an element is not 0; bool. */
  any(axes?: Axes, options?: ReduceOptions): X;
  /** Whether no element is 0; bool. */
  all(axes?: Axes, options?: ReduceOptions): X;
  /** log Σ exp(x), without overflow. */
  logsumexp(axes?: Axes, options?: ReduceOptions): X;
  /** (Σ |x|ᵖ)^(1/p), p = 2 unless given; p may be ±∞ or 0. The gradient is 0 where the norm is 0. */
  norm(p?: number, axes?: Axes, options?: ReduceOptions): X;
  /** Σ of what comes up to each element; integers as in {@link sum}. */
  cumsum(axis: number): X;
  /** Π of what comes up to each element; integers as in {@link sum}. */
  cumprod(axis: number): X;
  /** The largest of what comes up to each element, and where it stands (int32), the last of equals; NaN stays. */
  cummax(axis: number): InOrder<X>;
  /** {@link cummax} of the smallest. */
  cummin(axis: number): InOrder<X>;

  // Counts, without gradient

  /**
   * The different elements in order, where each element went, and how often each came; with an axis, its different entries
   * in the order of their elements. NaN equals nothing.
   */
  unique(axis?: number): { values: X; inverse: X; counts: X };
  /** How often each of 0, 1, 2, … occurs in a list of whole numbers (int32); with weights, their sums. */
  bincount(options?: BincountOptions<Y>): X;
  /** How many elements fall into each of `bins` (100) equal parts of [min, max], `max` included; others are left out. */
  histc(bins?: number, options?: HistcOptions): X;

  // Rows of one axis, normalised; the last unless given

  /** exp(x − max) / Σ exp(x − max) along `axis`. */
  softmax(axis?: number): X;
  /** x − log Σ exp(x) along `axis`. */
  logSoftmax(axis?: number): X;

  // Products

  /**
   * Matrix product of the last two axes; leading axes broadcast, vectors are a row (left) or a column (right). Throws where
   * a sum of integers does not fit in int32.
   */
  matmul(b: Y): X;

  // Views: the same memory, other shape and strides

  /**
   * `x.slice(0, "1:", "::2")`: an index drops its axis, a Python range keeps it, `"..."` stands for the others. A bool mask
   * picks where it is true, and its axes become one: a copy.
   */
  slice(...specs: (SliceSpec | Y)[]): X;
  /** Entries `start` … `start + length - 1` of one axis. */
  narrow(axis: number, start: number, length: number): X;
  /** Entry `index` of one axis, without that axis. */
  select(axis: number, index: number): X;
  /** Two axes swapped, the last two unless given. */
  transpose(axis0?: number, axis1?: number): X;
  /** Axis i of the result is axis `axes[i]` of this. */
  permute(axes: readonly number[]): X;
  /** Axes of size 1 repeated up to `shape`, without a copy; -1 keeps a size. */
  expand(shape: Shape): X;
  /** The elements in row-major order under another shape, one size may be -1; a copy only when strides force it. */
  reshape(shape: Shape): X;
  /** Axes `startAxis` to `endAxis` as one; all unless given. */
  flatten(startAxis?: number, endAxis?: number): X;
  /** Without these axes of size 1; without all such unless given. */
  squeeze(axes?: Axes): X;
  /** With a new axis of size 1 at this place; −1 is behind the last. */
  unsqueeze(axis: number): X;
  /** Elements (i, i + offset) of two axes, the last two unless given, as a new last axis. */
  diagonal(offset?: number, axis0?: number, axis1?: number): X;
  /** Entries of these axes in the opposite order. */
  flip(axes: Axes): X;

  // Copies

  /** A contiguous copy in memory of its own. */
  clone(): X;
  /** The same elements in row-major order; a copy only when they are not. */
  contiguous(): X;
  /**
   * The elements as another type; this if it has that type already. Floats lose their fraction in int32, which throws
   * where it does not hold one (3e9, NaN); float64 beyond float32 becomes an infinity. Gradients come back in the first type.
   */
  to(dtype: DType): X;

  // Picking and placing

  /** out[i, j] = x[i, index[i, j]] for axis 1, and so on; the shape of `index`. */
  gather(axis: number, index: Y): X;
  /** A copy with out[i, index[i, j]] = src[i, j] for axis 1, and so on; of a place that comes twice the last counts. */
  scatter(axis: number, index: Y, src: Y | number): X;
  /** A copy with out[i, index[i, j]] += src[i, j] for axis 1, and so on; repeated indices add up. */
  scatterAdd(axis: number, index: Y, src: Y): X;
  /** The entries `index` of one axis, in that order; of a scalar index that one entry. The axis stays. */
  indexSelect(axis: number, index: Y): X;
  /** The indices of the elements that are not 0, a row (ndim) for each; int32, no gradient. */
  nonzero(): X;
  /** `value` where the bool `mask` is true; keeps the type. */
  maskedFill(mask: Y, value: number): X;
  /** `value` (0) around the last axes, a [before, after] for each; negative widths crop. */
  pad(widths: readonly (readonly [number, number])[], value?: number): X;
  /** Entry i moves to (i + shift) mod n; without axes the flattened array is rolled. */
  roll(shifts: Axes, axes?: Axes): X;
  /** The last two axes with zeros above diagonal k; 0 is the main one. */
  tril(k?: number): X;
  /** The last two axes with zeros below diagonal k; 0 is the main one. */
  triu(k?: number): X;
  /** Values in order along an axis, the last unless given, and where they stood (int32); stable; NaN counts as largest. */
  sort(axis?: number, options?: SortOptions): InOrder<X>;
  /** The k largest (or smallest) along an axis, the last unless given, best first, and where they stood. */
  topk(k: number, axis?: number, options?: TopkOptions): InOrder<X>;
}
