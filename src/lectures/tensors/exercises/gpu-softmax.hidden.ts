import { checks, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { gpuSoftmax } from "./gpu-softmax";

const wide = seeded(gpuSoftmax, { M: 3, N: 53 }, ({ M, N }, random, seed) => [
  random.normal([M, N], { std: 10 ** (seed % 3) }),
]);

export const hidden = [
  checks.random(wide, { points: 1, name: { en: "long rows", ru: "длинные строки" } }),
  checks.cases(gpuSoftmax, {
    points: 1,
    name: { en: "other edges", ru: "другие края" },
    cases: [
      { title: { en: "all numbers equal", ru: "все числа равны" }, args: () => [nd.full([2, 6], -400)] },
      {
        title: { en: "just where exp overflows", ru: "там, где exp переполняется" },
        args: () => [
          nd.array([
            [88, 89, 90],
            [-88, -89, -90],
          ]),
        ],
      },
    ],
  }),
];
