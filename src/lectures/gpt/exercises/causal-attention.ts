import { softmax, type Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";
import * as nd from "../../../tensor";

/**
 * Scaled dot-product attention in which no position looks ahead:
 *
 * weights = softmax(Q Kᵀ / √D + mask), output = weights V
 *
 * query and key (..., T, D), value (..., T, E) → weights (..., T, T), output (..., T, E).
 */
export function causalAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
): { output: Tensor; weights: Tensor } {
  const [T, D] = query.shape.slice(-2);
  // BEGIN SOLUTION
  const scores = query.matmul(key.transpose()).div(Math.sqrt(D));
  const future = nd.ones([T, T], { dtype: "bool" }).triu(1);
  const weights = softmax(scores.maskedFill(future, -Infinity));
  return { output: weights.matmul(value), weights };
  // END SOLUTION
}

type Attention = typeof causalAttention;

const blocked = (T: number, of: (all: nd.NDArray) => nd.NDArray) => of(nd.ones([T, T], { dtype: "bool" }));

/** The solution with a slip in one place. */
const variant =
  ({
    scale = (_, D) => Math.sqrt(D),
    hidden = (all) => all.triu(1),
    fill = Number.NEGATIVE_INFINITY,
    axis = -1,
  }: {
    scale?: (T: number, D: number) => number;
    /** Which of (T, T) positions are blocked. */
    hidden?: (all: nd.NDArray) => nd.NDArray;
    fill?: number;
    axis?: number;
  }): Attention =>
  (query, key, value) => {
    const [T, D] = query.shape.slice(-2);
    const scores = query.matmul(key.transpose()).div(scale(T, D));
    const weights = softmax(scores.maskedFill(blocked(T, hidden), fill), axis);
    return { output: weights.matmul(value), weights };
  };

const inputs = seeded(causalAttention, { B: 2, H: 3, T: 5, D: 4, E: 6 }, ({ B, H, T, D, E }, random) => [
  tensor(random.normal([B, H, T, D])),
  tensor(random.normal([B, H, T, D])),
  tensor(random.normal([B, H, T, E])),
]);

const small = seeded(causalAttention, { T: 3, D: 2, E: 4 }, ({ T, D, E }, random) => [
  tensor(random.normal([T, D])),
  tensor(random.normal([T, D])),
  tensor(random.normal([T, E])),
]);

