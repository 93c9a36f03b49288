import {
  type Axes,
  type BincountOptions,
  Comparing,
  changeCount,
  check,
  checkFunction,
  checkOptions,
  type DType,
  describe,
  Elementwise,
  expectedKind,
  format,
  frozenCopy,
  full,
  type HistcOptions,
  isFloat,
  type MathOp,
  type MathOp2,
  mixIn,
  NDArray,
  type Nested,
  normalizeAxis,
  Ordering,
  Picking,
  Pieces,
  promoteNumber,
  type ReduceOptions,
  refusal,
  refusalOfKind,
  type Shape,
  type SliceSpec,
  type SortOptions,
  showShape,
  sliceByMask,
  suggestMembers,
  type TopkOptions,
  words,
} from "../tensor";
import { isWatching, markOrigin } from "./anomaly";
import { backward, type Grad, type Node } from "./backward";
import { isGradEnabled } from "./grad-mode";
import * as rules from "./rules";

/** What Node's console.log and notebooks ask an object for. */
const inspect: unique symbol = Symbol.for("nodejs.util.inspect.custom");

type Each<T extends readonly unknown[], V> = { readonly [K in keyof T]: V };

/** Matches nothing, but makes TypeScript 5.0 (of the notebooks) read the pullback's list as a tuple. */
type Tuple = readonly [never];

/** Forward and backward of one operation: the output, and how its gradient is pulled back to every input. */
export type Rule<T extends readonly Tensor[]> = (
  ...arrays: Each<T, NDArray>
) => readonly [out: NDArray, pullback: (g: NDArray) => Each<T, Grad> | Tuple];

// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks has no return statement
export type GradientHook = (g: NDArray) => NDArray | void;

/** What stands beside a tensor in arithmetic; arrays and numbers are constants. */
export type Operand = Tensor | NDArray | number;

/** Whole numbers that pick, or a mask that chooses: never differentiated. */
export type Indices = Tensor | NDArray;

let made = 0;

/**
 * An array that remembers where it came from, so that a scalar computed from it can tell its gradient.
 *
 * Maths works as on {@link NDArray} (broadcasting, promotion of types, views), with Tensors, NDArrays or numbers
 * as operands; the formulas of the gradients stand in `rules/`. Gradients live in plain NDArrays.
 */
export class Tensor {
  /**
   * The numbers. An optimiser may replace them at any time, or change them in place between backward and the
   * next forward. Not earlier, because the graph holds the arrays themselves: backward() refuses what was changed by
   * assign, fill, set or an optimiser. It cannot see what is written into the typed array (`x.data.data`)
   * unless `incrementVersion(x.data)` is called; {@link detectAnomaly} finds out.
   */
  data: NDArray;
  /** The gradient that backward() left here, added up over calls; null before the first. */
  grad: NDArray | null = null;
  /** The operation that made this tensor; null for leaves. */
  readonly node: Node | null;
  /** Serial number: inputs are always older than outputs. */
  readonly id = made++;
  hooks: Set<GradientHook> | null = null;
  retainsGrad = false;
  #requiresGrad: boolean;

  constructor(data: NDArray, options?: { readonly requiresGrad?: boolean; readonly node?: Node | null }) {
    const requiresGrad = options?.requiresGrad ?? false;
    if (!isArray(data))
      throw expectedKind("Tensor", "an NDArray", data, "tensor() takes lists and numbers too");
    if (requiresGrad) checkFloat(data.dtype);
    this.data = data;
    this.node = options?.node ?? null;
    this.#requiresGrad = requiresGrad;
  }

  /** Whether backward() computes a gradient for this tensor. Can be changed on leaves only. */
  get requiresGrad(): boolean {
    return this.#requiresGrad;
  }
  set requiresGrad(wanted: boolean) {
    if (this.node && !wanted) {
      throw refusal(
        "requiresGrad",
        `expected a leaf, this tensor was made by ${this.node.op}`,
        "use detach() for one without gradient",
      );
    }
    if (wanted) checkFloat(this.dtype);
    this.#requiresGrad = wanted;
  }

  get shape(): Shape {
    return this.data.shape;
  }
  get dtype(): DType {
    return this.data.dtype;
  }
  get ndim(): number {
    return this.data.ndim;
  }
  get size(): number {
    return this.data.size;
  }

