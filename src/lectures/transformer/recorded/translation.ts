import type { Recording } from "../../../data";
import { manualSeed } from "../../../tensor";
import { emojiTask, exactlyRight, numberTask, type Pair, type Task, train } from "../translation";
import { Translator, type TranslatorOptions } from "../translator";

/** Exact matches in percent, of one seed: another split, other first weights. */
export interface TranslationScores {
  readonly numbers: number;
  /** Names of the training. */
  readonly learned: number;
  /** Held-out names all of whose words, in both languages, occur in training; how many there are. */
  readonly known: number;
  readonly knownCount: number;
  /** The same with a beam of 4. */
  readonly knownBeam: number;
  /** All other held-out names. */
  readonly unknown: number;
}

const percent = (right: readonly boolean[]): number =>
  (100 * right.filter(Boolean).length) / Math.max(1, right.length);

function trained(
  task: Task,
  options: Omit<TranslatorOptions, "sourceSize" | "targetSize">,
  run: { steps: number; lr: number; seed: number },
): Translator {
  manualSeed(run.seed);
  const sizes = { sourceSize: task.source.words.length, targetSize: task.target.words.length };
  const model = new Translator({ ...sizes, ...options });
  train(model, task, run);
  return model;
}

/** Number words and names of emoji, each trained as in the notebook. */
export function translationScores(
  seed: number,
  { numberSteps = 600, emojiSteps = 1000, count = 20_000, heldOut = 500, names = 200 } = {},
): TranslationScores {
  const numbers = numberTask(seed, { count, heldOut });
  const reader = trained(numbers, {}, { steps: numberSteps, lr: 5e-3, seed });
  const emoji = emojiTask(seed, { heldOut: names });
  const namer = trained(emoji, { numLayers: 1, dropout: 0.2 }, { steps: emojiSteps, lr: 4e-3, seed });
  const isKnown = ({ source, target }: Pair) =>
    source.every(emoji.source.has) && target.every(emoji.target.has);
  const known = emoji.test.filter(isKnown);
  const unknown = emoji.test.filter((pair) => !isKnown(pair));
  return {
    numbers: percent(exactlyRight(reader, numbers, numbers.test)),
    learned: percent(exactlyRight(namer, emoji, emoji.train.slice(0, names))),
    known: percent(exactlyRight(namer, emoji, known)),
    knownCount: known.length,
    knownBeam: percent(exactlyRight(namer, emoji, known, 4)),
    unknown: percent(exactlyRight(namer, emoji, unknown)),
  };
}

export const recording: Recording<TranslationScores> = {
  says: "Exact match of a small encoder–decoder on held-out numbers in words, and on held-out names of emoji, English to Russian",
  seeds: [1, 2, 3],
  run(seed, log) {
    const scores = translationScores(seed);
    log(
      Object.entries(scores)
        .map(([name, score]) => `${name} ${score.toFixed(1)}`)
        .join(", "),
    );
    return scores;
  },
};
