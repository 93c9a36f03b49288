import { softmax, Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";
import * as nd from "../../../tensor";

/**
 * Scaled dot-product attention: weights = softmax(Q Kᵀ / √D), output = weights V.
 *
 * query (..., T, D), key (..., S, D), value (..., S, E) → weights (..., T, S), output (..., T, E). Where `mask`, bool of
 * a shape that broadcasts to (..., T, S), is false, nothing is seen: the weight is 0.
 */
export function attention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  mask?: nd.NDArray,
): { output: Tensor; weights: Tensor } {
  const D = query.shape.at(-1)!;
  // BEGIN SOLUTION
  let scores = query.matmul(key.transpose()).div(Math.sqrt(D));
  if (mask) scores = scores.maskedFill(mask.logicalNot(), -Infinity);
  const weights = softmax(scores);
  return { output: weights.matmul(value), weights };
  // END SOLUTION
}

/** Arrays as the model hands them over: every second time a view, whose numbers lie in another order in memory. */
const numbers = (shape: number[], seed: number, random: nd.Generator): Tensor =>
  seed % 2 === 0
    ? tensor(random.normal(shape))
    : new Tensor(random.normal([...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!]).transpose());

const sizes = { B: 2, H: 5, T: 7, S: 9, D: 6, E: 3 };
const inputs = seeded(attention, sizes, ({ B, H, T, S, D, E }, random, seed) => [
  numbers([B, H, T, D], seed, random),
  numbers([B, H, S, D], seed, random),
  numbers([B, H, S, E], seed, random),
]);

/** What may be seen of S keys: at random, but always the first. */
const someOf = (shape: number[], random: nd.Generator): nd.NDArray =>
  random
    .uniform(shape)
    .lt(0.5)
    .logicalOr(nd.arange(0, shape.at(-1)!).eq(0));

export const masked = seeded(attention, sizes, ({ B, H, T, S, D, E }, random, seed) => [
  numbers([B, H, T, D], seed, random),
  numbers([B, H, S, D], seed, random),
  numbers([B, H, S, E], seed, random),
  someOf(
    [
      [T, S],
      [B, 1, 1, S],
      [B, H, T, S],
    ][seed % 3],
    random,
  ),
]);

const small = seeded(attention, { T: 3, S: 5, D: 6, E: 7 }, ({ T, S, D, E }, random) => [
  tensor(random.normal([T, D])),
  tensor(random.normal([S, D])),
  tensor(random.normal([S, E])),
  someOf([T, S], random),
]);

/** Q and K whose scores, divided by √D, lie around `level`, and a mask that hides the largest. */
export function scoresAround(level: number): Parameters<typeof attention> {
  const random = new nd.Generator(5);
  const query = nd.concat([nd.ones([3, 1]), random.normal([3, 5])], 1);
  const key = nd.concat([nd.full([7, 1], level * Math.sqrt(6)), random.normal([7, 5])], 1);
  return [tensor(query), tensor(key), tensor(random.normal([7, 2])), someOf([3, 7], random)];
}

type Attention = typeof attention;
interface Parts {
  scale(query: Tensor, key: Tensor, value: Tensor): number;
  close(scores: Tensor, mask: nd.NDArray): Tensor;
  weigh(scores: Tensor): Tensor;
}

/** The solution with another part in one place. */
function built(parts: Partial<Parts>): Attention {
  const {
    scale = (query) => Math.sqrt(query.shape.at(-1)!),
    close = (scores, mask) => scores.maskedFill(mask.logicalNot(), Number.NEGATIVE_INFINITY),
    weigh = (scores) => softmax(scores),
  } = parts;
  return (query, key, value, mask) => {
    const scores = query.matmul(key.transpose()).div(scale(query, key, value));
    const weights = weigh(mask ? close(scores, mask) : scores);
    return { output: weights.matmul(value), weights };
  };
}