  // Gradients

  /**
   * Gradients of this scalar (or of Σ this ⊙ grad) with respect to every leaf below it, added to their `grad`.
   * The graph is freed unless `retainGraph`. Throws for a non-scalar without `grad`, on a freed graph, and where an
   * operation needs an array that was changed in place after it ran.
   */
  backward(grad?: Tensor | NDArray, options: { retainGraph?: boolean } = {}): void {
    checkOptions("backward", options, "retainGraph: true", { retainGraph: "boolean" });
    if (grad !== undefined && !isTensor(grad) && !isArray(grad)) {
      throw expectedKind("backward", "nothing, or the gradient to start from as a Tensor or NDArray", grad);
    }
    backward([this], [isTensor(grad) ? grad.data : grad], options.retainGraph ?? false);
  }

  /** The same numbers without a past: gradients stop here. Shares memory. */
  detach(): Tensor {
    return new Tensor(this.data);
  }

  /** Keep the gradient of this tensor in `grad`, though it is not a leaf. */
  retainGrad(): this {
    this.#needsGrad("retainGrad");
    this.retainsGrad = true;
    return this;
  }

  /** Call `hook` with the gradient of this tensor during backward; what it returns replaces the gradient. */
  registerHook(hook: GradientHook): { remove(): void } {
    this.#needsGrad("registerHook");
    checkFunction("registerHook", hook);
    this.hooks ??= new Set();
    this.hooks.add(hook);
    return { remove: () => void this.hooks?.delete(hook) };
  }

