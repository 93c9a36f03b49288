import { describe, expect, test } from "vitest";
import * as ag from "../../src/autograd";
import { type Tensor, tensor } from "../../src/autograd";
import { array, type DType, full, type NDArray, type Nested } from "../../src/tensor";

const [inf, nan] = [Number.POSITIVE_INFINITY, Number.NaN];
const leaf = (values: Nested, dtype: DType = "float32") => tensor(values, { dtype, requiresGrad: true });
const gradOf = (x: Tensor) => x.grad as NDArray;

/** |got − want| ≤ tolerance · |want| for every number. */
function near(got: NDArray, want: readonly number[], tolerance = 1e-6) {
  const values = Array.from(got.flat());
  expect(values.length).toBe(want.length);
  values.forEach((value, i) => {
    const off = Math.abs(value - want[i]);
    expect(off <= tolerance * Math.abs(want[i]), `[${i}]: got ${value}, expected ${want[i]}`).toBe(true);
  });
}

describe.each(["float32", "float64"] as const)("what is cut off gets no gradient, in %s", (dtype) => {
  const x = [-inf, -2, -1, 0, 0.5, 1, 2, inf, nan];
  const row = (...values: number[]) => values;

  // An infinite gradient from above, as √ gives at 0. The values are PyTorch's.
  test.each<[string, (x: Tensor) => Tensor, number[]]>([
    ["relu", (x) => x.relu(), row(0, 0, 0, 0, inf, inf, inf, inf, inf)],
    ["clamp", (x) => x.clamp(0, 1), row(0, 0, 0, inf, inf, inf, 0, 0, 0)],
    ["clamp below", (x) => x.clamp(0), row(0, 0, 0, inf, inf, inf, inf, inf, 0)],
    ["clamp above", (x) => x.clamp(-inf, 1), row(inf, inf, inf, inf, inf, inf, 0, 0, 0)],
    ["maximum", (x) => x.maximum(0), row(0, 0, 0, inf, inf, inf, inf, inf, inf)],
    ["minimum", (x) => x.minimum(0), row(inf, inf, inf, inf, 0, 0, 0, 0, inf)],
    [
      "maximum of arrays",
      (x) => x.maximum(full([9], 0, { dtype })),
      row(0, 0, 0, inf, inf, inf, inf, inf, inf),
    ],
    ["maskedFill", (x) => x.maskedFill(x.data.lt(1), 7), row(0, 0, 0, 0, 0, inf, inf, inf, inf)],
    ["where", (x) => ag.where(x.data.lt(1), x, 0), row(inf, inf, inf, inf, inf, 0, 0, 0, 0)],
    ["pow 0", (x) => x.pow(0), row(0, 0, 0, 0, 0, 0, 0, 0, 0)],
    ["sign", (x) => x.sign(), row(0, 0, 0, 0, 0, 0, 0, 0, 0)],
    ["floor", (x) => x.floor(), row(0, 0, 0, 0, 0, 0, 0, 0, 0)],
    ["leakyRelu", (x) => ag.leakyRelu(x), row(inf, inf, inf, inf, inf, inf, inf, inf, inf)],
    ["elu", (x) => ag.elu(x), row(nan, inf, inf, inf, inf, inf, inf, inf, inf)],
  ])("%s under ∞", (_, f, want) => {
    // Few and many: a device may take different ways.
    for (const times of [1, 6]) {
      const long = leaf(
        Array.from({ length: times }, () => x),
        dtype,
      );
      f(long).backward(full([times, 9], inf, { dtype }));
      expect(gradOf(long).toArray()).toEqual(Array.from({ length: times }, () => want));
    }
  });

  test.each<[string, (x: Tensor) => Tensor, number[]]>([
    ["relu, then √", (x) => x.relu().sqrt(), [0, 0.25]],
    ["relu, then log", (x) => x.relu().log(), [0, 0.25]],
    ["clamp, then √", (x) => x.clamp(0).sqrt(), [0, 0.25]],
    ["maximum, then √", (x) => x.maximum(0).sqrt(), [0, 0.25]],
    ["minimum, then √", (x) => x.neg().minimum(0).neg().sqrt(), [0, 0.25]],
    ["relu, then a norm to the power ½", (x) => x.relu().pow(0.5), [0, 0.25]],
  ])("%s", (_, f, want) => {
    const x = leaf([-1, 4], dtype);
    f(x).sum().backward();
    near(gradOf(x), want);
  });

  test.each<[string, (x: Tensor) => Tensor, number[]]>([
    ["abs", (x) => x.abs(), [0, 1, -1]],
    ["relu", (x) => x.relu(), [1, 1, 0]],
    ["elu", (x) => ag.elu(x), [1, 1, Math.exp(-1)]],
    ["leakyRelu", (x) => ag.leakyRelu(x, { slope: 0.5 }), [0.5, 1, 0.5]],
    ["clamp", (x) => x.clamp(-2, 2), [0, 1, 1]],
    ["norm 1", (x) => x.norm(1), [0, 1, -1]],
    ["norm ∞", (x) => x.norm(inf), [0, 0, 0]],
    ["l1Loss", (x) => ag.l1Loss(x, full([3], 0, { dtype }), { reduction: "sum" }), [0, 1, -1]],
  ])("NaN in %s, as PyTorch", (_, f, want) => {
    const x = leaf([nan, 1, -1], dtype);
    f(x).sum().backward();
    near(gradOf(x), want);
  });

  test("max and min that tie select, do not multiply", () => {
    const x = leaf([3, 1, 3], dtype);
    x.max().backward(full([], inf, { dtype }));
    expect(gradOf(x).toArray()).toEqual([inf, 0, inf]);
    const z = leaf([-5, 2, 1], dtype);
    z.norm(inf).backward(full([], inf, { dtype }));
    expect(gradOf(z).toArray()).toEqual([-inf, 0, 0]);
  });

  test("an ignored target takes no gradient from infinite or missing logits", () => {
    const logits = leaf(
      [
        [inf, 0, nan],
        [0, 0, 0],
      ],
      dtype,
    );
    ag.crossEntropy(logits, array([-100, 1], { dtype: "int32" }), { reduction: "sum" }).backward();
    expect(gradOf(logits).select(0, 0).toArray()).toEqual([0, 0, 0]);
  });

  test("huberLoss: the slope is the difference, held within ±δ, also under ∞", () => {
    const x = leaf([-3, -0.5, 0, 0.25, 2], dtype);
    const loss = ag.huberLoss(x, full([5], 0, { dtype }), { reduction: "none" });
    near(loss.data, [2.5, 0.125, 0, 0.03125, 1.5]);
    loss.backward(array([1, inf, 1, 2, 1], { dtype }));
    expect(gradOf(x).toArray()).toEqual([-1, -inf, 0, 0.5, 1]);
  });
});

