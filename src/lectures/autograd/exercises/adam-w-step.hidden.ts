import { checks, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { adamWStep } from "./adam-w-step";
import { numbers } from "./shared";

const other = seeded(adamWStep, { N: 4, M: 6 }, ({ N, M }, random, seed) => [
  numbers([N, M], seed + 51, random),
  numbers([N, M], seed + 50, random).mul(10 ** ((seed % 5) - 2)),
  { m: random.normal([N, M]), v: random.normal([N, M]).square() },
  2 + seed,
  { lr: 0.01 * (1 + seed), betas: [0.5, 0.6] as const, eps: 0.02, weightDecay: 0.4 },
]);

export const hidden = [
  checks.cases(adamWStep, {
    points: 1,
    name: { en: "lr 0, and huge gradients", ru: "lr 0 и огромные градиенты" },
    cases: [
      {
        title: {
          en: "with lr 0, p stays and the moments move",
          ru: "при lr 0 параметр стоит, моменты меняются",
        },
        args: () => [
          nd.array([1, 2]),
          nd.array([3, -4]),
          { m: nd.array([1, 1]), v: nd.array([2, 2]) },
          4,
          { lr: 0 },
        ],
      },
      {
        title: { en: "in float64, with a gradient of 10⁶", ru: "float64, градиент 10⁶" },
        args: () => {
          const list = (...xs: number[]) => nd.array(xs, { dtype: "float64" });
          return [
            list(1, -1),
            list(1e6, -3e-4),
            { m: list(0, 0), v: list(0, 0) },
            1,
            { lr: 0.1, weightDecay: 0 },
          ];
        },
      },
    ],
  }),
  checks.random(other, {
    points: 1,
    times: 5,
    name: { en: "another seed, other options", ru: "другое зерно, другие настройки" },
  }),
];
