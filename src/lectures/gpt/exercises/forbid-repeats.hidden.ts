import { checks, seeded } from "../../../grading";
import { Generator } from "../../../tensor";
import { forbidRepeats } from "./forbid-repeats";

const inputs = seeded(forbidRepeats, { V: 13, T: 60 }, ({ V, T }, random, seed) => [
  random.normal([V]),
  Array.from(random.integers([T], { high: 4 }).flat()),
  2 + (seed % 4),
]);

export const hidden = [
  checks.random(
    { ...inputs, make: (seed) => inputs.make(seed + 30) },
    { points: 1, name: { en: "long texts", ru: "длинные тексты" }, times: 8 },
  ),
  checks.invariant(
    forbidRepeats,
    {
      en: "a text written with it says no three tokens twice",
      ru: "в написанном с ней тексте никакие три токена не повторяются",
    },
    {
      points: 1,
      broken(fn) {
        const random = new Generator(6);
        const ids: number[] = [];
        for (let i = 0; i < 40; i++) {
          const next = fn(random.normal([5], { std: 3 }), ids, 3)
            .argmax()
            .item();
          ids.push(next);
        }
        const threes = ids.slice(2).map((id, i) => `${ids[i]} ${ids[i + 1]} ${id}`);
        return new Set(threes).size === threes.length
          ? null
          : { en: "three tokens in a row come twice", ru: "три токена подряд встречаются дважды" };
      },
    },
  ),
];
