import { checks, exercise, seeded } from "../../../grading";
import type { Generator, NDArray } from "../../../tensor";
import * as nd from "../../../tensor";

/** Places of the passage are `from` to `to − 1`; an answer has at most `longest` tokens. */
export interface SpanOptions {
  from: number;
  to: number;
  longest: number;
}

/**
 * The answer that the scores of its first and its last token, added, like best. `startScores` and `endScores` are (T). The
 * answer lies in the passage, does not end before it starts, and has at most `longest` tokens; of equally good ones
 * the one that starts first, then the shorter.
 */
export function bestSpan(
  startScores: NDArray,
  endScores: NDArray,
  { from, to, longest }: { from: number; to: number; longest: number },
): { start: number; end: number; score: number } {
  // BEGIN SOLUTION
  let best = { start: from, end: from, score: -Infinity };
  for (let start = from; start < to; start++) {
    for (let end = start; end < Math.min(start + longest, to); end++) {
      const score = startScores.get([start]) + endScores.get([end]);
      if (score > best.score) best = { start, end, score };
    }
  }
  return best;
  // END SOLUTION
}

const T = 17;
const inputs = seeded(bestSpan, { T }, ({ T }, random, seed) => [
  ...scores(random, T, seed),
  { from: 3 + (seed % 3), to: T - 2, longest: [5, 3, 2, 9][seed % 4] },
]);

/** Round numbers, so that sums are exact and ties occur; every second pair is a view with a stride. */
function scores(random: Generator, T: number, seed: number): [NDArray, NDArray] {
  const make = () => random.integers([T, 2], { low: -4, high: 5 }).to("float32");
  const column = () => (seed % 2 === 0 ? make().select(1, 0) : make().select(1, 1).clone());
  return [column(), column()];
}

const list = (...numbers: number[]) => nd.array(numbers);

interface Parts {
  ends?: (start: number, options: SpanOptions) => [first: number, beyond: number];
  inside?: (options: SpanOptions, T: number) => [from: number, to: number];
  score?: (start: number, end: number) => number;
  isBetter?: (score: number, best: number) => boolean;
}

/** The solution with another part in one place. */
const searcher =
  ({
    inside = ({ from, to }) => [from, to],
    ends = (start, { to, longest }) => [start, Math.min(to, start + longest)],
    score = (start, end) => start + end,
    isBetter = (score, best) => score > best,
  }: Parts): typeof bestSpan =>
  (startScores, endScores, options) => {
    const [from, to] = inside(options, startScores.size);
    let best = { start: from, end: from, score: Number.NEGATIVE_INFINITY };
    for (let start = from; start < to; start++) {
      const [first, beyond] = ends(start, { ...options, to });
      for (let end = Math.max(0, first); end < beyond; end++) {
        const sum = score(startScores.get([start]), endScores.get([end]));
        if (isBetter(sum, best.score)) best = { start, end, score: sum };
      }
    }
    return best;
  };

/** Each by itself: the likeliest start and the likeliest end. */
const apart: typeof bestSpan = (startScores, endScores, { from, to }) => {
  const best = (scores: NDArray) =>
    from +
    scores
      .narrow(0, from, to - from)
      .argmax()
      .item();
  const [start, end] = [best(startScores), best(endScores)];
  return { start, end, score: startScores.get([start]) + endScores.get([end]) };
};

/** The likeliest start, then the best end behind it. */
const startFirst: typeof bestSpan = (startScores, endScores, { from, to, longest }) => {
  const start =
    from +
    startScores
      .narrow(0, from, to - from)
      .argmax()
      .item();
  const room = Math.min(longest, to - start);
  const end = start + endScores.narrow(0, start, room).argmax().item();
  return { start, end, score: startScores.get([start]) + endScores.get([end]) };
};

