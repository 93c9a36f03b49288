import { checks, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { crossEntropyPullback } from "./cross-entropy-pullback";
import { numbers } from "./shared";

const many = seeded(crossEntropyPullback, { N: 9, C: 4 }, ({ N, C }, random, seed) => [
  random.normal([]).sub(3),
  numbers([N, C], seed + 81, random).mul(5),
  random.integers([N], { low: 0, high: C }),
]);

export const hidden = [
  checks.cases(crossEntropyPullback, {
    name: {
      en: "one row, equal logits, one class for all",
      ru: "одна строка, равные логиты, один класс на всех",
    },
    points: 1,
    cases: [
      {
        title: { en: "of one row", ru: "одна строка" },
        args: () => [nd.array(1), nd.array([[1, -1, 3]]), nd.array([2], { dtype: "int32" })],
      },
      {
        title: {
          en: "where nothing is decided, and all are of the last class",
          ru: "всё поровну, и у всех последний класс",
        },
        args: () => [nd.array(5), nd.zeros([3, 6]), nd.full([3], 5, { dtype: "int32" })],
      },
    ],
  }),
  checks.random(many, {
    points: 1,
    name: { en: "a negative g, another seed", ru: "отрицательный g, другое зерно" },
  }),
];
