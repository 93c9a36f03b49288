import { checks, exercise, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";

/**
 * Scores of attention for several heads at once: out[b, h, t, s] = Σ_d query[b, t, h, d] · key[b, s, h, d] / √D.
 *
 * query (B, T, H, D), key (B, S, H, D) → (B, H, T, S).
 */
export function headScores(query: NDArray, key: NDArray): NDArray {
  // BEGIN SOLUTION
  const D = query.shape.at(-1)!;
  return nd.einsum("b t h d, b s h d -> b h t s", query, key).div(Math.sqrt(D));
  // END SOLUTION
}

type Scores = typeof headScores;

// No two of √D, D, √H, √T, … are the same number.
const inputs = seeded(headScores, { B: 2, T: 7, S: 5, H: 3, D: 6 }, ({ B, T, S, H, D }, random, seed) => [
  random.normal([B, T, H, D]),
  seed % 2 ? random.normal([B, H, S, D]).transpose(1, 2) : random.normal([B, S, H, D]),
]);

const scaled =
  (equation: string, scale: (query: NDArray) => number = (q) => Math.sqrt(q.shape[3])): Scores =>
  (query, key) =>
    nd.einsum(equation, query, key).div(scale(query));
const right = "b t h d, b s h d -> b h t s";

/** One sequence, two positions, two heads of size 3. */
const example = (): Parameters<Scores> => [
  nd.array([
    [
      [
        [1, 0, 2],
        [0, 1, 0],
      ],
      [
        [0, 3, 0],
        [1, 1, 1],
      ],
    ],
  ]),
  nd.array([
    [
      [
        [2, 1, 1],
        [1, 2, 3],
      ],
      [
        [0, 1, 0],
        [4, 0, 1],
      ],
      [
        [1, 1, 1],
        [0, 0, 2],
      ],
    ],
  ]),
];

export const headScoresExercise = exercise(headScores, {
  id: "headScores",
  title: { en: "Scores of several heads", ru: "Оценки нескольких голов" },
  minutes: 10,
  forbids: ["scaledDotProductAttention", "MultiHeadAttention"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(headScores, {
      points: 1,
      args: example,
      expected: [
        [
          [
            [4, 0, 3],
            [3, 3, 3],
          ],
          [
            [2, 0, 0],
            [6, 5, 2],
          ],
        ],
      ].map((b) => b.map((h) => h.map((t) => t.map((x) => x / Math.sqrt(3))))),
      because: {
        en: "head 0, position 0 against position 0: (1, 0, 2) · (2, 1, 1) = 4, over √3",
        ru: "голова 0, позиция 0 против позиции 0: (1, 0, 2) · (2, 1, 1) = 4, делённое на √3",
      },
    }),
    checks.random(inputs, { points: 2, times: 4 }),
    checks.invariant(
      headScores,
      { en: "heads do not mix", ru: "головы не смешиваются" },
      {
        points: 1,
        examples: [() => inputs.make(1)],
        broken(fn) {
          const [query, key] = inputs.make(3);
          const whole = fn(query, key);
          const alone = fn(query.slice(":", ":", "1:2"), key.slice(":", ":", "1:2"));
          const off = whole.slice(":", "1:2").sub(alone).abs().max().item();
          return off < 1e-4
            ? null
            : `the scores of head 1 change by ${off.toPrecision(3)} when the other heads are taken away`;
        },
      },
    ),
  ],
  mutants: [
    {
      name: "not scaled",
      says: { en: "the scores are not divided by √D", ru: "оценки не разделены на √D" },
      fn: scaled(right, () => 1),
    },
    {
      name: "divided by D",
      says: { en: "the scores are divided by D, not by √D", ru: "оценки разделены на D, а не на √D" },
      fn: scaled(right, (q) => q.shape[3]),
    },
    {
      name: "root of the heads",
      says: {
        en: "the scores are divided by √H; it is the size of the vectors that counts, the last axis",
        ru: "оценки разделены на √H; важен размер векторов, последняя ось",
      },
      fn: scaled(right, (q) => Math.sqrt(q.shape[2])),
    },
    {
      name: "keys of all heads",
      says: {
        en: "the key's axis h has another name, so all heads of the key are summed: use h in both",
        ru: "ось h у ключей названа иначе, и все головы ключей сложились: пишите h в обоих",
      },
      fn: scaled("b t h d, b s g d -> b h t s"),
    },
    {
      name: "features apart",
      says: {
        en: "the axis d has two names, so both are summed apart: only a name that stands in both is multiplied",
        ru: "у оси d два имени, и каждая сложена отдельно: перемножаются лишь оси с общим именем",
      },
      fn: scaled("b t h d, b s h e -> b h t s"),
    },
    {
      name: "batches mixed",
      says: {
        en: "the sequences are mixed: the key's first axis has to be b as well",
        ru: "последовательности смешаны: первая ось ключа тоже должна быть b",
      },
      fn: scaled("b t h d, c s h d -> b h t s"),
    },
    {
      name: "heads last",
      says: {
        en: "the heads stand last; the result is (B, H, T, S), written after the arrow",
        ru: "головы стоят последними; результат (B, H, T, S), порядок пишут после стрелки",
      },
      fn: scaled("b t h d, b s h d -> b t s h"),
    },
    {
      name: "looked at first",
      says: {
        en: "the last two axes have changed places: t, who looks, comes before s, who is looked at",
        ru: "две последние оси поменялись: t (кто смотрит) идёт раньше s (на кого смотрят)",
      },
      fn: scaled("b t h d, b s h d -> b h s t"),
    },
  ],
  variants: [
    {
      name: "heads in front, then a product",
      fn: (query, key) =>
        query
          .mul(query.shape[3] ** -0.5)
          .transpose(1, 2)
          .matmul(key.transpose(1, 2).transpose()),
    },
    {
      name: "one head after the other",
      fn: (query, key) => {
        const heads = Array.from({ length: query.shape[2] }, (_, h) =>
          query.select(2, h).matmul(key.select(2, h).transpose()).div(Math.sqrt(query.shape[3])),
        );
        return nd.stack(heads, 1);
      },
    },
  ],
});
