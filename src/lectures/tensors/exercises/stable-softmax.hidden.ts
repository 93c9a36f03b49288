import { checks, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { stableSoftmax } from "./stable-softmax";

const inputs = seeded(stableSoftmax, { B: 2, H: 3, T: 5, S: 11 }, ({ B, H, T, S }, random, seed) => [
  random.normal([B, H, T, S], { std: 10 ** (seed % 3) }),
]);

export const hidden = [
  checks.random(inputs, {
    points: 1,
    name: { en: "four axes, wide numbers", ru: "четыре оси, широкий разброс" },
    times: 4,
  }),
  checks.cases(stableSoftmax, {
    points: 1,
    name: { en: "the edge of float32", ru: "край float32" },
    cases: [
      {
        title: { en: "with ±1e30", ru: "с ±1e30" },
        args: () => [
          nd.array([
            [1e30, 1e30, -1e30],
            [-1e30, -1e30, -1e30],
          ]),
        ],
      },
      {
        title: { en: "with numbers just where exp overflows", ru: "там, где exp переполняется" },
        args: () => [nd.array([88, 89, 90, 91])],
      },
      {
        title: { en: "with −∞ beside −500", ru: "−∞ рядом с −500" },
        args: () => [nd.array([[-500, -Infinity, -501]])],
      },
    ],
  }),
];