  #needsGrad(op: string): void {
    if (!this.requiresGrad)
      throw refusal(op, "this tensor does not require a gradient, so that it never gets one");
  }

  /** Forget the gradient. */
  zeroGrad(): void {
    this.grad = null;
  }

  // Elements out

  item(): number {
    return this.data.item();
  }
  toArray(): Nested {
    return this.data.toArray();
  }
  /** As PyTorch prints: `tensor([1., 2.], requiresGrad=true)`, `tensor(3., gradFn=<sum>)`. */
  toString(): string {
    const past = this.node ? `gradFn=<${this.node.op}>` : this.requiresGrad ? "requiresGrad=true" : "";
    return format(this.data, { prefix: "tensor", suffixes: past ? [past] : [] });
  }
  [inspect](): string {
    return this.toString();
  }

  // Arithmetic

  add(b: Operand): Tensor {
    return binary("add", this, b, rules.add);
  }
  sub(b: Operand): Tensor {
    return binary("sub", this, b, rules.sub);
  }
  mul(b: Operand): Tensor {
    return binary("mul", this, b, rules.mul);
  }
  /** True division: integers give float32. */
  div(b: Operand): Tensor {
    return binary("div", this, b, rules.div);
  }
  pow(b: Operand): Tensor {
    return binary("pow", this, b, rules.pow);
  }
  /** The larger of both; equal elements share the gradient. */
  maximum(b: Operand): Tensor {
    return binary("maximum", this, b, rules.maximum);
  }
  /** The smaller of both; equal elements share the gradient. */
  minimum(b: Operand): Tensor {
    return binary("minimum", this, b, rules.minimum);
  }
  /** a − b ⌊a / b⌋: the sign of the divisor, as Python's %. */
  remainder(b: Operand): Tensor {
    return binary("remainder", this, b, rules.remainder);
  }
  /** min(max(x, min), max); either bound may be left out as ∓∞. */
  clamp(min: number, max = Number.POSITIVE_INFINITY): Tensor {
    return primitive("clamp", [this], (x) => rules.clamp(x, min, max));
  }

  // Comparisons give bool, and no gradient

  eq(b: Operand): Tensor {
    return new Tensor(this.data.eq(plain(b)));
  }
  ne(b: Operand): Tensor {
    return new Tensor(this.data.ne(plain(b)));
  }
  lt(b: Operand): Tensor {
    return new Tensor(this.data.lt(plain(b)));
  }
  le(b: Operand): Tensor {
    return new Tensor(this.data.le(plain(b)));
  }
  gt(b: Operand): Tensor {
    return new Tensor(this.data.gt(plain(b)));
  }
  ge(b: Operand): Tensor {
    return new Tensor(this.data.ge(plain(b)));
  }
  logicalAnd(b: Indices): Tensor {
    return new Tensor(this.data.logicalAnd(arrayOf(b)));
  }
  logicalOr(b: Indices): Tensor {
    return new Tensor(this.data.logicalOr(arrayOf(b)));
  }
  logicalNot(): Tensor {
    return new Tensor(this.data.logicalNot());
  }
  isNaN(): Tensor {
    return new Tensor(this.data.isNaN());
  }
  isFinite(): Tensor {
    return new Tensor(this.data.isFinite());
  }

  // Functions of every element

  /** The function of that name on every element, and below of two; methods spell them. */
  math(op: MathOp): Tensor {
    check("math", "the function", op, Object.keys(rules.math));
    return primitive(op, [this], rules.math[op]);
  }
  math2(op: MathOp2, b: Operand): Tensor {
    check("math2", "the function", op, Object.keys(rules.math2));
    return binary(op, this, b, rules.math2[op]);
  }
  neg(): Tensor {
    return primitive("neg", [this], rules.neg);
  }
  abs(): Tensor {
    return primitive("abs", [this], rules.abs);
  }
  exp(): Tensor {
    return primitive("exp", [this], rules.exp);
  }
  expm1(): Tensor {
    return primitive("expm1", [this], rules.expm1);
  }
  log(): Tensor {
    return primitive("log", [this], rules.log);
  }
  log1p(): Tensor {
    return primitive("log1p", [this], rules.log1p);
  }
  sqrt(): Tensor {
    return primitive("sqrt", [this], rules.sqrt);
  }
  /** 1 / √x */
  rsqrt(): Tensor {
    return primitive("rsqrt", [this], rules.rsqrt);
  }
  square(): Tensor {
    return primitive("square", [this], rules.square);
  }
  reciprocal(): Tensor {
    return primitive("reciprocal", [this], rules.reciprocal);
  }
  sin(): Tensor {
    return primitive("sin", [this], rules.sin);
  }
  cos(): Tensor {
    return primitive("cos", [this], rules.cos);
  }
  tanh(): Tensor {
    return primitive("tanh", [this], rules.tanh);
  }
  /** 1 / (1 + exp(−x)) */
  sigmoid(): Tensor {
    return primitive("sigmoid", [this], rules.sigmoid);
  }
  /** 2/√π ∫₀ˣ exp(−t²) dt */
  erf(): Tensor {
    return primitive("erf", [this], rules.erf);
  }
  relu(): Tensor {
    return primitive("relu", [this], rules.relu);
  }
  sign(): Tensor {
    return primitive("sign", [this], (x) => rules.step(x, "sign"));
  }
  floor(): Tensor {
    return primitive("floor", [this], (x) => rules.step(x, "floor"));
  }
  ceil(): Tensor {
    return primitive("ceil", [this], (x) => rules.step(x, "ceil"));
  }
  /** Halves go to the even neighbour. */
  round(): Tensor {
    return primitive("round", [this], (x) => rules.step(x, "round"));
  }

  // Reductions over one axis, several, or all

  sum(axes?: Axes, options?: ReduceOptions): Tensor {
    return primitive("sum", [this], (x) => rules.sum(x, frozenCopy(axes), options));
  }
  mean(axes?: Axes, options?: ReduceOptions): Tensor {
    return primitive("mean", [this], (x) => rules.mean(x, frozenCopy(axes), options));
  }
  /** Σ (x − mean)² / (n − correction); correction 1 unless given, as PyTorch. */
  var(axes?: Axes, options?: ReduceOptions & { correction?: number }): Tensor {
    return primitive("var", [this], (x) => rules.variance(x, frozenCopy(axes), frozenCopy(options)));
  }
  /** √var; the gradient is 0 where it is 0. */
  std(axes?: Axes, options?: ReduceOptions & { correction?: number }): Tensor {
    return primitive("std", [this], (x) => rules.std(x, frozenCopy(axes), frozenCopy(options)));
  }
  /** Equal elements share the gradient (torch.amax); with a single number as axis the first takes it (torch.max). */
  max(axes?: Axes, options?: ReduceOptions): Tensor {
    return primitive("max", [this], (x) => rules.extreme("max", x, frozenCopy(axes), options));
  }
  min(axes?: Axes, options?: ReduceOptions): Tensor {
    return primitive("min", [this], (x) => rules.extreme("min", x, frozenCopy(axes), options));
  }
  prod(axes?: Axes, options?: ReduceOptions): Tensor {
    return primitive("prod", [this], (x) => rules.prod(x, frozenCopy(axes), options));
  }
  /** log Σ exp(x), without overflow. */
  logsumexp(axes?: Axes, options?: ReduceOptions): Tensor {
    return primitive("logsumexp", [this], (x) => rules.logsumexp(x, frozenCopy(axes), options));
  }
  /** (Σ |x|ᵖ)^(1/p); p may be ±∞ or 0. The gradient is 0 where the norm is 0. */
  norm(p = 2, axes?: Axes, options?: ReduceOptions): Tensor {
    return primitive("norm", [this], (x) => rules.norm(x, p, frozenCopy(axes), options));
  }
  cumsum(axis: number): Tensor {
    return primitive("cumsum", [this], (x) => rules.cumsum(x, axis));
  }
  /** Π of what comes up to each element. */
  cumprod(axis: number): Tensor {
    return primitive("cumprod", [this], (x) => rules.cumprod(x, axis));
  }
  /** The largest of what comes up to each element, and where it stands (int32), the last of equals; NaN stays. */
  cummax(axis: number): { values: Tensor; indices: Tensor } {
    return ordered("cummax", this, axis, this.data.cummax(axis));
  }
  cummin(axis: number): { values: Tensor; indices: Tensor } {
    return ordered("cummin", this, axis, this.data.cummin(axis));
  }
  /** First index of the largest element along `axis`, or in the flattened tensor; int32, no gradient. */
  argmax(axis?: number, options?: ReduceOptions): Tensor {
    return new Tensor(this.data.argmax(axis, options));
  }
  argmin(axis?: number, options?: ReduceOptions): Tensor {
    return new Tensor(this.data.argmin(axis, options));
  }
  any(axes?: Axes, options?: ReduceOptions): Tensor {
    return new Tensor(this.data.any(axes, options));
  }
  all(axes?: Axes, options?: ReduceOptions): Tensor {
    return new Tensor(this.data.all(axes, options));
  }

  // Counts, without gradient

  /**
   * The different elements in order, where each element went, and how often each came; with an axis, its different entries
   * in the order of their elements. NaN equals nothing.
   */
  unique(axis?: number): { values: Tensor; inverse: Tensor; counts: Tensor } {
    const { values, inverse, counts } = this.data.unique(axis);
    return { values: new Tensor(values), inverse: new Tensor(inverse), counts: new Tensor(counts) };
  }
  /** How often each of 0, 1, 2, … occurs in a list of whole numbers (int32); with weights, their sums. */
  bincount(options?: BincountOptions<Indices>): Tensor {
    checkOptions("bincount", options, "minLength: 10", { weights: "tensorOrArray", minLength: "count" });
    const weights = options?.weights && arrayOf(options.weights);
    return new Tensor(this.data.bincount({ minLength: options?.minLength, weights }));
  }
  /** How many elements fall into each of `bins` equal parts of [min, max], `max` included; others are left out. */
  histc(bins = 100, options?: HistcOptions): Tensor {
    return new Tensor(this.data.histc(bins, options));
  }

  // Rows of one axis, normalised

  /** exp(x − max) / Σ exp(x − max) along `axis`. */
  softmax(axis = -1): Tensor {
    return primitive("softmax", [this], (x) => rules.softmax(x, axis));
  }
  /** x − log Σ exp(x) along `axis`. */
  logSoftmax(axis = -1): Tensor {
    return primitive("logSoftmax", [this], (x) => rules.logSoftmax(x, axis));
  }

  // Products

  /** Matrix product of the last two axes; leading axes broadcast, vectors are a row (left) or a column (right). */
  matmul(b: Tensor | NDArray): Tensor {
    return primitive("matmul", [this, lift(b, this, "matmul")], rules.matmul);
  }

  // Views: the same memory, other shape and strides

  /**
   * `x.slice(0, "1:", "::2")`: an index drops its axis, a Python range keeps it, `"..."` stands for the others. A bool mask
   * picks where it is true, and its axes become one: a copy.
   */
  slice(...specs: (SliceSpec | Indices)[]): Tensor {
    const mask = specs.findIndex((spec) => typeof spec === "object" && (isTensor(spec) || isArray(spec)));
    if (mask >= 0) return sliceByMask<Tensor, Indices>(this, specs, mask);
    return primitive("slice", [this], (x) => rules.slice(x, specs as SliceSpec[]));
  }
  /** Entries `start` … `start + length - 1` of one axis. */
  narrow(axis: number, start: number, length: number): Tensor {
    return primitive("narrow", [this], (x) => rules.narrow(x, axis, start, length));
  }
  /** Entry `index` of one axis, without that axis. */
  select(axis: number, index: number): Tensor {
    return primitive("select", [this], (x) => rules.select(x, axis, index));
  }
  transpose(axis0 = -2, axis1 = -1): Tensor {
    return primitive("transpose", [this], (x) => rules.transpose(x, axis0, axis1));
  }
  /** Axis i of the result is axis `axes[i]` of this. */
  permute(axes: readonly number[]): Tensor {
    return primitive("permute", [this], (x) => rules.permute(x, axes));
  }
  /** Axes of size 1 repeated up to `shape`, without a copy; -1 keeps a size. */
  expand(shape: Shape): Tensor {
    return primitive("expand", [this], (x) => rules.expand(x, shape));
  }
  /** The elements in row-major order under another shape, one size may be -1; a copy only when strides force it. */
  reshape(shape: Shape): Tensor {
    return primitive("reshape", [this], (x) => rules.reshape(x, shape));
  }
  flatten(startAxis = 0, endAxis = -1): Tensor {
    return primitive("flatten", [this], (x) => rules.flatten(x, startAxis, endAxis));
  }
  squeeze(axes?: Axes): Tensor {
    return primitive("squeeze", [this], (x) => rules.squeeze(x, axes));
  }
  unsqueeze(axis: number): Tensor {
    return primitive("unsqueeze", [this], (x) => rules.unsqueeze(x, axis));
  }
  /** Elements (i, i + offset) of two axes, as a new last axis. */
  diagonal(offset = 0, axis0 = -2, axis1 = -1): Tensor {
    return primitive("diagonal", [this], (x) => rules.diagonal(x, offset, axis0, axis1));
  }
  flip(axes: Axes): Tensor {
    return primitive("flip", [this], (x) => rules.flip(x, axes));
  }

  // Copies

  /** A contiguous copy in memory of its own. */
  clone(): Tensor {
    return primitive("clone", [this], (x) => rules.copy(x, x.clone()));
  }
  /** The same elements in row-major order; a copy only when they are not. */
  contiguous(): Tensor {
    return primitive("contiguous", [this], (x) => rules.copy(x, x.contiguous()));
  }
  /** The elements as another type; gradients come back in the type of this. */
  to(dtype: DType): Tensor {
    return dtype === this.dtype ? this : primitive("to", [this], (x) => rules.copy(x, x.to(dtype)));
  }

  // Picking and placing

  /** out[i, j] = x[i, index[i, j]] for axis 1, and so on; the shape of `index`. */
  gather(axis: number, index: Indices): Tensor {
    return primitive("gather", [this], (x) => rules.gather(x, axis, arrayOf(index)));
  }
  /** A copy with out[i, index[i, j]] = src[i, j] for axis 1, and so on; of a place that comes twice the last counts. */
  scatter(axis: number, index: Indices, src: Operand): Tensor {
    if (typeof src === "number")
      return primitive("scatter", [this], (x) => rules.scatterNumber(x, axis, arrayOf(index), src));
    return primitive("scatter", [this, lift(src, this, "scatter")], (x, y) =>
      rules.scatter(x, axis, arrayOf(index), y),
    );
  }
  /** A copy with out[i, index[i, j]] += src[i, j] for axis 1, and so on; repeated indices add up. */
  scatterAdd(axis: number, index: Indices, src: Tensor | NDArray): Tensor {
    return primitive("scatterAdd", [this, lift(src, this, "scatterAdd")], (x, y) =>
      rules.scatterAdd(x, axis, arrayOf(index), y),
    );
  }
  /** The entries `index` of one axis; that axis is replaced by the axes of `index`. */
  indexSelect(axis: number, index: Indices): Tensor {
    return primitive("indexSelect", [this], (x) => rules.indexSelect(x, axis, arrayOf(index)));
  }
  /** The indices of the elements that are not 0, a row (ndim) for each; int32, no gradient. */
  nonzero(): Tensor {
    return new Tensor(this.data.nonzero());
  }
  /** `value` where the bool `mask` is true; keeps the type. */
  maskedFill(mask: Indices, value: number): Tensor {
    return primitive("maskedFill", [this], (x) => rules.maskedFill(x, arrayOf(mask), value));
  }
  /** `value` around the last axes, a [before, after] for each; negative widths crop. */
  pad(widths: readonly (readonly [number, number])[], value = 0): Tensor {
    return primitive("pad", [this], (x) => rules.pad(x, widths, value));
  }
  /** Entry i moves to (i + shift) mod n; without axes the flattened tensor is rolled. */
  roll(shifts: Axes, axes?: Axes): Tensor {
    return primitive("roll", [this], (x) => rules.roll(x, shifts, axes));
  }
  /** The last two axes with zeros above diagonal k. */
  tril(k = 0): Tensor {
    return primitive("tril", [this], (x) => rules.tril(x, k));
  }
  /** The last two axes with zeros below diagonal k. */
  triu(k = 0): Tensor {
    return primitive("triu", [this], (x) => rules.triu(x, k));
  }
  /** Values in order along an axis and where they stood (int32); stable; NaN counts as largest. */
  sort(axis = -1, options?: SortOptions): { values: Tensor; indices: Tensor } {
    return ordered("sort", this, axis, this.data.sort(axis, options));
  }
  /** The k largest (or smallest) along an axis, best first, and where they stood. */
  topk(k: number, axis = -1, options?: TopkOptions): { values: Tensor; indices: Tensor } {
    return ordered("topk", this, axis, this.data.topk(k, axis, options));
  }
}

