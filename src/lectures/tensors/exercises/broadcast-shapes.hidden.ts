import { checks, seeded } from "../../../grading";
import { broadcastShapes } from "./broadcast-shapes";

const inputs = seeded(
  broadcastShapes,
  { A: 2, B: 4, C: 8, D: 9, E: 11 },
  ({ A, B, C, D, E }, random, seed) => {
    const thin = () => [A, B, C, D, E].map((n) => (random.uniform([1]).item() < 0.4 ? 1 : n));
    const [a, b] = [thin().slice(seed % 5), thin()];
    return seed % 2 ? [a, b] : [b, a];
  },
);

const refused: readonly (readonly [number[], number[]])[] = [
  [
    [4, 2, 9],
    [3, 2, 9],
  ],
  [[12], [4, 6]],
  [
    [1, 0],
    [5, 2],
  ],
];

export const hidden = [
  checks.random(inputs, { points: 1, name: { en: "five axes", ru: "пять осей" }, times: 10 }),
  checks.invariant(
    broadcastShapes,
    { en: "other misfits", ru: "другие неподходящие" },
    {
      points: 1,
      examples: refused.map(([a, b]) => () => [[...a], [...b]]),
      broken(fn) {
        for (const [a, b] of refused) {
          try {
            const got = fn([...a], [...b]);
            return `[${a}] and [${b}] give [${got}]; an Error should be thrown`;
          } catch {}
        }
        return fn([3, 1], [1, 5]).join() === "3,5" ? null : "[3, 1] and [1, 5] fit: the shape is [3, 5]";
      },
    },
  ),
];
