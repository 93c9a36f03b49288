import { tensor } from "../../../autograd";
import { checks, seeded } from "../../../grading";
import { splitHeads } from "./split-heads";

const others = seeded(splitHeads, { B: 3, T: 5, H: 7, D: 2 }, ({ B, T, H, D }, random, seed) => [
  tensor(random.split(`hidden ${seed}`).normal([B, T, H * D])),
  H,
]);

export const hidden = [
  checks.random(others, { points: 1, name: { en: "other sizes", ru: "другие размеры" } }),
  checks.cases(splitHeads, {
    points: 1,
    name: { en: "one head; a head for each feature", ru: "одна голова; голова на каждый признак" },
    cases: [1, 6].map((heads) => ({
      title: { en: `${heads} heads of 6 features`, ru: `6 признаков, голов: ${heads}` },
      args: (): Parameters<typeof splitHeads> => [
        tensor([[[1, 2, 3, 4, 5, 6]], [[7, 8, 9, 10, 11, 12]], [[0, -1, -2, -3, -4, -5]]]),
        heads,
      ],
    })),
  }),
];
