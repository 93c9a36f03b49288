import { checks, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { layerNormPullback } from "./layer-norm-pullback";
import { numbers } from "./shared";

const other = seeded(layerNormPullback, { N: 3, C: 11 }, ({ N, C }, random, seed) => [
  numbers([N, C], seed + 70, random),
  numbers([N, C], seed + 71, random)
    .mul(4)
    .sub(1),
  random.uniform([C], { low: -2, high: 2 }),
  1e-5,
]);

export const hidden = [
  checks.cases(layerNormPullback, {
    name: { en: "rows that hardly differ, and float64", ru: "почти постоянные строки и float64" },
    points: 1,
    cases: [
      {
        title: { en: "where all numbers of a row are alike", ru: "все числа строки одинаковы" },
        args: () => [nd.array([[1, -2, 4]]), nd.array([[5, 5, 5]]), nd.array([1, 2, 3]), 0.25],
      },
      {
        title: { en: "in float64", ru: "в float64" },
        args: () => {
          const random = new nd.Generator(72);
          const make = (shape: number[]) => random.normal(shape, { dtype: "float64" });
          return [make([6, 4]), make([6, 4]), make([4]), 1e-3];
        },
      },
    ],
  }),
  checks.random(other, {
    points: 1,
    name: { en: "the usual eps, another seed", ru: "обычный eps, другое зерно" },
  }),
];
