import { checks, exercise } from "../../../grading";
import * as nd from "../../../tensor";
import { Generator, type NDArray } from "../../../tensor";

export interface MaskOptions {
  /** The id of [MASK]. */
  mask: number;
  /** Ids below this are special: [PAD], [UNK], [CLS], [SEP], [MASK]. They are never chosen, nor put in. */
  firstWord: number;
  vocabSize: number;
  /** The share of words that are chosen. */
  share: number;
}

/**
 * BERT's game: some words of `ids` (B, T) are chosen, the model must say which words stood there. Of the chosen, 80 % become
 * [MASK], 10 % a random word, 10 % stay. `inputs` is what the model sees, `labels` the word at chosen places and −100
 * everywhere else; both int32 (B, T).
 */
export function maskTokens(
  ids: NDArray,
  {
    mask,
    firstWord,
    vocabSize,
    share,
  }: { mask: number; firstWord: number; vocabSize: number; share: number },
  random: Generator,
): { inputs: NDArray; labels: NDArray } {
  // BEGIN SOLUTION
  const chosen = random.uniform(ids.shape).lt(share).logicalAnd(ids.ge(firstWord));
  const fate = random.uniform(ids.shape);
  const words = random.integers(ids.shape, { low: firstWord, high: vocabSize });
  const masked = chosen.logicalAnd(fate.lt(0.8));
  const replaced = chosen.logicalAnd(fate.ge(0.8)).logicalAnd(fate.lt(0.9));
  const inputs = ids.maskedFill(masked, mask);
  return {
    inputs: nd.where(replaced, words, inputs).to("int32"),
    labels: ids.maskedFill(chosen.logicalNot(), -100),
  };
  // END SOLUTION
}

const options = { mask: 4, firstWord: 5, vocabSize: 900, share: 0.15 };

/** Rows as the notebook has them: [CLS], words, [SEP], padding; 12,800 places, a tenth of them special. */
const rows = (seed = 3): NDArray => {
  const words = new Generator(seed).integers([200, 64], { low: 5, high: 900 });
  const place = nd.arange(0, 64);
  return words.maskedFill(place.eq(0), 2).maskedFill(place.eq(58), 3).maskedFill(place.gt(58), 0);
};

/** Of the places where `where` is true, the share in which `what` is true too. */
const shareOf = (what: NDArray, where: NDArray) =>
  what.logicalAnd(where).sum().item() / Math.max(1, where.sum().item());
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

interface Seen {
  ids: NDArray;
  inputs: NDArray;
  labels: NDArray;
  /** Where a word is asked for. */
  chosen: NDArray;
}

function play(fn: typeof maskTokens, random: Generator, more: Partial<MaskOptions> = {}): Seen {
  const ids = rows();
  const { inputs, labels } = fn(ids.clone(), { ...options, ...more }, random);
  return { ids, inputs, labels, chosen: labels.ne(-100) };
}

interface Parts {
  choose?: (ids: NDArray, share: number, random: Generator, firstWord: number) => NDArray;
  /** The model's input, where `chosen`. */
  fate?: (ids: NDArray, chosen: NDArray, random: Generator, options: MaskOptions) => NDArray;
  labels?: (ids: NDArray, chosen: NDArray, inputs: NDArray) => NDArray;
}

const someWords: NonNullable<Parts["choose"]> = (ids, share, random, firstWord) =>
  random.uniform(ids.shape).lt(share).logicalAnd(ids.ge(firstWord));

/** [MASK] for so much of the chosen, a random word for so much. */
const split =
  (toMask: number, toWord: number): NonNullable<Parts["fate"]> =>
  (ids, chosen, random, { mask, firstWord, vocabSize }) => {
    const u = random.uniform(ids.shape);
    const words = random.integers(ids.shape, { low: firstWord, high: vocabSize });
    const put = nd.where(
      u.lt(toMask),
      nd.zerosLike(ids).add(mask),
      nd.where(u.lt(toMask + toWord), words, ids),
    );
    return nd.where(chosen, put, ids).to("int32");
  };

