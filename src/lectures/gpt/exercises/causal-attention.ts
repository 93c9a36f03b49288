import { softmax, Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { mutants, variants } from "./causal-attention.answers";

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

/** Arrays as the model hands them over: every second time a view, whose numbers lie in another order in memory. */
const numbers = (shape: number[], seed: number, random: nd.Generator): Tensor =>
  seed % 2 === 0
    ? tensor(random.normal(shape))
    : new Tensor(random.normal([...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!]).transpose());

// No two of √D, D / 2, log₂ D, √T, √H, … are the same number.
const inputs = seeded(
  causalAttention,
  { B: 2, H: 5, T: 7, D: 6, E: 3 },
  ({ B, H, T, D, E }, random, seed) => [
    numbers([B, H, T, D], seed, random),
    numbers([B, H, T, D], seed, random),
    numbers([B, H, T, E], seed, random),
  ],
);

const small = seeded(causalAttention, { T: 4, D: 3, E: 5 }, ({ T, D, E }, random) => [
  tensor(random.normal([T, D])),
  tensor(random.normal([T, D])),
  tensor(random.normal([T, E])),
]);

/** Q and K whose scores, divided by √D, lie around `level`; and V. */
function withScoresAround(level: number): [Tensor, Tensor, Tensor] {
  const random = new nd.Generator(5);
  const [T, D] = [5, 3];
  // The first number of every vector alone makes the level, the others the differences.
  const first = nd.arange(0, D).eq(0).to("float32");
  const q = random.normal([T, D]).mul(first.neg().add(1)).add(first);
  const k = random
    .normal([T, D])
    .mul(first.neg().add(1))
    .add(first.mul(level * Math.sqrt(D)));
  return [tensor(q), tensor(k), tensor(random.normal([T, 2]))];
}

export const causalAttentionExercise = exercise(causalAttention, {
  id: "causalAttention",
  title: { en: "Causal attention", ru: "Каузальное внимание" },
  minutes: 15,
  forbids: ["scaledDotProductAttention", "MultiHeadAttention"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(causalAttention, {
      points: 1,
      args: () => [
        tensor([
          [0, 0, 0, 0, 0, 0],
          [Math.sqrt(6) * Math.log(3), 0, 0, 0, 0, 0],
        ]),
        tensor([
          [1, 0, 0, 0, 0, 0],
          [0, 1, 0, 0, 0, 0],
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
      because: {
        en: "position 0 sees only itself; for position 1 the scores are √6 · ln 3 / √6 = ln 3 and 0, so the weights are as 3 to 1",
        ru: "позиция 0 видит только себя; у позиции 1 оценки √6 · ln 3 / √6 = ln 3 и 0, поэтому веса относятся как 3 к 1",
      },
    }),
    checks.random(inputs, { points: 1, picture: true }),
    checks.invariant(
      causalAttention,
      { en: "no position sees the future", ru: "ни одна позиция не видит будущего" },
      {
        points: 1,
        broken(fn, random) {
          const [T, D] = [7, 6];
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
              return {
                en: `with other keys and values from position ${t} on, outputs before ${t} change by ${change.toPrecision(3)}`,
                ru: `если поменять ключи и значения начиная с позиции ${t}, выходы до ${t} меняются на ${change.toPrecision(3)}`,
              };
          }
          return before.shape[0] === T && before.abs().max().item() > 0.1
            ? null
            : { en: "the outputs are empty", ru: "выходы пусты" };
        },
      },
    ),
    checks.invariant(
      causalAttention,
      { en: "scores of any size", ru: "оценки любой величины" },
      {
        points: 1,
        examples: [-300, 300].map((level) => () => withScoresAround(level)),
        broken(fn) {
          for (const level of [-300, 300]) {
            const [got, expected] = [fn, causalAttention].map(
              (f) => f(...withScoresAround(level)).weights.data,
            );
            const off = got.sub(expected).abs().max().item();
            const rows = got.sum(-1).sub(1).abs().max().item();
            if (off < 0.01 && rows < 0.01) continue;
            const [en, ru] = Number.isNaN(off) ? ["NaN", "равны NaN"] : ["wrong", "неверны"];
            const row = Array.from(got.select(0, 0).flat(), (x) => x.toFixed(2)).join(", ");
            return {
              en: `when all scores lie around ${level}, the weights are ${en}; first row: ${row}`,
              ru: `когда все оценки лежат около ${level}, веса ${ru}; первая строка: ${row}`,
            };
          }
          return null;
        },
      },
    ),
    checks.gradient(causalAttention, small, {
      points: 1,
      names: ["query", "key", "value"],
      out: (result) => result.output,
    }),
  ],
  mutants,
  variants,
});
