import { checks, exercise, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { Generator, type NDArray } from "../../../tensor";

/**
 * Logits (V) of the next token in which nothing is allowed that would say n tokens in a row which the text `ids` has said
 * before: such tokens get −∞. The array that comes in stays as it is.
 */
export function forbidRepeats(logits: NDArray, ids: number[], n: number): NDArray {
  // BEGIN SOLUTION
  const result = logits.clone();
  const tail = ids.slice(ids.length - (n - 1));
  for (let end = n - 1; end < ids.length; end++) {
    const before = ids.slice(end - (n - 1), end);
    if (before.every((id, i) => id === tail[i])) result.set([ids[end]], -Infinity);
  }
  return result;
  // END SOLUTION
}

const inputs = seeded(forbidRepeats, { V: 7, T: 29 }, ({ V, T }, random, seed) => [
  seed % 2 ? random.normal([3, V]).select(0, 1) : random.normal([V]),
  Array.from(random.integers([T - seed], { high: 5 }).flat()),
  2 + (seed % 3),
]);

const logits = (V = 7) => new Generator(2).normal([V]);
const call = (ids: number[], n: number) => (): [NDArray, number[], number] => [logits(), ids, n];

interface Parts {
  /** The last tokens that are compared. */
  tail?: (ids: number[], n: number) => number[];
  from?: (n: number) => number;
  until?: (length: number) => number;
  value?: number;
  /** Whether these tokens count as those. */
  same?: (a: number[], b: number[]) => boolean;
}
const equal = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((id, i) => id === b[i]);

/** The solution with another part in one place. */
const censor =
  ({
    tail = (ids, n) => ids.slice(ids.length - n + 1),
    from = (n) => n - 1,
    until = (length) => length,
    value = Number.NEGATIVE_INFINITY,
    same = equal,
  }: Parts): typeof forbidRepeats =>
  (logits, ids, n) => {
    const last = tail(ids, n);
    const banned = new Set<number>();
    for (let end = from(n); end < until(ids.length); end++)
      if (ids.length >= n && same(ids.slice(end - last.length, end), last)) banned.add(ids[end]);
    const where = nd.array(Array.from({ length: logits.size }, (_, id) => Number(banned.has(id))));
    return logits.maskedFill(where.gt(0), value);
  };

export const forbidRepeatsExercise = exercise(forbidRepeats, {
  id: "forbidRepeats",
  title: { en: "A cure for circles", ru: "Лекарство от зацикливания" },
  minutes: 15,
  forbids: ["forbidRepeatedNgrams"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(forbidRepeats, {
      points: 1,
      args: () => [nd.array([5, 6, 7, 8, 9]), [1, 2, 3, 1, 2, 4, 1, 2], 3],
      expected: [5, 6, 7, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
      because: {
        en: "the text ends with 1 2; after 1 2 it has said 3 and 4 before, so both are closed",
        ru: "текст кончается на 1 2; после 1 2 уже были 3 и 4, поэтому закрыты оба",
      },
    }),
    checks.cases(forbidRepeats, {
      points: 2,
      name: { en: "edges", ru: "крайние случаи" },
      cases: [
        { title: { en: "nothing said yet", ru: "ещё ничего не сказано" }, args: call([], 3) },
        { title: { en: "a text shorter than n", ru: "текст короче n" }, args: call([4, 4], 3) },
        { title: { en: "exactly n tokens", ru: "ровно n токенов" }, args: call([2, 2, 2], 3) },
        {
          title: { en: "no token twice in a row", ru: "ни один токен дважды подряд" },
          args: call([1, 1, 5, 6, 1], 2),
        },
        {
          title: { en: "n = 1: no token twice at all", ru: "n = 1: ни один токен дважды" },
          args: call([0, 3, 3, 6], 1),
        },
        {
          title: { en: "the start of the text repeats", ru: "повторяется начало текста" },
          args: call([1, 2, 5, 1, 2], 3),
        },
        {
          title: { en: "the same tokens in another order", ru: "те же токены в другом порядке" },
          args: call([2, 1, 5, 1, 2], 3),
        },
      ],
    }),
    checks.random(inputs, { points: 2, times: 8 }),
  ],
  mutants: [
    {
      name: "any earlier token",
      says: {
        en: "every token that was ever said is closed: only those that would repeat n in a row may be",
        ru: "закрыт каждый уже встречавшийся токен, а закрывать можно только те, что повторят n подряд",
      },
      fn: censor({ tail: () => [], from: () => 0 }),
    },
    {
      name: "n tokens compared",
      says: {
        en: "the last n tokens are compared: n − 1 that stand already and the next one make n",
        ru: "сравниваются последние n токенов, а n получается из n − 1 уже стоящих и следующего",
      },
      fn: censor({ tail: (ids, n) => ids.slice(Math.max(0, ids.length - n)), from: (n) => n }),
    },
    {
      name: "one too few",
      says: {
        en: "only n − 2 tokens are compared: far too much is closed",
        ru: "сравниваются только n − 2 токена: закрыто слишком много",
      },
      fn: censor({
        tail: (ids, n) => (n < 2 ? [] : ids.slice(ids.length - n + 2)),
        from: (n) => Math.max(0, n - 2),
      }),
    },
    {
      name: "misses the start",
      says: {
        en: "a repeat of the very first tokens is not seen: the search begins one place too late",
        ru: "повтор самых первых токенов не замечен: поиск начинается на одно место позже",
      },
      fn: censor({ from: (n) => n }),
    },
    {
      name: "misses the end",
      says: {
        en: "the last token of the text is left out of the search: it may be what followed, too",
        ru: "последний токен текста не участвует в поиске, а он тоже мог быть продолжением",
      },
      fn: censor({ until: (length) => length - 1 }),
    },
    {
      name: "zero",
      says: {
        en: "a logit of 0 forbids nothing: e⁰ is 1. What may not come gets −∞",
        ru: "логит 0 ничего не запрещает: e⁰ равно 1. Запрещённое получает −∞",
      },
      fn: censor({ value: 0 }),
    },
    {
      name: "any order",
      says: {
        en: "the same tokens in another order count as a repeat: compare them one by one",
        ru: "те же токены в другом порядке считаются повтором: сравнивайте их по порядку",
      },
      fn: censor({ same: (a, b) => equal([...a].sort(), [...b].sort()) }),
    },
    {
      name: "slice(-0)",
      says: {
        en: "for n = 1 the tail should be empty, but slice(-0) is the whole list: ids.slice(ids.length - (n - 1))",
        ru: "при n = 1 хвост должен быть пуст, но slice(-0) — это весь список: ids.slice(ids.length - (n - 1))",
      },
      fn: (logits, ids, n) => {
        const [result, tail] = [logits.clone(), ids.slice(-(n - 1))];
        for (let end = n - 1; end < ids.length; end++)
          if (tail.every((id, k) => ids[end - (n - 1) + k] === id)) result.set([ids[end]], -Infinity);
        return result;
      },
    },
    {
      name: "the first place only",
      says: {
        en: "only the first token that followed is closed: go on to the end of the text",
        ru: "закрыт только первый из следовавших токенов: идите до конца текста",
      },
      fn: (logits, ids, n) => {
        const all = forbidRepeats(logits, ids, n);
        const first = ids.findIndex((id, end) => {
          const before = ids.slice(0, end + 1);
          const tail = ids.slice(ids.length - (n - 1));
          return end >= n - 1 && all.get([id]) === -Infinity && equal(before.slice(end - (n - 1), end), tail);
        });
        return first < 0 ? all : logits.maskedFill(nd.arange(0, logits.size).eq(ids[first]), -Infinity);
      },
    },
    {
      name: "only the last token compared",
      says: {
        en: "only the last token is compared, whatever n is: compare n − 1, all of them",
        ru: "сравнивается только последний токен, каким бы ни был n, а сравнивать нужно все n − 1",
      },
      fn: (logits, ids) => forbidRepeats(logits, ids, 2),
    },
  ],
  variants: [
    { name: "a set of what is closed", fn: censor({}) },
    {
      name: "texts compared",
      fn: (logits, ids, n) => {
        const followers = new Map<string, number[]>();
        for (let i = 0; i + n <= ids.length; i++) {
          const key = ids.slice(i, i + n - 1).join(",");
          followers.set(key, [...(followers.get(key) ?? []), ids[i + n - 1]]);
        }
        const closed = ids.length < n ? [] : (followers.get(ids.slice(ids.length - n + 1).join(",")) ?? []);
        const scores = Array.from(logits.flat());
        for (const id of closed) scores[id] = Number.NEGATIVE_INFINITY;
        return nd.array(scores);
      },
    },
  ],
});