const masker =
  ({ choose = someWords, fate = split(0.8, 0.1), labels }: Parts): typeof maskTokens =>
  (ids, options, random) => {
    const chosen = choose(ids, options.share, random, options.firstWord);
    const inputs = fate(ids, chosen, random, options);
    return {
      inputs,
      labels: labels ? labels(ids, chosen, inputs) : ids.maskedFill(chosen.logicalNot(), -100),
    };
  };

const says = (en: string, ru: string) => ({ en, ru });
const wrong = {
  where: says(
    "at some places without a label the input is not the word that stands there: only chosen places may change",
    "на местах без метки вход отличается от исходного слова: меняться могут только выбранные места",
  ),
  special: says(
    "special tokens are chosen too: nobody needs to guess where [CLS] or padding stands",
    "выбираются и специальные токены, а угадывать [CLS] или дополнение незачем",
  ),
  labels: says(
    "labels hold something else than the words that stood there: take them from ids, before anything is replaced",
    "в метках не те слова, что стояли в тексте: берите их из ids, до замены",
  ),
  everywhere: says(
    "every place has a label: where nothing is asked it is −100",
    "метка стоит на каждом месте, а там, где ничего не спрашивают, она −100",
  ),
  allMasked: says(
    "every chosen word becomes [MASK]: then the model need not know a word that it sees, for those are never asked for. (If one draw chooses and decides the fate too: what is below share is always below 0.8)",
    "каждое выбранное слово становится [MASK]: тогда о словах, которые видны, модель может ничего не знать, их ведь не спрашивают. (Если один бросок и выбирает, и решает судьбу: то, что меньше share, всегда меньше 0.8)",
  ),
  noneKept: says(
    "no chosen word stays as it is: a tenth of them should be asked for although it stands there",
    "ни одно выбранное слово не остаётся на месте, а десятую часть нужно спрашивать, хотя слово видно",
  ),
  secondDraw: says(
    "a second draw decides among those that were not masked: a tenth of that fifth is 2 %. Cut one draw at 0.8 and 0.9",
    "второй бросок делит только то, что не замаскировано: десятая часть от пятой — это 2 %. Разделите один бросок на 0.8 и 0.9",
  ),
  same: says(
    "two calls choose the same places: draw from `random`, which goes on, and make no generator of your own",
    "два вызова выбирают одни и те же места: берите числа из `random`, не создавая свой генератор",
  ),
  rows: says(
    "whole rows are chosen, or none of a row: draw a number for every place, not for every row",
    "строки выбираются целиком: число нужно для каждого места, а не для строки",
  ),
};

