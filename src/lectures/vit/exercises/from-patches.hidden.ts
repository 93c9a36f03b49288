import { tensor } from "../../../autograd";
import { checks, seeded } from "../../../grading";
import { fromPatches } from "./from-patches";

const others = seeded(
  fromPatches,
  { B: 3, C: 4, rows: 7, columns: 2, P: 5 },
  ({ B, C, rows, columns, P }, random, seed) => [
    tensor(random.split(`hidden ${seed}`).normal([B, rows * columns, C * P * P])),
    P,
    rows * P,
    columns * P,
  ],
);

export const hidden = [
  checks.random(others, { points: 1, name: { en: "other sizes", ru: "другие размеры" } }),
  checks.cases(fromPatches, {
    points: 1,
    name: { en: "pixels, and one patch", ru: "пиксели и один патч" },
    cases: [
      {
        title: { en: "patches of one pixel", ru: "патчи из одного пикселя" },
        args: () => [tensor(others.make(5)[0].data.slice(":", ":", ":3").contiguous()), 1, 7, 2],
      },
      {
        title: { en: "one patch of one channel", ru: "один патч с одним каналом" },
        args: () => [tensor(others.make(6)[0].data.slice(":", ":1", ":25").contiguous()), 5, 5, 5],
      },
    ],
  }),
];