export const causalAttentionExercise = exercise(causalAttention, {
  id: "causalAttention",
  title: "Causal attention",
  minutes: 15,
  prose: `Write \`causalAttention\`. With $T$ positions and vectors of size $D$:

$$\\text{weights} = \\text{softmax}\\!\\left(\\frac{Q K^\\top}{\\sqrt{D}} + M\\right), \\qquad M_{ij} = \\begin{cases} 0 & j \\le i \\\\ -\\infty & j > i \\end{cases} \\qquad \\text{output} = \\text{weights} \\cdot V$$

Row $i$ of the weights says where position $i$ looks. Return both, \`{ output, weights }\`.
There may be axes in front of the last two (batch, heads): the functions below treat them as separate attentions, so you need not think of them.

Useful: \`a.matmul(b)\`, \`x.transpose()\` (exchanges the last two axes), \`x.div(number)\`, \`x.maskedFill(mask, value)\` (the value goes where the mask is true), \`softmax(x)\` (over the last axis), and for the mask \`nd.ones([T, T], { dtype: "bool" }).triu(k)\`, which keeps what lies on or above diagonal \`k\`.`,
  hints: {
    pseudocode: `\`\`\`text
scores ← Q times K with its last two axes exchanged, divided by √D        (..., T, T)
future ← true above the diagonal: column j > row i                        (T, T)
scores ← scores with −∞ where future is true
weights ← softmax of every row
output ← weights times V
\`\`\``,
    help: [
      {
        when: "`matmul: inner sizes differ`",
        look: "both factors have D last. One of them must be transposed.",
      },
      {
        when: "NaN in the first row",
        look: "a row in which everything is −∞ gives 0/0. Position 0 has no past: it must see itself.",
      },
      {
        when: "rows do not sum to 1",
        look: "mask first, then softmax. What is set to 0 after the softmax is missing from the sum.",
      },
      {
        when: "`Infinity` is not found, or nothing changes",
        look: "it is `-Infinity`, a number of JavaScript: `scores.maskedFill(future, -Infinity)` gives a new tensor, use that.",
      },
    ],
  },
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(causalAttention, {
      points: 1,
      args: () => [
        tensor([
          [0, 0, 0, 0],
          [2 * Math.log(3), 0, 0, 0],
        ]),
        tensor([
          [1, 0, 0, 0],
          [0, 1, 0, 0],
        ]),
        tensor([[8], [4]]),
      ],
      expected: {
        weights: [
          [1, 0],
          [0.75, 0.25],
        ],
        output: [[8], [7]],
      },
      because:
        "position 0 sees only itself; for position 1 the scores are 2·ln 3 / √4 = ln 3 and 0, so the weights are as 3 to 1",
    }),
    checks.random(inputs, { points: 1 }),
    checks.invariant(causalAttention, "no position sees the future", {
      points: 1,
      broken(fn, random) {
        const [T, D] = [6, 4];
        const make = () => random.normal([T, D]);
        const [q, k, v] = [make(), make(), make()];
        const run = (key: nd.NDArray, value: nd.NDArray) =>
          fn(tensor(q), tensor(key), tensor(value)).output.data;
        const before = run(k, v);
        for (let t = 1; t < T; t++) {
          const later = nd.concat([nd.zeros([t, D]), nd.ones([T - t, D])]);
          const after = run(k.add(later), v.add(later.mul(3)));
          const change = after.sub(before).narrow(0, 0, t).abs().max().item();
          if (!(change < 1e-5))
            return `with other keys and values from position ${t} on, outputs before ${t} change by ${change.toPrecision(3)}`;
        }
        return before.shape[0] === T && before.abs().max().item() > 0.1 ? null : "the outputs are empty";
      },
    }),
    checks.gradient(causalAttention, small, { points: 1, out: (result) => result.output }),
  ],
  mutants: [
    {
      name: "not scaled",
      caughtBy: "worked by hand",
      says: "the scores are not divided by √D: the weights come out too sharp",
      fn: variant({ scale: () => 1 }),
    },
    {
      name: "divided by D",
      caughtBy: "worked by hand",
      says: "the scores are divided by D, not by √D",
      fn: variant({ scale: (_, D) => D }),
    },
    {
      name: "scaled by the length",
      caughtBy: "worked by hand",
      says: "the scores are divided by √T; it is the size of the vectors that makes them grow: √D",
      fn: variant({ scale: (T) => Math.sqrt(T) }),
    },
    {
      name: "no mask",
      caughtBy: "worked by hand",
      says: "there is no mask: every position sees the future, where its answer stands",
      fn: variant({ hidden: (all) => all.triu(all.shape[0]) }),
    },
    {
      name: "mask transposed",
      caughtBy: "worked by hand",
      says: "the mask blocks the past instead of the future: column j > row i is the future, that is triu, not tril",
      fn: variant({ hidden: (all) => all.tril(-1) }),
    },
    {
      name: "self excluded",
      caughtBy: "dtype and finite numbers",
      says: "the mask blocks the diagonal too, so position 0 sees nothing at all: triu(1), not triu(0)",
      fn: variant({ hidden: (all) => all.triu(0) }),
    },
    {
      name: "one step of the future is seen",
      caughtBy: "worked by hand",
      says: "every position sees the next one, which is its answer: triu(1), not triu(2)",
      fn: variant({ hidden: (all) => all.triu(2) }),
    },
    {
      name: "what may be seen is blocked",
      caughtBy: "dtype and finite numbers",
      says: "the mask is inverted: maskedFill writes −∞ where the mask is true, so true must mean the future",
      fn: variant({ hidden: (all) => all.tril(0) }),
    },
    {
      name: "masked with zero",
      caughtBy: "worked by hand",
      says: "a score of 0 is not nothing: exp(0) = 1. Fill with -Infinity, because exp(−∞) = 0",
      fn: variant({ fill: 0 }),
    },
    {
      name: "masked after the softmax",
      caughtBy: "worked by hand",
      says: "the mask comes after the softmax, so rows no longer sum to 1: mask the scores, then softmax",
      fn: (query, key, value) => {
        const [T, D] = query.shape.slice(-2);
        const all = softmax(query.matmul(key.transpose()).div(Math.sqrt(D)));
        const weights = all.maskedFill(
          blocked(T, (x) => x.triu(1)),
          0,
        );
        return { output: weights.matmul(value), weights };
      },
    },
    {
      name: "softmax over the wrong axis",
      caughtBy: "worked by hand",
      says: "the columns sum to 1 instead of the rows: softmax goes over the last axis",
      fn: variant({ axis: -2 }),
    },
    {
      name: "left the graph",
      caughtBy: "gradients",
      says: "does the function use .data or detach()?",
      fn: (query, key, value) => causalAttention(query.detach(), key.detach(), value.detach()),
    },
  ],
});
