import { tensor } from "../../../autograd";
import { checks, seeded } from "../../../grading";
import { embedPatches } from "./embed-patches";

const others = seeded(
  embedPatches,
  { B: 3, C: 2, rows: 7, columns: 4, P: 5, E: 9 },
  ({ B, C, rows, columns, P, E }, random, seed) => {
    const luck = random.split(`hidden ${seed}`);
    return [
      tensor(luck.normal([B, C, rows * P, columns * P])),
      tensor(luck.normal([E, C, P, P])),
      tensor(luck.normal([E])),
    ];
  },
);

export const hidden = [
  checks.random(others, { points: 1, name: { en: "other sizes", ru: "другие размеры" } }),
  checks.cases(embedPatches, {
    points: 1,
    name: { en: "black images, and one grey channel", ru: "чёрные изображения и один серый канал" },
    cases: [
      {
        title: { en: "black: the bias is left", ru: "чёрное: остаётся bias" },
        args: () => {
          const [images, weight, bias] = others.make(4);
          return [images.mul(0), weight, bias];
        },
      },
      {
        title: { en: "one channel", ru: "один канал" },
        args: () => {
          const [images, weight, bias] = others.make(5);
          return [images.narrow(1, 1, 1), weight.narrow(1, 1, 1), bias];
        },
      },
    ],
  }),
];
