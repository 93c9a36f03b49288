import { tensor } from "../../../autograd";
import { checks, seeded } from "../../../grading";
import { classAndPositions } from "./class-and-positions";

const others = seeded(classAndPositions, { B: 5, N: 9, E: 7 }, ({ B, N, E }, random, seed) => {
  const luck = random.split(`hidden ${seed}`);
  return [tensor(luck.normal([B, N, E])), tensor(luck.normal([E])), tensor(luck.normal([1 + N, E]))];
});

export const hidden = [
  checks.random(others, { points: 1, name: { en: "other sizes", ru: "другие размеры" } }),
  checks.cases(classAndPositions, {
    points: 1,
    name: { en: "one patch, one image", ru: "один патч, одно изображение" },
    cases: [
      {
        title: { en: "one patch", ru: "один патч" },
        args: () => {
          const [patches, token, places] = others.make(3);
          return [patches.narrow(1, 0, 1), token, places.narrow(0, 0, 2)];
        },
      },
      {
        title: { en: "one image", ru: "одно изображение" },
        args: () => {
          const [patches, token, places] = others.make(4);
          return [patches.narrow(0, 2, 1), token, places];
        },
      },
    ],
  }),
];
