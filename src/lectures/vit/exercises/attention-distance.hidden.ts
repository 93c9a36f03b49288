import { checks, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { attentionDistance } from "./attention-distance";

const others = seeded(attentionDistance, { H: 6, S: 5, P: 16 }, ({ H, S, P }, random, seed) => [
  random
    .split(`hidden ${seed}`)
    .normal([H, 1 + S * S, 1 + S * S], { std: 3 })
    .softmax(-1),
  P,
]);

export const hidden = [
  checks.random(others, { points: 1, name: { en: "another grid", ru: "другая сетка" } }),
  checks.cases(attentionDistance, {
    points: 1,
    name: { en: "itself, everywhere", ru: "на себя, повсюду" },
    cases: [
      {
        title: { en: "everyone looks at itself", ru: "каждый смотрит на себя" },
        args: () => [nd.eye(10).unsqueeze(0), 4],
      },
      {
        title: { en: "everyone looks everywhere", ru: "каждый смотрит повсюду" },
        args: () => [nd.full([2, 17, 17], 1 / 17), 8],
      },
    ],
  }),
];
