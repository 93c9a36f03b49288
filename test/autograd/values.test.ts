import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as ag from "../../src/autograd";
import { type Tensor, tensor } from "../../src/autograd";
import { array, Generator, type Nested } from "../../src/tensor";
import { reversed } from "./inputs";

const leaf = (values: Nested) => tensor(values, { dtype: "float64", requiresGrad: true });
/** The gradient of Σ fn(values). */
const grad = (fn: (x: Tensor) => Tensor, values: Nested): unknown => {
  const x = leaf(values);
  fn(x).sum().backward();
  return x.grad?.toArray();
};
const ints = (values: Nested) => tensor(values, { dtype: "int32" });

describe("where gradients are a choice, it is PyTorch's", () => {
  test.each<[string, (x: Tensor) => Tensor, Nested, unknown]>([
    ["abs at 0", (x) => x.abs(), [0, -2], [0, -1]],
    ["relu at 0", (x) => x.relu(), [0, 2], [0, 1]],
    ["sign", (x) => x.sign(), [3, 0], [0, 0]],
    ["round", (x) => x.round(), [0.4, 1.5], [0, 0]],
    ["clamp at its bounds", (x) => x.clamp(-1, 1), [-1, 1, 2], [1, 1, 0]],
    ["maximum of equals", (x) => x.maximum(x.detach()), [1, 2], [0.5, 0.5]],
    ["minimum with a number", (x) => x.minimum(1), [0, 1, 2], [1, 0.5, 0]],
    ["maximum with NaN", (x) => x.maximum(0), [Number.NaN, 1], [1, 1]],
    ["elu at 0", (x) => ag.elu(x), [0, 2], [1, 1]],
    ["leakyRelu at 0", (x) => ag.leakyRelu(x, { slope: 0.1 }), [0, 2], [0.1, 1]],
    ["max of NaN", (x) => x.max(), [1, Number.NaN, 2], [0, 1, 0]],
    ["max over all, ties share", (x) => x.max(), [3, 1, 3], [0.5, 0, 0.5]],
    ["max over a list of axes, ties share", (x) => x.max([1]), [[3, 1, 3]], [[0.5, 0, 0.5]]],
    ["max over one axis, the first takes it", (x) => x.max(1), [[3, 1, 3]], [[1, 0, 0]]],
    ["min over one axis, the first takes it", (x) => x.min(-1), [[3, 1, 1]], [[0, 1, 0]]],
    ["median of all, ties share", (x) => x.median(), [3, 1, 3, 5], [0.5, 0, 0.5, 0]],
    ["median along an axis, one takes it", (x) => x.median(1), [[3, 1, 3, 5]], [[1, 0, 0, 0]]],
    ["atan2 at the origin", (x) => x.atan2(array([0, 0, 0])), [0, -0, 2], [0, 0, 0]],
    ["atan2 of an x at the origin", (x) => tensor([0, 2]).atan2(x), [0, 0], [-0, -0.5]],
    ["norm at 0", (x) => x.norm(), [0, 0], [0, 0]],
    ["norm 1 at 0", (x) => x.norm(1), [0, -2], [0, -1]],
    ["norm ∞, ties share", (x) => x.norm(Number.POSITIVE_INFINITY), [2, -2, 1], [0.5, -0.5, 0]],
    ["std of equals", (x) => x.std(), [2, 2, 2], [0, 0, 0]],
    ["sqrt at 0", (x) => x.sqrt(), [0, 4], [Number.POSITIVE_INFINITY, 0.25]],
    ["pow 2 at 0", (x) => x.pow(2), [0, 3], [0, 6]],
    ["pow 0 at 0", (x) => x.pow(0), [0, 3], [0, 0]],
    ["pow 1 at 0", (x) => x.pow(1), [0, 3], [1, 1]],
    ["prod with one zero", (x) => x.prod(), [0, 2, 3], [6, 0, 0]],
    ["prod with two zeros", (x) => x.prod(), [0, 0, 3], [0, 0, 0]],
    ["sort of equals is stable", (x) => x.sort().values.mul(array([1, 2, 3])), [5, 5, 1], [2, 3, 1]],
    ["repeated gathers add up", (x) => x.gather(0, ints([1, 1, 1])), [5, 6], [0, 3]],
    ["repeated rows add up", (x) => x.indexSelect(0, ints([1, 1])), [[5], [6]], [[0], [2]]],
  ])("%s", (_, fn, values, expected) => {
    expect(grad(fn, values)).toEqual(expected);
  });

  test("0 to a power: gradient of the exponent is 0, not NaN", () => {
    const b = leaf([2, 0]);
    tensor([0, 0], { dtype: "float64" }).pow(b).sum().backward();
    expect(b.grad?.toArray()).toEqual([0, 0]);
  });
});

