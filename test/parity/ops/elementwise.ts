import { gelu, relu, silu, where } from "../../../src/autograd";
import { number, numberOr, type Op } from "./case";

export const elementwise: Readonly<Record<string, Op>> = {
  add: (c) => c.input("a").add(c.input("b")),
  sub: (c) => c.input("a").sub(c.input("b")),
  mul: (c) => c.input("a").mul(c.input("b")),
  div: (c) => c.input("a").div(c.input("b")),
  pow: (c) => c.input("a").pow(c.input("b")),
  maximum: (c) => c.input("a").maximum(c.input("b")),
  minimum: (c) => c.input("a").minimum(c.input("b")),
  add_scalar: (c) => c.input("x").add(number(c, "other")),
  mul_scalar: (c) => c.input("x").mul(number(c, "other")),
  rsub_scalar: (c) => c.input("x").neg().add(number(c, "other")),
  rdiv_scalar: (c) => c.input("x").reciprocal().mul(number(c, "other")),
  pow_scalar: (c) => c.input("x").pow(number(c, "exponent")),
  neg: (c) => c.input("x").neg(),
  abs: (c) => c.input("x").abs(),
  square: (c) => c.input("x").square(),
  exp: (c) => c.input("x").exp(),
  expm1: (c) => c.input("x").expm1(),
  sin: (c) => c.input("x").sin(),
  cos: (c) => c.input("x").cos(),
  reciprocal: (c) => c.input("x").reciprocal(),
  log: (c) => c.input("x").log(),
  log1p: (c) => c.input("x").log1p(),
  log2: (c) => c.input("x").log().div(Math.LN2),
  sqrt: (c) => c.input("x").sqrt(),
  rsqrt: (c) => c.input("x").rsqrt(),
  clamp: (c) =>
    c
      .input("x")
      .clamp(numberOr(c, "min", Number.NEGATIVE_INFINITY), numberOr(c, "max", Number.POSITIVE_INFINITY)),
  cumsum: (c) => c.input("x").cumsum(number(c, "dim")),

  tanh: (c) => c.input("x").tanh(),
  sigmoid: (c) => c.input("x").sigmoid(),
  relu: (c) => relu(c.input("x")),
  erf: (c) => c.input("x").erf(),
  silu: (c) => silu(c.input("x")),
  gelu: (c) => gelu(c.input("x"), { approximate: c.args.approximate as "none" | "tanh" }),
  quick_gelu: (c) => c.input("x").mul(c.input("x").mul(1.702).sigmoid()),
  relu6: (c) => c.input("x").clamp(0, 6),
  softplus: (c) => {
    const x = c.input("x");
    // log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|)
    return relu(x).add(x.abs().neg().exp().log1p());
  },
  log_sigmoid: (c) => {
    const x = c.input("x");
    return x.sub(relu(x)).sub(x.abs().neg().exp().log1p());
  },
  leaky_relu: (c) =>
    where(c.input("x").data.gt(0), c.input("x"), c.input("x").mul(number(c, "negative_slope"))),
  elu: (c) => where(c.input("x").data.gt(0), c.input("x"), c.input("x").expm1().mul(number(c, "alpha"))),
};
