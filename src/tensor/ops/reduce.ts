import { checkNumber, checkOptions } from "../check";
import { kernels } from "../device";
import { type DType, isFloat, toFloat } from "../dtype";
import { expected, words } from "../expected";
import type { Floats, ReduceOp } from "../kernels";
import { normalizeAxes, normalizeAxis, type Shape, showShape, sizeOf } from "../shape";
import { flat, type Strided, strided } from "../strided";
import { binary, cast, toInt32, unary } from "./elementwise";
import { permute, reshape } from "./views";

export interface ReduceOptions {
  /** Keep the reduced axes with size 1, so that the result broadcasts against the input. */
  readonly keepDims?: boolean;
}

export type Axes = number | readonly number[];

/** x as (outer, n, inner) with the reduced axes in the middle, and the shapes of the result. */
interface Grouped {
  readonly x: Strided;
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
  readonly shape: Shape;
}

const KEEP_DIMS = { keepDims: "boolean" } as const;

function group(op: string, x: Strided, axes: Axes | undefined, options: ReduceOptions = {}): Grouped {
  checkOptions(op, options, "keepDims: true", KEEP_DIMS);
  const { keepDims = false } = options;
  const reduced = normalizeAxes(op, axes, x.shape.length);
  const isReduced = (_: unknown, axis: number) => reduced.includes(axis);
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !reduced.includes(axis));
  const n = sizeOf(x.shape.filter(isReduced));
  const shape = keepDims
    ? x.shape.map((s, axis) => (reduced.includes(axis) ? 1 : s))
    : kept.map((axis) => x.shape[axis]);
  const first = reduced[0] ?? 0;
  if (reduced.every((axis, i) => axis === first + i)) {
    const inner = sizeOf(x.shape.slice(first + reduced.length));
    return { x, outer: sizeOf(x.shape.slice(0, first)), n, inner, shape };
  }
  return { x: permute(x, [...kept, ...reduced]), outer: sizeOf(shape), n, inner: 1, shape };
}

function run(op: ReduceOp, { x, outer, n, inner, shape }: Grouped, dtype: DType): Strided {
  const out = kernels().empty(dtype, outer * inner);
  kernels().reduce(op, flat(cast(x, dtype)), out, outer, n, inner);
  return strided(out, dtype, shape);
}

/**
 * Σ x (or Σ x², Π x) over the axes; bool and int32 give int32. Integers are counted exactly: a result that int32 does not
 * hold is an error.
 */
export function total(
  op: "sum" | "sumOfSquares" | "prod",
  x: Strided,
  axes?: Axes,
  options?: ReduceOptions,
): Strided {
  const groups = group(op, x, axes, options);
  if (isFloat(x.dtype)) return run(op, groups, x.dtype);
  return toInt32(op, integerTotal(op, groups));
}

/** The same of integers, exact, as float64. */
function integerTotal(op: "sum" | "sumOfSquares" | "prod", { x, outer, n, inner, shape }: Grouped): Strided {
  const out = kernels().empty("float64", outer * inner);
  kernels().reduce(op, flat(cast(x, "int32")), out, outer, n, inner);
  return strided(out, "float64", shape);
}

/** Largest or smallest element over the axes; NaN wins. Throws over an empty axis. */
export function extreme(op: "max" | "min", x: Strided, axes?: Axes, options?: ReduceOptions): Strided {
  const groups = group(op, x, axes, options);
  needElements(op, x, groups.n);
  return run(op, groups, x.dtype);
}

/** Where the largest or smallest element stands (int32): along one axis, or in the flattened array. */
export function argExtreme(op: "max" | "min", x: Strided, axis?: number, options?: ReduceOptions): Strided {
  const name = `arg${op}`;
  const groups = group(
    name,
    x,
    axis === undefined ? undefined : normalizeAxis(name, axis, x.shape.length),
    options,
  );
  needElements(name, x, groups.n);
  const out = kernels().empty("int32", groups.outer * groups.inner) as Int32Array;
  kernels().argReduce(op, flat(groups.x), out, groups.outer, groups.n, groups.inner);
  return strided(out, "int32", groups.shape);
}

/** Σ x / n over the axes; float32 for integers, whose sum is exact. */
export function mean(x: Strided, axes?: Axes, options?: ReduceOptions): Strided {
  const groups = group("mean", x, axes, options);
  if (isFloat(x.dtype)) return binary("div", run("sum", groups, x.dtype), groups.n);
  return cast(binary("div", integerTotal("sum", groups), groups.n), "float32");
}

