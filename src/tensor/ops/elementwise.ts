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
import type { BinaryOp, CompareOp, UnaryOp } from "../kernels";
import { broadcastShapes, type Shape, sameShape, sizeOf } from "../shape";
import { copyTo, expand, flat, type Strided, strided } from "../strided";

/** What stands beside an array in arithmetic: another array, or a number that takes the array's type. */
export type Operand = Strided | number;

/** The same elements as another type. Floats turn into integers by dropping the fraction; NaN becomes 0. */
export function cast(x: Strided, dtype: DType): Strided {
  if (x.dtype === dtype) return x;
  const out = kernels().empty(dtype, sizeOf(x.shape));
  return strided(copyTo(x, out), dtype, x.shape);
}

/** op of every element; integers are computed as float32 unless the op keeps them. */
export function unary(op: UnaryOp, x: Strided): Strided {
  const keeps =
    op === "neg" || op === "abs" || op === "sign" || op === "square" || op === "relu" || isRounding(op);
  const dtype = isFloat(x.dtype) ? x.dtype : keeps ? promote(x.dtype, "int32") : "float32";
  const input = flat(cast(x, dtype));
  const out = kernels().empty(dtype, input.length);
  kernels().unary(op, input, out);
  return strided(out, dtype, x.shape);
}

const isRounding = (op: UnaryOp) => op === "floor" || op === "ceil" || op === "round";

/** a ∘ b with broadcasting and type promotion. */
export function binary(op: BinaryOp, a: Strided, b: Operand): Strided {
  const common = typeof b === "number" ? promoteNumber(a.dtype, b) : promote(a.dtype, b.dtype);
  const dtype = op === "div" ? toFloat(common) : common === "bool" && op !== "mul" ? "int32" : common;
  const shape = typeof b === "number" ? a.shape : broadcastShapes(op, a.shape, b.shape);
  const out = kernels().empty(dtype, sizeOf(shape));
  const x = pattern(a, dtype, shape);
  const y = pattern(b, dtype, shape);
  kernels().binary(op, x.data, x.inner, y.data, y.inner, out);
  return strided(out, dtype, shape);
}

/** number ∘ array, for the ops where the order matters. */
export const binaryFrom = (op: BinaryOp, a: number, b: Strided): Strided => {
  const dtype = op === "div" ? toFloat(b.dtype) : promoteNumber(b.dtype, a);
  return binary(op, scalar(a, dtype), b);
};

/** a ∘ b as bool, with broadcasting; a number is compared in the array's type, or float32 if it is a fraction. */
export function compare(op: CompareOp, a: Strided, b: Operand): Strided {
  const dtype = typeof b === "number" ? promoteNumber(a.dtype, b) : promote(a.dtype, b.dtype);
  const shape = typeof b === "number" ? a.shape : broadcastShapes(op, a.shape, b.shape);
  const out = kernels().empty("bool", sizeOf(shape)) as Uint8Array;
  const x = pattern(a, dtype, shape);
  const y = pattern(b, dtype, shape);
  kernels().compare(op, x.data, x.inner, y.data, y.inner, out);
  return strided(out, "bool", shape);
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
  const typed = cast(x, dtype);
  if (sameShape(x.shape, shape)) return { data: flat(typed), inner: 1 };
  const lead = shape.length - x.shape.length;
  const repeats = (axis: number) => axis < lead || (x.shape[axis - lead] === 1 && shape[axis] !== 1);
  let first = 0;
  while (first < shape.length && (repeats(first) || shape[first] === 1)) first++;
  let last = shape.length;
  while (last > first && (repeats(last - 1) || shape[last - 1] === 1)) last--;
  for (let axis = first; axis < last; axis++) {
    if (repeats(axis)) return { data: flat(expand(typed, shape)), inner: 1 };
  }
  return { data: flat(typed), inner: sizeOf(shape.slice(last)) };
}

/** c ? a : b, element by element, with broadcasting and type promotion. `condition` counts as true where it is not 0. */
export function where(condition: Strided, a: Operand, b: Operand): Strided {
  const dtype =
    typeof a !== "number"
      ? typeof b !== "number"
        ? promote(a.dtype, b.dtype)
        : promoteNumber(a.dtype, b)
      : typeof b !== "number"
        ? promoteNumber(b.dtype, a)
        : promoteNumber(promoteNumber("int32", a), b);
  const shapeOf = (x: Operand): Shape => (typeof x === "number" ? [] : x.shape);
  const shape = broadcastShapes("where", condition.shape, broadcastShapes("where", shapeOf(a), shapeOf(b)));
  const out = kernels().empty(dtype, sizeOf(shape));
  const c = pattern(condition, condition.dtype, shape);
  const x = pattern(a, dtype, shape);
  const y = pattern(b, dtype, shape);
  for (let i = 0; i < out.length; i++) {
    const source = c.data[Math.floor(i / c.inner) % c.data.length] !== 0 ? x : y;
    out[i] = source.data[Math.floor(i / source.inner) % source.data.length];
  }
  return strided(out, dtype, shape);
}

/** Run a plain function over every element: for what no device computes (isNaN, clamp of integers, ...). */
export function map(x: Strided, dtype: DType, f: (value: number) => number): Strided {
  const input = flat(x);
  const out = kernels().empty(dtype, input.length);
  for (let i = 0; i < out.length; i++) out[i] = f(input[i]);
  return strided(out, dtype, x.shape);
}

/** Wrap a typed array, naming its type after its class. */
export const wrap = (data: Storage, shape: Shape): Strided => strided(data, dtypeOf(data), shape);
