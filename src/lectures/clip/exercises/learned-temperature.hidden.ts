import { tensor } from "../../../autograd";
import { checks, seeded } from "../../../grading";
import { learnedTemperature } from "./learned-temperature";

const inputs = seeded(learnedTemperature, { N: 11, M: 13 }, ({ N, M }, random, seed) => [
  tensor(random.uniform([N, M], { low: -1, high: 1 })),
  tensor(random.normal([], { std: 2 }).add(2)),
  5 + 7 * seed,
]);

export const hidden = [
  checks.random(inputs, { points: 1, name: { en: "other limits", ru: "другие пределы" }, times: 6 }),
  checks.invariant(
    learnedTemperature,
    { en: "the scale is what is learned", ru: "выучивается именно множитель" },
    {
      points: 1,
      broken(fn) {
        const logScale = tensor(1.5, { requiresGrad: true });
        fn(tensor([[0.5, -0.25, 0.75]]), logScale)
          .sum()
          .backward();
        const slope = logScale.grad?.item() ?? 0;
        const above = tensor(5, { requiresGrad: true });
        const cut = fn(tensor([[0.5, -0.25, 0.75]]), above);
        if (cut.requiresGrad) cut.sum().backward();
        const push = above.grad?.item() ?? 0;
        if (push !== 0)
          return {
            en: `above the limit the logits no longer depend on logScale, so its slope is 0, got ${push.toFixed(3)}`,
            ru: `за пределом логиты уже не зависят от logScale, и производная по нему 0, а вышло ${push.toFixed(3)}`,
          };
        return Math.abs(slope - Math.exp(1.5)) < 1e-3
          ? null
          : {
              en: `with cosines that sum to 1, the slope in logScale is the scale ${Math.exp(1.5).toFixed(3)}, got ${slope.toFixed(3)}`,
              ru: `когда сумма косинусов 1, производная по logScale равна множителю ${Math.exp(1.5).toFixed(3)}, а вышло ${slope.toFixed(3)}`,
            };
      },
    },
  ),
];
