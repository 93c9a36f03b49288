import type { DType, Storage } from "./dtype";
import type {
  ActivationOp,
  AdamStep,
  AttentionSizes,
  BinaryOp,
  CompareOp,
  ConvSizes,
  DrawOp,
  ExtremeOp,
  Floats,
  MatmulSizes,
  Parameters,
  PoolSizes,
  ReduceOp,
  ScanOp,
  ScatterOp,
  UnaryOp,
} from "./kernel-arguments";

export type * from "./kernel-arguments";

/**
 * What a device must compute, on flat contiguous numbers and sizes, never shapes: strides, broadcasting and
 * dtypes are settled before a kernel is called. All arrays of one call have one dtype unless said otherwise.
 * `out` is written in full; it never overlaps an input unless a kernel says "in place".
 *
 * A device may refuse nothing: it is made as `{ ...reference, ...itsOwn }`, and hands what it does not do
 * well (float64, tiny sizes) to the reference.
 */
export interface Kernels {
  /** Memory for `length` elements, zeroed. The device decides where it lies. */
  alloc(dtype: DType, length: number): Storage;

  /** The same without the zeros, for what is about to be written in full: the contents are whatever was there. */
  empty(dtype: DType, length: number): Storage;

  /** A clock that goes on with every array handed out. */
  clock(): number;

  /**
   * Promises that no array, view or graph will touch `data` ever again: if it is an array from `alloc` or `empty`, made
   * at time `since` or later, the device may hand it out anew. Never needed (the garbage collector finds dead
   * arrays too), only faster.
   */
  free(data: Storage, since?: number): void;

  /**
   * out[outOffset + Σ i·outStrides] = x[offset + Σ i·strides] for every index i of `shape`: what makes a transposed or
   * cut view contiguous, and what writes into one. The only kernel that knows axes, and the only one that converts:
   * the types may differ (a fraction is dropped on the way to int32, which holds the rest). `x` and `out` do not overlap.
   */
  copy(
    shape: readonly number[],
    x: Storage,
    offset: number,
    strides: readonly number[],
    out: Storage,
    outOffset: number,
    outStrides: readonly number[],
  ): void;

  /** out_i = start + step · (i + shift) / parts in float64, for floats and int32; parts is not 0. */
  ramp(out: Storage, start: number, step: number, shift: number, parts: number): void;

  /** out_i = op(x_i) */
  unary(op: UnaryOp, x: Storage, out: Storage, parameters?: Parameters): void;

  /**
   * gx_i = g_i · op′(x_i), from the input x of the activation; for relu g_i where x_i is not ≤ 0, and 0 elsewhere; likewise
   * for clamp g_i within the bounds, and for leakyRelu and elu on the side where they are straight.
   */
  activationBackward(op: ActivationOp, x: Floats, g: Floats, gx: Floats, parameters?: Parameters): void;

  /**
   * out_i = a[⌊i / aInner⌋ mod a.length] ∘ b[⌊i / bInner⌋ mod b.length].
   * So one rule covers equal sizes (inner 1), a scalar (length 1), a row added to every row (inner 1, shorter),
   * and a column added to every column (inner = row length). In place where `out` is `a` or `b` of the same length.
   * lerp has a weight as parameter, huber its threshold; lerp goes from the nearer end.
   */
  binary(
    op: BinaryOp,
    a: Storage,
    aInner: number,
    b: Storage,
    bInner: number,
    out: Storage,
    parameters?: Parameters,
  ): void;

  /** The same rule; out is 0 or 1. `close` has rtol and atol: |a − b| ≤ atol + rtol |b| in float64, or equal. */
  compare(
    op: CompareOp,
    a: Storage,
    aInner: number,
    b: Storage,
    bInner: number,
    out: Uint8Array,
    parameters?: Parameters,
  ): void;

  /**
   * out_i = condition_i ≠ 0 ? a_i : b_i. Each is as long as `out`, or one element that serves all; the condition may be of
   * another type than the others.
   */
  where(condition: Storage, a: Storage, b: Storage, out: Storage): void;

  /**
   * x is (outer, n, inner); out is (outer, inner). Sums of floats accumulate in at least float32 pairs; "norm" is √Σ x²,
   * and overflows only where it is itself too large. NaN wins in max and min. Sums and products of integers (int32 or
   * bool) may go to a float64 `out`, where a sum is exact below 2⁵³ and a product 0 as soon as one factor is. Of bools the
   * largest is whether any is true, the smallest whether all are.
   */
  reduce(op: ReduceOp, x: Storage, out: Storage, outer: number, n: number, inner: number): void;

  /**
   * out (outer, inner) = Σ (x − mean)² / divisor along the middle axis of x (outer, n, inner), or (`root`) the root of
   * that. Two passes: it keeps the digits of numbers that lie close together far from 0, and overflows only where the
   * result is itself too large.
   */
  variance(
    x: Floats,
    out: Floats,
    outer: number,
    n: number,
    inner: number,
    divisor: number,
    root: boolean,
  ): void;

