import { checks, exercise, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";

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

type Pairs = typeof nextTokenPairs;

/** The solution with a slip in one place. */
const variant =
  ({
    join = (ids, bos, eos) => [bos, ...ids, eos],
    inputs = 0,
    targets = 1,
    spare = 1,
    dtype = "int32",
  }: {
    join?: (ids: number[], bos: number, eos: number) => number[];
    /** Where inputs and targets start in the stream. */
    inputs?: number;
    targets?: number;
    /** Tokens that a row needs beyond its length. */
    spare?: number;
    dtype?: nd.DType;
  }): Pairs =>
  (documents, { bos, eos, length }) => {
    const stream = documents.flatMap((ids) => join(ids, bos, eos));
    const rows = Math.floor((stream.length - spare) / length);
    const cut = (start: number) =>
      nd.array(stream.slice(start, start + rows * length), { dtype }).reshape([rows, length]);
    return { inputs: cut(inputs), targets: cut(targets) };
  };

// Three documents make a stream of 4 · T tokens: just too short for a fourth row of targets.
const inputs = seeded(nextTokenPairs, { T: 5 }, ({ T }, random) => {
  const ids = (count: number) => Array.from(random.integers([count], { low: 2, high: 50 }).flat());
  return [[T - 1, T + 1, T - 1].map(ids), { bos: 0, eos: 1, length: T }];
});

export const nextTokenPairsExercise = exercise(nextTokenPairs, {
  id: "nextTokenPairs",
  title: "Shift the targets",
  minutes: 10,
  prose: `Write \`nextTokenPairs\`: from documents (lists of token ids) to the two tables that training needs.

1. Join all documents to one stream. Every document starts with \`bos\` and ends with \`eos\`.
2. Cut the stream into rows of \`length\` tokens: these are the inputs.
3. The targets are the same rows, taken from **one place further on** in the stream.
4. Leave out what does not fill a row. The last row needs one token more than it is long, for its last target.

For the documents \`[[7, 8, 9], [5]]\` with \`bos\` 1, \`eos\` 2 and \`length\` 3:

| stream | 1 | 7 | 8 | 9 | 2 | 1 | 5 | 2 |
|---|---|---|---|---|---|---|---|---|
| inputs | **1** | **7** | **8** | *9* | *2* | *1* | | |
| targets | | **7** | **8** | **9** | *2* | *1* | *5* | |`,
  hints: {
    pseudocode: `\`\`\`text
stream ← for every document: bos, its ids, eos          (flatMap and spread, without changing the document)
N      ← how often does T fit into (tokens of stream − 1)?
inputs ← stream from place 0, N·T tokens, as (N, T)     (nd.array(..., { dtype: "int32" }).reshape([N, T]))
targets ← stream from place 1, N·T tokens, as (N, T)
\`\`\``,
    help: [
      {
        when: "`reshape: expected a shape of ... elements`",
        look: "the slice holds more or fewer than N·T tokens. `stream.slice(start, end)`: the end counts from the beginning of the stream, not from `start`.",
      },
      {
        when: "dtype is float32",
        look: "`nd.array` makes float32 unless it is told otherwise. Ids are names, not quantities: int32.",
      },
      {
        when: "only the last column is wrong",
        look: "you shifted every row on its own. The target of a row's last token is the first token of the *next* row: shift the stream, then cut.",
      },
    ],
  },
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
      because: "the stream is 1 7 8 9 2 1 5 2: 8 tokens, so 2 rows of 3 and a last target fit",
    }),
    checks.random(inputs, { points: 1 }),
    checks.invariant(nextTokenPairs, "every target is the next input", {
      points: 1,
      broken(fn) {
        const documents = [[11, 12, 13, 14], [15], [16, 17, 18, 19, 20, 21]];
        const { inputs, targets } = fn(documents, { bos: 8, eos: 9, length: 4 });
        const [x, y] = [inputs.flat(), targets.flat()];
        for (let i = 0; i + 1 < x.length; i++)
          if (y[i] !== x[i + 1]) return `target ${i} is ${y[i]}, but input ${i + 1} is ${x[i + 1]}`;
        return x.length === 16 ? null : `expected 4 rows of 4 inputs, got ${x.length} ids`;
      },
    }),
  ],
  mutants: [
    {
      name: "shifted the wrong way",
      caughtBy: "worked by hand",
      says: "inputs and targets have changed places: the target is what comes after the input, not before",
      fn: variant({ inputs: 1, targets: 0 }),
    },
    {
      name: "not shifted",
      caughtBy: "worked by hand",
      says: "targets are the inputs themselves: the model would learn to copy. Start the targets one place later",
      fn: variant({ targets: 0 }),
    },
    {
      name: "shifted by two",
      caughtBy: "worked by hand",
      says: "targets start two places later, so the model would skip a token",
      fn: variant({ targets: 2, spare: 2 }),
    },
    {
      name: "no eos",
      caughtBy: "worked by hand",
      says: "no document ends with eos: the model would never learn to stop",
      fn: variant({ join: (ids, bos) => [bos, ...ids] }),
    },
    {
      name: "no bos",
      caughtBy: "worked by hand",
      says: "no document starts with bos: the model would never learn how texts begin",
      fn: variant({ join: (ids, _, eos) => [...ids, eos] }),
    },
    {
      name: "bos and eos exchanged",
      caughtBy: "worked by hand",
      says: "bos and eos have changed places",
      fn: variant({ join: (ids, bos, eos) => [eos, ...ids, bos] }),
    },
    {
      name: "rows shifted one by one",
      caughtBy: "worked by hand",
      says: "the last target of each row is the first token of the same row: shift the stream before you cut it",
      fn: (documents, options) => {
        const { inputs } = nextTokenPairs(documents, options);
        return { inputs, targets: inputs.roll(-1, -1) };
      },
    },
    {
      name: "no token for the last target",
      caughtBy: "shape",
      says: "the last row has no token left for its last target: N is floor((tokens − 1) / T)",
      fn: variant({ spare: 0 }),
    },
    {
      name: "ids as float32",
      caughtBy: "dtype and finite numbers",
      says: 'ids are names, not quantities: make the arrays with { dtype: "int32" }',
      fn: variant({ dtype: "float32" }),
    },
    {
      name: "documents changed in place",
      caughtBy: "shape",
      says: "push() and unshift() change the caller's documents; build new lists with [bos, ...ids, eos]",
      fn: (documents, options) => {
        const { bos, eos } = options;
        for (const ids of documents) {
          ids.unshift(bos);
          ids.push(eos);
        }
        return variant({ join: (ids) => ids })(documents, options);
      },
    },
  ],
});
