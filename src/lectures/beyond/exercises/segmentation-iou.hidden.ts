import { checks, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { segmentationIou } from "./segmentation-iou";

const many = seeded(segmentationIou, { B: 2, H: 9, W: 11 }, ({ B, H, W }, random) => [
  random.integers([B, H, W], { low: 0, high: 13 }).mul(2).to("int32"),
  random.integers([B, H, W], { low: 0, high: 13 }).mul(2).to("int32"),
  30,
]);

export const hidden = [
  checks.random(many, {
    points: 1,
    name: { en: "many classes, some absent", ru: "много классов, часть отсутствует" },
  }),
  checks.cases(segmentationIou, {
    points: 1,
    name: { en: "rare classes", ru: "редкие классы" },
    cases: [
      {
        title: { en: "one pixel among many", ru: "один пиксель среди многих" },
        args: () => [
          nd.arange(0, 63).eq(40).to("int32").reshape([7, 9]),
          nd.arange(0, 63).eq(41).to("int32").reshape([7, 9]),
          3,
        ],
      },
      {
        title: { en: "everything wrong", ru: "всё неверно" },
        args: () => [nd.ones([3, 5], { dtype: "int32" }), nd.zeros([3, 5], { dtype: "int32" }), 2],
      },
    ],
  }),
];
