import { checks, seeded } from "../../../grading";
import { beamSearch, languageModel } from "./beam-search";

const others = seeded(beamSearch, { V: 11 }, ({ V }, _, seed) => [
  languageModel(V, seed + 500),
  [
    { bos: V, eos: 5, beams: 4, maxLength: 8 },
    { bos: V, eos: 10 },
    { bos: V, eos: 1, beams: 7, maxLength: 3 },
  ][seed % 3],
]);

export const hidden = [
  checks.random(others, { points: 1, times: 6, name: { en: "other models", ru: "другие модели" } }),
  checks.cases(beamSearch, {
    points: 1,
    name: { en: "nothing to write; a late end", ru: "писать нечего; поздний конец" },
    cases: [
      {
        title: { en: "maxLength 0", ru: "maxLength равен 0" },
        args: () => [languageModel(7, 600), { bos: 7, eos: 2, maxLength: 0 }],
      },
      {
        title: { en: "no hypothesis ends in time", ru: "ни одна гипотеза не успевает закончиться" },
        args: () => [languageModel(7, 601), { bos: 7, eos: 99, beams: 3, maxLength: 13 }],
      },
    ],
  }),
];
