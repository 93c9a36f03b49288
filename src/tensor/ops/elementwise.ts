import { checkArray, checkDType, checkNumber, checkOperand, checkOptions } from "../check";
import { kernels } from "../device";
import {
  allocate,
  type DType,
  dtypeOf,
  isFloat,
  promote,
  promoteNumber,
  type Storage,
  toFloat,
} from "../dtype";
import { expectedKind, refusal } from "../expected";
import type { BinaryOp, CompareOp, Parameters, UnaryOp } from "../kernels";
import { broadcastShapes, type Shape, sameShape, sizeOf } from "../shape";
import { copyTo, expand, flat, type Strided, strided, viewOf } from "../strided";

/** What stands beside an array in arithmetic: another array, or a number that takes the array's type. */
export type Operand = Strided | number;

/** The same elements as another type. Floats turn into integers by dropping the fraction; throws where int32 holds none. */
export function cast(x: Strided, dtype: DType): Strided {
  if (x.dtype === dtype) return x;
  checkDType("to", dtype);
  const out = kernels().empty(dtype, sizeOf(x.shape));
  return strided(copyTo(x, out), dtype, x.shape);
}

/** Whole numbers in float64 as int32. Throws where one does not fit. */
export const toInt32 = (op: string, x: Strided): Strided =>
  strided(copyTo(x, kernels().empty("int32", sizeOf(x.shape)), op), "int32", x.shape);

/** op of every element; integers are computed as float32 unless the op keeps them. */
export function unary(op: UnaryOp, x: Strided, parameters?: Parameters): Strided {
  if (typeof op !== "string") throw expectedKind("unary", "the name of an operation", op);
  const keeps =
    op === "neg" || op === "abs" || op === "sign" || op === "square" || op === "relu" || isRounding(op);
  const dtype = isFloat(x.dtype) ? x.dtype : keeps ? promote(x.dtype, "int32") : "float32";
  const input = flat(cast(x, dtype));
  const out = kernels().empty(dtype, input.length);
  kernels().unary(op, input, out, parametersIn(dtype, parameters));
  giveBack(input, x);
  return strided(out, dtype, x.shape);
}

const isRounding = (op: UnaryOp) => op === "floor" || op === "ceil" || op === "round" || op === "trunc";

/** The numbers that an operation takes beside arrays of that type, as this type holds them; undefined for none. */
export function parametersIn(dtype: DType, parameters?: Parameters): Parameters | undefined {
  if (!parameters?.length) return undefined;
  return dtype === "float64" ? parameters : parameters.map(Math.fround);
}

/** min(max(x, min), max) */
export function clamp(x: Strided, min: number, max = Number.POSITIVE_INFINITY): Strided {
  checkNumber("clamp", min);
  checkNumber("clamp", max);
  if (isFloat(x.dtype)) return unary("clamp", x, [min, max]);
  const low = min === Number.NEGATIVE_INFINITY ? x : binary("maximum", x, min);
  return max === Number.POSITIVE_INFINITY ? low : binary("minimum", low, max);
}

export interface NanToNumOptions {
  /** For NaN; 0 unless given. */
  readonly nan?: number;
  /** For ∞ and −∞; the largest and the smallest number of the type unless given. */
  readonly posinf?: number;
  readonly neginf?: number;
}

/** Numbers for NaN and infinities; a copy of integers, which have none. */
export function nanToNum(x: Strided, options?: NanToNumOptions): Strided {
  checkOptions("nanToNum", options, "nan: 0", { nan: "number", posinf: "number", neginf: "number" });
  if (!isFloat(x.dtype))
    return strided(copyTo(x, kernels().empty(x.dtype, sizeOf(x.shape))), x.dtype, x.shape);
  const most = x.dtype === "float32" ? 3.4028234663852886e38 : Number.MAX_VALUE;
  const { nan = 0, posinf = most, neginf = -most } = options ?? {};
  return unary("nanToNum", x, [nan, posinf, neginf]);
}

/**
 * a ∘ b with broadcasting and type promotion. Two bools give a bool where that means something (add is or, mul
 * is and), else int32.
 */
