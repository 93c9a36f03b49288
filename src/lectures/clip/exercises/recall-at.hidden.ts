import { checks, seeded } from "../../../grading";
import { recallAt } from "./recall-at";

const inputs = seeded(recallAt, { N: 53, M: 97 }, ({ N, M }, random, seed) => [
  random.normal([N, M]).mul(3).round(),
  random.integers([N], { high: M }),
  1 + 5 * seed,
]);

export const hidden = [
  checks.random(inputs, {
    points: 1,
    name: { en: "many candidates, many ties", ru: "много кандидатов и равных оценок" },
    times: 8,
  }),
  checks.invariant(
    recallAt,
    { en: "more places never find less", ru: "больше мест — не меньше найденного" },
    {
      points: 1,
      broken(fn, random) {
        const scores = random.normal([31, 9]);
        const targets = random.integers([31], { high: 9 });
        const all = Array.from({ length: 9 }, (_, k) => fn(scores, targets, k + 1));
        if (Math.abs(all[8] - 1) > 1e-6)
          return {
            en: "among all candidates not every answer is found",
            ru: "среди всех кандидатов найдены не все ответы",
          };
        return all.every((share, k) => k === 0 || share >= all[k - 1])
          ? null
          : { en: "with a larger k less is found", ru: "при большем k найдено меньше" };
      },
    },
  ),
];
