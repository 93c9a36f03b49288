import { checks, exercise, seeded } from "../../../grading";
import type { KernelThread, NDArray } from "../../../tensor";
import * as nd from "../../../tensor";
import { runKernel } from "../../../tensor";

/**
 * softmax of every row by a GPU.js kernel of your own, right for numbers of any size:
 * out[i, j] = exp(x[i, j] − max_i) / Σ_k exp(x[i, k] − max_i).
 *
 * x (M, N) → (M, N).
 */
export function gpuSoftmax(x: NDArray): NDArray {
  const [M, N] = x.shape;
  // BEGIN SOLUTION
  return runKernel(
    function (x) {
      let max = x[this.thread.y][0];
      for (let k = 1; k < this.constants.N; k++) {
        max = Math.max(max, x[this.thread.y][k]);
      }
      let total = 0;
      for (let k = 0; k < this.constants.N; k++) {
        total += Math.exp(x[this.thread.y][k] - max);
      }
      return Math.exp(x[this.thread.y][this.thread.x] - max) / total;
    },
    { size: [M, N], inputs: [x], constants: { N } },
  );
  // END SOLUTION
}

const inputs = seeded(gpuSoftmax, { M: 5, N: 7 }, ({ M, N }, random, seed) => [
  seed % 2 ? random.normal([N, M], { std: 2 }).transpose() : random.normal([M, N], { std: 2 }),
]);

const extremes = () =>
  nd.array([
    [1000, 1001, 998, 990],
    [-1000, -1003, -1001, -999.5],
    [0, 50, -50, 49],
  ]);

/** The formula with another shift and another total, (M, 1) each. */
const softmaxOf =
  (shift: (x: NDArray) => NDArray | number, total: (powers: NDArray) => NDArray): typeof gpuSoftmax =>
  (x) => {
    const powers = x.sub(shift(x)).exp();
    return powers.div(total(powers));
  };
/** One kernel over x and N: what overflows does so as on the student's device, which may compute in float64. */
const byKernel =
  (kernel: (this: KernelThread<{ N: number }>, x: number[][]) => number): typeof gpuSoftmax =>
  (x) =>
    runKernel(kernel, { size: [x.shape[0], x.shape[1]], inputs: [x], constants: { N: x.shape[1] } });
const largest = (x: NDArray) => x.max(1, { keepDims: true });
const sum = (x: NDArray) => x.sum(1, { keepDims: true });

