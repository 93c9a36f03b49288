import { checks, exercise, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";

/**
 * softmax along the last axis: y_i = exp(x_i) / Σ_j exp(x_j), finite and right however large the numbers of x.
 *
 * x (…, n) → (…, n).
 */
export function stableSoftmax(x: NDArray): NDArray {
  // BEGIN SOLUTION
  const largest = x.max(-1, { keepDims: true });
  const powers = x.sub(largest).exp();
  return powers.div(powers.sum(-1, { keepDims: true }));
  // END SOLUTION
}

type Softmax = typeof stableSoftmax;

const inputs = seeded(stableSoftmax, { A: 3, B: 5, n: 7 }, ({ A, B, n }, random, seed) =>
  seed % 2 ? [random.normal([A, B, n], { std: 2 })] : [random.normal([A, n, B], { std: 2 }).transpose()],
);

const extremes = (): NDArray =>
  nd.array([
    [1000, 1001, 998],
    [-1000, -1003, -1001],
    [0, 200, -200],
  ]);

/** The formula with other parts. */
const softmaxOf =
  (
    shift: (x: NDArray) => NDArray | number,
    total = (powers: NDArray) => powers.sum(-1, { keepDims: true }),
  ): Softmax =>
  (x) => {
    const powers = x.sub(shift(x)).exp();
    return powers.div(total(powers));
  };
const largest = (x: NDArray) => x.max(-1, { keepDims: true });

export const stableSoftmaxExercise = exercise(stableSoftmax, {
  id: "stableSoftmax",
  title: { en: "A softmax that does not overflow", ru: "Softmax без переполнения" },
  minutes: 10,
  forbids: ["softmax", "logSoftmax", "logsumexp"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(stableSoftmax, {
      points: 1,
      args: () => [
        nd.array([
          [0, Math.log(2), Math.log(3)],
          [Math.log(4), 0, 0],
        ]),
      ],
      expected: [
        [1 / 6, 2 / 6, 3 / 6],
        [4 / 6, 1 / 6, 1 / 6],
      ],
      because: {
        en: "the powers are 1, 2, 3 with the sum 6, and 4, 1, 1 with the sum 6",
        ru: "степени равны 1, 2, 3 с суммой 6 и 4, 1, 1 с суммой 6",
      },
    }),
    checks.cases(stableSoftmax, {
      points: 2,
      name: { en: "numbers of any size", ru: "числа любой величины" },
      cases: [
        {
          title: { en: "with numbers around 1000", ru: "числа около 1000" },
          args: () => [nd.array([1000, 1001, 998.5])],
        },
        {
          title: { en: "with numbers around −1000", ru: "числа около −1000" },
          args: () => [nd.array([-1000, -1001, -998.5])],
        },
        {
          title: { en: "with rows of very different size", ru: "строки очень разной величины" },
          args: () => [extremes()],
        },
        { title: { en: "with one number", ru: "одно число" }, args: () => [nd.array([[700], [-3]])] },
        {
          title: { en: "with −∞, which gets the weight 0", ru: "с −∞, которой достаётся вес 0" },
          args: () => [
            nd.array([
              [1, -Infinity, 3],
              [-Infinity, -Infinity, 0.5],
            ]),
          ],
        },
        {
          title: { en: "with numbers that hardly differ", ru: "почти равные числа" },
          args: () => [nd.array([1e-4, 2e-4, 0])],
        },
      ],
    }),
    checks.random(inputs, { points: 1, times: 4 }),
    checks.invariant(
      stableSoftmax,
      { en: "a number added to a row changes nothing", ru: "сдвиг строки ничего не меняет" },
      {
        points: 1,
        examples: [() => [extremes()]],
        broken(fn) {
          const x = new nd.Generator(3).integers([4, 6], { low: -8, high: 8 }).to("float32").div(4);
          const moved = x.add(nd.array([[64], [-64], [128], [512]]));
          const off = fn(moved).sub(fn(x)).abs().max().item();
          if (off < 1e-5) return null;
          return {
            en: `with 64, −64, 128 and 512 added to its rows, the result changes by ${off.toPrecision(3)}`,
            ru: `если прибавить к строкам 64, −64, 128 и 512, результат меняется на ${off.toPrecision(3)}`,
          };
        },
      },
    ),
  ],
  mutants: [
    {
      name: "not shifted",
      says: {
        en: "exp(1000) is Infinity, and Infinity / Infinity is NaN: subtract the row's largest number first",
        ru: "exp(1000) это Infinity, а Infinity / Infinity это NaN: сначала вычтите максимум строки",
      },
      fn: softmaxOf(() => 0),
    },
    {
      name: "the largest of all",
      says: {
        en: "the largest number of all rows is subtracted: in other rows every power becomes 0, and 0 / 0 is NaN. Each row needs its own",
        ru: "вычтен максимум по всем строкам: в других строках все степени обращаются в 0, а 0 / 0 это NaN. У каждой строки свой максимум",
      },
      fn: softmaxOf((x) => x.max()),
    },
    {
      name: "the mean",
      says: {
        en: "the mean is subtracted; what lies 100 above it still overflows. Subtract the largest",
        ru: "вычтено среднее; то, что выше него на 100, всё равно переполнится. Вычтите максимум",
      },
      fn: softmaxOf((x) => x.mean(-1, { keepDims: true })),
    },
    {
      name: "the smallest",
      says: {
        en: "the smallest number is subtracted, which makes the others larger: subtract the largest",
        ru: "вычтен минимум, и остальные стали только больше: вычтите максимум",
      },
      fn: softmaxOf((x) => x.min(-1, { keepDims: true })),
    },
    {
      name: "the sum of all",
      says: {
        en: "the powers are divided by the sum over all rows; every row has its own sum",
        ru: "степени разделены на сумму по всем строкам; у каждой строки своя сумма",
      },
      fn: softmaxOf(largest, (powers) => powers.sum()),
    },
    {
      name: "down the columns",
      says: {
        en: "the columns sum to 1, not the rows: axis −1 is the last one",
        ru: "единице равны суммы столбцов, а не строк: последняя ось это −1",
      },
      fn: softmaxOf(
        (x) => x.max(0, { keepDims: true }),
        (powers) => powers.sum(0, { keepDims: true }),
      ),
    },
    {
      name: "by the largest power",
      says: {
        en: "the powers are divided by the largest of them; by their sum they become shares of 1",
        ru: "степени разделены на наибольшую из них; доли единицы получаются делением на сумму",
      },
      fn: softmaxOf(largest, (powers) => powers.max(-1, { keepDims: true })),
    },
    {
      name: "powers of two",
      says: {
        en: "these are powers of 2; softmax has powers of e, x.exp()",
        ru: "это степени двойки; в softmax степени e: x.exp()",
      },
      fn: (x) => softmaxOf(largest)(x.mul(Math.LN2)),
    },
    {
      name: "clipped",
      says: {
        en: "the numbers are cut off at some size, so large ones all get the same weight: subtract the largest instead",
        ru: "числа обрезаны, и все большие получили один вес: вместо этого вычтите максимум",
      },
      fn: (x) => softmaxOf(() => 0)(x.clamp(-80, 80)),
    },
  ],
  variants: [
    {
      name: "by way of the logarithm",
      fn: (x) => {
        const shifted = x.sub(largest(x));
        return shifted.sub(shifted.exp().sum(-1, { keepDims: true }).log()).exp();
      },
    },
    {
      name: "row by row, in plain numbers",
      fn: (x) => {
        const n = x.shape.at(-1)!;
        const all = Array.from(x.flat());
        const out = all.map((_, i) => {
          const row = all.slice(i - (i % n), i - (i % n) + n);
          const top = Math.max(...row);
          return Math.exp(all[i] - top) / row.reduce((sum, value) => sum + Math.exp(value - top), 0);
        });
        return nd.array(out).reshape(x.shape);
      },
    },
  ],
});