export const attentionExercise = exercise(attention, {
  id: "attention",
  hidden: 3,
  title: { en: "Scaled dot-product attention", ru: "Внимание через скалярные произведения" },
  minutes: 15,
  forbids: ["scaledDotProductAttention", "MultiHeadAttention"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(attention, {
      points: 1,
      args: () => [
        tensor([[Math.sqrt(6) * Math.log(3), 0, 0, 0, 0, 0]]),
        tensor([
          [1, 0, 0, 0, 0, 0],
          [0, 1, 0, 0, 0, 0],
        ]),
        tensor([[8], [4]]),
      ],
      expected: { weights: [[0.75, 0.25]], output: [[7]] },
      because: {
        en: "the scores are √6 · ln 3 / √6 = ln 3 and 0, so the weights are as 3 to 1, and 0.75 · 8 + 0.25 · 4 = 7",
        ru: "оценки равны √6 · ln 3 / √6 = ln 3 и 0, поэтому веса относятся как 3 к 1, и 0,75 · 8 + 0,25 · 4 = 7",
      },
    }),
    checks.random(inputs, { points: 1 }),
    checks.random(masked, { points: 2, name: { en: "with a mask", ru: "с маской" } }),
    checks.invariant(
      attention,
      { en: "scores of any size", ru: "оценки любой величины" },
      {
        points: 1,
        examples: [-300, 300].map((level) => () => scoresAround(level)),
        broken(fn) {
          for (const level of [-300, 300]) {
            const [got, right] = [fn, attention].map((f) => f(...scoresAround(level)).weights.data);
            const off = got.sub(right).abs().max().item();
            if (off < 0.01) continue;
            const row = Array.from(got.select(0, 0).flat(), (x) => x.toFixed(2)).join(", ");
            return {
              en: `when all scores lie around ${level}, the weights are wrong; first row: ${row}`,
              ru: `когда все оценки около ${level}, веса неверны; первая строка: ${row}`,
            };
          }
          return null;
        },
      },
    ),
    checks.gradient(attention, small, {
      points: 1,
      names: ["query", "key", "value"],
      out: ({ output }) => output,
    }),
  ],
  mutants: [
    {
      name: "not scaled",
      says: {
        en: "the scores are not divided by √D: the weights come out too sharp",
        ru: "оценки не поделены на √D: веса получаются слишком резкими",
      },
      fn: built({ scale: () => 1 }),
    },
    {
      name: "divided by D",
      says: { en: "the scores are divided by D, not by √D", ru: "оценки поделены на D, а не на √D" },
      fn: built({ scale: (query) => query.shape.at(-1)! }),
    },
    {
      name: "root of the number of keys",
      says: {
        en: "the scores are divided by √S; it is the size of the vectors that makes them grow: √D",
        ru: "оценки поделены на √S; растут они из-за размера векторов: нужно √D",
      },
      fn: built({ scale: (_, key) => Math.sqrt(key.shape.at(-2)!) }),
    },
    {
      name: "root of the number of queries",
      says: {
        en: "the scores are divided by √T; it is the size of the vectors that makes them grow: √D",
        ru: "оценки поделены на √T; растут они из-за размера векторов: нужно √D",
      },
      fn: built({ scale: (query) => Math.sqrt(query.shape.at(-2)!) }),
    },
    {
      name: "softmax over the queries",
      says: {
        en: "the softmax runs over the queries: it is each row, the keys of one query, that must sum to 1",
        ru: "softmax взят по запросам, а в сумме 1 должна давать каждая строка: ключи одного запроса",
      },
      fn: built({ weigh: (scores) => softmax(scores, -2) }),
    },
    {
      name: "mask inverted",
      says: {
        en: "the mask is the wrong way round: true means *may be seen*, and maskedFill writes where its mask is true",
        ru: "маска перевёрнута: true значит «можно видеть», а maskedFill пишет там, где её маска true",
      },
      fn: built({ close: (scores, mask) => scores.maskedFill(mask, Number.NEGATIVE_INFINITY) }),
    },
    {
      name: "mask not used",
      says: {
        en: "the mask has no effect: maskedFill gives a new tensor, is its result used?",
        ru: "маска не действует: maskedFill возвращает новый тензор, используется ли он?",
      },
      fn: built({ close: (scores) => scores }),
    },
    {
      name: "masked with zero",
      says: {
        en: "a score of 0 is not nothing: exp(0) = 1. Fill with -Infinity, because exp(−∞) = 0",
        ru: "оценка 0 — это не «ничего»: exp(0) = 1. Заполняйте -Infinity, ведь exp(−∞) = 0",
      },
      fn: built({ close: (scores, mask) => scores.maskedFill(mask.logicalNot(), 0) }),
    },
    {
      name: "masked with a number that is not small enough",
      says: {
        en: "-100 is not low enough: where all scores lie lower, what is hidden wins. Fill with -Infinity",
        ru: "-100 недостаточно мало: там, где все оценки ниже, побеждает скрытое. Заполняйте -Infinity",
      },
      fn: built({ close: (scores, mask) => scores.maskedFill(mask.logicalNot(), -100) }),
    },
    {
      name: "masked after the softmax",
      says: {
        en: "the mask comes after the softmax, so rows no longer sum to 1: mask the scores, then softmax",
        ru: "маска применена после softmax, и сумма строки уже не 1: сначала маска, потом softmax",
      },
      fn: (query, key, value, mask) => {
        const { weights: all } = built({})(query, key, value);
        const weights = mask ? all.maskedFill(mask.logicalNot(), 0) : all;
        return { output: weights.matmul(value), weights };
      },
    },
  ],
  variants: [
    {
      name: "scaled queries, exponentials by hand",
      fn: (query, key, value, mask) => {
        let scores = query.mul(query.shape.at(-1)! ** -0.5).matmul(key.transpose(-1, -2));
        if (mask) scores = scores.add(nd.zeros(mask.shape).maskedFill(mask.logicalNot(), -Infinity));
        const powers = scores.sub(scores.data.max(-1, { keepDims: true })).exp();
        const weights = powers.div(powers.sum(-1, { keepDims: true }));
        return { weights, output: weights.matmul(value) };
      },
    },
    {
      name: "distances in place of products",
      // −|q − k|² / 2 = q·k − |q|² / 2 − |k|² / 2: the softmax does not see what all keys of a row share.
      fn: (query, key, value, mask = nd.ones([1], { dtype: "bool" })) => {
        const D = query.shape.at(-1)!;
        const distances = query.unsqueeze(-2).sub(key.unsqueeze(-3)).square().sum(-1);
        const norms = key.square().sum(-1).unsqueeze(-2);
        const scores = norms.sub(distances).div(2 * Math.sqrt(D));
        const weights = softmax(scores.maskedFill(mask.logicalNot(), -Infinity));
        return { weights, output: weights.matmul(value) };
      },
    },
  ],
});
