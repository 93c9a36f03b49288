import { checks, seeded } from "../../../grading";
import { routeTokens, written } from "./route-tokens";

const sizes = { text: 139, picture: 64, sound: 96 };
const long = seeded(routeTokens, { N: 257 }, ({ N }, random) => [written(N, sizes, random), sizes]);

export const hidden = [
  checks.random(long, { points: 1, name: { en: "a long dialogue", ru: "длинный диалог" } }),
  checks.cases(routeTokens, {
    points: 1,
    name: { en: "other vocabularies", ru: "другие словари" },
    cases: [
      {
        title: { en: "one token of each", ru: "по одному токену" },
        args: () => [[2, 1, 0, 0, 1, 2], { text: 1, picture: 1, sound: 1 }],
      },
      {
        title: { en: "no pictures at all", ru: "картинок нет" },
        args: () => [[3, 4, 5, 6, 0], { text: 4, picture: 0, sound: 3 }],
      },
    ],
  }),
];