export interface RecordOptions {
  /**
   * Whether the pullback may keep an array that it is given or returns, for a plot or for its next call; true unless
   * given. `false` promises that it does not: the memory of these gradients is used again at once.
   */
  readonly keepsGrads?: boolean;
}

/**
 * Run `rule` on plain arrays; if an input wants a gradient, remember how to pull one back.
 *
 * The one way to define a differentiable operation:
 * ```ts
 * const square = (x: Tensor) => record("square", [x], (x) => [x.mul(x), (g) => [g.mul(x).mul(2)]]);
 * ```
 * The pullback gives one gradient per input: an array (broadcasting is undone for you), a thunk that is run
 * only if that input wants it, or null.
 */
export function record<const T extends readonly Tensor[]>(
  op: string,
  inputs: T,
  rule: Rule<T>,
  { keepsGrads = true }: RecordOptions = {},
): Tensor {
  return remember(op, inputs, rule, keepsGrads, false);
}

/** The rule of an operation on however many inputs: more than a call could have arguments. */
type ListRule = (arrays: readonly NDArray[]) => readonly [out: NDArray, pullback: (g: NDArray) => Grad[]];

/** {@link record} for a list of inputs, which the rule takes as one. It keeps no gradient. */
export const recordList = (op: string, inputs: readonly Tensor[], rule: ListRule): Tensor =>
  remember(op, inputs, rule as unknown as Rule<readonly Tensor[]>, false, true);