export const gpuSoftmaxExercise = exercise(gpuSoftmax, {
  id: "gpuSoftmax",
  title: { en: "Softmax on GPU.js", ru: "Softmax на GPU.js" },
  minutes: 20,
  forbids: ["softmax", "logSoftmax", "logsumexp"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(gpuSoftmax, {
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
    checks.cases(gpuSoftmax, {
      points: 2,
      name: { en: "numbers of any size", ru: "числа любой величины" },
      cases: [
        {
          title: { en: "rows of very different size", ru: "строки очень разной величины" },
          args: () => [extremes()],
        },
        {
          title: { en: "the largest stands first, and last", ru: "максимум стоит первым и последним" },
          args: () => [
            nd.array([
              [300, 1, 2],
              [1, 2, 300],
            ]),
          ],
        },
        { title: { en: "one column", ru: "один столбец" }, args: () => [nd.array([[5], [-700]])] },
        { title: { en: "one row", ru: "одна строка" }, args: () => [nd.array([[-90, -91, -89, -92, -95]])] },
      ],
    }),
    checks.random(inputs, { points: 1, times: 3 }),
    checks.invariant(
      gpuSoftmax,
      { en: "every row sums to 1", ru: "сумма каждой строки 1" },
      {
        points: 1,
        examples: [() => [extremes()]],
        broken(fn) {
          const sums = Array.from(
            fn(new nd.Generator(9).normal([4, 31], { std: 20 }))
              .sum(1)
              .flat(),
          );
          const off = sums.findIndex((total) => !(Math.abs(total - 1) < 1e-4));
          return off < 0 ? null : `row ${off} sums to ${sums[off].toPrecision(5)}`;
        },
      },
    ),
  ],
  mutants: [
    {
      name: "not shifted",
      says: {
        en: "nothing is subtracted: exp(1000) is Infinity, and Infinity / Infinity is NaN",
        ru: "ничего не вычтено: exp(1000) это Infinity, а Infinity / Infinity это NaN",
      },
      fn: byKernel(function (x) {
        let total = 0;
        for (let k = 0; k < this.constants.N; k++) total += Math.exp(x[this.thread.y][k]);
        return Math.exp(x[this.thread.y][this.thread.x]) / total;
      }),
    },
    {
      name: "largest from zero",
      says: {
        en: "the search for the largest begins with 0, so a row below 0 never finds its own: begin with the row's first number",
        ru: "поиск максимума начинается с 0, и строка с отрицательными числами своего не находит: начните с первого числа строки",
      },
      fn: byKernel(function (x) {
        let max = 0;
        for (let k = 0; k < this.constants.N; k++) max = Math.max(max, x[this.thread.y][k]);
        let total = 0;
        for (let k = 0; k < this.constants.N; k++) total += Math.exp(x[this.thread.y][k] - max);
        return Math.exp(x[this.thread.y][this.thread.x] - max) / total;
      }),
    },
    {
      name: "sum from the second",
      says: {
        en: "the first number is missing in the sum: that loop runs from 0",
        ru: "в сумме нет первого числа: этот цикл начинается с 0",
      },
      fn: softmaxOf(largest, (powers) => sum(powers).sub(powers.slice(":", ":1"))),
    },
    {
      name: "sum without the last",
      says: {
        en: "the last number is missing in the sum: the loop runs while k < N",
        ru: "в сумме нет последнего числа: цикл идёт, пока k < N",
      },
      fn: softmaxOf(largest, (powers) => sum(powers).sub(powers.slice(":", "-1:"))),
    },
    {
      name: "not divided",
      says: { en: "the powers are not divided by their sum", ru: "степени не разделены на сумму" },
      fn: softmaxOf(largest, () => nd.ones([1])),
    },
    {
      name: "shifted below only",
      says: {
        en: "the largest is subtracted in the sum, but not in the number above it: both need it",
        ru: "максимум вычтен в сумме, но не в числителе: он нужен в обоих",
      },
      fn: (x) => x.exp().div(sum(x.sub(largest(x)).exp())),
    },
    {
      name: "powers of two",
      says: {
        en: "these are powers of 2; softmax has powers of e, Math.exp",
        ru: "это степени двойки; в softmax степени e: Math.exp",
      },
      fn: (x) => gpuSoftmax(x.mul(Math.LN2)),
    },
    {
      name: "the sum of all rows",
      says: {
        en: "the sum runs over all rows; every row has its own: only k moves, the row stays this.thread.y",
        ru: "сумма идёт по всем строкам; у каждой строки своя: меняется только k, строка остаётся this.thread.y",
      },
      fn: softmaxOf(largest, (powers) => powers.sum()),
    },
    {
      name: "down the columns",
      says: {
        en: "the columns sum to 1: the loops have to go along the row, x[this.thread.y][k]",
        ru: "единице равны суммы столбцов: циклы должны идти вдоль строки, x[this.thread.y][k]",
      },
      fn: (x) => gpuSoftmax(x.transpose()).transpose(),
    },
  ],
  variants: [
    {
      name: "three kernels: the largest, the sum, the share",
      fn: (x) => {
        const [M, N] = x.shape;
        const largest = runKernel(
          function (x) {
            let max = x[this.thread.y][0];
            for (let k = 1; k < this.constants.N; k++)
              if (x[this.thread.y][k] > max) max = x[this.thread.y][k];
            return max;
          },
          { size: [M, 1], inputs: [x], constants: { N } },
        );
        const total = runKernel(
          function (x, max) {
            let sum = 0;
            for (let k = 0; k < this.constants.N; k++)
              sum += Math.exp(x[this.thread.y][k] - max[this.thread.y][0]);
            return sum;
          },
          { size: [M, 1], inputs: [x, largest], constants: { N } },
        );
        return runKernel(
          function (x, max, total) {
            return (
              Math.exp(x[this.thread.y][this.thread.x] - max[this.thread.y][0]) / total[this.thread.y][0]
            );
          },
          { size: [M, N], inputs: [x, largest, total] },
        );
      },
    },
    {
      name: "1 / Σ exp(x_k − x_j), with powers that cannot overflow to NaN",
      fn: (x) => {
        const [M, N] = x.shape;
        return runKernel(
          function (x) {
            let total = 0;
            for (let k = 0; k < this.constants.N; k++)
              total += Math.exp(Math.min(80, x[this.thread.y][k] - x[this.thread.y][this.thread.x]));
            return 1 / total;
          },
          { size: [M, N], inputs: [x], constants: { N } },
        );
      },
    },
  ],
});
