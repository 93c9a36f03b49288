import { checks, exercise, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";

/**
 * The squared distance of every row of x to every row of y, without a loop:
 * out[n, m] = Σ_d (x[n, d] − y[m, d])², never negative.
 *
 * x (N, D), y (M, D) → (N, M).
 */
export function pairwiseDistances(x: NDArray, y: NDArray): NDArray {
  // BEGIN SOLUTION
  const lengthsX = x.square().sum(1, { keepDims: true }); // (N, 1)
  const lengthsY = y.square().sum(1); //                     (M)
  const products = x.matmul(y.transpose()); //               (N, M)
  return lengthsX.add(lengthsY).sub(products.mul(2)).maximum(0);
  // END SOLUTION
}

type Distances = typeof pairwiseDistances;

/** Rows as they come: every second time a piece of a larger table, whose numbers lie in another order. */
const rows = (n: number, D: number, seed: number, random: nd.Generator) =>
  seed % 2 === 0
    ? random.normal([n, D])
    : random
        .normal([D, n + 2])
        .transpose()
        .slice(`:${n}`);

const inputs = seeded(pairwiseDistances, { N: 7, M: 5, D: 6 }, ({ N, M, D }, random, seed) => [
  rows(N, D, seed, random),
  rows(M, D, seed, random),
]);

/** A point and its copies, far from 0: where |x|² + |y|² − 2 x·y falls a little below 0. */
const copies = (): [NDArray, NDArray] => {
  const x = new nd.Generator(11).normal([40, 6], { std: 300 });
  return [x, x.clone()];
};

interface Parts {
  join(xx: NDArray, yy: NDArray, xy: NDArray): NDArray;
}
const expanded =
  (join: Parts["join"]): Distances =>
  (x, y) =>
    join(x.square().sum(1, { keepDims: true }), y.square().sum(1), x.matmul(y.transpose()));

/** (N, M, D): every difference. */
const differences = (x: NDArray, y: NDArray) => x.unsqueeze(1).sub(y.unsqueeze(0));

export const pairwiseDistancesExercise = exercise(pairwiseDistances, {
  id: "pairwiseDistances",
  title: { en: "All distances at once", ru: "Все расстояния сразу" },
  minutes: 15,
  forbids: ["cdist"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(pairwiseDistances, {
      points: 1,
      args: () => [
        nd.array([
          [0, 0],
          [3, 4],
        ]),
        nd.array([
          [0, 0],
          [3, 0],
          [1, 5],
        ]),
      ],
      expected: [
        [0, 9, 26],
        [25, 16, 5],
      ],
      because: {
        en: "from (3, 4) to (1, 5): (3 − 1)² + (4 − 5)² = 5",
        ru: "от (3, 4) до (1, 5): (3 − 1)² + (4 − 5)² = 5",
      },
    }),
    checks.cases(pairwiseDistances, {
      points: 1,
      name: { en: "one point, and one number each", ru: "одна точка и по одному числу" },
      cases: [
        {
          title: { en: "one point against three", ru: "одна точка против трёх" },
          args: () => [
            nd.array([[1, -2, 5]]),
            nd.array([
              [1, -2, 5],
              [0, 3, 1],
              [-4, 2, 2],
            ]),
          ],
        },
        {
          title: { en: "points on a line (D = 1)", ru: "точки на прямой (D = 1)" },
          args: () => [nd.array([[2], [-3], [7]]), nd.array([[4], [0.5]])],
        },
      ],
    }),
    checks.random(inputs, { points: 2, times: 4 }),
    checks.invariant(
      pairwiseDistances,
      { en: "never negative", ru: "не бывает отрицательным" },
      {
        points: 1,
        examples: [copies],
        broken(fn) {
          const [x, y] = copies();
          const smallest = fn(x, y).min().item();
          if (smallest >= 0) return null;
          return {
            en: `of 40 points far from 0 and their copies, one squared distance is ${smallest.toPrecision(3)}; its root is NaN`,
            ru: `среди 40 далёких от нуля точек и их копий квадрат расстояния равен ${smallest.toPrecision(3)}; корень из него NaN`,
          };
        },
      },
    ),
  ],
  mutants: [
    {
      name: "below zero",
      says: {
        en: "rounding brings |x|² + |y|² − 2 x·y a little below 0 where the points are equal: cut it off with maximum(0)",
        ru: "из-за округления |x|² + |y|² − 2 x·y у равных точек чуть меньше нуля: обрежьте через maximum(0)",
      },
      fn: expanded((xx, yy, xy) => xx.add(yy).sub(xy.mul(2))),
    },
    {
      name: "one product",
      says: {
        en: "the product x·y counts twice: (x − y)² = x² − 2 x y + y²",
        ru: "произведение x·y считается дважды: (x − y)² = x² − 2 x y + y²",
      },
      fn: expanded((xx, yy, xy) => xx.add(yy).sub(xy).maximum(0)),
    },
    {
      name: "plus",
      says: {
        en: "the products are added, which gives |x + y|²; they have to be subtracted",
        ru: "произведения прибавлены, получилось |x + y|²; их надо вычесть",
      },
      fn: expanded((xx, yy, xy) => xx.add(yy).add(xy.mul(2))),
    },
    {
      name: "products alone",
      says: {
        en: "these are the products x·y: how alike two rows point, not how far they are apart",
        ru: "это произведения x·y: насколько строки сонаправлены, а не как далеки",
      },
      fn: expanded((_xx, _yy, xy) => xy),
    },
    {
      name: "rooted",
      says: {
        en: "the root is drawn: the task asks for squared distances, which order points alike and cost less",
        ru: "извлечён корень: нужны квадраты расстояний, порядок у них тот же, а считать дешевле",
      },
      fn: (x, y) => pairwiseDistances(x, y).sqrt(),
    },
    {
      name: "mean",
      says: {
        en: "the mean over the features is taken; it is their sum",
        ru: "взято среднее по признакам, а нужна сумма",
      },
      fn: (x, y) => differences(x, y).square().mean(2),
    },
    {
      name: "absolute",
      says: {
        en: "absolute differences are added; the squares are wanted",
        ru: "сложены модули разностей, а нужны квадраты",
      },
      fn: (x, y) => differences(x, y).abs().sum(2),
    },
    {
      name: "sum, then square",
      says: {
        en: "the differences are added before they are squared, where they cancel: square each, then add",
        ru: "разности сложены до возведения в квадрат и взаимно уничтожаются: сначала квадрат каждой, потом сумма",
      },
      fn: (x, y) => differences(x, y).sum(2).square(),
    },
    {
      name: "exchanged",
      says: {
        en: "x and y have changed places: rows of the result belong to x, columns to y",
        ru: "x и y поменялись местами: строки результата для x, столбцы для y",
      },
      fn: (x, y) => pairwiseDistances(y, x),
    },
  ],
  variants: [
    { name: "every difference, (N, M, D)", fn: (x, y) => differences(x, y).square().sum(2) },
    {
      name: "einsum",
      fn: (x, y) => {
        const d = differences(x, y);
        return nd.einsum("n m d, n m d -> n m", d, d);
      },
    },
    {
      name: "plain loops",
      fn: (x, y) => {
        const [a, b] = [x.toArray() as number[][], y.toArray() as number[][]];
        return nd.array(
          a.map((row) => b.map((other) => row.reduce((sum, v, d) => sum + (v - other[d]) ** 2, 0))),
        );
      },
    },
  ],
});
