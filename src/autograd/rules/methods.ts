import { type ArrayMethods, type Axes, frozenCopy, type NDArray, type ReduceOptions } from "../../tensor";
import * as arithmetic from "./arithmetic";
import * as elementwise from "./elementwise";
import * as indexing from "./indexing";
import * as math from "./math";
import * as reduce from "./reduce";
import * as rows from "./softmax";
import * as views from "./views";
import type { OneGradient, TwoGradients } from "./with-pullback";

/** The rules of the methods, by the methods' names: the array first, then what the method takes. */

type Methods = ArrayMethods<NDArray, NDArray>;
type Rules<Names extends keyof Methods> = {
  readonly [name in Names]: (x: NDArray, ...args: Parameters<Methods[name]>) => OneGradient;
};

/** Two operands. */
export const operandRules = {
  add: arithmetic.add,
  sub: arithmetic.sub,
  mul: arithmetic.mul,
  div: arithmetic.div,
  pow: arithmetic.pow,
  maximum: arithmetic.maximum,
  minimum: arithmetic.minimum,
  remainder: arithmetic.remainder,
  fmod: math.fmod,
  atan2: math.atan2,
  logaddexp: math.logaddexp,
} satisfies { readonly [name in keyof Methods]?: (a: NDArray, b: NDArray | number) => TwoGradients };

/** One array, and indices or a mask, through which no gradient flows. */
export const indexRules: Rules<"gather" | "indexSelect" | "maskedFill"> = {
  gather: indexing.gather,
  indexSelect: indexing.indexSelect,
  maskedFill: indexing.maskedFill,
};

/** Comparisons, positions and counts: the methods of arrays that have no gradient. */
export const plainMethods = [
  ...([
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "logicalAnd",
    "logicalOr",
    "logicalNot",
    "isNaN",
    "isFinite",
    "isClose",
  ] as const),
  ...(["argmax", "argmin", "any", "all", "histc", "nonzero"] as const),
];

/** Methods with more than one tensor in or out, or with arguments of their own kind: methods.ts has them. */
export type OwnMethod =
  | ("matmul" | "slice" | "to" | "scatter" | "scatterAdd")
  | ("sort" | "topk" | "cummax" | "cummin" | "unique" | "bincount");

type Others = keyof typeof operandRules | keyof typeof indexRules | (typeof plainMethods)[number] | OwnMethod;

type Reduction = (x: NDArray, axes?: Axes, options?: ReduceOptions) => OneGradient;

/** The pullback goes by the axes as they were given, whatever becomes of that list. */
const alongAxes =
  (rule: Reduction): Reduction =>
  (x, axes, options) =>
    rule(x, frozenCopy(axes), options);

/** One array. */
export const rules: Rules<Exclude<keyof Methods, Others>> = {
  clamp: (x, min, max = Number.POSITIVE_INFINITY) => arithmetic.clamp(x, min, max),
  neg: elementwise.neg,
  abs: elementwise.abs,
  exp: elementwise.exp,
  expm1: elementwise.expm1,
  log: elementwise.log,
  log1p: elementwise.log1p,
  log2: elementwise.log2,
  log10: elementwise.log10,
  sqrt: elementwise.sqrt,
  rsqrt: elementwise.rsqrt,
  square: elementwise.square,
  reciprocal: elementwise.reciprocal,
  sin: elementwise.sin,
  cos: elementwise.cos,
  tan: elementwise.tan,
  asin: elementwise.asin,
  acos: elementwise.acos,
  atan: elementwise.atan,
  sinh: elementwise.sinh,
  cosh: elementwise.cosh,
  tanh: elementwise.tanh,
  sigmoid: elementwise.sigmoid,
  erf: elementwise.erf,
  relu: elementwise.relu,
  sign: (x) => elementwise.step(x, "sign"),
  floor: (x) => elementwise.step(x, "floor"),
  ceil: (x) => elementwise.step(x, "ceil"),
  round: (x) => elementwise.step(x, "round"),
  trunc: (x) => elementwise.step(x, "trunc"),
  nanToNum: (x, options) => elementwise.nanToNum(x, frozenCopy(options)),

  sum: alongAxes(reduce.sum),
  mean: alongAxes(reduce.mean),
  prod: alongAxes(reduce.prod),
  logsumexp: alongAxes(reduce.logsumexp),
  max: alongAxes((x, axes, options) => reduce.extreme("max", x, axes, options)),
  min: alongAxes((x, axes, options) => reduce.extreme("min", x, axes, options)),
  var: (x, axes, options) => reduce.variance(x, frozenCopy(axes), frozenCopy(options)),
  std: (x, axes, options) => reduce.std(x, frozenCopy(axes), frozenCopy(options)),
  norm: (x, p, axes, options) => reduce.norm(x, p, frozenCopy(axes), options),
  cumsum: reduce.cumsum,
  cumprod: reduce.cumprod,
  softmax: (x, axis = -1) => rows.softmax(x, axis),
  logSoftmax: (x, axis = -1) => rows.logSoftmax(x, axis),

  narrow: views.narrow,
  select: views.select,
  transpose: (x, axis0 = -2, axis1 = -1) => views.transpose(x, axis0, axis1),
  permute: views.permute,
  expand: views.expand,
  reshape: views.reshape,
  flatten: (x, start = 0, end = -1) => views.flatten(x, start, end),
  squeeze: views.squeeze,
  unsqueeze: views.unsqueeze,
  diagonal: (x, offset = 0, axis0 = -2, axis1 = -1) => views.diagonal(x, offset, axis0, axis1),
  flip: views.flip,
  clone: (x) => views.copy(x, x.clone()),
  contiguous: (x) => views.copy(x, x.contiguous()),

  pad: (x, widths, value = 0) => views.pad(x, widths, value),
  roll: views.roll,
  tril: (x, k = 0) => indexing.tril(x, k),
  triu: (x, k = 0) => indexing.triu(x, k),
};
