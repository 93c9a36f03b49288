import { checks, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { pairwiseDistances } from "./pairwise-distances";

const inputs = seeded(pairwiseDistances, { N: 3, M: 11, D: 13 }, ({ N, M, D }, random, seed) => [
  random.uniform([N, D], { low: -2, high: 5 }),
  seed % 2 ? random.uniform([M, D]) : random.uniform([D, M]).transpose(),
]);

export const hidden = [
  checks.random(inputs, { points: 1, name: { en: "other sizes", ru: "другие размеры" }, times: 4 }),
  checks.cases(pairwiseDistances, {
    points: 1,
    name: { en: "tiny and large numbers", ru: "малые и большие числа" },
    cases: [
      {
        title: { en: "numbers near 1e-3", ru: "числа около 1e-3" },
        args: () => [
          nd.array([[1e-3, 2e-3, 0]]),
          nd.array([
            [-3e-3, 1e-3, 5e-3],
            [0, 0, 0],
          ]),
        ],
      },
      {
        title: {
          en: "numbers near 1e4, whose squares are exact",
          ru: "числа около 1e4, квадраты которых точны",
        },
        args: () => [
          nd.array([
            [1024, 0],
            [0, 2048],
          ]),
          nd.array([
            [0, 0],
            [1024, 2048],
            [512, 256],
          ]),
        ],
      },
    ],
  }),
];