export function binary(op: BinaryOp, a: Strided, b: Operand, parameters?: Parameters): Strided {
  checkOperand(op, b);
  const common = typeof b === "number" ? promoteNumber(a.dtype, b) : promote(a.dtype, b.dtype);
  if (common === "bool" && op === "add") return binary("maximum", a, b);
  const counts = common === "bool" && (op === "sub" || op === "pow" || op === "remainder" || op === "fmod");
  const dtype = isReal(op) ? toFloat(common) : counts ? "int32" : common;
  if (dtype === "int32") checkIntegers(op, b);
  const shape = typeof b === "number" ? a.shape : broadcastShapes(op, a.shape, b.shape);
  const out = kernels().empty(dtype, sizeOf(shape));
  const x = pattern(a, dtype, shape);
  const y = pattern(b, dtype, shape);
  kernels().binary(op, x.data, x.inner, y.data, y.inner, out, parametersIn(dtype, parameters));
  giveBack(x.data, a);
  if (typeof b !== "number") giveBack(y.data, b);
  return strided(out, dtype, shape);
}

/** Whether the result is a fraction in general, also of integers. */
const isReal = (op: BinaryOp) =>
  op === "div" || op === "atan2" || op === "logaddexp" || op === "lerp" || isLoss(op);
const isLoss = (op: BinaryOp) =>
  op === "huber" || op === "huberSlope" || op === "logisticLoss" || op === "logisticSlope";

/** The same into x, whose elements lie in row-major order; b takes its type and broadcasts to it. */
export function binaryInPlace(op: BinaryOp, x: Strided, b: Operand): void {
  const y = pattern(b, x.dtype, x.shape);
  const out = flat(x);
  kernels().binary(op, out, 1, y.data, y.inner, out);
  if (typeof b !== "number") giveBack(y.data, b);
}

/** What has no answer among integers. */
function checkIntegers(op: BinaryOp, b: Operand): void {
  if (op === "pow" && typeof b === "number" && b < 0) {
    throw refusal("pow", `an integer to the power ${b} is a fraction in general`, 'call to("float32") first');
  }
  if ((op === "remainder" || op === "fmod") && (typeof b === "number" ? b === 0 : flat(b).includes(0))) {
    throw refusal(op, "integers have no remainder by 0", "floats give NaN");
  }
}

/** a ∘ b as bool, with broadcasting; a number takes the array's type, unless integers meet a fraction. */
export function compare(
  op: CompareOp,
  a: Strided,
  b: Operand,
  parameters?: Parameters,
  name: string = op,
): Strided {
  checkOperand(name, b);
  const weak = typeof b === "number" ? promoteNumber(a.dtype, b) : promote(a.dtype, b.dtype);
  // int32 in full, as float32 cannot hold it; a bool beside one
  const isBool = a.dtype === "bool" && (b === 0 || b === 1);
  const full = typeof b === "number" && !isFloat(a.dtype) && isFloat(weak) ? "float64" : weak;
  const dtype = isBool ? "bool" : full;
  const shape = typeof b === "number" ? a.shape : broadcastShapes(name, a.shape, b.shape);
  const out = kernels().empty("bool", sizeOf(shape)) as Uint8Array;
  const x = pattern(a, dtype, shape);
  const y = pattern(b, dtype, shape);
  kernels().compare(op, x.data, x.inner, y.data, y.inner, out, parameters);
  return strided(out, "bool", shape);
}

export interface CloseOptions {
  /** Allowed error relative to b; 1e-5 unless given. */
  readonly rtol?: number;
  /** Allowed error on top; 1e-8 unless given. */
  readonly atol?: number;
  /** Whether NaN is close to NaN. */
  readonly equalNan?: boolean;
}

export const checkCloseness = (op: string, options: unknown): void =>
  checkOptions(op, options, "rtol: 1e-5", { rtol: "number", atol: "number", equalNan: "boolean" });

