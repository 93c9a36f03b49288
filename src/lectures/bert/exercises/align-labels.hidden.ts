import { checks, seeded } from "../../../grading";
import { alignLabels } from "./align-labels";

const inputs = seeded(alignLabels, { N: 23 }, ({ N }, random) => {
  const labels = Array.from(random.integers([N], { high: 3 }).flat());
  const counts = Array.from(random.integers([N], { low: 1, high: 4 }).flat());
  return [labels, [null, ...counts.flatMap((count, word) => new Array(count).fill(word)), null, null]];
});

export const hidden = [
  checks.random({ ...inputs, make: (seed) => inputs.make(seed + 90) }, { points: 1, name: "longer texts" }),
  checks.cases(alignLabels, {
    points: 1,
    name: "no special tokens",
    cases: [
      {
        title: "pieces alone",
        args: () => [
          [9, 9, 0],
          [0, 0, 1, 2, 2],
        ],
      },
      { title: "one piece", args: () => [[0], [0]] },
      { title: "an empty row", args: () => [[3], []] },
    ],
  }),
];
