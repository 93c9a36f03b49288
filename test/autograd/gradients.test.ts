import { describe, test } from "vitest";
import { concat, einsum, split, stack, type Tensor, where } from "../../src/autograd";
import { array, type NDArray } from "../../src/tensor";
import { check, Inputs } from "./inputs";

/** Every operation against central differences in float64: all elements, every axis of another size. */
type Case = [
  name: string,
  fn: (...x: Tensor[]) => Tensor | readonly Tensor[],
  inputs: (make: Inputs) => NDArray[],
];

const run = (group: string, cases: readonly Case[]) =>
  describe(group, () => {
    test.each(cases)("%s", (_, fn, inputs) => check(fn, inputs(new Inputs())));
  });

run("arithmetic", [
  ["add", (a, b) => a.add(b), (m) => [m.normal(2, 3, 4), m.normal(3, 1)]],
  ["add a number", (a) => a.add(2.5), (m) => [m.normal(2, 3)]],
  ["sub", (a, b) => a.sub(b), (m) => [m.normal(4), m.normal(2, 3, 1)]],
  ["mul", (a, b) => a.mul(b), (m) => [m.normal(2, 1, 4), m.normal(3, 1)]],
  ["mul by itself", (a) => a.mul(a), (m) => [m.normal(2, 3)]],
  ["div", (a, b) => a.div(b), (m) => [m.normal(2, 3, 4), m.nonzero(4)]],
  ["div by a scalar tensor", (a, b) => a.div(b), (m) => [m.normal(2, 3), m.nonzero()]],
  ["pow", (a, b) => a.pow(b), (m) => [m.between(0.3, 2, 2, 3), m.normal(3)]],
  ["pow of a number", (a) => a.pow(3), (m) => [m.normal(2, 3)]],
  ["pow, fractional", (a) => a.pow(-0.5), (m) => [m.between(0.3, 2, 2, 3)]],
  ["pow 0", (a) => a.pow(0).add(a), (m) => [m.normal(2, 3)]],
  ["pow, whole exponents of negative numbers", (a) => a.pow(array([2, 3, -1])), (m) => [m.nonzero(2, 3)]],
  ["maximum", (a, b) => a.maximum(b), (m) => [m.distinct(2, 3, 4), m.normal(3, 1)]],
  ["minimum", (a, b) => a.minimum(b), (m) => [m.distinct(4), m.normal(2, 3, 1)]],
  ["maximum with a number", (a) => a.maximum(0.1), (m) => [m.distinct(2, 3)]],
  ["remainder", (a, b) => a.remainder(b), (m) => [m.between(2.2, 2.8, 2, 3), m.between(0.9, 1.05, 3)]],
  ["clamp", (a) => a.clamp(-0.5, 0.7), (m) => [m.distinct(3, 4)]],
  ["clamp from above", (a) => a.clamp(Number.NEGATIVE_INFINITY, 0.2), (m) => [m.distinct(3, 4)]],
  [
    "where",
    (a, b) => where(array([[true], [false], [true]]), a, b),
    (m) => [m.normal(2, 1, 4), m.normal(3, 4)],
  ],
  ["where with a number", (a) => where(array([true, false, true]), a, 7), (m) => [m.normal(2, 3)]],
]);

