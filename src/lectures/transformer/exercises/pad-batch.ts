import { tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { attention } from "./attention";

/**
 * Sequences of different lengths, B of them, as one batch: ids, int32 of shape (B, S) with S the longest, filled up on the
 * right with `pad`, and a bool mask (B, 1, 1, S) that is true at real tokens.
 */
export function padBatch(sequences: number[][], pad = 0): { ids: nd.NDArray; mask: nd.NDArray } {
  const B = sequences.length;
  const S = Math.max(...sequences.map((sequence) => sequence.length));
  // BEGIN SOLUTION
  const ids = sequences.flatMap((sequence) => [...sequence, ...Array(S - sequence.length).fill(pad)]);
  const real = sequences.flatMap(({ length }) => Array.from({ length: S }, (_, t) => t < length));
  return {
    ids: nd.array(ids, { dtype: "int32" }).reshape([B, S]),
    mask: nd.array(real).reshape([B, 1, 1, S]),
  };
  // END SOLUTION
}

export const inputs = seeded(padBatch, { B: 5, S: 7 }, ({ B, S }, random, seed) => [
  Array.from({ length: B }, (_, b) => {
    const length = b === seed % B ? S : random.integers([1], { low: 1, high: S + 1 }).item();
    return Array.from(random.integers([length], { low: 0, high: 4 }).flat());
  }),
  seed % 3,
]);

type PadBatch = typeof padBatch;
interface Parts {
  row(sequence: number[], S: number, pad: number): number[];
  real(sequence: number[], S: number, pad: number): boolean[];
}

/** The solution with another part in one place. */
function built(parts: Partial<Parts>): PadBatch {
  const {
    row = (sequence, S, pad) => Array.from({ length: S }, (_, t) => sequence[t] ?? pad),
    real = ({ length }, S) => Array.from({ length: S }, (_, t) => t < length),
  } = parts;
  return (sequences, pad = 0) => {
    const [B, S] = [sequences.length, Math.max(...sequences.map(({ length }) => length))];
    const ids = sequences.flatMap((sequence) => row(sequence, S, pad));
    const mask = sequences.flatMap((sequence) => real(sequence, S, pad));
    return {
      ids: nd.array(ids, { dtype: "int32" }).reshape([B, S]),
      mask: nd.array(mask).reshape([B, 1, 1, S]),
    };
  };
}

export const padBatchExercise = exercise(padBatch, {
  id: "padBatch",
  title: { en: "Pad a batch, and mask the padding", ru: "Дополнить батч и замаскировать дополнение" },
  minutes: 12,
  forbids: ["padSequences", "padEncodings"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(padBatch, {
      points: 1,
      args: () => [[[5, 8, 0], [6], [7, 7]], 3],
      expected: {
        ids: [
          [5, 8, 0],
          [6, 3, 3],
          [7, 7, 3],
        ],
        mask: [[[[true, true, true]]], [[[true, false, false]]], [[[true, true, false]]]],
      },
      because: {
        en: "the longest has 3 tokens; the others are filled up with 3, and only what was there before is real",
        ru: "в самой длинной 3 токена; остальные дополнены числом 3, а настоящее — только то, что было раньше",
      },
    }),
    checks.cases(padBatch, {
      points: 2,
      name: { en: "special batches", ru: "особые случаи" },
      cases: [
        {
          title: { en: "with the default pad", ru: "pad по умолчанию" },
          args: () => [[[9], [8, 7, 6, 5, 4], [3, 2]]],
        },
        {
          title: {
            en: "with a real token whose id is that of pad",
            ru: "настоящий токен с тем же номером, что pad",
          },
          args: () => [[[4, 50256, 4], [2, 50256], [1]], 50256],
        },
        {
          title: { en: "all of one length", ru: "все одной длины" },
          args: () => [
            [
              [1, 2, 3],
              [4, 5, 6],
            ],
            9,
          ],
        },
        {
          title: { en: "an empty sequence", ru: "пустая последовательность" },
          args: () => [[[], [1, 2, 3]], 7],
        },
      ],
    }),
    checks.random(inputs, { points: 1 }),
    checks.invariant(
      padBatch,
      { en: "behind the mask, padding changes nothing", ru: "под маской дополнение ничего не меняет" },
      {
        points: 1,
        examples: [
          () => [
            [
              [1, 2, 3],
              [3, 2, 1, 1, 0],
            ],
            0,
          ],
        ],
        broken(fn, random) {
          const table = random.normal([4, 6]);
          const attend = (sequences: number[][]) => {
            const { ids, mask } = fn(sequences, 0);
            const x = tensor(table.indexSelect(0, ids.flatten()).reshape([...ids.shape, 6])).unsqueeze(1);
            return attention(x, x, x, mask).output.data.select(0, 0).select(0, 0);
          };
          const alone = attend([[1, 2, 3]]);
          const beside = attend([
            [1, 2, 3],
            [3, 2, 1, 1, 0],
          ]).narrow(0, 0, 3);
          const off = beside.sub(alone).abs().max().item();
          if (off < 1e-5) return null;
          return {
            en: `attention over [1, 2, 3] gives other numbers beside a longer sequence: they differ by ${off.toPrecision(3)}`,
            ru: `внимание на [1, 2, 3] рядом с более длинной последовательностью даёт другие числа: разность ${off.toPrecision(3)}`,
          };
        },
      },
    ),
  ],
  mutants: [
    {
      name: "mask inverted",
      says: {
        en: "the mask is true at the padding: here true means *a real token, may be seen*",
        ru: "маска истинна на дополнении, а true здесь значит «настоящий токен, можно видеть»",
      },
      fn: built({ real: ({ length }, S) => Array.from({ length: S }, (_, t) => t >= length) }),
    },
    {
      name: "mask made from ids",
      says: {
        en: "the mask was made by comparing ids with pad, so a real token with that id vanishes (in GPT-2 there is one): use the lengths",
        ru: "маска получена сравнением номеров с pad, и настоящий токен с таким номером исчезает (в GPT-2 он есть): используйте длины",
      },
      fn: built({
        real: (sequence, S, pad) => Array.from({ length: S }, (_, t) => (sequence[t] ?? pad) !== pad),
      }),
    },
    {
      name: "padded on the left",
      says: {
        en: "the padding stands in front: here it goes behind the tokens, so that position 0 is the first token",
        ru: "дополнение стоит спереди, а должно стоять после токенов, чтобы позиция 0 была первым токеном",
      },
      fn: built({
        row: (sequence, S, pad) => [...Array(S - sequence.length).fill(pad), ...sequence],
        real: ({ length }, S) => Array.from({ length: S }, (_, t) => t >= S - length),
      }),
    },
    {
      name: "one too many",
      says: {
        en: "the mask holds one token too many: with three tokens, places 0, 1 and 2 are real, `t < length`",
        ru: "в маске на один токен больше: при трёх токенах настоящие места 0, 1 и 2, `t < length`",
      },
      fn: built({ real: ({ length }, S) => Array.from({ length: S }, (_, t) => t <= length) }),
    },
    {
      name: "always filled with 0",
      says: {
        en: "the gaps are filled with 0 whatever `pad` is",
        ru: "пустые места заполнены нулём, каким бы ни был `pad`",
      },
      fn: built({ row: (sequence, S) => Array.from({ length: S }, (_, t) => sequence[t] ?? 0) }),
    },
    {
      name: "a 0 counts as missing",
      says: {
        en: "`sequence[t] || pad` takes a real token 0 for a missing one: `??` asks for undefined alone",
        ru: "`sequence[t] || pad` принимает настоящий токен 0 за отсутствующий: `??` проверяет только undefined",
      },
      fn: built({ row: (sequence, S, pad) => Array.from({ length: S }, (_, t) => sequence[t] || pad) }),
    },
    {
      name: "the sequences were changed",
      says: {
        en: "the student's lists were filled up in place, by push: they belong to the caller, who needs them again. Copy them first",
        ru: "списки дополнены на месте, через push, но они ещё нужны тому, кто их передал. Сначала скопируйте",
      },
      fn: (sequences, pad = 0) => {
        const made = padBatch(sequences, pad);
        const S = made.ids.shape[1];
        for (const sequence of sequences) while (sequence.length < S) sequence.push(pad);
        return made;
      },
    },
  ],
  variants: [
    {
      name: "with loops",
      fn: (sequences, pad = 0) => {
        const [B, S] = [sequences.length, Math.max(...sequences.map(({ length }) => length))];
        const [ids, mask]: [number[][], number[][][][]] = [[], []];
        for (const sequence of sequences) {
          const [row, real]: [number[], number[]] = [[], []];
          for (let t = 0; t < S; t++) {
            row.push(t < sequence.length ? sequence[t] : pad);
            real.push(t < sequence.length ? 1 : 0);
          }
          ids.push(row);
          mask.push([[real]]);
        }
        return {
          ids: nd.array(ids, { dtype: "int32" }).reshape([B, S]),
          mask: nd.array(mask, { dtype: "bool" }),
        };
      },
    },
    {
      name: "positions compared with lengths",
      fn: (sequences, pad = 0) => {
        const lengths = nd.array(
          sequences.map(({ length }) => length),
          { dtype: "int32" },
        );
        const S = lengths.max().item();
        const rows = sequences.map((sequence) => sequence.concat(Array(S).fill(pad)).slice(0, S));
        const mask = nd.arange(0, S).lt(lengths.reshape([-1, 1, 1, 1]));
        return { ids: nd.array(rows, { dtype: "int32" }), mask };
      },
    },
  ],
});
