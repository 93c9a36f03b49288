/** Functions of every element, arithmetic, comparisons, types, activations. */
import * as g from "gradschool";
import {
  bool,
  both,
  column,
  forward,
  images,
  int32,
  normal,
  positive,
  shaped,
  trained,
  vector,
} from "./table.mjs";

for (const op of [
  ..."abs neg exp expm1 square sin cos tan tanh sigmoid erf relu sign floor ceil round trunc".split(" "),
  ..."atan sinh cosh isNaN isFinite isInf".split(" "),
])
  forward(op, [normal], (x) => x[op](), `x.${op.toLowerCase()}()`);
for (const op of "log log1p log2 log10 sqrt rsqrt reciprocal".split(" "))
  forward(op, [positive], (x) => x[op](), `x.${op}()`);
for (const op of ["asin", "acos"]) forward(op, [positive], (x) => x.mul(0.1)[op](), `(x * 0.1).${op}()`);
forward("clamp", [normal], (x) => x.clamp(-1, 1), "x.clamp(-1, 1)");
forward("nanToNum", [normal], (x) => x.nanToNum(), "x.nan_to_num()");

for (const [op, theirs] of Object.entries({
  ...{
    add: "x + y",
    sub: "x - y",
    mul: "x * y",
    div: "x / y",
    maximum: "x.maximum(y)",
    minimum: "x.minimum(y)",
  },
  ...{ lt: "x < y", gt: "x > y", eq: "x == y", ne: "x != y", atan2: "x.atan2(y)", fmod: "x.fmod(y)" },
  ...{ remainder: "x.remainder(y)", logaddexp: "x.logaddexp(y)", isClose: "x.isclose(y)" },
  allclose: "x.allclose(y)",
}))
  forward(op, [normal, normal], (x, y) => x[op](y), theirs);
forward("pow", [positive, normal], (x, y) => x.pow(y), "x.pow(y)");
forward("add a column", [normal, column], (x, y) => x.add(y), "x + y");
forward("add a row", [normal, vector], (x, y) => x.add(y), "x + y");
forward("gt a number", [normal], (x) => x.gt(0.5), "x > 0.5");
forward("logicalAnd", [bool, bool], (x, y) => x.logicalAnd(y), "x & y");
forward("logicalNot", [bool], (x) => x.logicalNot(), "x.logical_not()");
forward("where", [bool, normal, normal], (c, x, y) => g.where(c, x, y), "torch.where(x, y, z)");
forward("maskedFill", [normal, bool], (x, c) => x.maskedFill(c, 0), "x.masked_fill(y, 0)");
forward("lerp", [normal, normal], (x, y) => g.lerp(x, y, 0.3), "torch.lerp(x, y, 0.3)");
both("mul", [normal, normal], (x, y) => x.mul(y), "x * y");

forward("add, int32", [int32(1000), int32(1000)], (x, y) => x.add(y), "x + y");
forward("mul, int32", [int32(1000), int32(1000)], (x, y) => x.mul(y), "x * y");
forward("to int32, of float32", [normal], (x) => x.to("int32"), "x.to(torch.int32)");
forward("to float32, of int32", [int32(1000)], (x) => x.to("float32"), "x.to(torch.float32)");
forward("to bool, of float32", [normal], (x) => x.to("bool"), "x.to(torch.bool)");

for (const [op, theirs] of Object.entries({
  silu: "F.silu(x)",
  leakyRelu: "F.leaky_relu(x)",
  elu: "F.elu(x)",
  softplus: "F.softplus(x)",
  logSigmoid: "F.logsigmoid(x)",
  mish: "F.mish(x)",
  glu: "F.glu(x)",
}))
  forward(op, [normal], (x) => /** @type {any} */ (g)[op](x), theirs);
trained("gelu", [normal], (x) => g.gelu(x), "F.gelu(x)");
trained("quickGelu", [normal], (x) => g.quickGelu(x), "x * torch.sigmoid(1.702 * x)");
trained("prelu", [images, shaped([4], [32])], (x, w) => g.prelu(x, w), "F.prelu(x, y)");
