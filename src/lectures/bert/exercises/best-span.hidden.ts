import { checks } from "../../../grading";
import { Generator } from "../../../tensor";
import { bestSpan } from "./best-span";

export const hidden = [
  checks.invariant(bestSpan, "60 other passages", {
    points: 1,
    broken(fn) {
      const random = new Generator(31);
      for (let i = 0; i < 60; i++) {
        const [start, end] = [0, 1].map(() => random.normal([23], { std: 4 }));
        const options = { from: i % 7, to: 23 - (i % 5), longest: 1 + (i % 6) };
        const [got, wanted] = [fn(start, end, options), bestSpan(start, end, options)];
        if (got.start !== wanted.start || got.end !== wanted.end)
          return `expected ${wanted.start} to ${wanted.end}, got ${got.start} to ${got.end}`;
      }
      return null;
    },
  }),
  checks.cases(bestSpan, {
    points: 1,
    name: "a passage of one token, and answers of one token",
    cases: [
      {
        title: "one token",
        args: () => [
          new Generator(1).normal([5]),
          new Generator(2).normal([5]),
          { from: 3, to: 4, longest: 6 },
        ],
      },
      {
        title: "longest 1",
        args: () => [
          new Generator(3).normal([9]),
          new Generator(4).normal([9]),
          { from: 2, to: 9, longest: 1 },
        ],
      },
    ],
  }),
];