function remember<const T extends readonly Tensor[]>(
  op: string,
  inputs: T,
  rule: Rule<T>,
  keepsGrads: boolean,
  takesList: boolean,
): Tensor {
  if (!Array.isArray(inputs)) throw expectedKind(op, "a list of Tensors as inputs of record", inputs);
  if (typeof rule !== "function") throw expectedKind(op, "a function as rule", rule);
  const arrays = new Array<NDArray>(inputs.length);
  let wantsGrad = false;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i];
    if (!isTensor(input)) throw notATensor(op, input);
    arrays[i] = input.data;
    if (input.requiresGrad) wantsGrad = true;
  }
  const result = takesList
    ? (rule as unknown as ListRule)(arrays)
    : rule(...(arrays as unknown as Each<T, NDArray>));
  if (!Array.isArray(result) || !(result[0] instanceof NDArray) || typeof result[1] !== "function") {
    const came = Array.isArray(result) ? `[${result.map(describe).join(", ")}]` : describe(result);
    throw expectedKind(
      op,
      "the rule to return [output, pullback], an NDArray and a function",
      words(came),
      "inside a rule, inputs are NDArrays, not Tensors",
    );
  }
  const [out, pullback] = result as ReturnType<Rule<T>>;
  if (!wantsGrad || !isGradEnabled() || !isFloat(out.dtype)) return new Tensor(out);
  const node = { op, inputs, pullback, keepsGrads, madeAt: changeCount() };
  if (isWatching()) markOrigin(node);
  return new Tensor(out, { requiresGrad: true, node });
}

