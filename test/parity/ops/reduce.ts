import { logSoftmax, softmax } from "../../../src/autograd";
import { axes, keepDims, number, numberOr, type Op } from "./case";

export const reduce: Readonly<Record<string, Op>> = {
  sum: (c) => c.input("x").sum(axes(c), keepDims(c)),
  mean: (c) => c.input("x").mean(axes(c), keepDims(c)),
  var: (c) => c.input("x").var(axes(c), { ...keepDims(c), correction: number(c, "correction") }),
  std: (c) => c.input("x").std(axes(c), { ...keepDims(c), correction: number(c, "correction") }),
  max_all: (c) => c.input("x").max(),
  min_all: (c) => c.input("x").min(),
  max_dim: (c) => {
    const x = c.input("x");
    const axis = number(c, "dim");
    return { values: x.max(axis, keepDims(c)), indices: x.data.argmax(axis, keepDims(c)) };
  },
  min_dim: (c) => {
    const x = c.input("x");
    const axis = number(c, "dim");
    return { values: x.min(axis, keepDims(c)), indices: x.data.argmin(axis, keepDims(c)) };
  },
  amax: (c) => c.input("x").max([axes(c) ?? []].flat(), keepDims(c)),
  argmax: (c) => c.input("x").data.argmax(numberOr(c, "dim", undefined), keepDims(c)),
  argmin: (c) => c.input("x").data.argmin(numberOr(c, "dim", undefined), keepDims(c)),
  prod: (c) => c.input("x").prod(number(c, "dim"), keepDims(c)),
  norm: (c) => c.input("x").norm(numberOr(c, "ord", 2), axes(c), keepDims(c)),
  topk: (c) => ({
    ...c
      .input("x")
      .topk(number(c, "k"), number(c, "dim"), { largest: (c.args.largest as boolean | undefined) ?? true }),
  }),
  sort: (c) => ({ ...c.input("x").sort(number(c, "dim"), { descending: Boolean(c.args.descending) }) }),

  softmax: (c) => softmax(c.input("x"), number(c, "dim")),
  log_softmax: (c) => logSoftmax(c.input("x"), number(c, "dim")),
  logsumexp: (c) => c.input("x").logsumexp(axes(c), keepDims(c)),
  softmax_masked: (c) =>
    softmax(c.input("x").maskedFill(c.input("mask").data.logicalNot(), Number.NEGATIVE_INFINITY), -1),
  softmax_temperature: (c) => softmax(c.input("x").div(number(c, "temperature")), number(c, "dim")),
};