run("functions", [
  ["neg", (x) => x.neg(), (m) => [m.normal(2, 3)]],
  ["abs", (x) => x.abs(), (m) => [m.nonzero(2, 3)]],
  ["exp", (x) => x.exp(), (m) => [m.normal(2, 3)]],
  ["expm1", (x) => x.expm1(), (m) => [m.normal(2, 3)]],
  ["log", (x) => x.log(), (m) => [m.between(0.2, 3, 2, 3)]],
  ["log1p", (x) => x.log1p(), (m) => [m.between(-0.7, 3, 2, 3)]],
  ["sqrt", (x) => x.sqrt(), (m) => [m.between(0.2, 3, 2, 3)]],
  ["rsqrt", (x) => x.rsqrt(), (m) => [m.between(0.2, 3, 2, 3)]],
  ["square", (x) => x.square(), (m) => [m.normal(2, 3)]],
  ["reciprocal", (x) => x.reciprocal(), (m) => [m.nonzero(2, 3)]],
  ["sin", (x) => x.sin(), (m) => [m.normal(2, 3)]],
  ["cos", (x) => x.cos(), (m) => [m.normal(2, 3)]],
  ["tanh", (x) => x.tanh(), (m) => [m.normal(2, 3)]],
  ["sigmoid", (x) => x.sigmoid(), (m) => [m.normal(2, 3)]],
  ["erf", (x) => x.erf(), (m) => [m.normal(2, 3)]],
  ["relu", (x) => x.relu(), (m) => [m.nonzero(2, 3)]],
  ["sign", (x) => x.sign().mul(x), (m) => [m.nonzero(2, 3)]],
  ["floor", (x) => x.floor().mul(x), (m) => [m.between(1.1, 1.9, 2, 3)]],
  ["ceil", (x) => x.ceil().mul(x), (m) => [m.between(1.1, 1.9, 2, 3)]],
  ["round", (x) => x.round().mul(x), (m) => [m.between(1.6, 2.4, 2, 3)]],
]);

run("reductions", [
  ["sum", (x) => x.sum(), (m) => [m.normal(2, 3, 4)]],
  ["sum over an axis", (x) => x.sum(1), (m) => [m.normal(2, 3, 4)]],
  ["sum over outer axes", (x) => x.sum([0, -1], { keepDims: true }), (m) => [m.normal(2, 3, 4)]],
  ["mean", (x) => x.mean(), (m) => [m.normal(2, 3, 4)]],
  ["mean over axes", (x) => x.mean([0, 2]), (m) => [m.normal(2, 3, 4)]],
  ["var", (x) => x.var(), (m) => [m.normal(2, 3)]],
  [
    "var, biased, over axes",
    (x) => x.var([0, 2], { correction: 0, keepDims: true }),
    (m) => [m.normal(2, 3, 4)],
  ],
  ["std", (x) => x.std(-1), (m) => [m.normal(2, 3, 4)]],
  ["max over all", (x) => x.max(), (m) => [m.distinct(2, 3)]],
  ["max over an axis", (x) => x.max(1), (m) => [m.distinct(2, 3, 4)]],
  ["max over axes", (x) => x.max([0, 2], { keepDims: true }), (m) => [m.distinct(2, 3, 4)]],
  ["min over an axis", (x) => x.min(0, { keepDims: true }), (m) => [m.distinct(2, 3, 4)]],
  ["min over axes", (x) => x.min([1, 2]), (m) => [m.distinct(2, 3, 4)]],
  ["prod", (x) => x.prod(), (m) => [m.normal(2, 3)]],
  ["prod over outer axes", (x) => x.prod([0, 2]), (m) => [m.normal(2, 3, 4)]],
  [
    "prod with zeros",
    (x) => x.prod(1),
    () => [
      array(
        [
          [0, 2, 3],
          [0, 0, 5],
          [1, 2, 3],
        ],
        { dtype: "float64" },
      ),
    ],
  ],
  ["logsumexp", (x) => x.logsumexp(1), (m) => [m.normal(2, 3, 4)]],
  ["logsumexp over axes", (x) => x.logsumexp([0, 2], { keepDims: true }), (m) => [m.normal(2, 3, 4)]],
  ["norm", (x) => x.norm(), (m) => [m.normal(2, 3)]],
  ["norm over an axis", (x) => x.norm(2, 1, { keepDims: true }), (m) => [m.normal(2, 3, 4)]],
  ["norm 1", (x) => x.norm(1, [0, 2]), (m) => [m.nonzero(2, 3, 4)]],
  ["norm 3", (x) => x.norm(3, 0), (m) => [m.nonzero(2, 3, 4)]],
  ["norm ½", (x) => x.norm(0.5, 1), (m) => [m.nonzero(2, 3)]],
  ["norm ∞", (x) => x.norm(Number.POSITIVE_INFINITY, 1), (m) => [m.distinct(2, 3, 4)]],
  ["norm −∞", (x) => x.norm(Number.NEGATIVE_INFINITY, [0, 1]), (m) => [m.distinct(2, 3, 4)]],
  ["cumsum", (x) => x.cumsum(1), (m) => [m.normal(2, 3, 4)]],
]);

