import { checks, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { positionSimilarity } from "./position-similarity";

const others = seeded(positionSimilarity, { N: 16, E: 5 }, ({ N, E }, random, seed) => [
  random.split(`hidden ${seed}`).normal([1 + N, E], { mean: -0.3, std: 4 }),
]);

export const hidden = [
  checks.random(others, {
    points: 1,
    name: { en: "more places than features", ru: "мест больше, чем признаков" },
  }),
  checks.cases(positionSimilarity, {
    points: 1,
    name: {
      en: "right angles, opposites, very short vectors",
      ru: "прямые углы, противоположные и очень короткие векторы",
    },
    cases: [
      {
        title: { en: "right angles and opposites", ru: "прямые углы и противоположные" },
        args: () => [
          nd.array([
            [1, 1, 1],
            [2, 0, 0],
            [0, 3, 0],
            [-5, 0, 0],
          ]),
        ],
      },
      {
        title: { en: "vectors of length about 1e-7", ru: "векторы длиной около 1e-7" },
        args: () => [others.make(3)[0].mul(1e-8)],
      },
    ],
  }),
];
