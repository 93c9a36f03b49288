import { describe, test } from "vitest";
import type { Tensor } from "../../src/autograd";
import * as ag from "../../src/autograd";
import { array, type NDArray } from "../../src/tensor";
import { check, Inputs } from "./inputs";

/** Methods that pick, put, cut and repeat against central differences in float64. */
type Case = [
  name: string,
  fn: (...x: Tensor[]) => Tensor | readonly Tensor[],
  inputs: (make: Inputs) => NDArray[],
];

const run = (group: string, cases: readonly Case[]) =>
  describe(group, () => {
    test.each(cases)("%s", (_, fn, inputs) => check(fn, inputs(new Inputs())));
  });

const ints = (values: Parameters<typeof array>[0]) => array(values, { dtype: "int32" });
const mask = array([
  [true, false, true],
  [false, false, true],
]);

run("picking and putting", [
  ["maskedSelect", (x) => x.maskedSelect(mask), (m) => [m.normal(4, 2, 3)]],
  ["maskedSelect of what broadcasts", (x) => x.maskedSelect(mask), (m) => [m.normal(2, 1)]],
  ["slice by a mask", (x) => x.slice(-1, "...", mask), (m) => [m.normal(2, 5, 2, 3)]],
  ["takeAlongDim", (x) => x.takeAlongDim(ints([[2, 0, 0]]), 1), (m) => [m.normal(4, 3)]],
  ["takeAlongDim, flat", (x) => x.takeAlongDim(ints([5, 1, 1])), (m) => [m.normal(2, 3)]],
  ["scatter", (x, y) => x.scatter(1, ints([[2, 0]]), y), (m) => [m.normal(2, 3), m.normal(2, 2)]],
  ["scatter of a number", (x) => x.scatter(0, ints([[1, 0, 1]]), 2), (m) => [m.normal(2, 3)]],
  [
    "indexAdd",
    (x, y) => x.indexAdd(-2, ints([3, 0, 3]), y, { alpha: 0.5 }),
    (m) => [m.normal(2, 4, 3), m.normal(2, 3, 3)],
  ],
  [
    "indexPut",
    (x, y) => x.indexPut([ints([0, 2]), ints([1, 0])], y),
    (m) => [m.normal(3, 2, 4), m.normal(2, 1)],
  ],
  [
    "indexPut, adding",
    (x, y) => x.indexPut([ints([[0], [2]]), ints([1, 1])], y, { accumulate: true }),
    (m) => [m.normal(3, 2), m.normal(2)],
  ],
  ["indexPut by a mask", (x, y) => x.indexPut([mask], y), (m) => [m.normal(2, 3, 2), m.normal(2)]],
]);

run("pieces", [
  ["chunk", (x) => x.chunk(2, 1), (m) => [m.normal(2, 5)]],
  ["unbind", (x) => x.unbind(-1), (m) => [m.normal(2, 3)]],
  ["repeat", (x) => x.repeat([2, 1, 3]), (m) => [m.normal(2, 3)]],
  ["tile", (x) => x.tile([2]), (m) => [m.normal(2, 3)]],
  ["tile, more counts than axes", (x) => x.tile([2, 1, 3]), (m) => [m.normal(2, 4)]],
  ["outer", (a, b) => a.outer(b), (m) => [m.normal(2), m.normal(3)]],
  ["dot", (a, b) => a.dot(b), (m) => [m.normal(3), m.normal(3)]],
  ["trace", (x) => x.trace(), (m) => [m.normal(3, 4)]],
  ["diag", (x) => x.diag(-1), (m) => [m.normal(3)]],
  ["diag of a matrix", (x) => x.diag(1), (m) => [m.normal(3, 4)]],
  ["softmax", (x) => x.softmax(0), (m) => [m.normal(2, 3)]],
  ["logSoftmax", (x) => x.logSoftmax(1), (m) => [m.normal(2, 3)]],
]);

run("functions of every element", [
  ["log2", (x) => x.log2(), (m) => [m.between(0.2, 3, 2, 3)]],
  ["log10", (x) => x.log10(), (m) => [m.between(0.2, 3, 2, 3)]],
  ["tan", (x) => x.tan(), (m) => [m.between(-1, 1, 2, 3)]],
  ["asin", (x) => x.asin(), (m) => [m.between(-0.8, 0.8, 2, 3)]],
  ["acos", (x) => x.acos(), (m) => [m.between(-0.8, 0.8, 2, 3)]],
  ["atan", (x) => x.atan(), (m) => [m.normal(2, 3)]],
  ["sinh", (x) => x.sinh(), (m) => [m.normal(2, 3)]],
  ["cosh", (x) => x.cosh(), (m) => [m.normal(2, 3)]],
  ["trunc", (x) => x.trunc().mul(x), (m) => [m.between(1.1, 1.9, 2, 3)]],
  ["atan2", (a, b) => a.atan2(b), (m) => [m.nonzero(2, 3), m.nonzero(3)]],
  ["atan2 of a number", (a) => a.atan2(2), (m) => [m.normal(2, 3)]],
  ["fmod", (a, b) => a.fmod(b), (m) => [m.between(2.2, 2.8, 2, 3), m.between(0.9, 1.05, 3)]],
  ["logaddexp", (a, b) => a.logaddexp(b), (m) => [m.normal(2, 3), m.normal(3)]],
  ["lerp", (a, b, w) => ag.lerp(a, b, w), (m) => [m.normal(2, 3), m.normal(3), m.between(0.6, 0.9, 2, 1)]],
  [
    "nanToNum",
    (x) => x.add(array([0, Number.POSITIVE_INFINITY, 0])).nanToNum({ posinf: 2 }),
    (m) => [m.normal(2, 3)],
  ],
]);

run("order and running", [
  ["median", (x) => x.median(1), (m) => [m.distinct(2, 4, 3)]],
  ["median of all", (x) => x.median(), (m) => [m.distinct(2, 3)]],
  ["quantile", (x) => x.quantile(0.4, 0), (m) => [m.distinct(4, 3)]],
  ["quantile, several", (x) => x.quantile([0.1, 0.9]), (m) => [m.distinct(2, 3)]],
  ["cumprod", (x) => x.cumprod(1), (m) => [m.normal(2, 4, 3)]],
  ["cummax", (x) => x.cummax(0).values, (m) => [m.distinct(4, 3)]],
  ["cummin", (x) => x.cummin(-1).values, (m) => [m.distinct(2, 4)]],
]);

run("several", [
  ["vstack", (a, b) => ag.vstack([a, b]), (m) => [m.normal(3), m.normal(2, 3)]],
  ["hstack", (a, b) => ag.hstack([a, b]), (m) => [m.normal(2, 3), m.normal(2, 1)]],
  ["meshgrid", (a, b) => ag.meshgrid([a, b], "xy"), (m) => [m.normal(2), m.normal(3)]],
  ["cdist", (a, b) => ag.cdist(a, b), (m) => [m.normal(2, 3, 4), m.normal(2, 2, 4)]],
]);
