import { stack, type Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";

/**
 * One vector for each text: the mean over its real tokens. hidden (B, T, C), mask (B, T) with 1 for a token and 0 for
 * padding → (B, C). A row without any token gives zeros.
 */
export function meanPool(hidden: Tensor, mask: NDArray): Tensor {
  // BEGIN SOLUTION
  const weights = tensor(mask.to(hidden.dtype)).unsqueeze(-1);
  const counts = weights.sum(1).clamp(1, Infinity);
  return hidden.mul(weights).sum(1).div(counts);
  // END SOLUTION
}

/** 1 up to the row's length, then 0. */
const maskOf = (lengths: number[], T: number): NDArray =>
  nd.arange(0, T).unsqueeze(0).lt(nd.array(lengths).unsqueeze(1)).to("int32");

const inputs = seeded(meanPool, { B: 3, T: 7, C: 5 }, ({ B, T, C }, random, seed) => [
  tensor(seed % 2 ? random.normal([B, C, T]).transpose() : random.normal([B, T, C])),
  maskOf(Array.from(random.integers([B], { low: 2, high: T }).flat()), T),
]);
const small = seeded(meanPool, { B: 2, T: 5, C: 3 }, ({ T, C }, random) => [
  tensor(random.normal([2, T, C])),
  maskOf([2, 4], T),
]);

interface Parts {
  weigh?: (hidden: Tensor, mask: Tensor) => Tensor;
  count?: (mask: Tensor, T: number) => Tensor | number;
}

/** The solution with another part in one place. */
const pool =
  ({
    weigh = (hidden, mask) => hidden.mul(mask.unsqueeze(-1)),
    count = (mask) => mask.sum(1, { keepDims: true }).clamp(1, Infinity),
  }: Parts): typeof meanPool =>
  (hidden, mask) => {
    const real = tensor(mask.to(hidden.dtype));
    const by = count(real, hidden.shape[1]);
    const sum = weigh(hidden, real).sum(1);
    return typeof by === "number" ? sum.div(by) : sum.div(by);
  };

export const meanPoolExercise = exercise(meanPool, {
  id: "meanPool",
  title: { en: "One vector for a sentence", ru: "Один вектор на предложение" },
  minutes: 10,
  forbids: [],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(meanPool, {
      points: 1,
      args: () => [
        tensor([
          [
            [1, 10],
            [5, 20],
            [99, 99],
          ],
          [
            [7, 0],
            [99, 99],
            [99, 99],
          ],
        ]),
        nd.array(
          [
            [1, 1, 0],
            [1, 0, 0],
          ],
          { dtype: "int32" },
        ),
      ],
      expected: [
        [3, 15],
        [7, 0],
      ],
      because: {
        en: "the first text has two tokens: (1 + 5) / 2 and (10 + 20) / 2; the second has one, which is its own mean",
        ru: "в первом тексте два токена: (1 + 5) / 2 и (10 + 20) / 2; во втором один, он сам себе среднее",
      },
    }),
    checks.cases(meanPool, {
      points: 1,
      name: { en: "edges", ru: "крайние случаи" },
      cases: [
        {
          title: { en: "full rows", ru: "полные строки" },
          args: () => [inputs.make(5)[0], maskOf([7, 7, 7], 7)],
        },
        {
          title: { en: "an empty row", ru: "пустая строка" },
          args: () => [inputs.make(6)[0], maskOf([3, 0, 7], 7)],
        },
        {
          title: { en: "a hole in the middle", ru: "дыра в середине" },
          args: () => [
            inputs.make(7)[0],
            nd.array(
              [
                [1, 0, 1, 1, 0, 0, 0],
                [0, 0, 1, 0, 1, 0, 1],
                [1, 1, 1, 1, 1, 1, 0],
              ],
              { dtype: "int32" },
            ),
          ],
        },
        {
          title: { en: "a mask of bool", ru: "маска типа bool" },
          args: () => [inputs.make(8)[0], maskOf([2, 4, 6], 7).gt(0)],
        },
      ],
    }),
    checks.random(inputs, { points: 1, times: 4 }),
    checks.gradient(meanPool, small, { points: 1, names: ["hidden"], out: (mean) => mean }),
  ],
  mutants: [
    {
      name: "padding counts",
      says: {
        en: "padding is averaged too: the same sentence in a longer batch would get another vector",
        ru: "усредняется и дополнение: то же предложение в более длинном батче получило бы другой вектор",
      },
      fn: pool({ weigh: (hidden) => hidden, count: (_, T) => T }),
    },
    {
      name: "divided by T",
      says: {
        en: "the sum over real tokens is divided by the whole length T: divide by how many there are",
        ru: "сумма по настоящим токенам делится на всю длину T, а нужно на их число",
      },
      fn: pool({ count: (_, T) => T }),
    },
    {
      name: "sum",
      says: {
        en: "this is the sum over the tokens; divide it by their number",
        ru: "это сумма по токенам; разделите её на их число",
      },
      fn: pool({ count: () => 1 }),
    },
    {
      name: "one count for the batch",
      says: {
        en: "all rows are divided by one count, that of the whole batch: every row has its own",
        ru: "все строки делятся на одно число, общее для батча, а у каждой строки оно своё",
      },
      fn: pool({ count: (mask) => mask.sum().div(mask.shape[0]) }),
    },
    {
      name: "sum of padding too",
      says: {
        en: "the count is right, but padding is in the sum: multiply by the mask before you sum",
        ru: "число токенов верно, но в сумму попало дополнение: умножьте на маску до суммирования",
      },
      fn: pool({ weigh: (hidden) => hidden }),
    },
    {
      name: "[CLS] alone",
      says: {
        en: "this is the vector of the first token, not the mean",
        ru: "это вектор первого токена, а не среднее",
      },
      fn: (hidden) => hidden.select(1, 0),
    },
    {
      name: "NaN in an empty row",
      says: {
        en: "a row without tokens divides 0 by 0: count at least 1",
        ru: "в строке без токенов 0 делится на 0: считайте хотя бы 1",
      },
      fn: pool({ count: (mask) => mask.sum(1, { keepDims: true }) }),
    },
  ],
  variants: [
    { name: "counts kept as a column", fn: pool({}) },
    {
      name: "as a product of matrices",
      fn: (hidden, mask) => {
        const real = mask.to(hidden.dtype);
        const weights = real.div(real.sum(1, { keepDims: true }).clamp(1, Infinity));
        return tensor(weights).unsqueeze(1).matmul(hidden).squeeze(1);
      },
    },
    {
      name: "row by row",
      fn: (hidden, mask) => {
        const rows = Array.from({ length: hidden.shape[0] }, (_, b) => {
          const places = mask.select(0, b).to("bool").nonzero().squeeze(1);
          const row = hidden.select(0, b);
          return places.size === 0 ? row.sum(0).mul(0) : row.indexSelect(0, places).mean(0);
        });
        return stack(rows);
      },
    },
  ],
});