describe("crossEntropy", () => {
  const logits: Nested = [
    [1, 2, 3],
    [1, 2, 3],
  ];
  const lse = Math.log(Math.exp(1) + Math.exp(2) + Math.exp(3));

  test("by hand", () => {
    expect(ag.crossEntropy(leaf(logits), ints([2, 0])).item()).toBeCloseTo((lse - 3 + lse - 1) / 2, 12);
    const whole = new ag.Tensor(array(logits, { dtype: "int32" }));
    expect(ag.crossEntropy(whole, ints([2, 0])).item()).toBeCloseTo((lse - 3 + lse - 1) / 2, 6);
    expect(ag.crossEntropy(leaf(logits), ints([2, 0]), { reduction: "none" }).toArray()).toEqual([
      expect.closeTo(lse - 3, 12),
      expect.closeTo(lse - 1, 12),
    ]);
  });

  test("the weighted mean divides by the weights of the targets", () => {
    const weight = array([1, 10, 3]);
    const got = ag.crossEntropy(leaf(logits), ints([2, 0]), { weight }).item();
    expect(got).toBeCloseTo((3 * (lse - 3) + 1 * (lse - 1)) / 4, 12);
  });

  test("ignored targets cost nothing; all ignored give NaN as mean and 0 as sum", () => {
    const x = leaf(logits);
    const loss = ag.crossEntropy(x, ints([-100, 0]));
    loss.backward();
    expect(loss.item()).toBeCloseTo(lse - 1, 12);
    expect(x.grad?.select(0, 0).toArray()).toEqual([0, 0, 0]);
    expect(ag.crossEntropy(x, ints([-100, -100])).item()).toBeNaN();
    expect(ag.crossEntropy(x, ints([-100, -100]), { reduction: "sum" }).item()).toBe(0);
    expect(ag.crossEntropy(x, ints([1, 1]), { ignoreIndex: 1, reduction: "sum" }).item()).toBe(0);
  });

  test("probabilities of one class each are the same as classes", () => {
    const p = tensor([
      [0, 0, 1],
      [1, 0, 0],
    ]);
    const options = { labelSmoothing: 0.1 };
    expect(ag.crossEntropy(leaf(logits), p, options).item()).toBeCloseTo(
      ag.crossEntropy(leaf(logits), ints([2, 0]), options).item(),
      12,
    );
  });

  test("masked logits of −∞ do no harm at classes that are not the target", () => {
    const x = leaf([[1, Number.NEGATIVE_INFINITY, 2]]);
    const loss = ag.crossEntropy(x, ints([2]));
    loss.backward();
    expect(loss.item()).toBeCloseTo(Math.log1p(Math.exp(-1)), 12);
    expect(x.grad?.get([0, 1])).toBe(0);
  });

  test("takes whole numbers of any type as classes", () => {
    expect(ag.crossEntropy(leaf(logits), tensor([2, 0])).item()).toBeCloseTo((lse - 3 + lse - 1) / 2, 12);
  });

  test.each<[string, () => unknown, string]>([
    [
      "a class too many",
      () => ag.crossEntropy(leaf(logits), ints([3, 0])),
      "crossEntropy: expected classes in [0, 2] or ignoreIndex -100, got 3 at position 0",
    ],
    ["a fraction", () => ag.crossEntropy(leaf(logits), tensor([0.5, 0])), "got 0.5 at position 0"],
    [
      "shapes",
      () => ag.crossEntropy(leaf(logits), ints([1])),
      "crossEntropy: expected targets of shape (2,) for logits (2, 3) (classes on axis 1), got (1,)",
    ],
    [
      "weights",
      () => ag.crossEntropy(leaf(logits), ints([1, 0]), { weight: array([1, 2]) }),
      "expected one weight per class, (3,), got (2,)",
    ],
    [
      "smoothing",
      () => ag.crossEntropy(leaf(logits), ints([1, 0]), { labelSmoothing: 2 }),
      "expected labelSmoothing in [0, 1], got 2",
    ],
    [
      "reduction",
      () => ag.crossEntropy(leaf(logits), ints([1, 0]), { reduction: "avg" as never }),
      'expected reduction "mean", "sum" or "none", got "avg"',
    ],
  ])("error: %s", (_, run, message) => {
    expect(run).toThrow(message);
  });
});

