import { tensor } from "../../../autograd";
import { checks, seeded } from "../../../grading";
import { centre } from "./centre";

/** Another number of axes. */
const inputs = seeded(centre, { B: 3, T: 2, C: 5 }, ({ B, T, C }, random) => [
  tensor(random.normal([B, T, C]).mul(9).sub(4)),
]);

export const hidden = [
  checks.random(inputs, { points: 1, name: { en: "three axes", ru: "три оси" } }),
  checks.cases(centre, {
    points: 1,
    name: {
      en: "a single row, and numbers that are centred already",
      ru: "одна строка и уже центрированные числа",
    },
    cases: [
      { title: { en: "for a single row", ru: "для одной строки" }, args: () => [tensor([2, 9, 4, 6, 4])] },
      {
        title: { en: "for numbers whose mean is 0", ru: "для чисел со средним 0" },
        args: () => [tensor([[-3, 1, 2]])],
      },
    ],
  }),
];
