/** Pairs of texts to learn to translate, and how: what the notebook does, for runs that take longer than it may. */
import { crossEntropy, noGrad } from "../../autograd";
import { numberWords, readEmojiNames } from "../../data";
import { AdamW, clipGradNorm, cosineWithWarmup, LRScheduler } from "../../nn";
import { array, Generator, type NDArray } from "../../tensor";
import { beamSearch } from "./exercises/beam-search";
import { padBatch } from "./exercises/pad-batch";
import { shiftRight } from "./exercises/shift-right";
import type { Translator } from "./translator";

const [PAD, BOS, EOS, UNKNOWN] = [0, 1, 2, 3];

/** A text and its translation, as words. */
export interface Pair {
  readonly source: readonly string[];
  readonly target: readonly string[];
}

export interface Task {
  readonly source: Vocabulary;
  readonly target: Vocabulary;
  readonly train: readonly Pair[];
  readonly test: readonly Pair[];
}

/** Words and their numbers; 0 fills, 1 begins, 2 ends, 3 is a word that is not in it. */
export class Vocabulary {
  readonly words: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;

  constructor(texts: readonly (readonly string[])[]) {
    this.words = ["<pad>", "<bos>", "<eos>", "<unk>", ...new Set(texts.flat())];
    this.#ids = new Map(this.words.map((word, id) => [word, id]));
  }

  has = (word: string): boolean => this.#ids.has(word);
  encode = (text: readonly string[]): number[] => text.map((word) => this.#ids.get(word) ?? UNKNOWN);
}

/** Words, numbers and signs of a text; hyphens only separate. */
export const tokens = (text: string): string[] => text.match(/[\p{L}\p{N}’]+|[^\s\p{L}\p{N}-]/gu) ?? [];

const pairsOf = (n: number): Pair[] =>
  (["en", "ru"] as const).map((language) => ({
    source: tokens(numberWords(n, { language })),
    target: [...String(n)],
  }));

/** Numbers of one to six digits in words, English and Russian, to digits; `heldOut` numbers are in the test alone. */
export function numberTask(seed: number, { count = 20_000, heldOut = 500 } = {}): Task {
  const random = new Generator(seed);
  const drawn = new Set<number>();
  while (drawn.size < count) {
    const digits = random.integers([1], { low: 1, high: 7 }).item();
    drawn.add(random.integers([1], { high: 10 ** digits }).item());
  }
  const numbers = shuffled([...drawn], random);
  const all = Array.from({ length: 1000 }, (_, n) => [n, n * 1000].flatMap(pairsOf)).flat();
  return {
    source: new Vocabulary(all.map(({ source }) => source)),
    target: new Vocabulary([[..."0123456789"]]),
    test: numbers.slice(0, heldOut).flatMap(pairsOf),
    train: numbers.slice(heldOut).flatMap(pairsOf),
  };
}

/** Names of emoji, English to Russian; `heldOut` of them are in the test alone. */
export function emojiTask(seed: number, { heldOut = 200 } = {}): Task {
  const pairs = readEmojiNames().map(({ en, ru }) => ({
    source: tokens(en.toLowerCase()),
    target: tokens(ru.toLowerCase().replaceAll("ё", "е")),
  }));
  const mixed = shuffled(pairs, new Generator(seed));
  const train = mixed.slice(heldOut);
  return {
    source: new Vocabulary(train.map(({ source }) => source)),
    target: new Vocabulary(train.map(({ target }) => target)),
    train,
    test: mixed.slice(0, heldOut),
  };
}

const shuffled = <T>(list: readonly T[], random: Generator): T[] =>
  Array.from(random.permutation(list.length).flat(), (i) => list[i]);

/** Ids (B, S), and true where they are real. */
function readable(sources: readonly Pair[], task: Task): { ids: NDArray; real: NDArray } {
  const { ids, mask } = padBatch(
    sources.map(({ source }) => task.source.encode(source)),
    PAD,
  );
  return { ids, real: mask.reshape(ids.shape) };
}

/** Train with teacher forcing on batches of 64. */
export function train(
  model: Translator,
  task: Task,
  { steps, lr, seed }: { steps: number; lr: number; seed: number },
): void {
  const random = new Generator(seed);
  const optimizer = new AdamW(model.parameters(), { lr, betas: [0.9, 0.98], weightDecay: 0.01 });
  const scheduler = new LRScheduler(optimizer, cosineWithWarmup({ warmupSteps: 50, totalSteps: steps }));
  for (let step = 0; step < steps; step++) {
    const rows = random.integers([64], { high: task.train.length }).flat();
    const batch = Array.from(rows, (row) => task.train[row]);
    const { ids, real } = readable(batch, task);
    const { inputs, targets } = shiftRight(
      batch.map(({ target }) => task.target.encode(target)),
      { bos: BOS, eos: EOS, pad: PAD },
    );
    const loss = crossEntropy(model.forward(ids, real, inputs).flatten(0, 1), targets.flatten());
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    scheduler.step();
  }
}

/** Whether the likeliest text that a beam finds (1: greedy) is the right one, word for word. */
export function exactlyRight(model: Translator, task: Task, pairs: readonly Pair[], beams = 1): boolean[] {
  model.eval();
  const right = pairs.map((pair) => {
    const { ids, real } = readable([pair], task);
    const memory = noGrad(() => model.encode(ids, real));
    const next = (beginnings: number[][]) => {
      const [B, S, C] = [beginnings.length, ...memory.shape.slice(1)];
      const written = array(beginnings, { dtype: "int32" });
      const scores = noGrad(() => model.decode(written, memory.expand([B, S, C]), real.expand([B, S])));
      return scores.data.select(1, -1).logSoftmax();
    };
    const [best] = beamSearch(next, { bos: BOS, eos: EOS, beams, maxLength: 16 });
    return best.ids.join() === [...task.target.encode(pair.target), EOS].join();
  });
  model.train();
  return right;
}
