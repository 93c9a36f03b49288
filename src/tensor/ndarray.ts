import { checkArray, checkFits, checkNumber, checkOptions } from "./check";
import { Comparing, Elementwise, mixIn, Ordering, Picking, Pieces, sliceByMask } from "./derived";
import { kernels } from "./device";
import { allocate, type DType, dtypeOf, type Storage, stored } from "./dtype";
import { expected, expectedKind, ofShape } from "./expected";
import { format } from "./format";
import type { UnaryOp } from "./kernels";
import { suggestMembers } from "./missing";
import type { BincountOptions, HistcOptions } from "./ops/counting";
import * as counting from "./ops/counting";
import { cumExtreme, cumprod } from "./ops/cumulative";
import * as elementwise from "./ops/elementwise";
import * as indexing from "./ops/indexing";
import * as join from "./ops/join";
import { type MathOp, type MathOp2, math, math2 } from "./ops/math";
import { matmul } from "./ops/matmul";
import type { SortOptions, TopkOptions } from "./ops/order";
import * as order from "./ops/order";
import type { Axes, ReduceOptions } from "./ops/reduce";
import * as reduce from "./ops/reduce";
import { softmax } from "./ops/softmax";
import type { SliceSpec } from "./ops/views";
import * as views from "./ops/views";
import { frozen, type Shape, sameShape, showShape, sizeOf } from "./shape";
import {
  assign,
  checkNoOverlap,
  copyTo,
  expand,
  fill,
  flat,
  isContiguous,
  type Strided,
  strided,
  viewOf,
} from "./strided";
import { beforeRead, incrementVersion } from "./version";

/** What Node's console.log and notebooks ask an object for. */
const inspect: unique symbol = Symbol.for("nodejs.util.inspect.custom");

/** Says that nobody else holds the lists of a record, so that they need no copy. */
const OURS = Symbol("lists of our own");

/** The record in an array, for `ops/`; anything else as it is. */
export let stridedOf: <T>(x: T) => T extends NDArray ? Strided : T;

/** Nested arrays of numbers, as deep as the array has axes. */
export type Nested = number | boolean | readonly Nested[];

/**
 * Numbers in a shape. Element (i, j, …) lies at `data[offset + i·strides[0] + j·strides[1] + …]`, so slices,
 * transposes and broadcasts are views that share memory. Every method returns a new array unless it says
 * "in place"; gradients are the business of `Tensor`.
 *
 * Arithmetic broadcasts (sizes aligned at the right, 1 stretches) and promotes bool < int32 < float32 <
 * float64; a plain number takes the type of the array. Axes may be negative, counted from the end.
 *
 * Every method is one line over a function in `ops/`, where the work is done; those in `derived/`, which Tensor has from
 * the same definition, are made of other methods. They come in this order:
 * elements, views, arithmetic, comparisons, functions of every element, reductions, softmax, picking and
 * placing, products.
 */
export class NDArray implements Strided {
  /**
   * The memory, shared by all views of it. It stays this array's as long as someone holds it or a `subarray` of it; it is
   * not for other threads: send `flat()`.
   */
  readonly data: Storage;
  readonly dtype: DType;
  readonly offset: number;
  /** Shape and strides as `ops/` use them, seen by nobody else. */
  readonly #x: Strided;

  /** Over the memory of `x`; its lists are copied. */
  constructor(x: Strided, lists?: typeof OURS) {
    const own = lists === OURS ? x : withOwnLists(x);
    this.data = own.data;
    this.dtype = own.dtype;
    this.offset = own.offset;
    this.#x = own;
  }