export interface Tensor
  extends Picking<Tensor, Indices>,
    Pieces<Tensor, Indices>,
    Elementwise<Tensor, Indices>,
    Comparing<Tensor, Indices>,
    Ordering<Tensor, Indices> {}
mixIn(Tensor, Picking, Pieces, Elementwise, Comparing, Ordering);
suggestMembers(Tensor, "tensor");

/** {@link record} for the rules of `rules/`, none of which keeps a gradient. */
const primitive = <const T extends readonly Tensor[]>(op: string, inputs: T, rule: Rule<T>): Tensor =>
  remember(op, inputs, rule, false, false);

/** An operation on two operands; a number stays a number, which is cheaper than a tensor of one element. */
function binary(
  op: string,
  a: Tensor,
  b: Operand,
  rule: (a: NDArray, b: NDArray | number) => ReturnType<typeof rules.add>,
): Tensor {
  if (typeof b !== "number") return primitive(op, [a, lift(b, a, op)], rule);
  return primitive(op, [a], (x) => {
    const [y, pullback] = rule(x, b);
    return [y, (g) => [pullback(g)[0]]];
  });
}

function ordered(
  op: string,
  x: Tensor,
  axis: number,
  { values, indices }: { values: NDArray; indices: NDArray },
): { values: Tensor; indices: Tensor } {
  const at = normalizeAxis(op, axis, x.ndim);
  return {
    values: primitive(op, [x], (x) => rules.ordered(x, values, indices, at)),
    indices: new Tensor(indices),
  };
}

