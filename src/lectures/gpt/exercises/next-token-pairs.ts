import { checks, exercise, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";
import { mutants, variants } from "./next-token-pairs.answers";

/**
 * Documents as rows for training: the target at every place is the token that comes next.
 *
 * All documents become one stream, `<bos> a b c <eos> <bos> d e <eos> ...`, cut into rows of `length` tokens.
 * Gives inputs and targets, both int32 of shape (N, T): T = length, and N as large as the stream allows.
 */
export function nextTokenPairs(
  documents: number[][],
  { bos, eos, length }: { bos: number; eos: number; length: number },
): { inputs: NDArray; targets: NDArray } {
  // BEGIN SOLUTION
  const stream = documents.flatMap((ids) => [bos, ...ids, eos]);
  const rows = Math.floor((stream.length - 1) / length);
  const cut = (start: number) =>
    nd.array(stream.slice(start, start + rows * length), { dtype: "int32" }).reshape([rows, length]);
  return { inputs: cut(0), targets: cut(1) };
  // END SOLUTION
}

// Streams of 4 T, 4 T + 1, 5 T − 1, … tokens: too short for one more row of targets, just long enough, with a remainder.
const inputs = seeded(nextTokenPairs, { T: 5 }, ({ T }, random, seed) => {
  const ids = (count: number) => Array.from(random.integers([count], { low: 2, high: 50 }).flat());
  const lengths = [[T - 1, T + 1, T - 1], [T - 1, T + 2, T - 1], [3 * T - 2, 0, T + 2, T - 3], [6 * T + 1]];
  return [lengths[seed % lengths.length].map(ids), { bos: 0, eos: 1, length: T }];
});

export const nextTokenPairsExercise = exercise(nextTokenPairs, {
  id: "nextTokenPairs",
  title: { en: "Shift the targets", ru: "Цели со сдвигом" },
  minutes: 10,
  forbids: ["NextTokenDataset"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(nextTokenPairs, {
      points: 1,
      args: () => [[[7, 8, 9], [5]], { bos: 1, eos: 2, length: 3 }],
      expected: {
        inputs: [
          [1, 7, 8],
          [9, 2, 1],
        ],
        targets: [
          [7, 8, 9],
          [2, 1, 5],
        ],
      },
      because: {
        en: "the stream is 1 7 8 9 2 1 5 2: 8 tokens, so 2 rows of 3 and a last target fit",
        ru: "поток — 1 7 8 9 2 1 5 2: в 8 токенов помещаются 2 строки по 3 и последняя цель",
      },
    }),
    checks.random(inputs, { points: 1, times: 4 }),
    checks.invariant(
      nextTokenPairs,
      { en: "every target is the next input", ru: "каждая цель — это следующий вход" },
      {
        points: 1,
        examples: [chain],
        broken(fn) {
          const { inputs, targets } = fn(...chain());
          const [x, y] = [inputs.flat(), targets.flat()];
          for (let i = 0; i + 1 < x.length; i++)
            if (y[i] !== x[i + 1])
              return {
                en: `target ${i} is ${y[i]}, but input ${i + 1} is ${x[i + 1]}`,
                ru: `цель ${i} равна ${y[i]}, а вход ${i + 1} равен ${x[i + 1]}`,
              };
          return x.length === 16
            ? null
            : {
                en: `expected 4 rows of 4 inputs, got ${x.length} ids`,
                ru: `ожидались 4 строки по 4 входа, а номеров всего ${x.length}`,
              };
        },
      },
    ),
  ],
  mutants,
  variants,
});

/** Three documents, 17 tokens: 4 rows of 4 and the last target. */
function chain(): Parameters<typeof nextTokenPairs> {
  const documents = [[11, 12, 13, 14], [15], [16, 17, 18, 19, 20, 21]];
  return [documents, { bos: 8, eos: 9, length: 4 }];
}
