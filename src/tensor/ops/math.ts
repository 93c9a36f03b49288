import { check, checkOperand } from "../check";
import { kernels } from "../device";
import { isFloat, promote, promoteNumber, toFloat } from "../dtype";
import { expected } from "../expected";
import { broadcastShapes, sizeOf } from "../shape";
import { flat, type Strided, strided } from "../strided";
import { type Operand, spread } from "./elementwise";

/** Functions of every element that no device has a kernel for, computed in float64 and rounded to the type. */

const one = {
  log2: Math.log2,
  log10: Math.log10,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  trunc: Math.trunc,
} as const;

const two = {
  atan2: Math.atan2,
  fmod: (a: number, b: number) => a % b,
  logaddexp: (a: number, b: number) =>
    // Equal infinities have no difference; so has NaN, which comes out.
    a === b ? a + Math.LN2 : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b))),
} as const;

/** The name of a function of one number. */
export type MathOp = keyof typeof one;
/** The name of a function of two numbers. */
export type MathOp2 = keyof typeof two;

/** op of every element; float32 for integers, which trunc leaves alone. */
export function math(op: MathOp, x: Strided): Strided {
  check("math", "the function", op, Object.keys(one));
  const keeps = op === "trunc" && !isFloat(x.dtype);
  const dtype = keeps ? promote(x.dtype, "int32") : toFloat(x.dtype);
  const input = flat(x);
  const out = kernels().empty(dtype, input.length);
  const f = one[op];
  for (let i = 0; i < out.length; i++) out[i] = f(input[i]);
  return strided(out, dtype, x.shape);
}

/** op of every pair, with broadcasting and promotion; float32 for integers, but fmod of integers is one. */
export function math2(op: MathOp2, a: Strided, b: Operand): Strided {
  check("math2", "the function", op, Object.keys(two));
  checkOperand(op, b);
  const common = typeof b === "number" ? promoteNumber(a.dtype, b) : promote(a.dtype, b.dtype);
  const dtype = op !== "fmod" ? toFloat(common) : common === "bool" ? "int32" : common;
  const shape = typeof b === "number" ? a.shape : broadcastShapes(op, a.shape, b.shape);
  // Integers in full, as float32 cannot hold them.
  const type = isFloat(common) ? common : "float64";
  const [x, y] = [spread(a, type, shape), spread(b, type, shape)];
  if (dtype === "int32" && y.includes(0))
    throw expected(
      "fmod",
      "a divisor other than 0, by which integers have no remainder",
      0,
      "floats give NaN",
    );
  const out = kernels().empty(dtype, sizeOf(shape));
  const [stepX, stepY] = [Number(x.length > 1), Number(y.length > 1)];
  const f = two[op];
  for (let i = 0; i < out.length; i++) out[i] = f(x[i * stepX], y[i * stepY]);
  return strided(out, dtype, shape);
}
