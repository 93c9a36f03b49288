import { checks } from "../../../grading";
import { inputs, padBatch } from "./pad-batch";

export const hidden = [
  checks.cases(padBatch, {
    points: 1,
    name: { en: "one sequence; negative pad", ru: "одна последовательность; отрицательный pad" },
    cases: [
      {
        title: { en: "one sequence alone", ru: "одна последовательность" },
        args: () => [[[3, 1, 2, 0, 5]], 4],
      },
      {
        title: { en: "pad is -1", ru: "pad равен -1" },
        args: () => [[[3], [0, 0, 0, 0, 0, 0], [2, 9, 1]], -1],
      },
      {
        title: {
          en: "the longest comes first, pad occurs everywhere",
          ru: "самая длинная первой, pad везде",
        },
        args: () => [[[6, 6, 6, 6, 6], [6], [6, 6]], 6],
      },
    ],
  }),
  checks.random(
    { ...inputs, make: (seed) => inputs.make(seed + 100) },
    {
      points: 1,
      name: { en: "other batches", ru: "другие данные" },
      times: 8,
    },
  ),
];