run("products", [
  ["matrices", (a, b) => a.matmul(b), (m) => [m.normal(2, 3), m.normal(3, 4)]],
  ["a batch", (a, b) => a.matmul(b), (m) => [m.normal(5, 2, 3), m.normal(5, 3, 4)]],
  ["one matrix for a batch, right", (a, b) => a.matmul(b), (m) => [m.normal(5, 2, 3), m.normal(3, 4)]],
  ["one matrix for a batch, left", (a, b) => a.matmul(b), (m) => [m.normal(2, 3), m.normal(5, 3, 4)]],
  ["batches that broadcast", (a, b) => a.matmul(b), (m) => [m.normal(5, 1, 2, 3), m.normal(6, 3, 4)]],
  ["a batch of one", (a, b) => a.matmul(b), (m) => [m.normal(5, 2, 3), m.normal(1, 3, 4)]],
  ["vector · vector", (a, b) => a.matmul(b), (m) => [m.normal(3), m.normal(3)]],
  ["matrix · vector", (a, b) => a.matmul(b), (m) => [m.normal(2, 3), m.normal(3)]],
  ["vector · matrix", (a, b) => a.matmul(b), (m) => [m.normal(3), m.normal(3, 4)]],
  ["batch · vector", (a, b) => a.matmul(b), (m) => [m.normal(5, 2, 3), m.normal(3)]],
  ["vector · batch", (a, b) => a.matmul(b), (m) => [m.normal(3), m.normal(5, 3, 4)]],
  ["a transposed view", (a, b) => a.matmul(b.transpose()), (m) => [m.normal(5, 2, 3), m.normal(4, 3)]],
  [
    "einsum, matrices",
    (a, b) => einsum("b t c, c d -> b t d", a, b),
    (m) => [m.normal(2, 3, 4), m.normal(4, 5)],
  ],
  [
    "einsum, attention",
    (a, b) => einsum("bhid,bhjd->bhij", a, b),
    (m) => [m.normal(2, 3, 4, 5), m.normal(2, 3, 6, 5)],
  ],
  ["einsum, diagonal", (a) => einsum("ii->i", a), (m) => [m.normal(3, 3)]],
  [
    "einsum, trace of a product",
    (a, b) => einsum("i j, j i ->", a, b),
    (m) => [m.normal(2, 3), m.normal(3, 2)],
  ],
  [
    "einsum, three",
    (a, b, c) => einsum("ij,jk,kl->il", a, b, c),
    (m) => [m.normal(2, 3), m.normal(3, 4), m.normal(4, 5)],
  ],
]);

run("views", [
  ["slice", (x) => x.slice("1:", 0, "::2"), (m) => [m.normal(3, 2, 5)]],
  ["slice backwards", (x) => x.slice("::-1", "...", "-2::-2"), (m) => [m.normal(3, 2, 5)]],
  ["narrow", (x) => x.narrow(1, 1, 2), (m) => [m.normal(2, 4, 3)]],
  ["select", (x) => x.select(1, -2), (m) => [m.normal(2, 4, 3)]],
  [
    "overlapping parts",
    (x) => [x.slice("1:"), x.select(0, 2), x.slice(":2").mul(3), x],
    (m) => [m.normal(4, 3)],
  ],
  ["transpose", (x) => x.transpose(0, 2).mul(x.sum()), (m) => [m.normal(2, 3, 4)]],
  ["permute", (x) => x.permute([2, 0, -2]), (m) => [m.normal(2, 3, 4)]],
  ["expand", (x) => x.expand([5, 2, 3, 4]), (m) => [m.normal(2, 1, 4)]],
  ["reshape", (x) => x.reshape([4, -1]), (m) => [m.normal(2, 3, 4)]],
  ["reshape of a transposed view", (x) => x.transpose().reshape([3, 8]), (m) => [m.normal(2, 3, 4)]],
  ["flatten", (x) => x.flatten(1), (m) => [m.normal(2, 3, 4)]],
  ["squeeze and unsqueeze", (x) => x.squeeze(1).unsqueeze(-1).squeeze(), (m) => [m.normal(2, 1, 4)]],
  ["diagonal", (x) => x.diagonal(1, 0, 2), (m) => [m.normal(4, 2, 3)]],
  ["diagonal below", (x) => x.diagonal(-1), (m) => [m.normal(2, 4, 3)]],
  ["flip", (x) => x.flip([0, 2]), (m) => [m.normal(2, 3, 4)]],
  ["clone and contiguous", (x) => x.transpose().contiguous().clone(), (m) => [m.normal(2, 3, 4)]],
]);

