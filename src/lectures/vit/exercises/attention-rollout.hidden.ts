import { checks, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { attentionRollout } from "./attention-rollout";

const others = seeded(attentionRollout, { L: 5, H: 4, T: 9 }, ({ L, H, T }, random, seed) => [
  random.split(`hidden ${seed}`).normal([L, H, T, T], { std: 3 }).softmax(-1),
]);

export const hidden = [
  checks.random(others, { points: 1, name: { en: "deeper", ru: "глубже" } }),
  checks.cases(attentionRollout, {
    points: 1,
    name: { en: "chains", ru: "цепочки" },
    cases: [
      {
        title: { en: "everyone looks at the next token", ru: "каждый смотрит на следующий токен" },
        args: () => {
          const next = nd.eye(6).roll(1, 1);
          return [nd.stack([next, next, next, next]).unsqueeze(1)];
        },
      },
      {
        title: { en: "everyone looks at itself", ru: "каждый смотрит на себя" },
        args: () => [nd.stack([nd.eye(3), nd.eye(3)]).unsqueeze(1)],
      },
    ],
  }),
];