describe("losses", () => {
  test("binaryCrossEntropyWithLogits does not overflow", () => {
    const x = leaf([1000, -1000]);
    const loss = ag.binaryCrossEntropyWithLogits(x, tensor([0, 1]), { reduction: "sum" });
    loss.backward();
    expect(loss.item()).toBe(2000);
    expect(x.grad?.toArray()).toEqual([1, -1]);
  });

  test("mseLoss refuses to broadcast", () => {
    expect(() => ag.mseLoss(leaf([1, 2]), tensor([[1], [2]]))).toThrow(
      "mseLoss: expected a target of the input's shape (2,), got (2, 1)",
    );
  });

  test("klDiv takes 0 log 0 as 0", () => {
    expect(ag.klDiv(leaf([[-1, -2]]), tensor([[1, 0]]), { reduction: "sum" }).item()).toBe(1);
  });

  test("binaryCrossEntropy wants probabilities", () => {
    expect(() => ag.binaryCrossEntropy(leaf([2]), tensor([1]))).toThrow("expected probabilities in [0, 1]");
    expect(ag.binaryCrossEntropy(leaf([0]), tensor([1])).item()).toBe(100);
  });
});

describe("dropout", () => {
  test("zeroes about p, scales the rest, and pulls back through the same mask", () => {
    const x = tensor(array([1]).expand([10_000]), { requiresGrad: true });
    const y = ag.dropout(x, { p: 0.25, generator: new Generator(5) });
    y.sum().backward();
    expect(x.grad?.toArray()).toEqual(y.toArray());
    expect(new Set(y.data.flat())).toEqual(new Set([0, Math.fround(4 / 3)]));
    expect(y.data.mean().item()).toBeCloseTo(1, 1);
  });

  test("is the identity when not training or with p = 0, and 0 with p = 1", () => {
    const x = leaf([1, 2]);
    expect(ag.dropout(x, { training: false })).toBe(x);
    expect(ag.dropout(x, { p: 0 })).toBe(x);
    expect(ag.dropout(x, { p: 1 }).toArray()).toEqual([0, 0]);
    expect(() => ag.dropout(x, { p: 1.5 })).toThrow("dropout: expected a probability in [0, 1], got 1.5");
  });
});

