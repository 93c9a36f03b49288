import { tensor } from "../../../autograd";
import { checks, seeded } from "../../../grading";
import { mergeHeads } from "./merge-heads";

const others = seeded(mergeHeads, { B: 5, H: 2, T: 3, D: 7 }, ({ B, H, T, D }, random, seed) => [
  tensor(random.split(`hidden ${seed}`).normal([B, H, T, D])),
]);

export const hidden = [
  checks.random(others, { points: 1, name: { en: "other sizes", ru: "другие размеры" } }),
  checks.cases(mergeHeads, {
    points: 1,
    name: { en: "one head; one token", ru: "одна голова; один токен" },
    cases: [
      [3, 1, 5, 2],
      [3, 5, 1, 2],
    ].map((shape) => ({
      title: { en: `x of shape (${shape.join(", ")})`, ru: `x формы (${shape.join(", ")})` },
      args: (): Parameters<typeof mergeHeads> => [
        tensor(Array.from({ length: 30 }, (_, i) => i)).reshape(shape),
      ],
    })),
  }),
];
