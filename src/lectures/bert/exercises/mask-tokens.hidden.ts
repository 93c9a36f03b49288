import { checks } from "../../../grading";
import { Generator } from "../../../tensor";
import { maskTokens } from "./mask-tokens";

const options = { mask: 103, firstWord: 110, vocabSize: 700, share: 0.3 };
const ids = () => new Generator(77).integers([90, 50], { low: 90, high: 700 });

export const hidden = [
  checks.invariant(maskTokens, "another vocabulary, another share", {
    points: 1,
    broken(fn) {
      const text = ids();
      const { inputs, labels } = fn(text.clone(), options, new Generator(12));
      const chosen = labels.ne(-100);
      const count = chosen.sum().item() / text.ge(110).sum().item();
      if (Math.abs(count - 0.3) > 0.03)
        return `${(100 * count).toFixed(1)} % of the words are chosen, not 30 %`;
      if (chosen.logicalAnd(text.lt(110)).any().item()) return "a special token is chosen";
      if (chosen.logicalAnd(labels.ne(text)).any().item()) return "a label is not the word that stood there";
      const masked = inputs.eq(103).logicalAnd(chosen).sum().item() / chosen.sum().item();
      return Math.abs(masked - 0.8) < 0.04
        ? null
        : `${(100 * masked).toFixed(1)} % of the chosen are masked, not 80 %`;
    },
  }),
  checks.invariant(maskTokens, "the same generator, the same holes", {
    points: 1,
    broken(fn) {
      const [a, b] = [3, 3].map((seed) => fn(ids(), options, new Generator(seed)));
      return a.inputs.ne(b.inputs).any().item() ? "two generators with one seed give different holes" : null;
    },
  }),
];
