import { checks } from "../../../grading";
import { Generator } from "../../../tensor";
import { randomWord, wordPieces } from "./word-pieces";

export const hidden = [
  checks.cases(wordPieces, {
    points: 1,
    name: "long words",
    cases: [
      {
        title: "forty letters",
        args: () => ["ab".repeat(20), ["ab", "##a", "##b", "##aba", "##abab"]],
      },
      { title: "one letter", args: () => ["q", ["q", "##q"]] },
      { title: "one unknown letter", args: () => ["q", ["##q"]] },
    ],
  }),
  checks.invariant(wordPieces, "1000 other words", {
    points: 1,
    broken(fn) {
      const random = new Generator(2024);
      for (let i = 0; i < 1000; i++) {
        const [word, vocabulary] = randomWord(random);
        if (String(fn(word, vocabulary)) !== String(wordPieces(word, vocabulary)))
          return `"${word}" is cut wrongly`;
      }
      return null;
    },
  }),
];
