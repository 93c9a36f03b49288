import { checks, exercise, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";
import { runKernel } from "../../../tensor";

/**
 * The product of two matrices by a GPU.js kernel of your own: out[i, j] = Σ_k a[i, k] · b[k, j].
 *
 * a (M, K), b (K, N) → (M, N).
 */
export function gpuMatmul(a: NDArray, b: NDArray): NDArray {
  const [M, K] = a.shape;
  const [, N] = b.shape;
  // BEGIN SOLUTION
  return runKernel(
    function (a, b) {
      let sum = 0;
      for (let k = 0; k < this.constants.K; k++) {
        sum += a[this.thread.y][k] * b[k][this.thread.x];
      }
      return sum;
    },
    { size: [M, N], inputs: [a, b], constants: { K } },
  );
  // END SOLUTION
}

const inputs = seeded(gpuMatmul, { M: 5, K: 6, N: 7 }, ({ M, K, N }, random, seed) => [
  seed % 2 ? random.normal([K, M]).transpose() : random.normal([M, K]),
  random.normal([K, N]),
]);

export const gpuMatmulExercise = exercise(gpuMatmul, {
  id: "gpuMatmul",
  title: { en: "Matmul on GPU.js", ru: "Матричное умножение на GPU.js" },
  minutes: 15,
  forbids: ["matmul", "einsum", "dot", "cdist"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(gpuMatmul, {
      points: 1,
      args: () => [
        nd.array([
          [1, 2, 3],
          [0, 1, 0],
        ]),
        nd.array([
          [1, 0],
          [2, 1],
          [0, 4],
        ]),
      ],
      expected: [
        [5, 14],
        [2, 1],
      ],
      because: {
        en: "row 0 with column 1: 1 · 0 + 2 · 1 + 3 · 4 = 14",
        ru: "строка 0 на столбец 1: 1 · 0 + 2 · 1 + 3 · 4 = 14",
      },
    }),
    checks.cases(gpuMatmul, {
      points: 1,
      name: { en: "thin matrices", ru: "узкие матрицы" },
      cases: [
        {
          title: { en: "a row times a column", ru: "строка на столбец" },
          args: () => [nd.array([[1, 2, 3, 4, 5]]), nd.array([[6], [7], [8], [9], [10]])],
        },
        {
          title: { en: "a column times a row (K = 1)", ru: "столбец на строку (K = 1)" },
          args: () => [nd.array([[2], [3], [5]]), nd.array([[7, 11]])],
        },
        { title: { en: "one number", ru: "одно число" }, args: () => [nd.array([[3]]), nd.array([[-4]])] },
      ],
    }),
    checks.random(inputs, { points: 2, times: 3 }),
    checks.invariant(
      gpuMatmul,
      { en: "the identity changes nothing", ru: "единичная матрица ничего не меняет" },
      {
        points: 1,
        examples: [() => [new nd.Generator(4).normal([6, 9]), nd.eye(9)]],
        broken(fn) {
          const x = new nd.Generator(4).normal([6, 9]);
          const off = fn(x, nd.eye(9)).sub(x).abs().max().item();
          return off < 1e-5 ? null : `x times the identity differs from x by ${off.toPrecision(3)}`;
        },
      },
    ),
  ],
  mutants: [
    {
      name: "only the last term",
      says: {
        en: "only the last product is left: add them up with sum +=",
        ru: "осталось лишь последнее произведение: складывайте их, sum +=",
      },
      fn: (a, b) => gpuMatmul(a.slice(":", "-1:"), b.slice("-1:")),
    },
    {
      name: "from one",
      says: {
        en: "the first term is missing: k runs from 0",
        ru: "нет первого слагаемого: k начинается с 0",
      },
      fn: (a, b) => gpuMatmul(a, b).sub(gpuMatmul(a.slice(":", ":1"), b.slice(":1"))),
    },
    {
      name: "to the last but one",
      says: {
        en: "the last term is missing: k runs while k < K",
        ru: "нет последнего слагаемого: k идёт, пока k < K",
      },
      fn: (a, b) => gpuMatmul(a, b).sub(gpuMatmul(a.slice(":", "-1:"), b.slice("-1:"))),
    },
    {
      name: "added, not multiplied",
      says: {
        en: "the two numbers are added; each term is a product",
        ru: "числа складываются; каждое слагаемое это произведение",
      },
      fn: (a, b) => a.sum(1, { keepDims: true }).add(b.sum(0)),
    },
    {
      name: "divided by K",
      says: {
        en: "this is the mean of the products; the task asks for their sum",
        ru: "это среднее произведений, а нужна их сумма",
      },
      fn: (a, b) => gpuMatmul(a, b).div(a.shape[1]),
    },
    {
      name: "rows and columns exchanged",
      says: {
        en: "the result is transposed: this.thread.y is the row and this.thread.x the column, and size is [M, N]",
        ru: "результат транспонирован: this.thread.y это строка, this.thread.x столбец, а size это [M, N]",
      },
      fn: (a, b) => gpuMatmul(a, b).transpose(),
    },
  ],
  variants: [
    {
      name: "the loop from the back, indices in variables",
      fn: (a, b) =>
        runKernel(
          function (left, right) {
            const i = this.thread.y;
            const j = this.thread.x;
            let total = 0;
            let k = this.constants.last;
            while (k >= 0) {
              total = total + right[k][j] * left[i][k];
              k--;
            }
            return total;
          },
          { size: [a.shape[0], b.shape[1]], inputs: [a, b], constants: { last: a.shape[1] - 1 } },
        ),
    },
    {
      name: "with b transposed, so that both are read along rows",
      fn: (a, b) =>
        runKernel(
          function (a, bt) {
            let sum = 0;
            for (let k = 0; k < this.constants.size; k++) sum += a[this.thread.y][k] * bt[this.thread.x][k];
            return sum;
          },
          {
            size: [a.shape[0], b.shape[1]],
            inputs: [a, b.transpose()],
            constants: { size: a.shape[1] },
          },
        ),
    },
    {
      name: "plain loops",
      fn: (a, b) => {
        const [x, y] = [a.toArray() as number[][], b.toArray() as number[][]];
        return nd.array(
          x.map((row) => y[0].map((_, j) => row.reduce((sum, value, k) => sum + value * y[k][j], 0))),
        );
      },
    },
  ],
});