describe("nothing cancels", () => {
  test("binaryCrossEntropy near 0 and 1", () => {
    const p = leaf([0.9999, 1 - 2 ** -23, 0.9999, 1e-6]);
    const loss = ag.binaryCrossEntropy(p, array([1, 1, 0, 0]), { reduction: "none" });
    const exact = Array.from(p.data.flat());
    near(loss.data, [
      -Math.log(exact[0]),
      -Math.log(exact[1]),
      -Math.log(1 - exact[2]),
      -Math.log1p(-exact[3]),
    ]);
    loss.sum().backward();
    near(gradOf(p), [-1 / exact[0], -1 / exact[1], 1 / (1 - exact[2]), 1 / (1 - exact[3])]);
  });

  test("binaryCrossEntropyWithLogits at large logits, with and without posWeight", () => {
    const x = [-40, -20, -8, 8, 20, 40];
    const sigmoid = (v: number) => (v < 0 ? Math.exp(v) / (1 + Math.exp(v)) : 1 / (1 + Math.exp(-v)));
    const softplus = (v: number) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)));
    for (const w of [1, 3]) {
      for (const y of [0, 1, 0.25]) {
        const logits = leaf(x);
        const options = { reduction: "none", ...(w === 1 ? {} : { posWeight: array(w) }) } as const;
        const loss = ag.binaryCrossEntropyWithLogits(logits, full([6], y), options);
        near(
          loss.data,
          x.map((v) => (1 - y) * softplus(v) + w * y * softplus(-v)),
          2e-6,
        );
        loss.sum().backward();
        near(
          gradOf(logits),
          x.map((v) => (1 - y) * sigmoid(v) - w * y * sigmoid(-v)),
          2e-6,
        );
      }
    }
  });

  test("the slopes of sigmoid and tanh far out, in both types", () => {
    for (const dtype of ["float32", "float64"] as const) {
      const x = leaf([-30, -10, 10, 30], dtype);
      x.sigmoid().sum().backward();
      const slope = (v: number) => Math.exp(-Math.abs(v)) / (1 + Math.exp(-Math.abs(v))) ** 2;
      near(gradOf(x), [-30, -10, 10, 30].map(slope), dtype === "float32" ? 1e-6 : 1e-14);
      const z = leaf([-15, -5, 5, 15], dtype);
      z.tanh().sum().backward();
      near(
        gradOf(z),
        [-15, -5, 5, 15].map((v) => 4 * slope(2 * v)),
        dtype === "float32" ? 1e-6 : 1e-14,
      );
    }
  });

  test("gelu's left tail", () => {
    // −x (1 − Φ(x)), to six digits.
    near(ag.gelu(tensor([-3, -5, -8])).data, [-0.00404969, -1.43326e-6, -4.97677e-15], 2e-6);
  });
});

