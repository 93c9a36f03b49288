import { concat, softmax, Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { Generator } from "../../../tensor";

/** Keys (..., P, D) and values (..., P, E) of the P tokens that were read before. */
export interface Past {
  key: Tensor;
  value: Tensor;
}

/**
 * Causal attention of S new tokens, with the keys and values of P earlier ones from a cache. query, key (..., S, D), value
 * (..., S, E). New token i sees all P earlier tokens and the new ones up to itself.
 *
 * Gives the output (..., S, E) and the longer cache, of P + S tokens. Without a `past` it is causal attention as before.
 */
export function attendWithCache(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  past: Past | null,
): { output: Tensor; past: Past } {
  const [S, D] = query.shape.slice(-2);
  // BEGIN SOLUTION
  const keys = past ? concat([past.key, key], -2) : key;
  const values = past ? concat([past.value, value], -2) : value;
  const P = keys.shape.at(-2)! - S;
  const scores = query.matmul(keys.transpose()).div(Math.sqrt(D));
  const future = nd.ones([S, P + S], { dtype: "bool" }).triu(P + 1);
  const weights = softmax(scores.maskedFill(future, -Infinity));
  return { output: weights.matmul(values), past: { key: keys, value: values } };
  // END SOLUTION
}

type Attend = typeof attendWithCache;

const inputs = seeded(
  attendWithCache,
  { B: 2, H: 3, P: 5, S: 4, D: 6, E: 7 },
  ({ B, H, P, S, D, E }, random, seed) => {
    const make = (T: number, C: number) =>
      seed % 2 ? new Tensor(random.normal([B, H, C, T]).transpose()) : tensor(random.normal([B, H, T, C]));
    return [make(S, D), make(S, D), make(S, E), { key: make(P, D), value: make(P, E) }];
  },
);
const small = seeded(attendWithCache, { P: 3, S: 2, D: 5, E: 4 }, ({ P, S, D, E }, random) => {
  const make = (T: number, C: number) => tensor(random.normal([T, C]));
  return [make(S, D), make(S, D), make(S, E), { key: make(P, D), value: make(P, E) }];
});
const some = (seed: number, S: number, P: number | null) => (): Parameters<Attend> => {
  const random = new Generator(seed);
  const make = (T: number, C: number) => tensor(random.normal([T, C]));
  return [make(S, 6), make(S, 6), make(S, 3), P === null ? null : { key: make(P, 6), value: make(P, 3) }];
};

interface Parts {
  join?: (old: Tensor, fresh: Tensor) => Tensor;
  mask?: (S: number, P: number) => nd.NDArray;
  scale?: (D: number, T: number) => number;
  keep?: (all: Past, fresh: Past) => Past;
}

/** The solution with another part in one place. */
const attender =
  ({
    join = (old, fresh) => concat([old, fresh], -2),
    mask = (S, P) =>
      nd
        .ones([S, P + S], { dtype: "bool" })
        .tril(P)
        .logicalNot(),
    scale = (D) => Math.sqrt(D),
    keep = (all) => all,
  }: Parts): Attend =>
  (query, key, value, past) => {
    const all = past ? { key: join(past.key, key), value: join(past.value, value) } : { key, value };
    const [S, D] = query.shape.slice(-2);
    const T = all.key.shape.at(-2)!;
    const scores = query.matmul(all.key.transpose()).div(scale(D, T));
    const weights = softmax(scores.maskedFill(mask(S, T - S), Number.NEGATIVE_INFINITY));
    return { output: weights.matmul(all.value), past: keep(all, { key, value }) };
  };

/** A text of five tokens in one piece, and cut in two. */
const text = () => some(11, 5, null)();

export const attendWithCacheExercise = exercise(attendWithCache, {
  id: "attendWithCache",
  title: { en: "Attention that remembers", ru: "Внимание с памятью" },
  minutes: 20,
  forbids: ["KVCache", "scaledDotProductAttention"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(attendWithCache, {
      points: 1,
      args: () => {
        const zero = [0, 0, 0, 0, 0, 0];
        return [
          tensor([[1, 0, 0, 0, 0, 0], zero]),
          tensor([zero, [9, 9, 9, 9, 9, 9]]),
          tensor([[5], [0]]),
          { key: tensor([[Math.sqrt(6) * Math.log(3), 0, 0, 0, 0, 0]]), value: tensor([[1]]) },
        ];
      },
      expected: {
        output: [[2], [2]],
        past: {
          key: [
            [Math.sqrt(6) * Math.log(3), 0, 0, 0, 0, 0],
            [0, 0, 0, 0, 0, 0],
            [9, 9, 9, 9, 9, 9],
          ],
          value: [[1], [5], [0]],
        },
      },
      because: {
        en: "the first new token sees the old one and itself with weights 3/4 and 1/4: 0.75 · 1 + 0.25 · 5 = 2; the second looks at all three alike: (1 + 5 + 0) / 3 = 2",
        ru: "первый новый токен видит старый и себя с весами 3/4 и 1/4: 0,75 · 1 + 0,25 · 5 = 2; второй смотрит на все три одинаково: (1 + 5 + 0) / 3 = 2",
      },
    }),
    checks.cases(attendWithCache, {
      points: 1,
      name: { en: "with and without a past", ru: "с прошлым и без него" },
      cases: [
        { title: { en: "no past", ru: "без прошлого" }, args: some(1, 4, null) },
        {
          title: { en: "one new token, as in writing", ru: "один новый токен, как при генерации" },
          args: some(2, 1, 7),
        },
        { title: { en: "one new token, no past", ru: "один токен без прошлого" }, args: some(3, 1, null) },
        {
          title: { en: "more new tokens than old ones", ru: "новых больше, чем старых" },
          args: some(4, 7, 2),
        },
      ],
    }),
    checks.random(inputs, { points: 1 }),
    checks.invariant(
      attendWithCache,
      { en: "cut anywhere, the same", ru: "разрез ничего не меняет" },
      {
        points: 2,
        broken(fn) {
          const [q, k, v] = text();
          const whole = attendWithCache(q, k, v, null).output.data;
          for (const cut of [1, 2, 4]) {
            const part = (x: Tensor, from: number, count: number) => x.narrow(0, from, count);
            const first = fn(part(q, 0, cut), part(k, 0, cut), part(v, 0, cut), null);
            const rest = fn(part(q, cut, 5 - cut), part(k, cut, 5 - cut), part(v, cut, 5 - cut), first.past);
            const both = nd.concat([first.output.data, rest.output.data]);
            const off = both.sub(whole).abs().max().item();
            if (!(off < 1e-5))
              return {
                en: `five tokens read as ${cut} and ${5 - cut} give other outputs than read at once, off by ${off.toPrecision(2)}`,
                ru: `пять токенов, прочитанные как ${cut} и ${5 - cut}, дают не то же, что сразу: разница ${off.toPrecision(2)}`,
              };
          }
          return null;
        },
      },
    ),
    checks.gradient(attendWithCache, small, {
      points: 1,
      names: ["query", "key", "value"],
      out: (result) => result.output,
    }),
  ],
  mutants: [
    {
      name: "mask not moved",
      says: {
        en: "the mask starts its diagonal at the first column, as if there were no past: new token i may see P + i + 1 tokens, so begin at diagonal P + 1",
        ru: "маска начинает диагональ с первого столбца, как будто прошлого нет: новый токен i видит P + i + 1 токенов, диагональ P + 1",
      },
      fn: attender({ mask: (S, P) => nd.ones([S, P + S], { dtype: "bool" }).triu(1) }),
    },
    {
      name: "no mask",
      says: {
        en: "the new tokens see each other's future: with several new tokens the causal mask is still needed",
        ru: "новые токены видят будущее друг друга: если их несколько, каузальная маска всё ещё нужна",
      },
      fn: attender({ mask: (S, P) => nd.zeros([S, P + S], { dtype: "bool" }) }),
    },
    {
      name: "does not see itself",
      says: {
        en: "a new token does not see itself: the first column that is closed to it is P + i + 1",
        ru: "новый токен не видит сам себя: первый закрытый для него столбец — P + i + 1",
      },
      fn: (query, key, value, past) =>
        past
          ? attender({ mask: (S, P) => nd.ones([S, P + S], { dtype: "bool" }).triu(P) })(
              query,
              key,
              value,
              past,
            )
          : attendWithCache(query, key, value, null),
    },
    {
      name: "new tokens first",
      says: {
        en: "the new keys stand before the old ones: the past comes first, or the mask closes the wrong tokens",
        ru: "новые ключи стоят перед старыми: сначала прошлое, иначе маска закрывает не те токены",
      },
      fn: attender({ join: (old, fresh) => concat([fresh, old], -2) }),
    },
    {
      name: "keeps only the new",
      says: {
        en: "the cache that is returned holds the new tokens alone: the next call would forget the beginning",
        ru: "возвращаемый кэш содержит только новые токены: следующий вызов забудет начало",
      },
      fn: attender({ keep: (_, fresh) => fresh }),
    },
    {
      name: "cache not extended",
      says: {
        en: "the old cache is returned as it was: the new tokens are missing in it",
        ru: "возвращается старый кэш без изменений: новых токенов в нём нет",
      },
      fn: (query, key, value, past) => {
        const { output, past: longer } = attendWithCache(query, key, value, past);
        return { output, past: past ?? longer };
      },
    },
    {
      name: "divided by the root of the length",
      says: {
        en: "the scores are divided by the root of the number of tokens; it is √D, which does not change as the cache grows",
        ru: "оценки делятся на корень из числа токенов, а нужно на √D, которое не меняется с ростом кэша",
      },
      fn: attender({ scale: (_, T) => Math.sqrt(T) }),
    },
    {
      name: "not scaled",
      says: { en: "the scores are not divided by √D", ru: "оценки не разделены на √D" },
      fn: attender({ scale: () => 1 }),
    },
    {
      name: "past not looked at",
      says: {
        en: "the new tokens look at each other alone: keys and values of the past belong in the products too",
        ru: "новые токены смотрят только друг на друга: ключи и значения прошлого тоже участвуют",
      },
      fn: (query, key, value, past) => {
        const longer = attendWithCache(query, key, value, past).past;
        return { output: attendWithCache(query, key, value, null).output, past: longer };
      },
    },
  ],
  variants: [
    { name: "the mask as what may be seen", fn: attender({}) },
    {
      name: "row by row, without a mask",
      fn: (query, key, value, past) => {
        const keys = past ? concat([past.key, key], -2) : key;
        const values = past ? concat([past.value, value], -2) : value;
        const [S, D] = query.shape.slice(-2);
        const P = keys.shape.at(-2)! - S;
        const rows = Array.from({ length: S }, (_, i) => {
          const seen = P + i + 1;
          const scores = query.narrow(-2, i, 1).matmul(keys.narrow(-2, 0, seen).transpose());
          return softmax(scores.mul(D ** -0.5)).matmul(values.narrow(-2, 0, seen));
        });
        return { output: concat(rows, -2), past: { key: keys, value: values } };
      },
    },
  ],
});