  /** The first index of the largest (or smallest) along the middle axis of (outer, n, inner); the first NaN wins. */
  argReduce(op: ExtremeOp, x: Storage, out: Int32Array, outer: number, n: number, inner: number): void;

  /** out[i] = op of x[0] … x[i] along the middle axis of (outer, n, inner); float32 runs in float64, too. */
  scan(op: ScanOp, x: Storage, out: Storage, outer: number, n: number, inner: number): void;

  /**
   * The largest (or smallest) of x[0] … x[i] along the middle axis of (outer, n, inner), and where it stands: the last of
   * equals, 0 and −0 among them; from the first NaN on the last NaN.
   */
  scanExtreme(
    op: ExtremeOp,
    x: Storage,
    out: Storage,
    places: Int32Array,
    outer: number,
    n: number,
    inner: number,
  ): void;

  /**
   * Where in each row of n the elements stand that come at the places first … first + count − 1 in order: out
   * (rows, count), never empty. Stable: equals, 0 and −0 among them, keep their order; NaN counts as the largest.
   */
  order(x: Storage, out: Int32Array, n: number, first: number, count: number, descending: boolean): void;

  /** The indices along each axis of `shape` of what is true, in row-major order: (count, axes), made by the device. */
  nonzero(x: Uint8Array, shape: readonly number[]): Int32Array;

  /** out[i] = how often i comes among `places`, which are never outside of `out`. */
  count(places: Int32Array, out: Int32Array): void;

  /**
   * out[i] = how many elements of row ⌊i / width⌋ of `sorted` come before values[i], or (`right`) not behind it; NaN comes
   * last. Rows of n, in order; where there is one, `width` is the number of all values. The types may differ.
   */
  search(sorted: Storage, n: number, values: Storage, width: number, right: boolean, out: Int32Array): void;

  /** out = A · B; a `bias` (n) is added to every row. */
  matmul(a: Storage, b: Storage, out: Storage, sizes: MatmulSizes, bias?: Storage | null): void;

  /** out[b, o, y, x] = bias[o] + Σ weight[o, c, ky, kx] · image[b, c, y·stride + ky·dilation − padding, …], 0 outside. */
  conv(x: Storage, weight: Storage, bias: Storage | null, out: Storage, sizes: ConvSizes): void;

  /** The gradient of the above that reaches the images: what each pixel gave to its windows, it gets back from g. */
  convBackwardInput(g: Storage, weight: Storage, gx: Storage, sizes: ConvSizes): void;

  /** The gradient of the weight: gWeight[o, c, ky, kx] = Σ g[b, o, y, x] · image[…], over all images and windows. */
  convBackwardWeight(g: Storage, x: Storage, gWeight: Storage, sizes: ConvSizes): void;

  /**
   * Attention of every head of every sequence, with arrays (B, T, H, C): weights (B, H, T, S) = softmax over s of
   * scale · Σ_c q k + mask, out (B, T, H, D) = Σ_s weights · v. A query that a mask leaves nothing gets zeros.
   * The weights are kept for backward, null when not wanted; where isCausal, those of later keys may be left unwritten.
   */
  attention(
    q: Floats,
    k: Floats,
    v: Floats,
    mask: Floats | null,
    out: Floats,
    weights: Floats | null,
    sizes: AttentionSizes,
  ): void;

  /** Gradients of the above: with ḡ_s = Σ_d g v, gScores = weights ⊙ (ḡ − Σ_s ḡ ⊙ weights), gq = scale · gScores · k, ... */
  attentionBackward(
    g: Floats,
    q: Floats,
    k: Floats,
    v: Floats,
    weights: Floats,
    gq: Floats,
    gk: Floats,
    gv: Floats,
    sizes: AttentionSizes,
  ): void;

  /**
   * Rows of n logits against one class each, −1 for none: logSum = log Σ exp(x − max), loss = logSum + max − x_class, 0
   * without a class. max and logSum are kept for backward, apart: their sum would lose the digits of large logits.
   */
  crossEntropy(x: Floats, classes: Int32Array, loss: Floats, max: Floats, logSum: Floats, n: number): void;

  /** gx = g · (exp(x − max − logSum) − [c = class]), with one g for every row; 0 without a class. */
  crossEntropyBackward(
    x: Floats,
    classes: Int32Array,
    max: Floats,
    logSum: Floats,
    g: Floats,
    gx: Floats,
    n: number,
  ): void;

  /** Rows of n. y = exp(x − max) / Σ exp(x − max); a row of −∞ gives NaN, as PyTorch. */
  softmax(x: Floats, y: Floats, rows: number, n: number): void;

  /** gx = y ⊙ (g − Σ g ⊙ y) */
  softmaxBackward(y: Floats, g: Floats, gx: Floats, rows: number, n: number): void;

  /** y = x − max − log Σ exp(x − max) */
  logSoftmax(x: Floats, y: Floats, rows: number, n: number): void;

