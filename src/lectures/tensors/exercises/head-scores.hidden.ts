import { checks, seeded } from "../../../grading";
import { headScores } from "./head-scores";

const more = seeded(headScores, { B: 3, T: 2, S: 9, H: 5, D: 11 }, ({ B, T, S, H, D }, random) => [
  random.normal([B, T, H, D], { std: 3 }),
  random.normal([B, S, H, D], { std: 3 }),
]);
const square = seeded(headScores, { B: 2, T: 6, H: 5, D: 3 }, ({ B, T, H, D }, random) => [
  random.normal([B, T, H, D]),
  random.normal([B, T, H, D]),
]);

export const hidden = [
  checks.random(more, {
    points: 1,
    name: { en: "more keys than queries", ru: "ключей больше, чем запросов" },
  }),
  checks.random(square, {
    points: 1,
    name: { en: "as many keys as queries", ru: "ключей столько же, сколько запросов" },
  }),
];
