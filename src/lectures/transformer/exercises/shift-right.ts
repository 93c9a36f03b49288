import { checks, exercise, seeded } from "../../../grading";
import * as nd from "../../../tensor";

/**
 * What the decoder reads and what it should say, for B sequences of ids: inputs are bos and the sequence, targets the
 * sequence and eos, both int32 (B, T) with T = the longest + 1. Inputs are filled up on the right with `pad`, targets with
 * `ignore`, which the loss leaves out.
 */
export function shiftRight(
  sequences: number[][],
  { bos, eos, pad = 0, ignore = -100 }: { bos: number; eos: number; pad?: number; ignore?: number },
): { inputs: nd.NDArray; targets: nd.NDArray } {
  // BEGIN SOLUTION
  const T = Math.max(...sequences.map(({ length }) => length)) + 1;
  const rows = (of: (ids: number[]) => number[], filler: number) =>
    nd.array(
      sequences.map((ids) => [...of(ids), ...Array(T - 1 - ids.length).fill(filler)]),
      { dtype: "int32" },
    );
  return { inputs: rows((ids) => [bos, ...ids], pad), targets: rows((ids) => [...ids, eos], ignore) };
  // END SOLUTION
}

export const inputs = seeded(shiftRight, { B: 5, T: 7 }, ({ B, T }, random, seed) => [
  Array.from({ length: B }, (_, b) => {
    const length = b === seed % B ? T : random.integers([1], { low: 1, high: T + 1 }).item();
    return Array.from(random.integers([length], { low: 0, high: 20 }).flat());
  }),
  [
    { bos: 21, eos: 22 },
    { bos: 0, eos: 23, pad: 24 },
    { bos: 25, eos: 21, pad: 22, ignore: -1 },
  ][seed % 3],
]);

type ShiftRight = typeof shiftRight;
interface Parts {
  read(ids: number[], bos: number, eos: number): number[];
  said(ids: number[], bos: number, eos: number): number[];
  pad(pad: number, ignore: number): number;
  ignore(pad: number, ignore: number): number;
}

/** The solution with another part in one place. */
function built(parts: Partial<Parts>): ShiftRight {
  const {
    read = (ids, bos) => [bos, ...ids],
    said = (ids, _, eos) => [...ids, eos],
    pad: fillInputs = (pad) => pad,
    ignore: fillTargets = (_, ignore) => ignore,
  } = parts;
  return (sequences, { bos, eos, pad = 0, ignore = -100 }) => {
    const T = Math.max(...sequences.map(({ length }) => length)) + 1;
    const table = (of: Parts["read"], filler: number) =>
      nd.array(
        sequences.map((ids) => {
          const row = of(ids, bos, eos);
          return Array.from({ length: T }, (_, t) => row[t] ?? filler);
        }),
        { dtype: "int32" },
      );
    return {
      inputs: table(read, fillInputs(pad, ignore)),
      targets: table(said, fillTargets(pad, ignore)),
    };
  };
}

