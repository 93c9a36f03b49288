import { checks, seeded } from "../../../grading";
import { readView } from "./read-view";

/** Four axes, turned backwards here and there, one of them repeated. */
const inputs = seeded(readView, { A: 2, B: 3, C: 4, D: 5 }, ({ A, B, C, D }, random, seed) => {
  const data = Array.from(random.normal([A * B * D + 11]).flat());
  const strides = seed % 2 ? [B * D, D, 0, 1] : [B * D, -D, 0, 1];
  return [data, [A, B, C, D], strides, 7 + (seed % 2 ? 0 : (B - 1) * D)];
});

export const hidden = [
  checks.random(inputs, {
    points: 1,
    name: { en: "four axes, one repeated, one backwards", ru: "четыре оси, одна повторена, одна назад" },
  }),
  checks.cases(readView, {
    points: 1,
    name: { en: "other corners", ru: "другие углы" },
    cases: [
      {
        title: { en: "a diagonal", ru: "диагональ" },
        args: () => [Array.from({ length: 36 }, (_, i) => 2 * i), [6], [7], 0],
      },
      {
        title: { en: "one number, three axes", ru: "одно число, три оси" },
        args: () => [[4, 5, 6], [1, 1, 1], [9, 8, 7], 2],
      },
      { title: { en: "nothing at all", ru: "совсем ничего" }, args: () => [[], [0], [1], 0] },
    ],
  }),
];
