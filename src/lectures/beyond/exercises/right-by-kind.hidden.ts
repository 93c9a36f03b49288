import { checks, seeded } from "../../../grading";
import { replies, rightByKind } from "./right-by-kind";

const many = seeded(rightByKind, { N: 211 }, ({ N }, random) => [replies(N, random)]);

export const hidden = [
  checks.random(many, { points: 1, name: { en: "more questions", ru: "больше вопросов" } }),
  checks.cases(rightByKind, {
    points: 1,
    name: { en: "one question alone, and tabs", ru: "единственный вопрос и табуляция" },
    cases: [
      {
        title: { en: "one question", ru: "один вопрос" },
        args: () => [[{ kind: "when", answer: "at night", said: "At\tnight\n" }]],
      },
      {
        title: { en: "kinds that come in turns", ru: "виды вперемежку" },
        args: () => [
          ["a", "b", "a", "c", "a", "b"].map((kind, i) => ({
            kind,
            answer: "x y",
            said: i % 2 ? "X  Y" : "x",
          })),
        ],
      },
    ],
  }),
];
