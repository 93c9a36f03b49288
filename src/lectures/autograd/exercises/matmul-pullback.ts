import { checks, exercise, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";
import { AUTOGRAD, gradcheckFault, gradcheckName, numbers } from "./shared";

/** The pullback of Y = A · B: from Ȳ = g (N, M) to [Ā (N, K), B̄ (K, M)]. */
export function matmulPullback(g: NDArray, a: NDArray, b: NDArray): [NDArray, NDArray] {
  // BEGIN SOLUTION
  return [g.matmul(b.transpose()), a.transpose().matmul(g)];
  // END SOLUTION
}

const inputs = seeded(matmulPullback, { N: 5, K: 3, M: 7 }, ({ N, K, M }, random, seed) => [
  numbers([N, M], seed, random),
  numbers([N, K], seed + 1, random),
  numbers([K, M], seed, random),
]);

/** B̄ of one row after another, added up. */
function byRows(g: NDArray, a: NDArray, b: NDArray): NDArray {
  let sum = nd.zeros([...b.shape], { dtype: b.dtype });
  for (let n = 0; n < a.shape[0]; n++)
    sum = sum.add(a.select(0, n).unsqueeze(1).mul(g.select(0, n).unsqueeze(0)));
  return sum;
}

export const matmulPullbackExercise = exercise(matmulPullback, {
  id: "matmulPullback",
  title: { en: "The pullback of a matrix product", ru: "Градиент матричного произведения" },
  minutes: 10,
  forbids: [...AUTOGRAD, "linear"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(matmulPullback, {
      points: 1,
      args: () => [
        nd.array([[1, 0, 10]]),
        nd.array([[2, 3]]),
        nd.array([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      ],
      expected: [
        [[31, 64]],
        [
          [2, 0, 20],
          [3, 0, 30],
        ],
      ],
      because: {
        en: "Ā = [1·1 + 0·2 + 10·3, 1·4 + 0·5 + 10·6]; B̄ has in row k and column m the product a_k g_m",
        ru: "Ā = [1·1 + 0·2 + 10·3, 1·4 + 0·5 + 10·6]; в B̄ на месте (k, m) стоит произведение a_k g_m",
      },
    }),
    checks.random(inputs, { points: 1 }),
    checks.invariant(matmulPullback, gradcheckName, {
      points: 1,
      broken: (fn, random) =>
        gradcheckFault(
          (a, b) => [a.matmul(b), (g) => fn(g, a, b)],
          [random.normal([2, 5]), random.normal([5, 3])],
        ),
    }),
  ],
  mutants: [
    {
      name: "reshaped, first",
      says: {
        en: "B was given the right shape by reshape, which leaves the numbers in their order: exchange rows and columns with transpose()",
        ru: "нужная форма B получена через reshape, а он не переставляет числа: поменяйте строки и столбцы местами через transpose()",
      },
      fn: (g, a, b) => [g.matmul(b.reshape([b.shape[1], b.shape[0]])), a.transpose().matmul(g)],
    },
    {
      name: "reshaped, both",
      says: {
        en: "A and B were given the right shape by reshape, which leaves the numbers in their order: exchange rows and columns with transpose()",
        ru: "нужная форма A и B получена через reshape, а он не переставляет числа: поменяйте строки и столбцы местами через transpose()",
      },
      fn: (g, a, b) => [
        g.matmul(b.reshape([b.shape[1], b.shape[0]])),
        a.reshape([a.shape[1], a.shape[0]]).matmul(g),
      ],
    },
    {
      name: "mean over the rows",
      says: {
        en: "B̄ is divided by the number of rows: every row uses B, and what they say is added up, not averaged. (A loss that is a mean has its 1/N in g already)",
        ru: "B̄ поделён на число строк: B участвует в каждой строке, и их вклады складываются, а не усредняются. (Если функция потерь — среднее, множитель 1/N уже есть в g)",
      },
      fn: (g, a, b) => [g.matmul(b.transpose()), a.transpose().matmul(g).div(a.shape[0])],
    },
    {
      name: "without g",
      says: {
        en: "g is replaced by ones: that is right only for L = Σ Y. Multiply by the g that arrives",
        ru: "вместо g взяты единицы: это верно только для L = Σ Y. Умножайте на пришедший g",
      },
      fn: (g, a, b) => [nd.onesLike(g).matmul(b.transpose()), a.transpose().matmul(nd.onesLike(g))],
    },
    {
      name: "one row only",
      says: {
        en: "B̄ comes from the first row alone: every row of A has used B, so all of them add to its gradient",
        ru: "B̄ собран только по первой строке: B использует каждая строка A, и все они вносят вклад в градиент",
      },
      fn: (g, a, b) => [
        g.matmul(b.transpose()),
        a
          .narrow(0, 0, 1)
          .transpose()
          .matmul(g.narrow(0, 0, 1)),
      ],
    },
    {
      name: "exchanged",
      says: {
        en: "the two gradients have changed places: the list begins with that of a",
        ru: "градиенты перепутаны местами: первым в списке идёт градиент a",
      },
      fn: (g, a, b) => [a.transpose().matmul(g), g.matmul(b.transpose())],
    },
  ],
  variants: [
    {
      name: "einsum",
      fn: (g, a, b) => [nd.einsum("nm,km->nk", g, b), nd.einsum("nk,nm->km", a, g)],
    },
    {
      name: "row by row, outer products",
      fn: (g, a, b) => [b.matmul(g.transpose()).transpose(), byRows(g, a, b)],
    },
  ],
});
