import { checks, seeded } from "../../../grading";
import { nextTokenPairs } from "./next-token-pairs";

/** Other lengths, ids that look like bos and eos, documents without a token, and every remainder of the division. */
const inputs = seeded(nextTokenPairs, { T: 7 }, ({ T }, random, seed) => {
  const ids = (count: number) => Array.from(random.integers([count], { low: 0, high: 9 }).flat());
  const lengths = [0, 3 * T + seed, 0, T - 2, 1];
  return [lengths.map(ids), { bos: 5, eos: 5, length: T }];
});

export const hidden = [
  checks.random(inputs, {
    points: 1,
    name: { en: "another length, and empty documents", ru: "другая длина и пустые документы" },
    times: 7,
  }),
  checks.cases(nextTokenPairs, {
    points: 1,
    name: { en: "rows of one token, and just one row", ru: "строки из одного токена и всего одна строка" },
    cases: [
      {
        title: { en: "with length 1", ru: "при length 1" },
        args: () => [[[3, 4], [6]], { bos: 0, eos: 9, length: 1 }],
      },
      {
        title: {
          en: "where the stream is just long enough for one row",
          ru: "когда потока хватает ровно на строку",
        },
        args: () => [[[3, 4, 6, 7, 8]], { bos: 0, eos: 9, length: 6 }],
      },
    ],
  }),
];
