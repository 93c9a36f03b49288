import { checks, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { mulPullback } from "./mul-pullback";
import { numbers } from "./shared";

const deep = seeded(mulPullback, { A: 2, B: 7, C: 4 }, ({ A, B, C }, random, seed) => [
  numbers([A, B, C], seed + 40, random),
  numbers([A, B, C], seed + 41, random),
  numbers([A, B, C], seed + 41, random),
]);

export const hidden = [
  checks.cases(mulPullback, {
    name: { en: "zeros and single numbers", ru: "нули и одиночные числа" },
    points: 1,
    cases: [
      {
        title: { en: "with zeros in a", ru: "нули в a" },
        args: () => [nd.array([3, -2, 5]), nd.array([0, 0, 4]), nd.array([6, 7, 0])],
      },
      {
        title: { en: "without axes", ru: "без осей" },
        args: () => [nd.array(-3), nd.array(0.5), nd.array(8)],
      },
    ],
  }),
  checks.random(deep, { points: 1, name: { en: "three axes, another seed", ru: "три оси, другое зерно" } }),
];
