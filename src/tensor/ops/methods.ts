import { checkArray } from "../check";
import { isFloat } from "../dtype";
import type { ArrayMethods } from "../methods";
import { expand, type Strided } from "../strided";
import * as counting from "./counting";
import * as cumulative from "./cumulative";
import { binary, cast, clamp, compare, isClose, nanToNum, unary } from "./elementwise";
import * as indexing from "./indexing";
import * as join from "./join";
import { matmul } from "./matmul";
import * as order from "./order";
import * as reduce from "./reduce";
import { softmax } from "./softmax";
import * as views from "./views";

/** Methods that NDArray spells out itself. */
export type OwnMethod = "slice" | "clone" | "contiguous" | "to" | "bincount";

type Methods = ArrayMethods<Strided, Strided>;
type Functions<Names extends keyof Methods> = {
  readonly [name in Names]: (x: Strided, ...args: Parameters<Methods[name]>) => Strided;
};

type Comparison = "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "logicalAnd" | "logicalOr" | "isClose";
type Arithmetic =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "pow"
  | "maximum"
  | "minimum"
  | "remainder"
  | "fmod"
  | "atan2"
  | "logaddexp"
  | "matmul";
type Indexing = "gather" | "scatter" | "scatterAdd" | "indexSelect" | "maskedFill";
type Beside = Comparison | Arithmetic | Indexing;

/** Methods with another array beside, as functions of records, by their names. */
export const methodsBeside: Functions<Beside> = {
  add: (a, b) => binary("add", a, b),
  sub: (a, b) => binary("sub", a, b),
  mul: (a, b) => binary("mul", a, b),
  div: (a, b) => binary("div", a, b),
  pow: (a, b) => binary("pow", a, b),
  maximum: (a, b) => binary("maximum", a, b),
  minimum: (a, b) => binary("minimum", a, b),
  remainder: (a, b) => binary("remainder", a, b),
  fmod: (a, b) => binary("fmod", a, b),
  atan2: (a, b) => binary("atan2", a, b),
  logaddexp: (a, b) => binary("logaddexp", a, b),
  matmul,
  eq: (a, b) => compare("eq", a, b),
  ne: (a, b) => compare("ne", a, b),
  lt: (a, b) => compare("lt", a, b),
  le: (a, b) => compare("le", a, b),
  gt: (a, b) => compare("gt", a, b),
  ge: (a, b) => compare("ge", a, b),
  logicalAnd: (a, b) => binary("mul", truth("logicalAnd", a), truth("logicalAnd", b)),
  logicalOr: (a, b) => binary("maximum", truth("logicalOr", a), truth("logicalOr", b)),
  isClose,
  gather: indexing.gather,
  scatter: indexing.scatter,
  scatterAdd: indexing.scatterAdd,
  indexSelect: indexing.indexSelect,
  maskedFill: indexing.maskedFill,
};

function truth(op: string, x: Strided): Strided {
  checkArray(op, x);
  return cast(x, "bool");
}

/** Functions that have a kernel under their name. */
const unaryOps = [
  ...(["neg", "abs", "sign", "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "rsqrt"] as const),
  ...(["square", "reciprocal", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh"] as const),
  ...(["tanh", "sigmoid", "erf", "relu", "floor", "ceil", "round", "trunc"] as const),
];

type Unary = (typeof unaryOps)[number];

const unaryMethods = Object.fromEntries(
  unaryOps.map((op) => [op, (x: Strided) => unary(op, x)]),
) as unknown as Functions<Unary>;

/** The other methods that give one array. */
export const methods: Functions<Exclude<keyof Methods, OwnMethod | Beside | keyof typeof methodsOfMany>> = {
  ...unaryMethods,
  clamp,
  nanToNum,
  logicalNot: (x) => compare("eq", x, 0),
  isNaN: (x) => compare("ne", x, x),
  isFinite: (x) => compare("lt", isFloat(x.dtype) ? unary("abs", x) : x, Number.POSITIVE_INFINITY),

  sum: (x, axes, options) => reduce.total("sum", x, axes, options),
  prod: (x, axes, options) => reduce.total("prod", x, axes, options),
  mean: reduce.mean,
  var: (x, axes, options) => reduce.variance("var", x, axes, options),
  std: (x, axes, options) => reduce.variance("std", x, axes, options),
  max: (x, axes, options) => reduce.extreme("max", x, axes, options),
  min: (x, axes, options) => reduce.extreme("min", x, axes, options),
  argmax: (x, axis, options) => reduce.argExtreme("max", x, axis, options),
  argmin: (x, axis, options) => reduce.argExtreme("min", x, axis, options),
  any: (x, axes, options) => reduce.truth("any", x, axes, options),
  all: (x, axes, options) => reduce.truth("all", x, axes, options),
  logsumexp: reduce.logsumexp,
  norm: reduce.norm,
  cumsum: (x, axis) => reduce.scan("cumsum", x, axis),
  cumprod: (x, axis) => reduce.scan("cumprod", x, axis),
  histc: (x, bins = 100, options) => counting.histc(x, bins, options),

  softmax: (x, axis = -1) => softmax("softmax", x, axis),
  logSoftmax: (x, axis = -1) => softmax("logSoftmax", x, axis),

  narrow: views.narrow,
  select: views.select,
  transpose: (x, axis0 = -2, axis1 = -1) => views.transpose(x, axis0, axis1),
  permute: views.permute,
  expand: (x, shape) => expand(x, shape),
  reshape: views.reshape,
  flatten: (x, start = 0, end = -1) => views.flatten(x, start, end),
  squeeze: views.squeeze,
  unsqueeze: views.unsqueeze,
  diagonal: (x, offset = 0, axis0 = -2, axis1 = -1) => views.diagonal(x, offset, axis0, axis1),
  flip: views.flip,

  nonzero: indexing.nonzero,
  pad: join.pad,
  roll: join.roll,
  tril: (x, k) => join.triangle("tril", x, k),
  triu: (x, k) => join.triangle("triu", x, k),
};

/** Those that give several. */
export const methodsOfMany = {
  unique: counting.unique,
  cummax: (x: Strided, axis: number) => cumulative.cumExtreme("cummax", x, axis),
  cummin: (x: Strided, axis: number) => cumulative.cumExtreme("cummin", x, axis),
  sort: order.sort,
  topk: order.topk,
} as const;
