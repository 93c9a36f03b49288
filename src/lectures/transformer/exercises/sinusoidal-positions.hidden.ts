import { checks } from "../../../grading";
import { sinusoidalPositions } from "./sinusoidal-positions";

export const hidden = [
  checks.cases(sinusoidalPositions, {
    points: 1,
    name: { en: "many places", ru: "много мест" },
    cases: [{ title: { en: "T = 200, C = 14", ru: "T = 200, C = 14" }, args: () => [200, 14] }],
  }),
  checks.cases(sinusoidalPositions, {
    points: 1,
    name: { en: "one pair; a small base", ru: "одна пара; малое base" },
    cases: [
      { title: { en: "C = 2", ru: "C = 2" }, args: () => [5, 2] },
      { title: { en: "base 2.5", ru: "base 2,5" }, args: () => [11, 6, 2.5] },
    ],
  }),
];
