import { stack, type Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";
import { array, type NDArray } from "../../../tensor";

/**
 * The simplest text encoder: the mean of the words' vectors. table (V, C) holds one vector for each word, ids (B, T) which
 * words stand where, mask (B, T) 1 for a word and 0 for padding → (B, C). A text without words is all zeros.
 */
export function bagOfWords(table: Tensor, ids: NDArray, mask: NDArray): Tensor {
  // BEGIN SOLUTION
  const [B, T] = ids.shape;
  const vectors = table.indexSelect(0, ids.flatten()).reshape([B, T, table.shape[1]]);
  const weights = tensor(mask.to(table.dtype)).unsqueeze(-1); // (B, T, 1)
  return vectors.mul(weights).sum(1).div(weights.sum(1).clamp(1, Infinity));
  // END SOLUTION
}

const int = (rows: readonly (readonly number[])[]) => array(rows, { dtype: "int32" });
/** 1 up to the row's length, then 0. */
const lengthsOf = (lengths: readonly number[], T: number) =>
  int(lengths.map((length) => Array.from({ length: T }, (_, t) => Number(t < length))));

const inputs = seeded(bagOfWords, { V: 9, C: 3, B: 4, T: 7 }, ({ V, C, B, T }, random, seed) => [
  tensor(seed % 2 ? random.normal([C, V]).transpose() : random.normal([V, C])),
  random.integers([B, T], { high: V }),
  lengthsOf(Array.from(random.integers([B], { low: 1, high: T }).flat()), T),
]);

interface Parts {
  weigh?: (vectors: Tensor, weights: Tensor) => Tensor;
  count?: (weights: Tensor, T: number) => Tensor | number;
  read?: (ids: NDArray) => NDArray;
}

/** The solution with another part in one place. */
const encoder =
  ({
    weigh = (vectors, weights) => vectors.mul(weights),
    count = (weights) => weights.sum(1).clamp(1, Infinity),
    read = (ids) => ids,
  }: Parts): typeof bagOfWords =>
  (table, ids, mask) => {
    const [B, T] = ids.shape;
    const vectors = table.indexSelect(0, read(ids).flatten()).reshape([B, T, table.shape[1]]);
    const weights = tensor(mask.to(table.dtype)).unsqueeze(-1);
    const sum = weigh(vectors, weights).sum(1);
    const by = count(weights, T);
    return typeof by === "number" ? sum.div(by) : sum.div(by);
  };

export const bagOfWordsExercise = exercise(bagOfWords, {
  id: "bagOfWords",
  title: { en: "A bag of words", ru: "Мешок слов" },
  minutes: 10,
  forbids: ["CBOWTower"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(bagOfWords, {
      points: 1,
      args: () => [
        tensor([
          [100, 100],
          [2, 10],
          [4, 30],
          [9, 50],
        ]),
        int([
          [1, 2, 0],
          [3, 0, 0],
        ]),
        int([
          [1, 1, 0],
          [1, 0, 0],
        ]),
      ],
      expected: [
        [3, 20],
        [9, 50],
      ],
      because: {
        en: "the first text has the words 1 and 2: (2 + 4) / 2 and (10 + 30) / 2; word 0 is padding there. The second has word 3 alone",
        ru: "в первом тексте слова 1 и 2: (2 + 4) / 2 и (10 + 30) / 2; слово 0 там — дополнение. Во втором одно слово 3",
      },
    }),
    checks.cases(bagOfWords, {
      points: 1,
      name: { en: "edges", ru: "крайние случаи" },
      cases: [
        {
          title: { en: "no padding at all", ru: "совсем без дополнения" },
          args: () => [inputs.make(3)[0], inputs.make(3)[1], lengthsOf([7, 7, 7, 7], 7)],
        },
        {
          title: { en: "a text without words", ru: "текст без слов" },
          args: () => [inputs.make(4)[0], inputs.make(4)[1], lengthsOf([2, 0, 5, 1], 7)],
        },
        {
          title: { en: "a word twice", ru: "слово дважды" },
          args: () => [inputs.make(5)[0], int([[3, 3, 3, 8, 0]]), int([[1, 1, 1, 1, 0]])],
        },
        {
          title: { en: "a mask of bool", ru: "маска типа bool" },
          args: () => [inputs.make(6)[0], inputs.make(6)[1], inputs.make(6)[2].gt(0)],
        },
      ],
    }),
    checks.random(inputs, { points: 1, times: 4 }),
    checks.gradient(bagOfWords, inputs, { points: 1, names: ["table"], out: (mean) => mean }),
  ],
  mutants: [
    {
      name: "padding counts",
      says: {
        en: "padding is averaged too: the same text in a longer batch would get another vector",
        ru: "усредняется и дополнение: тот же текст в более длинном батче получил бы другой вектор",
      },
      fn: encoder({ weigh: (vectors) => vectors, count: (_, T) => T }),
    },
    {
      name: "divided by T",
      says: {
        en: "the sum over the words is divided by the whole length T: divide by how many words there are",
        ru: "сумма по словам делится на всю длину T, а нужно на число слов",
      },
      fn: encoder({ count: (_, T) => T }),
    },
    {
      name: "sum",
      says: {
        en: "this is the sum over the words: divide it by their number",
        ru: "это сумма по словам: разделите её на их число",
      },
      fn: encoder({ count: () => 1 }),
    },
    {
      name: "padding in the sum",
      says: {
        en: "the number of words is right, but padding is in the sum: multiply by the mask first",
        ru: "число слов верно, но в сумму попало дополнение: сначала умножьте на маску",
      },
      fn: encoder({ weigh: (vectors) => vectors }),
    },
    {
      name: "ids off by one",
      says: {
        en: "every word gets its neighbour's vector: row 0 of the table belongs to id 0",
        ru: "каждое слово получает вектор соседа: строка 0 таблицы принадлежит id 0",
      },
      fn: encoder({ read: (ids) => ids.sub(1).clamp(0, Infinity) }),
    },
    {
      name: "id 0 as padding",
      says: {
        en: "every id 0 is taken for padding, whatever the mask says: word 0 is a word where its mask is 1",
        ru: "любой id 0 принят за дополнение, что бы ни говорила маска: слово 0 — слово, если его маска равна 1",
      },
      fn: (table, ids, mask) => encoder({})(table, ids, mask.mul(0).add(ids.gt(0).to("int32"))),
    },
    {
      name: "words of the whole batch",
      says: {
        en: "each text is divided by the number of words in the whole batch: sum the mask over T alone",
        ru: "каждый текст делится на число слов во всём батче: суммируйте маску только по T",
      },
      fn: encoder({ count: (weights) => weights.sum().clamp(1, Infinity) }),
    },
    {
      name: "a word once",
      says: {
        en: "a word that comes twice counts once: in the mean it has two votes",
        ru: "слово, которое встречается дважды, посчитано один раз: в среднем у него два голоса",
      },
      fn: (table, ids, mask) => {
        const isFirst = (row: number[], words: number[], t: number) =>
          words[t] > 0 && row.every((id, i) => i >= t || id !== row[t] || words[i] === 0);
        const rows = ids.toArray() as number[][];
        const words = mask.to("int32").toArray() as number[][];
        const once = rows.map((row, b) => row.map((_, t) => Number(isFirst(row, words[b], t))));
        return encoder({})(table, ids, int(once));
      },
    },
    {
      name: "NaN without words",
      says: {
        en: "a text without words divides 0 by 0: count at least 1",
        ru: "в тексте без слов 0 делится на 0: считайте хотя бы 1",
      },
      fn: encoder({ count: (weights) => weights.sum(1) }),
    },
  ],
  variants: [
    {
      name: "counts of words, times the table",
      fn: (table, ids, mask) => {
        const [B, T] = ids.shape;
        const V = table.shape[0];
        const counts = Array.from({ length: B }, () => Array<number>(V).fill(0));
        const real = mask.to("int32");
        for (let b = 0; b < B; b++)
          for (let t = 0; t < T; t++) counts[b][ids.get([b, t])] += real.get([b, t]);
        const shares = counts.map((row) => {
          const all = row.reduce((sum, n) => sum + n, 0) || 1;
          return row.map((n) => n / all);
        });
        return tensor(array(shares).to(table.dtype)).matmul(table);
      },
    },
    {
      name: "text by text",
      fn: (table, ids, mask) =>
        stack(
          Array.from({ length: ids.shape[0] }, (_, b) => {
            const words = Array.from(ids.select(0, b).flat()).filter(
              (_, t) => Number(mask.to("int32").get([b, t])) > 0,
            );
            if (words.length === 0) return table.select(0, 0).mul(0);
            return table.indexSelect(0, array(words, { dtype: "int32" })).mean(0);
          }),
        ),
    },
  ],
});