  /** gx = g − exp(y) Σ g */
  logSoftmaxBackward(y: Floats, g: Floats, gx: Floats, rows: number, n: number): void;

  /** x̂ = (x − mean) · rstd, rstd = 1/√(var + eps), y = x̂ ⊙ weight + bias; mean and rstd (rows) are kept for backward. */
  layerNorm(
    x: Floats,
    weight: Floats | null,
    bias: Floats | null,
    eps: number,
    y: Floats,
    mean: Floats,
    rstd: Floats,
    rows: number,
    n: number,
  ): void;

  /** Gradients of the above; gWeight and gBias (n) are sums over rows, null when not wanted. */
  layerNormBackward(
    g: Floats,
    x: Floats,
    weight: Floats | null,
    mean: Floats,
    rstd: Floats,
    gx: Floats,
    gWeight: Floats | null,
    gBias: Floats | null,
    rows: number,
    n: number,
  ): void;

  /**
   * x (B, C, n), statistics per channel: y = (x − mean) / √(variance + eps) · weight + bias, the variance biased. mean and
   * variance (C) are kept for backward.
   */
  batchNorm(
    x: Floats,
    weight: Floats | null,
    bias: Floats | null,
    eps: number,
    y: Floats,
    mean: Floats,
    variance: Floats,
    channels: number,
    n: number,
  ): void;

  /** Gradients of the above; gWeight and gBias (C) are null when not wanted. */
  batchNormBackward(
    g: Floats,
    x: Floats,
    weight: Floats | null,
    mean: Floats,
    variance: Floats,
    eps: number,
    gx: Floats,
    gWeight: Floats | null,
    gBias: Floats | null,
    channels: number,
    n: number,
  ): void;

  /**
   * out = the largest number of every window, the first of equals; NaN wins. `source`: where in x it lies, for backward.
   * A window without a cell gives −∞ and −1.
   */
  maxPool(x: Storage, out: Storage, source: Int32Array, sizes: PoolSizes): void;

  /** gx[source_i] = Σ g_i, 0 elsewhere. */
  maxPoolBackward(g: Storage, source: Int32Array, gx: Storage, sizes: PoolSizes): void;

  /** out = Σ window / its size; the step is 1. */
  averagePool(x: Storage, out: Floats, sizes: PoolSizes): void;

  /** gx = Σ over the windows of a cell of g / size. */
  averagePoolBackward(g: Floats, gx: Floats, sizes: PoolSizes): void;

  /**
   * out[o, i, j] = x[outer[o] + step · indices[o, i, j] + inner[j]], whose places are never outside of x: one element
   * for each index, of an array of any strides. Indices are checked by the caller.
   */
  gather(
    x: Storage,
    outer: Int32Array,
    step: number,
    inner: Int32Array,
    indices: Int32Array,
    out: Storage,
  ): void;

  /**
   * The way back: out[outer[o] + step · indices[o, i, j] + inner[j]] = x[o, i, j], or that much more, in the order of i, in
   * place. No two pairs (o, j) share a place. Sums of int32 wrap.
   */
  scatter(
    op: ScatterOp,
    x: Storage,
    outer: Int32Array,
    step: number,
    inner: Int32Array,
    indices: Int32Array,
    out: Storage,
  ): void;

  /** out row r = table row indices[r]; rows of n. Indices are checked by the caller. */
  gatherRows(table: Storage, indices: Int32Array, out: Storage, n: number): void;

  /** table row indices[r] += x row r, in place; rows of n; repeated indices add up. */
  scatterAddRows(table: Storage, indices: Int32Array, x: Storage, n: number): void;

  /**
   * A sparse matrix times planes: y[p, rows[t]] += values[t] · x[p, columns[t]] for each plane p, in the order of t; x is
   * (planes, n), y (planes, m). Without values all are 1. What follows one another in one row adds up in float64 before it
   * is rounded.
   */
  sparseProduct(
    x: Storage,
    n: number,
    rows: Int32Array,
    columns: Int32Array,
    values: Float64Array | null,
    y: Storage,
    m: number,
  ): void;

  /** The gradient of the values above, where g is that of y: out[t] = Σ_p g[p, rows[t]] · x[p, columns[t]], in float64. */
  sparseBackwardValues(
    g: Storage,
    m: number,
    x: Storage,
    n: number,
    rows: Int32Array,
    columns: Int32Array,
    out: Float64Array,
  ): void;

  /**
   * Random numbers from xoshiro128**, whose state, four words, goes on: evenly spread over [a, b), normal of mean a and
   * standard deviation b, or 1 with a chance of a and else 0. One stream, whoever draws: the same state gives the same bits
   * on every device. Arithmetic runs in float64, exactly rounded; where rounding to float32 brings a uniform number to b, it
   * is drawn again, unless a is rounded to the same.
   */
  draw(op: DrawOp, state: Int32Array, out: Storage, a: number, b: number): void;

  /** One optimiser step in place on weight, m and v. */
  adam(weight: Floats, grad: Floats, m: Floats, v: Floats, step: AdamStep): void;
}