export const bestSpanExercise = exercise(bestSpan, {
  id: "bestSpan",
  title: { en: "The best answer in the passage", ru: "Лучший ответ в тексте" },
  minutes: 12,
  forbids: [],
  checks: [
    checks.shape(inputs),
    checks.byHand(bestSpan, {
      points: 1,
      args: () => [list(9, 1, 4, 0, 3, 2), list(0, 6, 0, 1, 5, 9), { from: 1, to: 6, longest: 3 }],
      expected: { start: 4, end: 5, score: 12 },
      because: {
        en: "place 0 is the question; the start 4 and the end 5 give 3 + 9. The best start, 2, is too far from that end",
        ru: "место 0 — вопрос; начало 4 и конец 5 дают 3 + 9. Лучшее начало, 2, слишком далеко от этого конца",
      },
    }),
    checks.cases(bestSpan, {
      points: 2,
      name: { en: "edges of the passage", ru: "границы текста" },
      cases: [
        {
          title: {
            en: "the best end stands before the best start",
            ru: "лучший конец раньше лучшего начала",
          },
          args: () => [list(0, 1, 9, 0), list(0, 8, 2, 3), { from: 1, to: 4, longest: 3 }],
        },
        {
          title: { en: "one token", ru: "один токен" },
          args: () => [list(0, 0, 7, 0, 0), list(0, 0, 7, 6, 0), { from: 1, to: 5, longest: 4 }],
        },
        {
          title: { en: "exactly as long as allowed", ru: "ровно наибольшая длина" },
          args: () => [list(0, 9, 0, 0, 0, 0), list(0, 0, 0, 5, 9, 0), { from: 1, to: 6, longest: 3 }],
        },
        {
          title: { en: "the last place, and beyond it", ru: "последнее место и за ним" },
          args: () => [list(0, 1, 2, 8, 9), list(0, 1, 1, 3, 9), { from: 1, to: 4, longest: 5 }],
        },
        {
          title: { en: "the question likes itself", ru: "вопрос нравится сам себе" },
          args: () => [list(9, 9, 1, 2), list(9, 9, 3, 1), { from: 2, to: 4, longest: 2 }],
        },
        {
          title: { en: "all scores below zero", ru: "все оценки ниже нуля" },
          args: () => [list(-3, -9, -5, -4), list(-2, -7, -5, -6), { from: 1, to: 4, longest: 3 }],
        },
        {
          title: { en: "equally good answers", ru: "одинаково хорошие ответы" },
          args: () => [list(0, 3, 3, 3), list(0, 2, 2, 2), { from: 1, to: 4, longest: 3 }],
        },
      ],
    }),
    checks.random(inputs, { points: 2, times: 12 }),
  ],
  mutants: [
    {
      name: "start and end each by itself",
      says: {
        en: "you take the best start and the best end each by itself: together they may be no answer at all",
        ru: "вы берёте лучшее начало и лучший конец по отдельности: вместе они могут не быть ответом",
      },
      fn: apart,
    },
    {
      name: "the best start first",
      says: {
        en: "you fix the best start and look for an end behind it: a start that is second best may have a far better end",
        ru: "вы фиксируете лучшее начало и ищете конец за ним: у второго по качеству начала конец может быть намного лучше",
      },
      fn: startFirst,
    },
    {
      name: "at least two tokens",
      says: {
        en: "an answer of one token is left out: the end may be the start itself",
        ru: "ответ из одного токена пропущен: конец может совпадать с началом",
      },
      fn: searcher({ ends: (start, { to, longest }) => [start + 1, Math.min(to, start + longest)] }),
    },
    {
      name: "one too long",
      says: {
        en: "answers of longest + 1 tokens are allowed: from start to end there are end − start + 1",
        ru: "допускаются ответы из longest + 1 токенов: от start до end их end − start + 1",
      },
      fn: searcher({ ends: (start, { to, longest }) => [start, Math.min(to, start + longest + 1)] }),
    },
    {
      name: "backwards too",
      says: {
        en: "answers that end before they start are allowed",
        ru: "допускаются ответы, которые кончаются раньше, чем начинаются",
      },
      fn: searcher({
        ends: (start, { to, longest, from }) => [
          Math.max(from, start - longest + 1),
          Math.min(to, start + longest),
        ],
      }),
    },
    {
      name: "in the question too",
      says: {
        en: "the search starts at place 0: in front of `from` stands the question, which answers nothing",
        ru: "поиск начинается с места 0: перед `from` стоит вопрос, в нём ответа нет",
      },
      fn: searcher({ inside: ({ to }) => [0, to] }),
    },
    {
      name: "beyond the passage",
      says: {
        en: "the place `to` itself counts as passage: it is the first that does not belong to it",
        ru: "место `to` считается частью текста, а это первое место за ним",
      },
      fn: searcher({ inside: ({ from, to }, T) => [from, Math.min(T, to + 1)] }),
    },
    {
      name: "the last of equals",
      says: {
        en: "of equally good answers you take the last: replace the best only by a better one",
        ru: "из одинаковых ответов вы берёте последний: заменяйте лучший только на строго лучший",
      },
      fn: searcher({ isBetter: (score, best) => score >= best }),
    },
    {
      name: "product",
      says: {
        en: "the scores are multiplied: they are logarithms, of which probabilities that multiply become sums",
        ru: "оценки перемножаются, а это логарифмы: произведение вероятностей становится их суммой",
      },
      fn: searcher({ score: (start, end) => start * end }),
    },
    {
      name: "each by itself, anywhere",
      says: {
        en: "you take the best start and the best end of the whole row, each by itself: together they must be an answer in the passage",
        ru: "вы берёте лучшее начало и лучший конец по всей строке, каждое само по себе, а вместе они должны быть ответом внутри текста",
      },
      fn(startScores, endScores) {
        const [start, end] = [startScores, endScores].map((scores) => scores.argmax().item());
        return { start, end, score: startScores.get([start]) + endScores.get([end]) };
      },
    },
    {
      name: "the whole row",
      says: {
        en: "`from` and `to` are not looked at: the answer lies in the passage",
        ru: "`from` и `to` не учтены, а ответ лежит внутри текста",
      },
      fn: searcher({ inside: (_, T) => [0, T] }),
    },
    {
      name: "better than 0",
      says: {
        en: "the best score begins with 0, so answers below zero are never taken: begin with −∞",
        ru: "лучшая оценка начинается с 0, и ответы с отрицательной суммой не берутся: начните с −∞",
      },
      fn: (startScores, endScores, options) => {
        const best = bestSpan(startScores, endScores, options);
        return best.score > 0 ? best : { start: options.from, end: options.from, score: 0 };
      },
    },
  ],
  variants: [
    { name: "loops with other borders", fn: searcher({}) },
    {
      name: "a table of all pairs",
      fn: (startScores, endScores, { from, to, longest }) => {
        const [starts, ends] = [startScores, endScores].map((scores) => scores.narrow(0, from, to - from));
        const sums = starts.unsqueeze(1).add(ends.unsqueeze(0));
        const n = to - from;
        const allowed = nd
          .ones([n, n], { dtype: "bool" })
          .triu(0)
          .tril(longest - 1);
        const table = sums.maskedFill(allowed.logicalNot(), Number.NEGATIVE_INFINITY);
        const place = table.flatten().argmax().item();
        const [start, end] = [Math.floor(place / n), place % n];
        return { start: from + start, end: from + end, score: table.get([start, end]) };
      },
    },
    {
      name: "end by end, ties decided by hand",
      fn: (startScores, endScores, { from, to, longest }) => {
        const all: { start: number; end: number; score: number }[] = [];
        for (let end = from; end < to; end++)
          for (let start = Math.max(from, end - longest + 1); start <= end; start++)
            all.push({ start, end, score: startScores.get([start]) + endScores.get([end]) });
        all.sort((a, b) => b.score - a.score || a.start - b.start || a.end - b.end);
        return all[0];
      },
    },
  ],
});
