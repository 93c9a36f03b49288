import { checks } from "../../../grading";
import { inputs, shiftRight } from "./shift-right";

export const hidden = [
  checks.cases(shiftRight, {
    points: 1,
    name: {
      en: "one sequence; tokens that look like pad",
      ru: "одна последовательность; токены, похожие на pad",
    },
    cases: [
      {
        title: { en: "one sequence", ru: "одна последовательность" },
        args: () => [[[3, 0, 3, 0, 5]], { bos: 6, eos: 7 }],
      },
      {
        title: {
          en: "real tokens with the id of pad, and of eos",
          ru: "настоящие токены с номерами pad и eos",
        },
        args: () => [[[2, 2, 4], [4], [2, 9]], { bos: 1, eos: 9, pad: 2, ignore: 2 }],
      },
    ],
  }),
  checks.random(
    { ...inputs, make: (seed) => inputs.make(seed + 100) },
    {
      points: 1,
      name: { en: "other batches", ru: "другие данные" },
      times: 6,
    },
  ),
];