describe("embedding", () => {
  test("adds up repeated rows and leaves the padding row alone", () => {
    const w = leaf([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const y = ag.embedding(w, ints([[0, 2, 2]]), { paddingIdx: -3 });
    expect(y.toArray()).toEqual([
      [
        [1, 2],
        [5, 6],
        [5, 6],
      ],
    ]);
    y.sum().backward();
    expect(w.grad?.toArray()).toEqual([
      [0, 0],
      [0, 0],
      [2, 2],
    ]);
  });

  test("names the index that is outside", () => {
    expect(() => ag.embedding(leaf([[1], [2]]), ints([0, 2]))).toThrow(
      "embedding: expected indices in [0, 1] for a table of 2 rows, got 2 at position 1",
    );
    expect(() => ag.embedding(leaf([1]), ints([0]))).toThrow("expected a weight of shape (V, C), got (1,)");
  });
});

describe("attention", () => {
  const q = leaf([
    [1, 0],
    [0, 1],
  ]);
  const v = leaf([
    [1, 10],
    [2, 20],
    [3, 30],
  ]);
  const k = leaf([
    [1, 0],
    [0, 1],
    [1, 1],
  ]);

  test("causal is aligned at the top left", () => {
    const y = ag.scaledDotProductAttention(q, k, v, { isCausal: true });
    expect(y.select(0, 0).toArray()).toEqual([1, 10]);
    const w = Math.exp(1 / Math.SQRT2);
    expect(y.data.get([1, 0])).toBeCloseTo((1 + 2 * w) / (1 + w), 12);
  });

  test("a query that may see nothing gets zeros and no gradient", () => {
    const mask = array([
      [false, false, false],
      [true, false, true],
    ]);
    const query = leaf([
      [1, 0],
      [0, 1],
    ]);
    const y = ag.scaledDotProductAttention(query, k, v, { mask });
    expect(y.select(0, 0).toArray()).toEqual([0, 0]);
    y.sum().backward();
    expect(query.grad?.select(0, 0).toArray()).toEqual([0, 0]);
    expect(query.grad?.data.every(Number.isFinite)).toBe(true);
  });

  test("errors name the shapes", () => {
    expect(() => ag.scaledDotProductAttention(q, leaf([[1, 2, 3]]), v)).toThrow(
      "scaledDotProductAttention: expected q (…, T, C), k (…, S, C), v (…, S, D), got (2, 2), (1, 3), (3, 2)",
    );
  });
});

describe("norms", () => {
  test("batchNorm keeps running statistics: the variance is the unbiased one", () => {
    const runningMean = array([0, 0]);
    const runningVar = array([1, 1]);
    const x = leaf([
      [1, 10],
      [3, 30],
    ]);
    const y = ag.batchNorm(x, { runningMean, runningVar, training: true, momentum: 0.5, eps: 0 });
    expect(y.toArray()).toEqual([
      [-1, -1],
      [1, 1],
    ]);
    expect(runningMean.toArray()).toEqual([1, 10]);
    expect(runningVar.toArray()).toEqual([1.5, 100.5]);
    expect(() => ag.batchNorm(leaf([[1, 2]]), { training: true })).toThrow("more than 1 value per channel");
  });

  test("errors name the shapes", () => {
    expect(() => ag.layerNorm(leaf([[1, 2]]), 3)).toThrow(
      "layerNorm: expected an input whose last axes are the normalized shape (3,), got (1, 2)",
    );
    expect(() => ag.layerNorm(leaf([[1, 2]]), 2, { weight: leaf([1]) })).toThrow(
      "layerNorm: expected weight of the normalized shape (2,), got (1,)",
    );
    expect(() => ag.groupNorm(leaf([[1, 2]]), 4)).toThrow(
      "groupNorm: expected (N, C, …) with C divisible by 4 groups",
    );
  });

  test("normalize leaves zeros at 0", () => {
    expect(grad((x) => ag.normalize(x, { axis: 0 }), [0, 0])).toEqual([1e12, 1e12]);
    expect(ag.normalize(leaf([0, 0]), { axis: 0 }).toArray()).toEqual([0, 0]);
  });
});

describe("properties", () => {
  const shape = fc.shuffledSubarray([2, 3, 4, 5], { minLength: 1, maxLength: 3 });
  const seed = fc.integer({ min: 0, max: 1e6 });
  const random = (seed: number, shape: readonly number[]) =>
    new Generator(seed).normal(shape, { dtype: "float64" });

  test("parts that cover a tensor give back the whole gradient", () => {
    fc.assert(
      fc.property(shape, seed, fc.nat(), fc.nat(), (shape, seed, a, b) => {
        const axis = a % shape.length;
        const cut = 1 + (b % (shape[axis] - 1));
        const g = random(seed + 1, shape);
        const x = tensor(random(seed, shape), { requiresGrad: true });
        const parts = ag.split(x, [cut, shape[axis] - cut], axis);
        ag.concat(parts, axis).backward(g);
        expect(x.grad?.toArray()).toEqual(g.toArray());
      }),
    );
  });

  test("the gradient is linear in what it starts from", () => {
    fc.assert(
      fc.property(shape, seed, (shape, seed) => {
        const [g, h] = [random(seed + 1, shape), random(seed + 2, shape)];
        const x = tensor(random(seed, shape), { requiresGrad: true });
        const y = ag.softmax(x.flip(0).mul(x.square().mean()), 0).cumsum(-1);
        const pull = (seed: typeof g) => {
          x.zeroGrad();
          y.backward(seed, { retainGraph: true });
          return x.grad as typeof g;
        };
        const sum = pull(g.mul(2).add(h));
        const parts = pull(g).mul(2).add(pull(h));
        expect(sum.sub(parts).abs().max().item()).toBeLessThan(1e-12);
      }),
      { numRuns: 30 },
    );
  });

  test("strides make no difference", () => {
    fc.assert(
      fc.property(shape, seed, (shape, seed) => {
        const run = (x: Tensor) => {
          const y = ag.layerNorm(x.mul(x.sum(0, { keepDims: true })).cumsum(-1), x.shape.at(-1) as number);
          y.mul(random(seed + 1, shape))
            .sum()
            .backward();
          return x.grad?.toArray();
        };
        const x = random(seed, shape);
        expect(run(tensor(reversed(x), { requiresGrad: true }))).toEqual(
          run(tensor(x, { requiresGrad: true })),
        );
      }),
      { numRuns: 30 },
    );
  });

  test("Σ over the axes that broadcasting repeated", () => {
    fc.assert(
      fc.property(shape, seed, fc.nat(), (shape, seed, bits) => {
        const small = shape.map((n, axis) => ((bits >> axis) & 1 ? 1 : n));
        const x = tensor(random(seed, small), { requiresGrad: true });
        const g = random(seed + 1, shape);
        x.add(random(seed + 2, shape)).backward(g);
        const axes = shape.map((_, axis) => axis).filter((axis) => small[axis] === 1);
        const expected = axes.length ? g.sum(axes, { keepDims: true }) : g;
        expect(x.grad?.sub(expected).abs().max().item()).toBeLessThan(1e-12);
        expect(x.grad?.shape).toEqual(small);
      }),
    );
  });
});