/** Σ (x − mean)² / (n − correction) over the axes, or its root; correction 1 (Bessel) unless given, as PyTorch. */
export function variance(
  op: "var" | "std",
  x: Strided,
  axes?: Axes,
  options: ReduceOptions & { correction?: number } = {},
): Strided {
  if (!isFloat(x.dtype)) return cast(variance(op, cast(x, "float64"), axes, options), "float32");
  checkOptions(op, options, "correction: 0", { keepDims: "boolean", correction: "number" });
  const { keepDims, correction = 1 } = options;
  const { x: typed, outer, n, inner, shape } = group(op, x, axes, { keepDims });
  const out = kernels().empty(x.dtype, outer * inner) as Floats;
  const divisor = Math.max(0, n - correction);
  kernels().variance(flat(typed) as Floats, out, outer, n, inner, divisor, op === "std");
  return strided(out, x.dtype, shape);
}

/** Whether any (the largest of "is not 0") or all (the smallest) elements are not 0; bool. Of nothing: any false, all true. */
export function truth(op: "any" | "all", x: Strided, axes?: Axes, options?: ReduceOptions): Strided {
  const groups = group(op, cast(x, "bool"), axes, options);
  if (groups.n > 0) return run(op === "any" ? "max" : "min", groups, "bool");
  const out = kernels().alloc("bool", groups.outer * groups.inner);
  return strided(op === "any" ? out : out.fill(1), "bool", groups.shape);
}

/** log Σ exp(x) over the axes, shifted by the maximum so that nothing overflows; −∞ over nothing. */
export function logsumexp(x: Strided, axes?: Axes, options: ReduceOptions = {}): Strided {
  const typed = cast(x, toFloat(x.dtype));
  const groups = group("logsumexp", x, axes, options);
  const { keepDims = false } = options;
  if (groups.n === 0) return unary("log", total("sum", typed, axes, { keepDims }));
  const max = extreme("max", typed, axes, { keepDims: true });
  // An infinite maximum would make ∞ − ∞; shift by 0 there and let exp and log give the limit.
  const shift = strided(
    flat(max).map((v) => (Number.isFinite(v) ? v : 0)),
    max.dtype,
    max.shape,
  );
  const sum = total("sum", unary("exp", binary("sub", typed, shift)), axes, { keepDims: true });
  const result = binary("add", unary("log", sum), shift);
  return keepDims ? result : reshape(result, groups.shape);
}

/** (Σ |x|ᵖ)^(1/p) over the axes; p = ∞ gives max |x|, p = 0 counts what is not 0. Overflows only where it is too large itself. */
export function norm(x: Strided, p = 2, axes?: Axes, options: ReduceOptions = {}): Strided {
  checkNumber("norm", p);
  const groups = group("norm", x, axes, options);
  if (p === 2) return run("norm", groups, toFloat(x.dtype));
  const typed = cast(x, toFloat(x.dtype));
  const size = unary("abs", typed);
  if (p === Number.POSITIVE_INFINITY) return extreme("max", size, axes, options);
  if (p === Number.NEGATIVE_INFINITY) return extreme("min", size, axes, options);
  if (p === 0) return cast(total("sum", cast(size, "bool"), axes, options), typed.dtype);
  if (p === 1 || groups.n === 0) return total("sum", size, axes, options);
  // Of numbers beside the one that counts most, so that no power overflows or vanishes.
  const unit = powersOfTwo(extreme(p > 0 ? "max" : "min", size, axes, { keepDims: true }));
  const sum = total("sum", binary("pow", binary("div", size, unit), p), axes, { keepDims: true });
  const result = binary("mul", binary("pow", sum, 1 / p), unit);
  return options.keepDims ? result : reshape(result, groups.shape);
}

/** The largest power of two below each number, so that a division by it changes no digit; 1 for 0 and ∞. */
function powersOfTwo({ data, dtype, shape }: Strided): Strided {
  const power = (v: number) => (v > 0 && v < Number.POSITIVE_INFINITY ? 2 ** Math.floor(Math.log2(v)) : 1);
  return strided(data.map(power), dtype, shape);
}

/** Running sum or product along one axis; bool and int32 give int32. Throws where a result of integers does not fit. */
export function scan(op: "cumsum" | "cumprod", x: Strided, axis: number): Strided {
  const at = normalizeAxis(op, axis, x.shape.length);
  const n = x.shape[at] ?? 1;
  const inner = sizeOf(x.shape.slice(at + 1));
  const input = flat(x);
  const dtype = isFloat(x.dtype) ? x.dtype : "float64";
  const out = kernels().empty(dtype, input.length);
  const outer = n * inner === 0 ? 0 : input.length / (n * inner);
  kernels().scan(op === "cumsum" ? "sum" : "prod", input, out, outer, n, inner);
  const results = strided(out, dtype, x.shape);
  return isFloat(x.dtype) ? results : toInt32(op, results);
}

function needElements(op: string, x: Strided, n: number): void {
  if (n > 0) return;
  throw expected(
    op,
    "at least one element to choose from",
    words(`shape ${showShape(x.shape)} with an empty axis`),
  );
}