run("picking and placing", [
  [
    "gather",
    (x) =>
      x.gather(
        1,
        array(
          [
            [0, 2, 2],
            [1, 1, 0],
          ],
          { dtype: "int32" },
        ),
      ),
    (m) => [m.normal(2, 3)],
  ],
  [
    "gather along the first axis",
    (x) => x.gather(0, array([[1, 0]], { dtype: "int32" })),
    (m) => [m.normal(3, 4)],
  ],
  [
    "scatterAdd",
    (x, s) =>
      x.scatterAdd(
        1,
        array(
          [
            [0, 2, 2],
            [1, 1, 0],
          ],
          { dtype: "int32" },
        ),
        s,
      ),
    (m) => [m.normal(2, 4), m.normal(3, 5)],
  ],
  [
    "indexSelect",
    (x) => x.indexSelect(1, array([2, 0, 2, 2], { dtype: "int32" })),
    (m) => [m.normal(2, 3, 4)],
  ],
  [
    "indexSelect by a scalar",
    (x) => x.indexSelect(-1, array(3, { dtype: "int32" })),
    (m) => [m.normal(2, 3, 4)],
  ],
  ["maskedFill", (x) => x.maskedFill(array([[true], [false], [true]]), -7), (m) => [m.normal(2, 3, 4)]],
  [
    "pad",
    (x) =>
      x.pad(
        [
          [1, 2],
          [0, 3],
        ],
        5,
      ),
    (m) => [m.normal(2, 3, 4)],
  ],
  [
    "pad and crop",
    (x) =>
      x.pad([
        [-1, 2],
        [3, -2],
      ]),
    (m) => [m.normal(2, 3, 4)],
  ],
  ["roll", (x) => x.roll([1, -2], [0, 2]), (m) => [m.normal(2, 3, 4)]],
  ["roll, flattened", (x) => x.roll(5), (m) => [m.normal(2, 3, 4)]],
  ["tril", (x) => x.tril(1), (m) => [m.normal(2, 3, 4)]],
  ["triu", (x) => x.triu(-1), (m) => [m.normal(2, 3, 4)]],
  ["sort", (x) => x.sort(1).values, (m) => [m.distinct(2, 3, 4)]],
  ["sort, falling", (x) => x.sort(-1, { descending: true }).values, (m) => [m.distinct(2, 3, 4)]],
  ["topk", (x) => x.topk(2, 1).values, (m) => [m.distinct(2, 3, 4)]],
  [
    "concat",
    (a, b, c) => concat([a, b, c, a], 1),
    (m) => [m.normal(2, 1, 4), m.normal(2, 3, 4), m.normal(2, 2, 4)],
  ],
  ["concat, last axis", (a, b) => concat([a, b], -1), (m) => [m.normal(2, 3), m.normal(2, 4)]],
  ["stack", (a, b) => stack([a, b, a], 1), (m) => [m.normal(2, 3), m.normal(2, 3)]],
  ["stack, last axis", (a, b) => stack([a, b], -1), (m) => [m.normal(2, 3), m.normal(2, 3)]],
  ["split", (x) => split(x, [1, 3], 1).map((y, i) => y.mul(i + 1)), (m) => [m.normal(2, 4, 3)]],
]);