describe("far from 0, large and small", () => {
  /** 768 numbers, a million and 0 or 1. */
  const far = (shape: number[]) => leaf(Array.from({ length: 768 }, (_, i) => 1e6 + (i % 2))).reshape(shape);
  const alternates = (y: Tensor, sizes: readonly [number, number]) => {
    const values = Array.from(y.data.flat());
    for (const [i, value] of values.entries()) expect(value).toBeCloseTo(sizes[i % 2], 4);
  };

  test("var and std, along any axis", () => {
    for (const [shape, axis] of [
      [[768], 0],
      [[2, 384], 1],
      [[384, 2], 1],
    ] as const) {
      const n = shape[axis] as number;
      const x = far([...shape]);
      near(x.var(axis).data, new Array(768 / n).fill((0.25 * n) / (n - 1)));
    }
    near(far([256, 3]).var(0).data, new Array(3).fill((0.25 * 256) / 255));
    near(tensor([1e20, -1e20]).std().data, [Math.SQRT2 * 1e20]);
    near(tensor([1e-25, -1e-25]).std().data, [Math.SQRT2 * 1e-25]);
  });

  test("gradients of var and std", () => {
    const x = leaf([1e6, 1e6 + 1, 1e6 + 1, 1e6 + 1]);
    x.var().backward();
    near(gradOf(x), [-0.5, 1 / 6, 1 / 6, 1 / 6]);
    const z = leaf([1e20, -1e20]);
    z.std().backward();
    near(gradOf(z), [Math.SQRT1_2, -Math.SQRT1_2]);
  });

  test("layerNorm, groupNorm, batchNorm", () => {
    alternates(ag.layerNorm(far([1, 768]), 768), [-1, 1]);
    alternates(ag.layerNorm(far([24, 32]), 32), [-1, 1]);
    alternates(ag.groupNorm(far([2, 4, 96]), 2), [-1, 1]);
    alternates(ag.batchNorm(far([4, 2, 96]), { training: true }), [-1, 1]);
    const runningMean = full([2], 1e6 + 0.5);
    const runningVar = full([2], 0.25);
    alternates(ag.batchNorm(far([4, 2, 96]), { runningMean, runningVar }), [-1, 1]);
    const weight = tensor([2, 2]);
    const bias = tensor([1, 1]);
    alternates(ag.batchNorm(far([4, 2, 96]), { runningMean, runningVar, weight, bias }), [-1, 3]);
  });

  test("gradients of layerNorm and batchNorm are those of the numbers without the million", () => {
    const pattern = [0, 1, 1, 0, 1, 1, 0.5, 0];
    const g = array(pattern.map((_, i) => (i * i) % 5));
    for (const norm of [
      (x: Tensor) => ag.layerNorm(x, 8),
      (x: Tensor) => ag.batchNorm(x.reshape([8, 1]), { training: true }).reshape([8]),
    ]) {
      const [a, b] = [leaf(pattern), leaf(pattern.map((v) => v + 1e6))];
      norm(a).backward(g);
      norm(b).backward(g);
      const want = Array.from(gradOf(a).flat());
      gradOf(b)
        .flat()
        .forEach((value, i) => {
          expect(value).toBeCloseTo(want[i], 4);
        });
    }
  });

  test("batchNorm's running statistics", () => {
    const [runningMean, runningVar] = [full([2], 0), full([2], 0)];
    ag.batchNorm(far([4, 2, 96]), { training: true, momentum: 1, runningMean, runningVar });
    near(runningMean, [1e6 + 0.5, 1e6 + 0.5]);
    near(runningVar, [(0.25 * 384) / 383, (0.25 * 384) / 383]);
  });

  test("batchNorm by running statistics: gradients of input, weight and bias", () => {
    const x = leaf(
      [
        [1, 2],
        [3, 5],
        [0, -1],
      ],
      "float64",
    );
    const [weight, bias] = [leaf([2, 3], "float64"), leaf([0.5, 1], "float64")];
    const runningMean = array([1, 2], { dtype: "float64" });
    const runningVar = array([4, 9], { dtype: "float64" });
    const y = ag.batchNorm(x, { runningMean, runningVar, weight, bias, eps: 0 });
    near(y.data, [0.5, 1, 2.5, 4, -0.5, -2]);
    y.backward(
      array(
        [
          [1, 0],
          [2, 1],
          [-1, 2],
        ],
        { dtype: "float64" },
      ),
    );
    near(gradOf(x), [1, 0, 2, 1, -1, 2]);
    near(gradOf(weight), [2.5, -1]);
    near(gradOf(bias), [2, 3]);
  });

  test.each([1e20, 1e-30])("norms and what is made of them, at %f", (size) => {
    for (const [p, factor] of [
      [2, 5],
      [3, 91 ** (1 / 3)],
      [0.5, (Math.sqrt(3) + 2) ** 2],
      [-1, 12 / 7],
    ]) {
      const x = leaf([3 * size, -4 * size]);
      const y = x.norm(p);
      near(y.data, [factor * size], 2e-6);
      y.backward();
      near(gradOf(x), [(3 / factor) ** (p - 1), -((4 / factor) ** (p - 1))], 3e-6);
    }
    const a = tensor([[3 * size, 4 * size]]);
    near(ag.cosineSimilarity(a, a.mul(2), { eps: 0 }).data, [1]);
    near(ag.normalize(a, { eps: 0 }).data, [0.6, 0.8]);
    const rms = 5 / Math.sqrt(2);
    near(ag.rmsNorm(a, 2, { eps: size > 1 ? 1e-6 : 1e-80 }).data, [3 / rms, 4 / rms]);
  });
});

test.each([ag.silu, ag.gelu, ag.quickGelu, ag.softplus, ag.elu, ag.leakyRelu])(
  "%o has the slope 1 however large the number",
  (activation) => {
    const x = leaf([50, 100, 1e10, 1e20, 1e25, 1e28, 1e30, 3e38]);
    activation(x).backward(full([8], 1));
    near(gradOf(x), Array(8).fill(1));
  },
);
