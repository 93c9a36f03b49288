import { concat, Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";
import type * as nd from "../../../tensor";
import { splitHeads } from "./split-heads";

/** Put the heads of every token side by side again: x (B, H, T, D) → (B, T, H · D), head 0 first. */
export function mergeHeads(x: Tensor): Tensor {
  const [B, H, T, D] = x.shape;
  // BEGIN SOLUTION
  return x.transpose(1, 2).reshape([B, T, H * D]);
  // END SOLUTION
}

/** Every second time a view, whose numbers lie in another order in memory. */
const numbers = ([B, H, T, D]: number[], seed: number, random: nd.Generator): Tensor =>
  seed % 2 === 0
    ? tensor(random.normal([B, H, T, D]))
    : new Tensor(random.normal([B, T, H, D]).transpose(1, 2));

export const inputs = seeded(mergeHeads, { B: 2, H: 3, T: 7, D: 5 }, ({ B, H, T, D }, random, seed) => [
  numbers([B, H, T, D], seed, random),
]);

type MergeHeads = typeof mergeHeads;
const wrong =
  (fn: (x: Tensor, B: number, H: number, T: number, D: number) => Tensor): MergeHeads =>
  (x) => {
    const [B, H, T, D] = x.shape;
    return fn(x, B, H, T, D);
  };

export const mergeHeadsExercise = exercise(mergeHeads, {
  id: "mergeHeads",
  title: { en: "Merge the heads", ru: "Собрать головы вместе" },
  minutes: 5,
  forbids: ["MultiHeadAttention"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(mergeHeads, {
      points: 1,
      args: () => [
        tensor([
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
        ]),
      ],
      expected: [
        [
          [1, 2, 3, 4, 5, 6],
          [10, 20, 30, 40, 50, 60],
        ],
      ],
      because: {
        en: "token 0 is 1 2 3 in head 0 and 4 5 6 in head 1; side by side, 1 2 3 4 5 6",
        ru: "токен 0 — это 1 2 3 в голове 0 и 4 5 6 в голове 1; рядом получается 1 2 3 4 5 6",
      },
    }),
    checks.random(inputs, { points: 1 }),
    checks.invariant(
      mergeHeads,
      { en: "undoes the splitting", ru: "обратна разделению" },
      {
        points: 1,
        examples: [
          () => [splitHeads(tensor(new Array(2 * 7 * 15).fill(0).map((_, i) => i)).reshape([2, 7, 15]), 5)],
        ],
        broken(fn, random) {
          for (const heads of [3, 5]) {
            const x = tensor(random.normal([2, 7, 15]));
            const back = fn(splitHeads(x, heads));
            const off = back.data.sub(x.data).abs().max().item();
            if (off !== 0)
              return {
                en: `split into ${heads} heads and merged again, x should come back; the largest difference is ${off.toPrecision(3)}`,
                ru: `после разделения на ${heads} голов и сборки должен вернуться x; наибольшая разность ${off.toPrecision(3)}`,
              };
          }
          return null;
        },
      },
    ),
    checks.gradient(mergeHeads, inputs, { points: 1, names: ["x"], out: (y) => y }),
  ],
  mutants: [
    {
      name: "reshaped at once",
      says: {
        en: "without a transpose, reshape puts different tokens of one head side by side: exchange H and T first",
        ru: "без перестановки reshape ставит рядом разные токены одной головы: сначала поменяйте местами H и T",
      },
      fn: wrong((x, B, H, T, D) => x.reshape([B, T, H * D])),
    },
    {
      name: "features interleaved",
      says: {
        en: "the features of the heads are interleaved: H must stand in front of D when they are joined, (B, T, H, D)",
        ru: "признаки голов перемежаются: при объединении H должна стоять перед D, (B, T, H, D)",
      },
      fn: wrong((x, B, H, T, D) => x.permute([0, 2, 3, 1]).reshape([B, T, H * D])),
    },
    {
      name: "last axes exchanged",
      says: {
        en: "the last two axes were exchanged, `transpose()`, where it must be H and T: `transpose(1, 2)`",
        ru: "переставлены последние две оси, `transpose()`, а нужны H и T: `transpose(1, 2)`",
      },
      fn: wrong((x, B, H, T, D) => x.transpose().reshape([B, T, H * D])),
    },
    {
      name: "batch and tokens exchanged",
      says: {
        en: "the sentences of the batch are mixed: B must stay in front",
        ru: "предложения в батче перемешаны: B должна оставаться впереди",
      },
      fn: wrong((x, B, H, T, D) => x.permute([2, 0, 1, 3]).reshape([B, T, H * D])),
    },
    {
      name: "heads averaged",
      says: {
        en: "the heads were averaged; each has found something of its own, so keep them all, side by side",
        ru: "головы усреднены; каждая нашла своё, поэтому сохраните все, рядом друг с другом",
      },
      fn: wrong((x, _B, H) =>
        concat(
          Array.from({ length: H }, () => x.mean(1)),
          -1,
        ),
      ),
    },
  ],
  variants: [
    {
      name: "head after head",
      fn: (x) =>
        concat(
          Array.from({ length: x.shape[1] }, (_, head) => x.select(1, head)),
          -1,
        ),
    },
    {
      name: "permute and flatten",
      fn: (x) => x.permute([0, 2, 1, 3]).flatten(2, 3),
    },
  ],
});
