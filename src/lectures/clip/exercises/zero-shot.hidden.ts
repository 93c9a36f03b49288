import { checks, seeded } from "../../../grading";
import { zeroShot } from "./zero-shot";

const inputs = seeded(zeroShot, { N: 17, K: 11, P: 5, D: 13 }, ({ N, K, P, D }, random) => [
  random.normal([N, D], { std: 0.01 }),
  random.normal([K, P, D]).mul(random.uniform([K, P, 1], { low: 0.1, high: 30 })),
  25,
]);

export const hidden = [
  checks.random(inputs, { points: 1, name: { en: "more classes", ru: "больше классов" }, times: 4 }),
  checks.invariant(
    zeroShot,
    { en: "the length of a prompt changes nothing", ru: "длина промпта ничего не меняет" },
    {
      points: 1,
      broken(fn, random) {
        const [images, prompts] = [random.normal([4, 6]), random.normal([3, 5, 6])];
        const grown = prompts.mul(random.uniform([3, 5, 1], { low: 0.1, high: 9 }));
        const [one, other] = [fn(images, prompts, 8), fn(images.mul(3), grown, 8)];
        if (one.sub(other).abs().max().item() > 1e-4)
          return { en: "longer vectors change the answer", ru: "удлинение векторов меняет ответ" };
        return one.sum(-1).sub(1).abs().max().item() < 1e-4
          ? null
          : {
              en: "a picture's probabilities do not sum to 1",
              ru: "вероятности изображения не дают в сумме 1",
            };
      },
    },
  ),
];
