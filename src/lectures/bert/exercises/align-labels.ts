import { checks, exercise, seeded } from "../../../grading";

/**
 * Labels of words as labels of pieces. `wordOf[i]` is the number of the word that piece i belongs to, null for [CLS], [SEP]
 * and padding. The first piece of a word gets the word's label; every other place gets −100, which no loss counts.
 */
export function alignLabels(labels: number[], wordOf: (number | null)[]): number[] {
  // BEGIN SOLUTION
  return wordOf.map((word, i) => {
    const isFirst = word !== null && word !== wordOf[i - 1];
    return isFirst ? labels[word] : -100;
  });
  // END SOLUTION
}

/** Words of one to four pieces, between [CLS] and [SEP], then padding; `from` is the first word of a window. */
const inputs = seeded(alignLabels, { N: 9 }, ({ N }, random, seed) => {
  const labels = Array.from(random.integers([N], { high: 4 }).flat());
  const counts = Array.from(random.integers([N], { low: 1, high: 5 }).flat());
  const from = seed % 3;
  const pieces = counts.flatMap((count, word) => (word < from ? [] : new Array(count).fill(word)));
  return [labels, [null, ...pieces.slice(0, 14), null, ...new Array(seed).fill(null)]];
});

/** Whether piece i is where the label goes. */
const aligner =
  (
    isWanted: (
      word: number,
      i: number,
      wordOf: readonly (number | null)[],
      labels: readonly number[],
    ) => boolean,
    otherwise = -100,
  ) =>
  (labels: number[], wordOf: (number | null)[]): number[] =>
    wordOf.map((word, i) => (word !== null && isWanted(word, i, wordOf, labels) ? labels[word] : otherwise));

export const alignLabelsExercise = exercise(alignLabels, {
  id: "alignLabels",
  title: { en: "Labels for pieces", ru: "Метки для кусочков" },
  minutes: 10,
  forbids: [],
  checks: [
    checks.shape(inputs),
    checks.byHand(alignLabels, {
      points: 1,
      args: () => [
        [7, 3, 5],
        [null, 0, 1, 1, 1, 2, null, null],
      ],
      expected: [-100, 7, 3, -100, -100, 5, -100, -100],
      because: {
        en: "word 1 has three pieces: the first carries its label 3, the other two count for nothing",
        ru: "у слова 1 три кусочка: первый несёт его метку 3, остальные два не учитываются",
      },
    }),
    checks.cases(alignLabels, {
      points: 2,
      name: { en: "neighbours and windows", ru: "соседи и окна" },
      cases: [
        {
          title: { en: "two words with one label", ru: "два слова с одной меткой" },
          args: () => [
            [4, 4, 4, 2],
            [null, 0, 0, 1, 2, 2, 3, null],
          ],
        },
        {
          title: { en: "a window that starts at word 2", ru: "окно, которое начинается со слова 2" },
          args: () => [
            [1, 2, 3, 4],
            [null, 2, 3, 3, null],
          ],
        },
        {
          title: { en: "label 0", ru: "метка 0" },
          args: () => [
            [0, 6, 0],
            [null, 0, 1, 1, 2, 2, null],
          ],
        },
        {
          title: {
            en: "two texts in one row: [SEP] between pieces of word 0",
            ru: "[SEP] между кусочками слова 0",
          },
          args: () => [
            [5, 8],
            [null, 0, null, 0, 1, null],
          ],
        },
        {
          title: { en: "nothing but special tokens", ru: "одни специальные токены" },
          args: () => [[], [null, null, null]],
        },
      ],
    }),
    checks.random(inputs, { points: 1, times: 5 }),
  ],
  mutants: [
    {
      name: "every piece",
      says: {
        en: "every piece of a word gets its label: long words would count several times",
        ru: "метку получает каждый кусочек слова: длинные слова учитывались бы несколько раз",
      },
      fn: aligner(() => true),
    },
    {
      name: "the last piece",
      says: {
        en: "the last piece of a word gets the label; the first should",
        ru: "метку получает последний кусочек слова, а должен первый",
      },
      fn: aligner((word, i, wordOf) => word !== wordOf[i + 1]),
    },
    {
      name: "word 0 lost",
      says: {
        en: "word 0 has no label: `if (word)` is false for the number 0, compare with null",
        ru: "слово 0 без метки: `if (word)` ложно для числа 0, сравнивайте с null",
      },
      fn: aligner((word, i, wordOf) => Boolean(word) && word !== wordOf[i - 1]),
    },
    {
      name: "0 elsewhere",
      says: {
        en: "places without a label hold 0, which is a label like any other: −100 is what the loss leaves out",
        ru: "на местах без метки стоит 0, а это обычная метка: лосс пропускает −100",
      },
      fn: aligner((word, i, wordOf) => word !== wordOf[i - 1], 0),
    },
    {
      name: "labels compared",
      says: {
        en: "you compare labels of neighbours, not words: the second of two words with one label loses its own",
        ru: "вы сравниваете метки соседей, а не слова: второе из двух слов с одной меткой теряет свою",
      },
      fn: aligner((word, i, wordOf, labels) => {
        const before = wordOf[i - 1];
        return before === null || before === undefined || labels[word] !== labels[before];
      }),
    },
    {
      name: "counted from 0",
      says: {
        en: "you count words as they come and take the next label: in a window that starts later in the text, word 2 is the first. wordOf says which word it is",
        ru: "вы считаете слова подряд: в окне, которое начинается позже, первым стоит слово 2. Номер слова говорит wordOf",
      },
      fn: (labels, wordOf) => {
        let next = 0;
        return wordOf.map((word, i) => (word !== null && word !== wordOf[i - 1] ? labels[next++] : -100));
      },
    },
    {
      name: "seen once",
      says: {
        en: "a word that was seen before gets no label again: compare with the piece just before, which is another text's after a [SEP]",
        ru: "слово, которое уже встречалось, остаётся без метки: сравнивайте с предыдущим кусочком, после [SEP] это уже другой текст",
      },
      fn: (labels, wordOf) => {
        const seen = new Set<number>();
        return wordOf.map((word) => {
          if (word === null || seen.has(word)) return -100;
          seen.add(word);
          return labels[word];
        });
      },
    },
  ],
  variants: [
    { name: "map with a test", fn: aligner((word, i, wordOf) => wordOf[i - 1] !== word) },
    {
      name: "a loop that remembers the last word",
      fn: (labels, wordOf) => {
        const result: number[] = [];
        let last: number | null = null;
        for (const word of wordOf) {
          result.push(word === null || word === last ? -100 : labels[word]);
          last = word;
        }
        return result;
      },
    },
    {
      name: "filled with −100, then written into",
      fn: (labels, wordOf) => {
        const result = new Array<number>(wordOf.length).fill(-100);
        for (let i = wordOf.length - 1; i >= 0; i--) {
          const word = wordOf[i];
          if (word === null) continue;
          if (i > 0 && wordOf[i - 1] === word) continue;
          result[i] = labels[word];
        }
        return result;
      },
    },
  ],
});
