import { checks, seeded } from "../../../grading";
import { mergeOnce } from "./merge-once";

const inputs = seeded(mergeOnce, { N: 25 }, ({ N }, random) => {
  const below = (high: number) => random.integers([], { high }).item();
  const word = () => Array.from({ length: 1 + below(12) }, () => "abcde"[below(5)]);
  return [Array.from({ length: N }, () => ({ symbols: word(), count: 1 + below(40) }))];
});

export const hidden = [
  checks.random(
    { ...inputs, make: (seed) => inputs.make(seed + 60) },
    { points: 1, name: { en: "more words", ru: "слов побольше" } },
  ),
  checks.invariant(
    mergeOnce,
    { en: "ten merges in a row keep every letter", ru: "десять слияний подряд сохраняют каждую букву" },
    {
      points: 1,
      broken(fn) {
        let words = inputs.make(99)[0];
        const text = (list: typeof words) => list.map(({ symbols }) => symbols.join("")).join();
        for (let i = 0; i < 10; i++) {
          const next = fn(words);
          if (String(next.pair) !== String(mergeOnce(words).pair))
            return { en: `merge ${i + 1} joins another pair`, ru: `слияние ${i + 1} соединяет другую пару` };
          if (text(next.words) !== text(words))
            return { en: `merge ${i + 1} changes the text`, ru: `слияние ${i + 1} меняет текст` };
          words = next.words;
        }
        return null;
      },
    },
  ),
];
