import { checks, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { numbers } from "./shared";
import { softmaxPullback } from "./softmax-pullback";

const row = seeded(softmaxPullback, { D: 13 }, ({ D }, random) => [
  random.normal([D], { std: 5 }),
  random.normal([D], { std: 3 }).softmax(),
]);

export const hidden = [
  checks.cases(softmaxPullback, {
    name: { en: "certain, undecided, and zero", ru: "уверенно, поровну и нули" },
    points: 1,
    cases: [
      {
        title: { en: "where one probability is 1", ru: "одна из вероятностей равна 1" },
        args: () => [nd.array([[3, -2, 7]]), nd.array([[0, 1, 0]])],
      },
      {
        title: { en: "where all are alike", ru: "все вероятности равны" },
        args: () => [nd.array([[3, -2, 8, 1, 5]]), nd.full([1, 5], 0.2)],
      },
      {
        title: { en: "of float64, transposed", ru: "float64, транспонированный" },
        args: () => {
          const random = new nd.Generator(77);
          return [
            numbers([4, 6], 1, random).to("float64"),
            numbers([4, 6], 1, random).to("float64").softmax(),
          ];
        },
      },
    ],
  }),
  checks.random(row, { points: 1, name: { en: "one row, large numbers", ru: "одна строка, большие числа" } }),
];