  static {
    stridedOf = (x) => (typeof x === "object" && x !== null && #x in x ? (x as NDArray).#x : x) as never;
  }

  /** Frozen: what has been made keeps its shape. */
  get shape(): Shape {
    return frozen(this.#x.shape);
  }

  /** Frozen. */
  get strides(): readonly number[] {
    return frozen(this.#x.strides);
  }

  get ndim(): number {
    return this.#x.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.#x.shape);
  }

  // Elements out and in

  /** The only element as a number. Throws when there is not exactly one. */
  item(): number {
    if (this.size !== 1) throw expected("item", "exactly one element", ofShape(this.shape));
    beforeRead(this.#x);
    return this.data[this.offset];
  }

  /**
   * The elements in row-major order: a copy, in memory of its own, to keep, change, or send to a worker. To write into the
   * array: `set`, `fill`, `assign`.
   */
  flat(): Storage {
    const own = allocate(dtypeOf(this.data), this.size);
    own.set(flat(this.#x));
    return own;
  }

  /** Nested JavaScript arrays; bool gives true and false. */
  toArray(): Nested {
    const data = flat(this.#x);
    const read = this.dtype === "bool" ? (i: number) => data[i] !== 0 : (i: number) => data[i];
    const build = (axis: number, start: number, block: number): Nested => {
      if (axis === this.ndim) return read(start);
      const n = this.#x.shape[axis];
      return Array.from({ length: n }, (_, i) => build(axis + 1, start + (i * block) / n, block / n));
    };
    return build(0, 0, this.size);
  }

  /** As PyTorch prints: aligned, cut to its edges above 1000 elements; see `setPrintOptions`. */
  toString(): string {
    return format(this.#x);
  }
  [inspect](): string {
    return this.toString();
  }

  get(index: readonly number[]): number {
    beforeRead(this.#x);
    return this.data[this.#position("get", index)];
  }

  /** In place; views of the same memory see it. Throws where several elements share a place, as after expand(). */
  set(index: readonly number[], value: number): void {
    checkNumber("set", value);
    checkFits("set", value, this.dtype);
    const at = this.#position("set", index);
    checkNoOverlap("set", this.#x);
    incrementVersion(this);
    this.data[at] = stored(this.dtype, value);
  }

  #position(op: string, index: readonly number[]): number {
    if (!Array.isArray(index) || index.length !== this.ndim) {
      throw expected(
        op,
        `${this.ndim} indices for shape ${showShape(this.shape)}`,
        Array.isArray(index) ? index.length : index,
      );
    }
    return index.reduce(
      (at, i, axis) => at + views.indexIn(op, i, this.#x.shape[axis], axis) * this.#x.strides[axis],
      this.offset,
    );
  }

  /**
   * In place, through views too: write `src` (broadcast, converted) over the elements; PyTorch's `copy_`. Throws where
   * several elements share a place, as after expand().
   */
  assign(src: NDArray): this {
    const from = stridedOf(src);
    checkArray("assign", from);
    // Repeats over the same repeats (the arrays of `meta` models) write one number in each place.
    if (String(from.strides) !== String(this.#x.strides) || !sameShape(from.shape, this.#x.shape)) {
      checkNoOverlap("assign", this.#x);
    }
    assign(this.#x, from);
    incrementVersion(this);
    return this;
  }

  /** In place, through views too: every element becomes `value`. */
  fill(value: number): this {
    checkNumber("fill", value);
    checkFits("fill", value, this.dtype);
    fill(this.#x, value);
    incrementVersion(this);
    return this;
  }

  /** A contiguous copy in memory of its own. */
  clone(): NDArray {
    return make(strided(copyTo(this.#x, kernels().empty(this.dtype, this.size)), this.dtype, this.#x.shape));
  }

  /** Whether the elements lie one after another in row-major order. */
  isContiguous(): boolean {
    return isContiguous(this.#x);
  }

  /** This array if its elements lie in row-major order, else a copy in which they do. */
  contiguous(): NDArray {
    return isContiguous(this.#x) ? this : this.clone();
  }

  /**
   * The elements as another type; this array if it has that type already. Floats lose their fraction in int32, which throws
   * where it does not hold one (3e9, NaN); float64 beyond float32 becomes an infinity.
   */
  to(dtype: DType): NDArray {
    return dtype === this.dtype ? this : make(elementwise.cast(this.#x, dtype));
  }

  // Views: the same memory

  /**
   * `x.slice(0, "1:", "::2")`: an index drops its axis, a Python range keeps it, `"..."` stands for the others. A bool mask
   * picks where it is true, and its axes become one: a copy.
   */
  slice(...specs: (SliceSpec | NDArray)[]): NDArray {
    const mask = specs.findIndex((spec) => spec instanceof NDArray);
    if (mask >= 0) return sliceByMask<NDArray, NDArray>(this, specs, mask);
    return make(views.slice(this.#x, specs as SliceSpec[]));
  }
  /** Entries `start` … `start + length - 1` of one axis. */
  narrow(axis: number, start: number, length: number): NDArray {
    return make(views.narrow(this.#x, axis, start, length));
  }
  /** Entry `index` of one axis, without that axis. */
  select(axis: number, index: number): NDArray {
    return make(views.select(this.#x, axis, index));
  }
  transpose(axis0 = -2, axis1 = -1): NDArray {
    return make(views.transpose(this.#x, axis0, axis1));
  }
  /** Axis i of the result is axis `axes[i]` of this. */
  permute(axes: readonly number[]): NDArray {
    return make(views.permute(this.#x, axes));
  }
  /** Axes of size 1 repeated up to `shape`, without a copy. */
  expand(shape: Shape): NDArray {
    return make(expand(this.#x, shape));
  }
  /** The elements in row-major order under another shape, one size may be -1; a copy only when strides force it. */
  reshape(shape: Shape): NDArray {
    return make(views.reshape(this.#x, shape));
  }
  flatten(startAxis = 0, endAxis = -1): NDArray {
    return make(views.flatten(this.#x, startAxis, endAxis));
  }
  squeeze(axes?: Axes): NDArray {
    return make(views.squeeze(this.#x, axes));
  }
  unsqueeze(axis: number): NDArray {
    return make(views.unsqueeze(this.#x, axis));
  }
  /** Elements (i, i + offset) of two axes, as a new last axis. */
  diagonal(offset = 0, axis0 = -2, axis1 = -1): NDArray {
    return make(views.diagonal(this.#x, offset, axis0, axis1));
  }
  flip(axes: Axes): NDArray {
    return make(views.flip(this.#x, axes));
  }

  // Arithmetic

  add(b: NDArray | number): NDArray {
    return make(elementwise.binary("add", this.#x, stridedOf(b)));
  }
  sub(b: NDArray | number): NDArray {
    return make(elementwise.binary("sub", this.#x, stridedOf(b)));
  }
  mul(b: NDArray | number): NDArray {
    return make(elementwise.binary("mul", this.#x, stridedOf(b)));
  }
  /** True division: integers give float32. */
  div(b: NDArray | number): NDArray {
    return make(elementwise.binary("div", this.#x, stridedOf(b)));
  }
  pow(b: NDArray | number): NDArray {
    return make(elementwise.binary("pow", this.#x, stridedOf(b)));
  }
  maximum(b: NDArray | number): NDArray {
    return make(elementwise.binary("maximum", this.#x, stridedOf(b)));
  }
  minimum(b: NDArray | number): NDArray {
    return make(elementwise.binary("minimum", this.#x, stridedOf(b)));
  }
  /** a − b ⌊a / b⌋: the sign of the divisor, as Python's %. */
  remainder(b: NDArray | number): NDArray {
    return make(elementwise.binary("remainder", this.#x, stridedOf(b)));
  }
  /** min(max(x, min), max); either bound may be left out as ∓∞. */
  clamp(min: number, max = Number.POSITIVE_INFINITY): NDArray {
    checkNumber("clamp", min);
    checkNumber("clamp", max);
    const low = min === Number.NEGATIVE_INFINITY ? this : this.maximum(min);
    return max === Number.POSITIVE_INFINITY ? low : low.minimum(max);
  }

  // Comparisons give bool

  eq(b: NDArray | number): NDArray {
    return make(elementwise.compare("eq", this.#x, stridedOf(b)));
  }
  ne(b: NDArray | number): NDArray {
    return make(elementwise.compare("ne", this.#x, stridedOf(b)));
  }
  lt(b: NDArray | number): NDArray {
    return make(elementwise.compare("lt", this.#x, stridedOf(b)));
  }
  le(b: NDArray | number): NDArray {
    return make(elementwise.compare("le", this.#x, stridedOf(b)));
  }
  gt(b: NDArray | number): NDArray {
    return make(elementwise.compare("gt", this.#x, stridedOf(b)));
  }
  ge(b: NDArray | number): NDArray {
    return make(elementwise.compare("ge", this.#x, stridedOf(b)));
  }
  logicalAnd(b: NDArray): NDArray {
    checkArray("logicalAnd", b);
    return make(elementwise.binary("mul", stridedOf(this.to("bool")), stridedOf(b.to("bool"))));
  }
  logicalOr(b: NDArray): NDArray {
    checkArray("logicalOr", b);
    return make(elementwise.binary("maximum", stridedOf(this.to("bool")), stridedOf(b.to("bool"))));
  }
  logicalNot(): NDArray {
    return this.eq(0);
  }
  isNaN(): NDArray {
    return make(elementwise.map(this.#x, "bool", (x) => (Number.isNaN(x) ? 1 : 0)));
  }
  isFinite(): NDArray {
    return make(elementwise.map(this.#x, "bool", (x) => (Number.isFinite(x) ? 1 : 0)));
  }

  // Functions of every element

  /** The op of that name on every element; the methods below spell the common ones. */
  unary(op: UnaryOp): NDArray {
    return make(elementwise.unary(op, this.#x));
  }
  /** The function of that name on every element, and below of two; methods spell them. */
  math(op: MathOp): NDArray {
    return make(math(op, this.#x));
  }
  math2(op: MathOp2, b: NDArray | number): NDArray {
    return make(math2(op, this.#x, stridedOf(b)));
  }
  neg(): NDArray {
    return this.unary("neg");
  }
  abs(): NDArray {
    return this.unary("abs");
  }
  sign(): NDArray {
    return this.unary("sign");
  }
  exp(): NDArray {
    return this.unary("exp");
  }
  expm1(): NDArray {
    return this.unary("expm1");
  }
  log(): NDArray {
    return this.unary("log");
  }
  log1p(): NDArray {
    return this.unary("log1p");
  }
  sqrt(): NDArray {
    return this.unary("sqrt");
  }
  /** 1 / √x */
  rsqrt(): NDArray {
    return this.unary("rsqrt");
  }
  square(): NDArray {
    return this.unary("square");
  }
  reciprocal(): NDArray {
    return this.unary("reciprocal");
  }
  sin(): NDArray {
    return this.unary("sin");
  }
  cos(): NDArray {
    return this.unary("cos");
  }
  tanh(): NDArray {
    return this.unary("tanh");
  }
  /** 1 / (1 + exp(−x)) */
  sigmoid(): NDArray {
    return this.unary("sigmoid");
  }
  /** 2/√π ∫₀ˣ exp(−t²) dt */
  erf(): NDArray {
    return this.unary("erf");
  }
  relu(): NDArray {
    return this.unary("relu");
  }
  floor(): NDArray {
    return this.unary("floor");
  }
  ceil(): NDArray {
    return this.unary("ceil");
  }
  /** Halves go to the even neighbour. */
  round(): NDArray {
    return this.unary("round");
  }

  // Reductions over one axis, several, or all

  /** Σ x; int32 for bool and int32. Throws where a sum of integers does not fit; `x.to("float64").sum()` holds it. */
  sum(axes?: Axes, options?: ReduceOptions): NDArray {
    return make(reduce.total("sum", this.#x, axes, options));
  }
  /** Π x; integers as in {@link sum}. */
  prod(axes?: Axes, options?: ReduceOptions): NDArray {
    return make(reduce.total("prod", this.#x, axes, options));
  }
  mean(axes?: Axes, options?: ReduceOptions): NDArray {
    return make(reduce.mean(this.#x, axes, options));
  }
  /** Σ (x − mean)² / (n − correction); correction 1 unless given, as PyTorch. */
  var(axes?: Axes, options?: ReduceOptions & { correction?: number }): NDArray {
    return make(reduce.variance("var", this.#x, axes, options));
  }
  /** √var, also where the variance itself would overflow */
  std(axes?: Axes, options?: ReduceOptions & { correction?: number }): NDArray {
    return make(reduce.variance("std", this.#x, axes, options));
  }
  max(axes?: Axes, options?: ReduceOptions): NDArray {
    return make(reduce.extreme("max", this.#x, axes, options));
  }
  min(axes?: Axes, options?: ReduceOptions): NDArray {
    return make(reduce.extreme("min", this.#x, axes, options));
  }
  /** First index of the largest element along `axis`, or in the flattened array; int32. */
  argmax(axis?: number, options?: ReduceOptions): NDArray {
    return make(reduce.argExtreme("max", this.#x, axis, options));
  }
  argmin(axis?: number, options?: ReduceOptions): NDArray {
    return make(reduce.argExtreme("min", this.#x, axis, options));
  }
  any(axes?: Axes, options?: ReduceOptions): NDArray {
    return make(reduce.truth("any", this.#x, axes, options));
  }
  all(axes?: Axes, options?: ReduceOptions): NDArray {
    return make(reduce.truth("all", this.#x, axes, options));
  }
  /** log Σ exp(x), without overflow. */
  logsumexp(axes?: Axes, options?: ReduceOptions): NDArray {
    return make(reduce.logsumexp(this.#x, axes, options));
  }
  /** (Σ |x|ᵖ)^(1/p); p may be ±∞ or 0. */
  norm(p = 2, axes?: Axes, options?: ReduceOptions): NDArray {
    return make(reduce.norm(this.#x, p, axes, options));
  }
  /** Σ of what comes up to each element; integers as in {@link sum}. */
  cumsum(axis: number): NDArray {
    return make(reduce.cumsum(this.#x, axis));
  }

  /** Π of what comes up to each element; integers as in {@link sum}. */
  cumprod(axis: number): NDArray {
    return make(cumprod(this.#x, axis));
  }
  /** The largest of what comes up to each element, and where it stands (int32), the last of equals; NaN stays. */
  cummax(axis: number): Ordered {
    return ordered(cumExtreme("cummax", this.#x, axis));
  }
  cummin(axis: number): Ordered {
    return ordered(cumExtreme("cummin", this.#x, axis));
  }

  // Counts

  /**
   * The different elements in order, where each element went, and how often each came; with an axis, its different entries
   * in the order of their elements. NaN equals nothing.
   */
  unique(axis?: number): { values: NDArray; inverse: NDArray; counts: NDArray } {
    const { values, inverse, counts } = counting.unique(this.#x, axis);
    return { values: make(values), inverse: make(inverse), counts: make(counts) };
  }
  /** How often each of 0, 1, 2, … occurs in a list of whole numbers (int32); with weights, their sums. */
  bincount(options?: BincountOptions<NDArray>): NDArray {
    checkOptions("bincount", options, "minLength: 10", { weights: "array", minLength: "count" });
    return make(counting.bincount(this.#x, stridedOf(options?.weights), options?.minLength));
  }
  /** How many elements fall into each of `bins` equal parts of [min, max], `max` included; others are left out. */
  histc(bins = 100, options?: HistcOptions): NDArray {
    return make(counting.histc(this.#x, bins, options));
  }

  // Rows of one axis, normalised

  /** exp(x − max) / Σ exp(x − max) along `axis`. */
  softmax(axis = -1): NDArray {
    return make(softmax("softmax", this.#x, axis));
  }
  /** x − log Σ exp(x) along `axis`. */
  logSoftmax(axis = -1): NDArray {
    return make(softmax("logSoftmax", this.#x, axis));
  }

  // Picking and placing

  /** out[i, j] = x[i, index[i, j]] for axis 1, and so on; the shape of `index`. */
  gather(axis: number, index: NDArray): NDArray {
    return make(indexing.gather(this.#x, axis, stridedOf(index)));
  }
  /** A copy with out[i, index[i, j]] = src[i, j] for axis 1, and so on; of a place that comes twice the last counts. */
  scatter(axis: number, index: NDArray, src: NDArray | number): NDArray {
    return make(indexing.scatter(this.#x, axis, stridedOf(index), stridedOf(src)));
  }
  /** A copy with out[i, index[i, j]] += src[i, j] for axis 1, and so on; repeated indices add up. */
  scatterAdd(axis: number, index: NDArray, src: NDArray): NDArray {
    return make(indexing.scatterAdd(this.#x, axis, stridedOf(index), stridedOf(src)));
  }
  /** The entries `index` of one axis; that axis is replaced by the axes of `index`. */
  indexSelect(axis: number, index: NDArray): NDArray {
    return make(indexing.indexSelect(this.#x, axis, stridedOf(index)));
  }
  /** The indices of the elements that are not 0, a row (ndim) for each; int32. */
  nonzero(): NDArray {
    return make(indexing.nonzero(this.#x));
  }
  /** `value` where the bool `mask` is true; keeps the type. */
  maskedFill(mask: NDArray, value: number): NDArray {
    return make(indexing.maskedFill(this.#x, stridedOf(mask), value));
  }
  /** `value` around the last axes, a [before, after] for each; negative widths crop. */
  pad(widths: readonly (readonly [number, number])[], value = 0): NDArray {
    return make(join.pad(this.#x, widths, value));
  }
  /** Entry i moves to (i + shift) mod n; without axes the flattened array is rolled. */
  roll(shifts: Axes, axes?: Axes): NDArray {
    return make(join.roll(this.#x, shifts, axes));
  }
  /** The last two axes with zeros above diagonal k. */
  tril(k = 0): NDArray {
    return make(join.triangle("tril", this.#x, k));
  }
  /** The last two axes with zeros below diagonal k. */
  triu(k = 0): NDArray {
    return make(join.triangle("triu", this.#x, k));
  }
  /** Values in order along an axis and where they stood (int32); stable; NaN counts as largest. */
  sort(axis = -1, options: SortOptions = {}): Ordered {
    return ordered(order.sort(this.#x, axis, options));
  }
  /** The k largest (or smallest) along an axis, best first, and where they stood. */
  topk(k: number, axis = -1, options: TopkOptions = {}): Ordered {
    return ordered(order.topk(this.#x, k, axis, options));
  }

  // Products

  /**
   * Matrix product of the last two axes; leading axes broadcast, vectors are a row (left) or a column (right). Throws where
   * a sum of integers does not fit in int32.
   */
  matmul(b: NDArray): NDArray {
    return make(matmul(this.#x, stridedOf(b)));
  }
}

export interface NDArray
  extends Picking<NDArray, NDArray>,
    Pieces<NDArray, NDArray>,
    Elementwise<NDArray, NDArray>,
    Comparing<NDArray, NDArray>,
    Ordering<NDArray, NDArray> {}
mixIn(NDArray, Picking, Pieces, Elementwise, Comparing, Ordering);
suggestMembers(NDArray, "array");

/** Elements in order, and the positions (int32) they had along the axis. */
export interface Ordered {
  readonly values: NDArray;
  readonly indices: NDArray;
}

/** Whether two arrays have the same shape; quicker than a look at their frozen lists. */
export const haveSameShape = (a: NDArray, b: NDArray): boolean =>
  sameShape(stridedOf(a).shape, stridedOf(b).shape);

/** An array of a record that `ops/` made. */
export const make = (x: Strided): NDArray => new NDArray(stridedOf(x), OURS);

function withOwnLists(x: Strided): Strided {
  if (Array.isArray(x?.shape) && Array.isArray(x.strides)) return viewOf(x, [...x.shape], [...x.strides]);
  throw expectedKind("NDArray", "data, dtype, shape and strides", x, "use array()");
}
const ordered = ({ values, indices }: { values: Strided; indices: Strided }): Ordered => ({
  values: make(values),
  indices: make(indices),
});

/**
 * The elements in row-major order; the array's own memory where they lie so already. For who reads or writes them at once,
 * on this thread; what goes elsewhere is a copy, `x.flat()`.
 */
export const elements = (x: NDArray): Storage => flat(stridedOf(x));