export const maskTokensExercise = exercise(maskTokens, {
  id: "maskTokens",
  title: { en: "Hide 15 %: 80, 10, 10", ru: "Спрятать 15 %: 80, 10, 10" },
  minutes: 20,
  forbids: [],
  checks: [
    checks.invariant(
      maskTokens,
      { en: "what is chosen", ru: "что выбрано" },
      {
        points: 1,
        examples: [
          () => [rows(), options, new Generator(8)],
          () => [rows(4), { ...options, share: 0.4 }, new Generator(9)],
        ],
        broken(fn, random) {
          const { ids, inputs, labels, chosen } = play(fn, random);
          for (const [name, array] of Object.entries({ inputs, labels }))
            if (array.dtype !== "int32" || String(array.shape) !== String(ids.shape))
              return says(
                `${name}: expected int32 (${ids.shape.join(", ")}), got ${array.dtype} (${array.shape.join(", ")})`,
                `${name}: ожидался int32 (${ids.shape.join(", ")}), получен ${array.dtype} (${array.shape.join(", ")})`,
              );
          if (chosen.all().item()) return wrong.everywhere;
          if (chosen.logicalAnd(ids.lt(5)).any().item()) return wrong.special;
          const share = shareOf(chosen, ids.ge(5));
          const fullRows = chosen.to("float32").sum(1).gt(45).any().item();
          if (share < 0.5 && fullRows) return wrong.rows;
          if (share > 0.13 && share < 0.17) return null;
          return says(
            `of the words, ${percent(share)} are chosen (their label is not −100); expected about 15 %`,
            `выбрано ${percent(share)} слов (их метка не −100), а ожидалось около 15 %`,
          );
        },
      },
    ),
    checks.invariant(
      maskTokens,
      { en: "labels and inputs", ru: "метки и вход" },
      {
        points: 1,
        broken(fn, random) {
          const { ids, inputs, labels, chosen } = play(fn, random);
          if (chosen.logicalAnd(labels.ne(ids)).any().item()) return wrong.labels;
          return chosen.logicalNot().logicalAnd(inputs.ne(ids)).any().item() ? wrong.where : null;
        },
      },
    ),
    checks.invariant(
      maskTokens,
      { en: "80, 10, 10", ru: "80, 10, 10" },
      {
        points: 2,
        broken(fn, random) {
          const { ids, inputs, chosen } = play(fn, random, { share: 0.5 });
          const [masked, kept] = [shareOf(inputs.eq(4), chosen), shareOf(inputs.eq(ids), chosen)];
          const words = 1 - masked - kept;
          const near = (share: number, wanted: number) => Math.abs(share - wanted) < 0.02;
          if (near(masked, 0.8) && near(words, 0.1) && near(kept, 0.1)) return null;
          const why = [
            { sign: masked > 0.95, text: wrong.allMasked },
            { sign: masked < 0.95 && kept < 0.02, text: wrong.noneKept },
            { sign: near(masked, 0.8) && near(words, 0.02), text: wrong.secondDraw },
          ].find(({ sign }) => sign);
          if (why) return why.text;
          const shares = [masked, words, kept].map(percent).join(", ");
          return says(
            `of the chosen, [MASK], a random word, unchanged: ${shares}; expected about 80 %, 10 %, 10 %`,
            `среди выбранных [MASK], случайное слово, без изменений: ${shares}; ожидалось примерно 80 %, 10 %, 10 %`,
          );
        },
      },
    ),
    checks.invariant(
      maskTokens,
      { en: "random words", ru: "случайные слова" },
      {
        points: 1,
        broken(fn, random) {
          const { ids, inputs, chosen } = play(fn, random, { share: 1 });
          const put = chosen.logicalAnd(inputs.ne(4)).logicalAnd(inputs.ne(ids));
          const words = Array.from(inputs.flat()).filter((_, i) => put.flat()[i]);
          if (words.some((id) => id < 5 || id >= 900))
            return says(
              "among the random words are ids below firstWord, or beyond the vocabulary",
              "среди случайных слов есть номера меньше firstWord или за пределами словаря",
            );
          const [low, high] = [words.filter((id) => id < 300).length, words.filter((id) => id >= 600).length];
          if (new Set(words).size > 400 && low > 200 && high > 200) return null;
          return says(
            "the random words are not spread over the whole vocabulary: draw one for every place, from firstWord to vocabSize",
            "случайные слова не покрывают весь словарь: выбирайте для каждого места, от firstWord до vocabSize",
          );
        },
      },
    ),
    checks.invariant(
      maskTokens,
      { en: "every call anew", ru: "каждый вызов заново" },
      {
        points: 1,
        broken(fn, random) {
          const ids = rows();
          const [first, second] = [fn(ids, options, random), fn(ids, options, random)];
          if (ids.ne(rows()).any().item())
            return says(
              "the function wrote into `ids`: the next epoch would train on text full of holes",
              "функция изменила `ids`: в следующей эпохе текст уже будет с дырами",
            );
          return first.labels.ne(second.labels).any().item() ? null : wrong.same;
        },
      },
    ),
    checks.invariant(
      maskTokens,
      { en: "none, and all", ru: "ничего и всё" },
      {
        points: 1,
        broken(fn, random) {
          const none = play(fn, random, { share: 0 });
          if (none.chosen.any().item() || none.inputs.ne(none.ids).any().item())
            return says("with share 0 something is still chosen", "при share = 0 что-то всё же выбрано");
          const all = play(fn, random, { share: 1 });
          return all.chosen.eq(all.ids.ge(5)).all().item()
            ? null
            : says("with share 1 not every word is chosen", "при share = 1 выбраны не все слова");
        },
      },
    ),
  ],
  mutants: [
    {
      name: "special tokens too",
      says: wrong.special,
      fn: masker({ choose: (ids, share, random) => random.uniform(ids.shape).lt(share) }),
    },
    {
      name: "whole rows",
      says: wrong.rows,
      fn: masker({
        choose: (ids, share, random, first) =>
          random.uniform([ids.shape[0], 1]).lt(share).expand(ids.shape).logicalAnd(ids.ge(first)),
      }),
    },
    {
      name: "labels from the inputs",
      says: wrong.labels,
      fn: masker({ labels: (_, chosen, inputs) => inputs.maskedFill(chosen.logicalNot(), -100) }),
    },
    {
      name: "labels everywhere",
      says: says("are chosen (their label is not −100)", "слов (их метка не −100)"),
      fn: masker({ labels: (ids) => ids.maskedFill(ids.lt(5), -100) }),
    },
    {
      name: "all masked",
      says: wrong.allMasked,
      fn: masker({ fate: split(1, 0) }),
    },
    {
      name: "80 and 20",
      says: wrong.noneKept,
      fn: masker({ fate: split(0.8, 0.2) }),
    },
    {
      name: "a second draw at 0.1",
      says: wrong.secondDraw,
      fn: (ids, options, random) => {
        const chosen = someWords(ids, options.share, random, options.firstWord);
        const masked = chosen.logicalAnd(random.uniform(ids.shape).lt(0.8));
        const replaced = chosen.logicalAnd(random.uniform(ids.shape).lt(0.1)).logicalAnd(masked.logicalNot());
        const words = random.integers(ids.shape, { low: options.firstWord, high: options.vocabSize });
        const inputs = nd.where(replaced, words, ids.maskedFill(masked, options.mask)).to("int32");
        return { inputs, labels: ids.maskedFill(chosen.logicalNot(), -100) };
      },
    },
    {
      name: "one random word for all",
      says: says("not spread over the whole vocabulary", "не покрывают весь словарь"),
      fn: masker({
        fate: (ids, chosen, random, options) => {
          const u = random.uniform(ids.shape);
          const word = nd.zerosLike(ids).add(random.integers([], { low: 5, high: options.vocabSize }).item());
          const put = nd.where(u.lt(0.8), nd.zerosLike(ids).add(4), nd.where(u.lt(0.9), word, ids));
          return nd.where(chosen, put, ids).to("int32");
        },
      }),
    },
    {
      name: "own generator",
      says: wrong.same,
      fn: (ids, options) => masker({})(ids, options, new Generator(0)),
    },
    {
      name: "labels of special tokens too",
      says: wrong.everywhere,
      fn: masker({ labels: (ids) => ids }),
    },
  ],
  variants: [
    { name: "nested where", fn: masker({}) },
    {
      name: "a loop over the places",
      fn: (ids, { mask, firstWord, vocabSize, share }, random) => {
        const inputs = Int32Array.from(ids.flat());
        const labels = new Int32Array(inputs.length).fill(-100);
        const draws = random.uniform([2, inputs.length]).flat();
        for (let i = 0; i < inputs.length; i++) {
          if (inputs[i] < firstWord || draws[i] >= share) continue;
          labels[i] = inputs[i];
          const u = draws[inputs.length + i];
          if (u < 0.8) inputs[i] = mask;
          else if (u < 0.9) inputs[i] = random.integers([], { low: firstWord, high: vocabSize }).item();
        }
        const as = (numbers: Int32Array) => nd.array(numbers, { dtype: "int32" }).reshape(ids.shape);
        return { inputs: as(inputs), labels: as(labels) };
      },
    },
    {
      name: "exactly the share, by a shuffle",
      fn: (ids, { mask, firstWord, vocabSize, share }, random) => {
        const inputs = Int32Array.from(ids.flat());
        const labels = new Int32Array(inputs.length).fill(-100);
        const words = Array.from(inputs.keys()).filter((i) => inputs[i] >= firstWord);
        const order = Array.from(random.permutation(words.length).flat(), (i) => words[i]);
        const chosen = order.slice(0, Math.round(share * words.length));
        chosen.forEach((place, i) => {
          labels[place] = inputs[place];
          if (i < 0.8 * chosen.length) inputs[place] = mask;
          else if (i < 0.9 * chosen.length)
            inputs[place] = random.integers([], { low: firstWord, high: vocabSize }).item();
        });
        const as = (numbers: Int32Array) => nd.array(numbers, { dtype: "int32" }).reshape(ids.shape);
        return { inputs: as(inputs), labels: as(labels) };
      },
    },
  ],
});
