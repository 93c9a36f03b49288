import { checks, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { nextTokenProbabilities } from "./next-token-probabilities";

const inputs = seeded(nextTokenProbabilities, { V: 53 }, ({ V }, random, seed) => [
  random.normal([V], { std: 3 }),
  { temperature: 0.4 + seed / 3, topK: 4 * seed, topP: 1 - 0.17 * seed },
]);

/** Scores far from 0, where exp() alone is Infinity or 0. */
const far = (level: number) => nd.array([2, 0, 1, 3, -1].map((x) => x + level));

export const hidden = [
  checks.random(inputs, { points: 1, name: { en: "a larger vocabulary", ru: "словарь побольше" }, times: 5 }),
  checks.cases(nextTokenProbabilities, {
    points: 1,
    name: { en: "scores far from 0", ru: "оценки далеко от нуля" },
    cases: [-400, 400].flatMap((level) => [
      {
        title: { en: `with logits around ${level}`, ru: `при логитах около ${level}` },
        args: () =>
          [far(level), { temperature: 0.8, topK: 3, topP: 0.9 }] as Parameters<typeof nextTokenProbabilities>,
      },
    ]),
  }),
];
