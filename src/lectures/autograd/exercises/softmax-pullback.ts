import { checks, exercise, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";
import { AUTOGRAD, gradcheckFault, gradcheckName, numbers } from "./shared";

/** The pullback of y = softmax(x) over the last axis: from ȳ = g and the result y to x̄. All have the shape of x. */
export function softmaxPullback(g: NDArray, y: NDArray): NDArray {
  // BEGIN SOLUTION
  return y.mul(g.sub(g.mul(y).sum(-1, { keepDims: true })));
  // END SOLUTION
}

const inputs = seeded(softmaxPullback, { B: 2, T: 5, D: 7 }, ({ B, T, D }, random, seed) => [
  numbers([B, T, D], seed, random),
  numbers([B, T, D], seed + 1, random).softmax(),
]);

/** x̄ with another number taken from g in each row. */
const taking = (from: (g: NDArray, y: NDArray) => NDArray) => (g: NDArray, y: NDArray) =>
  y.mul(g.sub(from(g, y)));

export const softmaxPullbackExercise = exercise(softmaxPullback, {
  id: "softmaxPullback",
  title: { en: "The pullback of softmax", ru: "Градиент softmax" },
  minutes: 15,
  forbids: AUTOGRAD,
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(softmaxPullback, {
      points: 1,
      args: () => [nd.array([8, 0, 4]), nd.array([0.5, 0.25, 0.25])],
      expected: [1.5, -1.25, -0.25],
      because: {
        en: "Σ g y = 8·½ + 0·¼ + 4·¼ = 5; so x̄ = ½ (8 − 5), ¼ (0 − 5), ¼ (4 − 5)",
        ru: "Σ g y = 8·½ + 0·¼ + 4·¼ = 5, поэтому x̄ = ½ (8 − 5), ¼ (0 − 5), ¼ (4 − 5)",
      },
    }),
    checks.random(inputs, { points: 1 }),
    checks.invariant(
      softmaxPullback,
      { en: "every row sums to 0", ru: "сумма по каждой строке равна 0" },
      {
        points: 1,
        broken(fn, random) {
          const y = random.normal([3, 5, 7], { dtype: "float64" }).softmax();
          const sums = fn(random.normal([3, 5, 7], { dtype: "float64" }), y)
            .sum(-1)
            .abs()
            .max()
            .item();
          return sums < 1e-9
            ? null
            : {
                en: `a row sums to ${sums.toPrecision(3)}: to add one number to all scores changes no probability, so no gradient may point there`,
                ru: `сумма строки ${sums.toPrecision(3)}: если прибавить одно число ко всем x, вероятности не изменятся, и градиент туда смотреть не может`,
              };
        },
      },
    ),
    checks.invariant(softmaxPullback, gradcheckName, {
      points: 1,
      broken(fn, random) {
        const rule = (x: NDArray): [NDArray, (g: NDArray) => NDArray[]] => {
          const y = x.softmax();
          return [y, (g) => [fn(g, y)]];
        };
        return gradcheckFault(rule, [random.normal([3, 5])]);
      },
    }),
  ],
  mutants: [
    {
      name: "only the diagonal",
      says: {
        en: "this is g y (1 − y): the diagonal of the Jacobian alone. In a softmax every score moves every probability: the others must be there too",
        ru: "это g y (1 − y): только диагональ якобиана. В softmax каждый логит влияет на все вероятности, остальные слагаемые тоже нужны",
      },
      fn: (g, y) => g.mul(y).mul(y.neg().add(1)),
    },
    {
      name: "nothing subtracted",
      says: {
        en: "this is g y: what the others lose when one probability grows is missing. Subtract Σ g y from g first",
        ru: "это g y: не учтено, что при росте одной вероятности остальные убывают. Сначала вычтите из g сумму Σ g y",
      },
      fn: (g, y) => g.mul(y),
    },
    {
      name: "the sum of g",
      says: {
        en: "the plain sum of g is subtracted: it must be weighted by the probabilities, Σ g y",
        ru: "вычтена простая сумма g, а нужна взвешенная вероятностями: Σ g y",
      },
      fn: taking((g) => g.sum(-1, { keepDims: true })),
    },
    {
      name: "the mean of g y",
      says: {
        en: "the mean of g y is subtracted, not its sum: y sums to 1 already, so Σ g y is a mean by itself",
        ru: "вычтено среднее от g y, а не сумма: y уже в сумме даёт 1, и Σ g y — само по себе среднее",
      },
      fn: taking((g, y) => g.mul(y).mean(-1, { keepDims: true })),
    },
    {
      name: "over everything",
      says: {
        en: "Σ g y runs over the whole array: each row is a softmax of its own. Sum over the last axis, with keepDims",
        ru: "сумма Σ g y взята по всему массиву, а каждая строка — отдельный softmax. Суммируйте по последней оси с keepDims",
      },
      fn: taking((g, y) => g.mul(y).sum()),
    },
    {
      name: "log-softmax",
      says: {
        en: "this is the pullback of log-softmax, g − y Σ g",
        ru: "это градиент log-softmax: g − y Σ g",
      },
      fn: (g, y) => g.sub(y.mul(g.sum(-1, { keepDims: true }))),
    },
    {
      name: "the plain mean of g",
      says: {
        en: "the plain mean of g is subtracted: it must be weighted by the probabilities, Σ g y",
        ru: "вычтено простое среднее g, а нужно взвешенное вероятностями: Σ g y",
      },
      fn: taking((g) => g.mean(-1, { keepDims: true })),
    },
    {
      name: "not times y",
      says: {
        en: "this is g − Σ g y: it must still be multiplied by y",
        ru: "это g − Σ g y: осталось умножить на y",
      },
      fn: (g, y) => g.sub(g.mul(y).sum(-1, { keepDims: true })),
    },
  ],
  variants: [
    {
      name: "with the Jacobian of each row, diag(y) − y yᵀ",
      fn(g, y) {
        const D = y.shape.at(-1)!;
        const [rows, grads] = [y.reshape([-1, D]), g.reshape([-1, D])];
        const out = Array.from({ length: rows.shape[0] }, (_, i) => {
          const p = rows.select(0, i);
          const jacobian = nd
            .eye(D, D, { dtype: p.dtype })
            .mul(p)
            .sub(p.unsqueeze(1).mul(p.unsqueeze(0)));
          return jacobian.matmul(grads.select(0, i).unsqueeze(1)).squeeze(1);
        });
        return nd.stack(out).reshape([...y.shape]);
      },
    },
    {
      name: "number by number",
      fn(g, y) {
        const [G, Y, D] = [g.flat(), y.flat(), y.shape.at(-1)!];
        const out = Array.from(Y, (p, i) => {
          const row = i - (i % D);
          let weighted = 0;
          for (let j = row; j < row + D; j++) weighted += G[j] * Y[j];
          return p * (G[i] - weighted);
        });
        return nd.array(out, { dtype: y.dtype }).reshape([...y.shape]);
      },
    },
  ],
});
