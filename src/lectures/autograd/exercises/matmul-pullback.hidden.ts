import { checks, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { matmulPullback } from "./matmul-pullback";
import { numbers } from "./shared";

const wide = seeded(matmulPullback, { N: 11, K: 6, M: 4 }, ({ N, K, M }, random, seed) => [
  numbers([N, M], seed + 61, random),
  numbers([N, K], seed + 60, random),
  numbers([K, M], seed + 61, random),
]);

export const hidden = [
  checks.cases(matmulPullback, {
    name: { en: "square matrices, and single rows", ru: "квадратные матрицы и одиночные строки" },
    points: 1,
    cases: [
      {
        title: { en: "where all three are square", ru: "все три квадратные" },
        args: () =>
          [1, 2, 3].map((seed) => new nd.Generator(seed).normal([4, 4])) as Parameters<typeof matmulPullback>,
      },
      {
        title: { en: "one row, one column", ru: "одна строка, один столбец" },
        args: () => [nd.array([[2]]), nd.array([[3, 5, 7]]), nd.array([[1], [-1], [4]])],
      },
    ],
  }),
  checks.random(wide, {
    points: 1,
    name: { en: "other sizes, another seed", ru: "другие размеры, другое зерно" },
  }),
];
