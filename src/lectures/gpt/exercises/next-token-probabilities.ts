import { checks, exercise, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";

/**
 * From the logits (V) of the next token to the probabilities (V) that it is drawn from; temperature > 0.
 *
 * temperature: p = softmax(logits / temperature); below 1 bolder for the likely tokens, above 1 flatter.
 * topK: only the k most likely tokens stay.
 * topP: of these, only the fewest most likely tokens that together reach p (Holtzman et al. 2020).
 *
 * What stays is divided by its sum, after topK and again after topP.
 */
export function nextTokenProbabilities(
  logits: NDArray,
  { temperature = 1, topK = logits.size, topP = 1 }: { temperature?: number; topK?: number; topP?: number },
): NDArray {
  // BEGIN SOLUTION
  let p = logits.div(temperature).softmax();
  if (topK < p.size) {
    const smallest = p.topk(topK).values.min().item();
    p = p.maskedFill(p.lt(smallest), 0);
    p = p.div(p.sum());
  }
  if (topP < 1) {
    const sorted = p.sort(-1, { descending: true }).values;
    const before = sorted.cumsum(-1).sub(sorted); // what the more likely tokens have together
    const smallest = sorted.get([before.lt(topP).sum().item() - 1]);
    p = p.maskedFill(p.lt(smallest), 0);
    p = p.div(p.sum());
  }
  return p;
  // END SOLUTION
}

type Probabilities = typeof nextTokenProbabilities;

/** The solution with a slip in one place. */
const variant =
  ({
    heat = (logits, temperature) => logits.div(temperature).softmax(),
    k = (topK) => topK,
    kept = (sorted, topP) => sorted.cumsum(-1).sub(sorted).lt(topP).sum().item(),
    descending = true,
    normalise = (p) => p.div(p.sum()),
  }: {
    heat?: (logits: NDArray, temperature: number) => NDArray;
    k?: (topK: number) => number;
    /** How many of the sorted tokens top-p keeps. */
    kept?: (sorted: NDArray, topP: number) => number;
    descending?: boolean;
    normalise?: (p: NDArray) => NDArray;
  }): Probabilities =>
  (logits, { temperature = 1, topK = logits.size, topP = 1 }) => {
    let p = heat(logits, temperature);
    if (topK < p.size) {
      const smallest = p.topk(k(topK)).values.min().item();
      p = normalise(p.maskedFill(p.lt(smallest), 0));
    }
    if (topP < 1) {
      const sorted = p.sort(-1, { descending }).values;
      const last = sorted.get([Math.max(kept(sorted, topP), 1) - 1]);
      p = normalise(p.maskedFill(descending ? p.lt(last) : p.gt(last), 0));
    }
    return p;
  };

const inputs = seeded(nextTokenProbabilities, { V: 11 }, ({ V }, random) => [
  random.normal([V], { std: 2 }),
  { temperature: 0.7, topK: 6, topP: 0.8 },
]);

/** Logits of these probabilities. */
const logitsOf = (probabilities: number[]) => nd.array(probabilities).log();

export const nextTokenProbabilitiesExercise = exercise(nextTokenProbabilities, {
  id: "nextTokenProbabilities",
  title: "Temperature, top-k and top-p",
  minutes: 20,
  prose: `Write \`nextTokenProbabilities\`: from the logits of the next token to the distribution that it is drawn from.

1. **Temperature** $\\tau$: $p = \\text{softmax}(\\text{logits} / \\tau)$.
2. **Top-k**: keep the \`topK\` most likely tokens, set the others to 0, divide by the sum.
3. **Top-p**: keep the most likely tokens until together they reach \`topP\`, *the one that crosses the line included*; set the others to 0, divide by the sum.

For the probabilities 0.5, 0.25, 0.15, 0.1 and \`topP: 0.6\`: 0.5 alone does not reach 0.6, so 0.25 joins, and the result is ⅔, ⅓, 0, 0.

Useful: \`x.softmax()\`, \`x.topk(k).values\`, \`x.sort(-1, { descending: true }).values\`, \`x.cumsum(-1)\`, \`x.lt(number)\` (true where smaller), \`x.maskedFill(mask, 0)\`, \`x.sum()\`, \`x.item()\` for the number in an array of one.`,
  hints: {
    pseudocode: `\`\`\`text
p ← softmax(logits / temperature)
if topK < size of p:
    smallest ← the smallest of the topK largest values of p
    p ← p with 0 where p < smallest, divided by its sum
if topP < 1:
    sorted ← p from large to small
    before ← for each of them, the sum of those in front of it     (cumsum minus itself)
    count  ← in how many places is before < topP?                  these tokens stay
    smallest ← sorted[count − 1]
    p ← p with 0 where p < smallest, divided by its sum
\`\`\``,
    help: [
      {
        when: "an error about `item`, or that a number was expected",
        look: "`p.sum()` is an array without axes. `p.div(p.sum())` works; for a JavaScript number take `.item()`.",
      },
      {
        when: "everything is NaN",
        look: "nothing was kept, so the sum is 0. At least one token always stays.",
      },
      {
        when: "top-p keeps one token too few",
        look: "ask what is in front of a token (`before < topP`), not what is reached with it (`cumsum <= topP`).",
      },
    ],
  },
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(nextTokenProbabilities, {
      name: "temperature by hand",
      points: 1,
      args: () => [logitsOf([0.6, 0.3, 0.1]), { temperature: 0.5 }],
      expected: [36 / 46, 9 / 46, 1 / 46],
      because:
        "logits / 0.5 doubles them, which squares the probabilities: 0.36, 0.09, 0.01, over their sum 0.46",
    }),
    checks.byHand(nextTokenProbabilities, {
      name: "top-k by hand",
      points: 1,
      args: () => [logitsOf([0.1, 0.5, 0.15, 0.25]), { topK: 2 }],
      expected: [0, 2 / 3, 0, 1 / 3],
      because: "0.5 and 0.25 stay; over their sum 0.75 they are 2/3 and 1/3",
    }),
    checks.byHand(nextTokenProbabilities, {
      name: "top-p by hand",
      points: 1,
      args: () => [logitsOf([0.1, 0.5, 0.15, 0.25]), { topP: 0.6 }],
      expected: [0, 2 / 3, 0, 1 / 3],
      because: "0.5 alone does not reach 0.6; with 0.25 the line is crossed, so these two stay",
    }),
    checks.random(inputs, { points: 1, name: "all three together", times: 6 }),
    checks.invariant(nextTokenProbabilities, "probabilities sum to 1", {
      points: 0,
      broken(fn, random) {
        for (const options of [{}, { topK: 3 }, { topP: 0.5 }, { temperature: 3, topK: 1 }]) {
          const sum = fn(random.normal([9]), options)
            .sum()
            .item();
          if (Math.abs(sum - 1) > 1e-5)
            return `with ${JSON.stringify(options)} they sum to ${sum.toPrecision(4)}`;
        }
        return null;
      },
    }),
  ],
  mutants: [
    {
      name: "temperature after the softmax",
      caughtBy: "temperature by hand",
      says: "the temperature has no effect: divide the logits by it, before the softmax",
      fn: variant({
        heat: (logits, temperature) => {
          const p = logits.softmax().div(temperature);
          return p.div(p.sum());
        },
      }),
    },
    {
      name: "multiplied by the temperature",
      caughtBy: "temperature by hand",
      says: "the logits are multiplied by the temperature: hot and cold are exchanged",
      fn: variant({ heat: (logits, temperature) => logits.mul(temperature).softmax() }),
    },
    {
      name: "temperature forgotten",
      caughtBy: "temperature by hand",
      says: "the temperature has no effect",
      fn: variant({ heat: (logits) => logits.mul(1.0001).softmax() }),
    },
    {
      name: "top-k keeps one more",
      caughtBy: "top-k by hand",
      says: "top-k keeps k + 1 tokens",
      fn: variant({ k: (topK) => topK + 1 }),
    },
    {
      name: "top-k keeps one less",
      caughtBy: "top-k by hand",
      says: "top-k keeps k − 1 tokens: the k-th itself must stay, so drop what is smaller (lt), not what is as small (le)",
      fn: variant({ k: (topK) => topK - 1 }),
    },
    {
      name: "top-p drops the token that crosses",
      caughtBy: "top-p by hand",
      says: "top-p drops the token that crosses the line: what is kept does not reach p",
      fn: variant({ kept: (sorted, topP) => sorted.cumsum(-1).le(topP).sum().item() }),
    },
    {
      name: "top-p keeps one more",
      caughtBy: "top-p by hand",
      says: "top-p keeps one token too many: sorted[count] is the first that goes, sorted[count − 1] the last that stays",
      fn: variant({
        kept: (sorted, topP) =>
          Math.min(sorted.size, sorted.cumsum(-1).sub(sorted).lt(topP).sum().item() + 1),
      }),
    },
    {
      name: "top-p from the unlikely end",
      caughtBy: "top-p by hand",
      says: "top-p collects from the least likely token on: sort from large to small, { descending: true }",
      fn: variant({ descending: false }),
    },
    {
      name: "not normalised",
      caughtBy: "top-k by hand",
      says: "what stays does not sum to 1: divide by the sum after each step",
      fn: variant({ normalise: (p) => p }),
    },
    {
      name: "top-k with logits of zero",
      caughtBy: "top-k by hand",
      says: "a logit of 0 still gets a share, because exp(0) = 1: set probabilities to 0, or logits to -Infinity",
      fn: (logits, { temperature = 1, topK = logits.size, topP }) => {
        const scores = logits.div(temperature);
        const smallest = scores.topk(topK).values.min().item();
        return nextTokenProbabilities(scores.maskedFill(scores.lt(smallest), 0), { topP });
      },
    },
  ],
});