export const shiftRightExercise = exercise(shiftRight, {
  id: "shiftRight",
  title: { en: "The decoder's shifted input", ru: "Сдвинутый вход декодера" },
  minutes: 10,
  forbids: ["padSequences", "padEncodings", "NextTokenDataset"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(shiftRight, {
      points: 1,
      args: () => [[[7, 8, 9], [5]], { bos: 1, eos: 2 }],
      expected: {
        inputs: [
          [1, 7, 8, 9],
          [1, 5, 0, 0],
        ],
        targets: [
          [7, 8, 9, 2],
          [5, 2, -100, -100],
        ],
      },
      because: {
        en: "after bos the decoder should say 7, after 7 it should say 8, …, after 9 it should say eos; where the input is padding, nothing is asked",
        ru: "после bos декодер должен сказать 7, после 7 — 8, …, после 9 — eos; там, где на входе дополнение, ничего не спрашивается",
      },
    }),
    checks.cases(shiftRight, {
      points: 2,
      name: { en: "special batches", ru: "особые случаи" },
      cases: [
        {
          title: { en: "another pad, the default ignore", ru: "другой pad, ignore по умолчанию" },
          args: () => [[[4], [6, 6, 0]], { bos: 8, eos: 9, pad: 3 }],
        },
        {
          title: { en: "the default pad, another ignore", ru: "pad по умолчанию, другой ignore" },
          args: () => [[[4, 5, 6, 7], [6]], { bos: 8, eos: 9, ignore: -1 }],
        },
        {
          title: { en: "bos and eos are one token, as in GPT-2", ru: "bos и eos — один токен, как в GPT-2" },
          args: () => [
            [
              [3, 2, 1],
              [5, 6],
            ],
            { bos: 50256, eos: 50256 },
          ],
        },
        {
          title: { en: "an empty sequence", ru: "пустая последовательность" },
          args: () => [[[], [3, 4]], { bos: 1, eos: 2 }],
        },
      ],
    }),
    checks.random(inputs, { points: 1 }),
  ],
  mutants: [
    {
      name: "not shifted",
      says: {
        en: "inputs and targets stand at the same place, so the decoder sees its answer in its input: the input begins with bos",
        ru: "входы и ответы стоят на одних местах, и декодер видит ответ на входе: вход начинается с bos",
      },
      fn: built({ read: (ids, _, eos) => [...ids, eos] }),
    },
    {
      name: "targets begin with bos",
      says: {
        en: "the targets begin with bos: the decoder is given it, and never has to say it",
        ru: "ответы начинаются с bos, но декодер его получает и никогда не должен говорить",
      },
      fn: built({ said: (ids, bos) => [bos, ...ids] }),
    },
    {
      name: "no eos",
      says: {
        en: "no eos in the targets: the decoder would never learn to stop",
        ru: "в ответах нет eos: декодер никогда не научится останавливаться",
      },
      fn: built({ said: (ids) => ids }),
    },
    {
      name: "targets filled with pad",
      says: {
        en: "the targets are filled up with pad, so the decoder would be trained to write padding: fill them with `ignore`",
        ru: "ответы дополнены pad, и декодер учился бы писать дополнение: заполняйте их `ignore`",
      },
      fn: built({ ignore: (pad) => pad }),
    },
    {
      name: "inputs filled with ignore",
      says: {
        en: "the inputs are filled up with `ignore`, which is no token: an embedding has no row for it. Fill them with pad",
        ru: "входы дополнены `ignore`, но это не токен, в таблице эмбеддингов нет такой строки. Заполняйте их pad",
      },
      fn: built({ pad: (_, ignore) => ignore }),
    },
    {
      name: "eos in the inputs",
      says: {
        en: "the inputs of shorter sequences hold eos: the decoder never reads it, because there it stops. (The loss does not mind, its target is ignored; but the table asks for pad.)",
        ru: "на входе коротких последовательностей стоит eos, а декодер его не читает: на нём он останавливается. (Потерям это безразлично, ответ там пропускается, но в таблице на этом месте pad.)",
      },
      fn: built({ read: (ids, bos, eos) => [bos, ...ids, eos] }),
    },
    {
      name: "eos at the end of the row",
      says: {
        en: "eos stands at the end of the row, behind the padding: it follows the last real token",
        ru: "eos стоит в конце строки, после дополнения, а должен идти сразу за последним настоящим токеном",
      },
      fn: (sequences, options) => {
        const { inputs, targets } = built({ said: (ids) => ids })(sequences, options);
        const last = nd.full([sequences.length, 1], options.eos, { dtype: "int32" });
        return { inputs, targets: nd.concat([targets.narrow(1, 0, targets.shape[1] - 1), last], 1) };
      },
    },
    {
      name: "always -100",
      says: {
        en: "the targets are filled with -100 whatever `ignore` is",
        ru: "ответы дополнены числом -100, каким бы ни был `ignore`",
      },
      fn: built({ ignore: () => -100 }),
    },
    {
      name: "one long row, cut at both ends",
      says: {
        en: "one row of bos, ids, eos and padding, cut at its end and at its start: then shorter inputs keep their eos, and their targets end with pad. Build the two apart",
        ru: "одна строка из bos, номеров, eos и паддинга, у которой отрезан конец и начало: в коротких входах остаётся eos, а их ответы кончаются на pad. Стройте две таблицы отдельно",
      },
      fn: built({ read: (ids, bos, eos) => [bos, ...ids, eos], ignore: (pad) => pad }),
    },
  ],
  variants: [
    {
      name: "with loops",
      fn: (sequences, { bos, eos, pad = 0, ignore = -100 }) => {
        let T = 0;
        for (const { length } of sequences) T = Math.max(T, length + 1);
        const inputs = nd.full([sequences.length, T], pad, { dtype: "int32" }).toArray() as number[][];
        const targets = nd.full([sequences.length, T], ignore, { dtype: "int32" }).toArray() as number[][];
        for (const [b, ids] of sequences.entries()) {
          inputs[b][0] = bos;
          for (const [t, id] of ids.entries()) {
            inputs[b][t + 1] = id;
            targets[b][t] = id;
          }
          targets[b][ids.length] = eos;
        }
        const table = (rows: number[][]) => nd.array(rows, { dtype: "int32" });
        return { inputs: table(inputs), targets: table(targets) };
      },
    },
    {
      name: "row by row, concatenated",
      fn: (sequences, { bos, eos, pad = 0, ignore = -100 }) => {
        const T = 1 + sequences.reduce((most, { length }) => Math.max(most, length), 0);
        const row = (ids: number[], filler: number) =>
          nd.array([...ids, ...Array<number>(T).fill(filler)].slice(0, T), { dtype: "int32" });
        return {
          targets: nd.stack(sequences.map((ids) => row([...ids, eos], ignore))),
          inputs: nd.stack(sequences.map((ids) => row([bos].concat(ids), pad))),
        };
      },
    },
  ],
});
