import { checks } from "../../../grading";
import { vitParameters } from "./vit-parameters";

const ours = { imageSize: 28, patchSize: 7, channels: 1, embedDim: 64, layers: 5, mlpDim: 96, classes: 10 };

export const hidden = [
  checks.cases(vitParameters, {
    points: 1,
    name: { en: "small ones", ru: "маленькие" },
    cases: [
      { title: { en: "a ViT for digits", ru: "ViT для цифр" }, args: () => [ours] },
      { title: { en: "without layers", ru: "без слоёв" }, args: () => [{ ...ours, layers: 0 }] },
    ],
  }),
  checks.cases(vitParameters, {
    points: 1,
    name: { en: "one patch, two classes", ru: "один патч, два класса" },
    cases: [
      {
        title: { en: "the whole image is a patch", ru: "всё изображение — один патч" },
        args: () => [{ ...ours, patchSize: 28, channels: 2 }],
      },
      { title: { en: "two classes", ru: "два класса" }, args: () => [{ ...ours, classes: 2, mlpDim: 17 }] },
    ],
  }),
];
