import { concat, stack, Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";
import type * as nd from "../../../tensor";

/**
 * Cut the features of every token into heads: x (B, T, C) → (B, H, T, D) with D = C / H. Head 0 gets the first D features
 * of every token, head 1 the next D, and so on.
 */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const [B, T, C] = x.shape;
  // BEGIN SOLUTION
  return x.reshape([B, T, heads, C / heads]).transpose(1, 2);
  // END SOLUTION
}

/** Every second time a view, whose numbers lie in another order in memory. */
const numbers = ([B, T, C]: number[], seed: number, random: nd.Generator): Tensor =>
  seed % 2 === 0 ? tensor(random.normal([B, T, C])) : new Tensor(random.normal([C, T, B]).transpose(0, 2));

export const inputs = seeded(splitHeads, { B: 2, T: 7, H: 3, D: 5 }, ({ B, T, H, D }, random, seed) => [
  numbers([B, T, H * D], seed, random),
  H,
]);

type SplitHeads = typeof splitHeads;
const wrong =
  (fn: (x: Tensor, B: number, T: number, H: number, D: number) => Tensor): SplitHeads =>
  (x, heads) => {
    const [B, T, C] = x.shape;
    return fn(x, B, T, heads, C / heads);
  };

export const splitHeadsExercise = exercise(splitHeads, {
  id: "splitHeads",
  title: { en: "Split into heads", ru: "Разделить на головы" },
  minutes: 8,
  forbids: ["MultiHeadAttention"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(splitHeads, {
      points: 1,
      args: () => [
        tensor([
          [
            [1, 2, 3, 4, 5, 6],
            [10, 20, 30, 40, 50, 60],
          ],
        ]),
        2,
      ],
      expected: [
        [
          [
            [1, 2, 3],
            [10, 20, 30],
          ],
          [
            [4, 5, 6],
            [40, 50, 60],
          ],
        ],
      ],
      because: {
        en: "there are two tokens of six features; head 0 takes the first three of each token, head 1 the last three",
        ru: "здесь два токена по шесть признаков; голова 0 берёт первые три признака каждого, голова 1 — последние три",
      },
    }),
    checks.random(inputs, { points: 1 }),
    checks.gradient(splitHeads, inputs, { points: 1, names: ["x"], out: (y) => y }),
  ],
  mutants: [
    {
      name: "reshaped straight to the goal",
      says: {
        en: "reshape alone keeps the numbers in their order, so heads get tokens instead of features: first (B, T, H, D), then exchange T and H",
        ru: "один reshape сохраняет порядок чисел, и головам достаются токены, а не признаки: сначала (B, T, H, D), потом поменяйте местами T и H",
      },
      fn: wrong((x, B, T, H, D) => x.reshape([B, H, T, D])),
    },
    {
      name: "dealt out in turn",
      says: {
        en: "features are dealt out in turn, like cards: neighbours belong to one head, so reshape to (…, H, D), not (…, D, H)",
        ru: "признаки розданы по очереди, как карты: соседние признаки принадлежат одной голове, поэтому (…, H, D), а не (…, D, H)",
      },
      fn: wrong((x, B, T, H, D) => x.reshape([B, T, D, H]).permute([0, 3, 1, 2])),
    },
    {
      name: "T and D exchanged by a reshape",
      says: {
        en: "the last two axes were cut as (D, T) and then exchanged: the numbers do not lie in memory like that. Cut only C, into (H, D)",
        ru: "последние оси нарезаны как (D, T) и потом переставлены, но числа в памяти лежат не так. Режьте только C, на (H, D)",
      },
      fn: wrong((x, B, T, H, D) => x.reshape([B, H, D, T]).transpose(2, 3)),
    },
    {
      name: "batch and heads mixed",
      says: {
        en: "the batch axis was moved by a reshape: sentences and heads are mixed up. Leave B in front, and cut C alone",
        ru: "ось батча сдвинута через reshape: предложения и головы перемешались. Оставьте B впереди и режьте только C",
      },
      fn: wrong((x, B, T, H, D) => x.reshape([H, B, T, D]).transpose(0, 1)),
    },
    {
      name: "heads in front of features only",
      says: {
        en: "the heads stand behind the tokens, (B, T, H, D): exchange axes 1 and 2 at the end",
        ru: "головы стоят после токенов, (B, T, H, D): поменяйте в конце оси 1 и 2",
      },
      fn: wrong((x, B, T, H, D) => x.reshape([B, T, H, D])),
    },
  ],
  variants: [
    {
      name: "one slice for each head",
      fn: (x, heads) => {
        const D = x.shape[2] / heads;
        return stack(
          Array.from({ length: heads }, (_, head) => x.narrow(2, head * D, D)),
          1,
        );
      },
    },
    {
      name: "features first",
      fn: (x, heads) => {
        const [B, T, C] = x.shape;
        return x
          .transpose(1, 2)
          .reshape([B, heads, C / heads, T])
          .transpose(2, 3);
      },
    },
    {
      name: "sentence by sentence",
      fn: (x, heads) => {
        const [B, T, C] = x.shape;
        const one = (b: number) => x.select(0, b).reshape([T, heads, -1]).transpose(0, 1);
        return concat(Array.from({ length: B }, (_, b) => one(b).unsqueeze(0))).reshape([
          B,
          heads,
          T,
          C / heads,
        ]);
      },
    },
  ],
});
