import { checks, seeded } from "../../../grading";
import { resizePositions } from "./resize-positions";

const others = seeded(
  resizePositions,
  { S: 7, E: 3, rows: 10, columns: 5 },
  ({ S, E, rows, columns }, random, seed) => [
    random.split(`hidden ${seed}`).normal([1 + S * S, E]),
    rows + seed,
    columns,
  ],
);

export const hidden = [
  checks.random(others, { points: 1, name: { en: "taller and narrower", ru: "выше и уже" } }),
  checks.cases(resizePositions, {
    points: 1,
    name: { en: "twice, and from one place", ru: "вдвое и из одного места" },
    cases: [
      { title: { en: "twice as large", ru: "вдвое больше" }, args: () => [others.make(2)[0], 14, 14] },
      {
        title: { en: "from a single place", ru: "из одного места" },
        args: () => [others.make(3)[0].narrow(0, 0, 2), 3, 4],
      },
    ],
  }),
];