/** Whether the elements are about the same, in float64. */
export function isClose(a: Strided, b: Operand, options?: CloseOptions): Strided {
  checkCloseness("isClose", options);
  const { rtol = 1e-5, atol = 1e-8, equalNan = false } = options ?? {};
  // int32 in full, as float32 cannot hold it
  const mixed = typeof b !== "number" && (a.dtype === "int32") !== (b?.dtype === "int32");
  const x = mixed ? cast(a, "float64") : a;
  const close = compare("close", x, b, [rtol, atol], "isClose");
  if (!equalNan) return close;
  const unordered = (x: Operand) =>
    typeof x === "number" ? compare("ne", scalar(x, "float64"), x) : compare("ne", x, x);
  return binary("maximum", close, binary("mul", unordered(a), unordered(b)));
}

/** A 0-dimensional array. */
export function scalar(value: number, dtype: DType): Strided {
  const data = allocate(dtype, 1);
  data[0] = value;
  return strided(data, dtype, []);
}

/**
 * How an operand repeats over the output: flat elements, each held for `inner` outputs, then round again.
 * That covers (…, C) against (C), (R, C) against (R, 1), and scalars without a copy; anything else is
 * written out in full.
 */
function pattern(x: Operand, dtype: DType, shape: Shape): { data: Storage; inner: number } {
  if (typeof x === "number") return { data: scalar(x, dtype).data, inner: 1 };
  const once = unrepeated(x);
  const typed = cast(once, dtype);
  if (sameShape(once.shape, shape)) return { data: flat(typed), inner: 1 };
  const lead = shape.length - once.shape.length;
  const repeats = (axis: number) => axis < lead || (once.shape[axis - lead] === 1 && shape[axis] !== 1);
  let first = 0;
  while (first < shape.length && (repeats(first) || shape[first] === 1)) first++;
  let last = shape.length;
  while (last > first && (repeats(last - 1) || shape[last - 1] === 1)) last--;
  for (let axis = first; axis < last; axis++) {
    if (repeats(axis)) return { data: flat(expand(typed, shape)), inner: 1 };
  }
  return { data: flat(typed), inner: sizeOf(shape.slice(last)) };
}

/** The view with one element along each axis on which all are the same, as the gradient of a mean is. */
function unrepeated(x: Strided): Strided {
  const { shape, strides } = x;
  for (let axis = 0; axis < shape.length; axis++) {
    if (strides[axis] === 0 && shape[axis] > 1) {
      const once = shape.map((n, axis) => (strides[axis] === 0 ? Math.min(n, 1) : n));
      return viewOf(x, once, strides);
    }
  }
  return x;
}

/** Lets go of a copy that was made of x for one operation; what belongs to x stays. */
export function giveBack(copy: Storage, x: Strided): void {
  if (copy !== x.data) kernels().free(copy);
}

/** c ? a : b, element by element, with broadcasting and type promotion. `condition` counts as true where it is not 0. */
export function where(condition: Strided, a: Operand, b: Operand, op = "where"): Strided {
  checkArray(op, condition);
  checkOperand(op, a);
  checkOperand(op, b);
  const dtype =
    typeof a !== "number"
      ? typeof b !== "number"
        ? promote(a.dtype, b.dtype)
        : promoteNumber(a.dtype, b)
      : typeof b !== "number"
        ? promoteNumber(b.dtype, a)
        : promoteNumber(promoteNumber("int32", a), b);
  const shapeOf = (x: Operand): Shape => (typeof x === "number" ? [] : x.shape);
  const shape = broadcastShapes(op, condition.shape, broadcastShapes(op, shapeOf(a), shapeOf(b)));
  const out = kernels().empty(dtype, sizeOf(shape));
  const c = spread(condition, condition.dtype, shape);
  const x = spread(a, dtype, shape);
  const y = spread(b, dtype, shape);
  kernels().where(c, x, y, out);
  return strided(out, dtype, shape);
}

/** The elements of an operand over the whole shape, or its only one. */
export function spread(x: Operand, dtype: DType, shape: Shape): Storage {
  if (typeof x === "number") return scalar(x, dtype).data;
  return sizeOf(x.shape) === 1 ? flat(cast(x, dtype)) : flat(expand(cast(x, dtype), shape));
}

/** Wrap a typed array, naming its type after its class. */
export const wrap = (data: Storage, shape: Shape): Strided => strided(data, dtypeOf(data), shape);
