import { tensor } from "../../../autograd";
import { checks, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { costMatrix } from "./cost-matrix";

const sure = seeded(costMatrix, { D: 9, n: 4, L: 8 }, ({ D, n, L }, random) => {
  const boxes = (count: number) =>
    tensor(nd.concat([random.uniform([count, 2]), random.uniform([count, 2]).mul(0.9).add(0.02)], 1));
  return [
    tensor(random.normal([D, L + 1], { std: 30 })),
    boxes(D),
    random.integers([n], { low: 0, high: L }).to("int32"),
    boxes(n),
  ];
});

export const hidden = [
  checks.random(sure, {
    points: 1,
    name: { en: "sure queries, boxes of all sizes", ru: "уверенные запросы, рамки любых размеров" },
  }),
  checks.cases(costMatrix, {
    points: 1,
    name: {
      en: "the same box, and a picture with one thing",
      ru: "та же рамка и картинка с одним предметом",
    },
    cases: [
      {
        title: { en: "a query that is right in everything", ru: "запрос, верный во всём" },
        args: () => [
          tensor([
            [9, -9, -9],
            [0, 0, 0],
          ]),
          tensor([
            [0.5, 0.4, 0.2, 0.3],
            [0.1, 0.1, 0.1, 0.1],
          ]),
          nd.array([0], { dtype: "int32" }),
          tensor([[0.5, 0.4, 0.2, 0.3]]),
        ],
      },
      {
        title: { en: "weights of zero", ru: "нулевые веса" },
        args: () => {
          const [logits, boxes, classes, wanted] = sure.make(2);
          return [logits, boxes, classes, wanted, { classCost: 0, boxCost: 0.25, giouCost: 0 }];
        },
      },
    ],
  }),
];