/** An operand as a tensor; a number takes the type it would take beside an array. */
export function lift(x: Operand, beside: Tensor, op = "lift"): Tensor {
  if (typeof x !== "number") {
    if (isTensor(x)) return x;
    if (isArray(x)) return new Tensor(x);
    throw expectedKind(op, `a Tensor, NDArray or number beside ${showShape(beside.shape)}`, x);
  }
  const dtype = promoteNumber(beside.dtype, x);
  return new Tensor(full([], dtype === "float32" ? Math.fround(x) : x, { dtype }));
}

/** Throws unless x is a Tensor. */
export function checkTensor(op: string, x: unknown): asserts x is Tensor {
  if (!isTensor(x)) throw notATensor(op, x);
}

function notATensor(op: string, x: unknown): TypeError {
  const wraps = typeof x === "object" || typeof x === "number";
  return expectedKind(op, "a Tensor", x, wraps ? "wrap numbers and arrays with tensor()" : undefined);
}

/** (A Proxy that was revoked cannot even be asked.) */
function isTensor(x: unknown): x is Tensor {
  try {
    return x instanceof Tensor;
  } catch {
    return false;
  }
}

function isArray(x: unknown): x is NDArray {
  try {
    return x instanceof NDArray;
  } catch {
    return false;
  }
}

/** The array of an operand, for what is never differentiated. */
export const arrayOf = (x: Tensor | NDArray): NDArray => (isTensor(x) ? x.data : x);
const plain = (x: Operand): NDArray | number => (typeof x === "number" ? x : arrayOf(x));

function checkFloat(dtype: DType): void {
  if (isFloat(dtype)) return;
  const why = `only float tensors can require a gradient, got ${dtype}`;
  throw refusalOfKind("Tensor", why, 'convert with to("float32")');
}
