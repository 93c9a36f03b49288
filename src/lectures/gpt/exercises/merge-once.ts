import { checks, exercise, seeded } from "../../../grading";

/** A word of the text as the symbols that it is made of now, and how often it occurs. */
export interface CountedWord {
  symbols: string[];
  count: number;
}

/**
 * One step of byte-pair encoding (Sennrich et al. 2016): find the two neighbouring symbols that occur together most often
 * in all words, and join them everywhere. Of equally frequent pairs the one that comes first in the words.
 */
export function mergeOnce(words: CountedWord[]): { pair: string[]; words: CountedWord[] } {
  // BEGIN SOLUTION
  const counts = new Map<string, { pair: string[]; count: number }>();
  for (const { symbols, count } of words) {
    for (let i = 0; i + 1 < symbols.length; i++) {
      const pair = [symbols[i], symbols[i + 1]];
      const seen = counts.get(pair.join(" "))?.count ?? 0;
      counts.set(pair.join(" "), { pair, count: seen + count });
    }
  }
  let best: { pair: string[]; count: number } = { pair: [], count: 0 };
  for (const entry of counts.values()) if (entry.count > best.count) best = entry;

  const [left, right] = best.pair;
  const merged = words.map(({ symbols, count }) => {
    const joined: string[] = [];
    for (let i = 0; i < symbols.length; i++) {
      const isPair = symbols[i] === left && symbols[i + 1] === right;
      joined.push(isPair ? left + right : symbols[i]);
      if (isPair) i++; // both are used up
    }
    return { symbols: joined, count };
  });
  return { pair: best.pair, words: merged };
  // END SOLUTION
}

const spelled = (...words: [text: string, count: number][]): CountedWord[] =>
  words.map(([text, count]) => ({ symbols: text.includes(" ") ? text.split(" ") : [...text], count }));

const inputs = seeded(mergeOnce, { N: 6 }, ({ N }, random) => {
  const below = (high: number) => random.integers([], { high }).item();
  const symbols = ["a", "b", "c", "ab", "d"];
  const word = () => Array.from({ length: 2 + below(6) }, () => symbols[below(symbols.length)]);
  return [Array.from({ length: N }, () => ({ symbols: word(), count: 1 + below(9) }))];
});

interface Parts {
  weigh?: (count: number) => number;
  /** Whether the newcomer takes the place of the best. */
  wins?: (count: number, best: number) => boolean;
  join?: (symbols: readonly string[], left: string, right: string) => string[];
  pairs?: (symbols: readonly string[]) => [string, string][];
  key?: (left: string, right: string) => string;
}

const neighbours = (symbols: readonly string[]): [string, string][] =>
  symbols.slice(1).map((right, i) => [symbols[i], right]);

/** From left to right; what was joined is used up. */
function joinAll(symbols: readonly string[], left: string, right: string): string[] {
  const result: string[] = [];
  for (let i = 0; i < symbols.length; ) {
    const isPair = symbols[i] === left && symbols[i + 1] === right;
    result.push(isPair ? left + right : symbols[i]);
    i += isPair ? 2 : 1;
  }
  return result;
}

/** The solution with another part in one place. */
const merger =
  ({
    weigh = (count) => count,
    wins = (count, best) => count > best,
    join = joinAll,
    pairs = neighbours,
    key = (left, right) => `${left} ${right}`,
  }: Parts): typeof mergeOnce =>
  (words) => {
    const counts: Record<string, { pair: string[]; count: number }> = {};
    for (const { symbols, count } of words)
      for (const [left, right] of pairs(symbols)) {
        const entry = counts[key(left, right)] ?? { pair: [left, right], count: 0 };
        counts[key(left, right)] = entry;
        entry.count += weigh(count);
      }
    let best: { pair: string[]; count: number } = { pair: [], count: 0 };
    for (const entry of Object.values(counts)) if (wins(entry.count, best.count)) best = entry;
    const [left = "", right = ""] = best.pair;
    return {
      pair: best.pair,
      words: words.map(({ symbols, count }) => ({
        symbols: best.pair.length ? join(symbols, left, right) : [...symbols],
        count,
      })),
    };
  };

export const mergeOnceExercise = exercise(mergeOnce, {
  id: "mergeOnce",
  title: { en: "One merge", ru: "Одно слияние" },
  minutes: 20,
  forbids: ["ByteLevelBPE"],
  checks: [
    checks.byHand(mergeOnce, {
      points: 1,
      args: () => [spelled(["low", 5], ["lower", 2], ["newest", 6])],
      expected: {
        pair: ["w", "e"],
        words: [
          { symbols: ["l", "o", "w"], count: 5 },
          { symbols: ["l", "o", "we", "r"], count: 2 },
          { symbols: ["n", "e", "we", "s", "t"], count: 6 },
        ],
      },
      because: {
        en: "l o and o w occur 5 + 2 = 7 times, w e occurs 2 + 6 = 8 times: w e is joined",
        ru: "l o и o w встречаются 5 + 2 = 7 раз, w e — 2 + 6 = 8 раз: сливается w e",
      },
    }),
    checks.cases(mergeOnce, {
      points: 2,
      name: { en: "repeats, ties, long symbols", ru: "повторы, равенства, длинные символы" },
      cases: [
        {
          title: { en: "the same symbol four times", ru: "один символ четыре раза" },
          args: () => [spelled(["aaaab", 3])],
        },
        { title: { en: "five in a row", ru: "пять подряд" }, args: () => [spelled(["aaaaa", 1])] },
        {
          title: { en: "two pairs equally often", ru: "две пары одинаково часто" },
          args: () => [spelled(["xy", 4], ["ab", 4])],
        },
        {
          title: { en: "symbols of several letters", ru: "символы из нескольких букв" },
          args: () => [spelled(["th e n", 3], ["t he n", 4], ["th en", 1])],
        },
        {
          title: { en: "a pair twice in one word", ru: "пара дважды в одном слове" },
          args: () => [spelled(["banana", 2], ["bat", 3])],
        },
      ],
    }),
    checks.cases(mergeOnce, {
      points: 1,
      name: { en: "nothing to join", ru: "сливать нечего" },
      cases: [
        {
          title: { en: "words of one symbol", ru: "слова из одного символа" },
          args: () => [spelled(["a", 5], ["b", 1])],
        },
        { title: { en: "no words", ru: "нет слов" }, args: () => [[]] },
      ],
    }),
    checks.random(inputs, { points: 2, times: 8 }),
  ],
  mutants: [
    {
      name: "counts forgotten",
      says: {
        en: "every word counts once, however often it occurs: add `count`, not 1",
        ru: "каждое слово считается один раз, сколько бы оно ни встречалось: прибавляйте `count`, а не 1",
      },
      fn: merger({ weigh: () => 1 }),
    },
    {
      name: "the last of equals",
      says: {
        en: "of equally frequent pairs you take the last: replace the best only by a more frequent one",
        ru: "из одинаково частых пар вы берёте последнюю: заменяйте лучшую только на более частую",
      },
      fn: merger({ wins: (count, best) => count >= best }),
    },
    {
      name: "the rarest pair",
      says: {
        en: "this is the rarest pair; join the most frequent",
        ru: "это самая редкая пара, а нужна самая частая",
      },
      fn: merger({ wins: (count, best) => best === 0 || count < best }),
    },
    {
      name: "first place only",
      says: {
        en: "in every word only the first place is joined: go through the whole word",
        ru: "в каждом слове сливается только первое место: пройдите слово до конца",
      },
      fn: merger({
        join: (symbols, left, right) => {
          const at = symbols.findIndex((symbol, i) => symbol === left && symbols[i + 1] === right);
          return at < 0 ? [...symbols] : [...symbols.slice(0, at), left + right, ...symbols.slice(at + 2)];
        },
      }),
    },
    {
      name: "used twice",
      says: {
        en: "in a a a the middle one is used twice: after a merge go on behind both symbols",
        ru: "в a a a средний символ использован дважды: после слияния переходите за оба символа",
      },
      fn: merger({
        join: (symbols, left, right) =>
          symbols.flatMap((symbol, i) => {
            if (symbol === left && symbols[i + 1] === right) return [left + right];
            return i > 0 && symbols[i - 1] === left && symbol === right ? [] : [symbol];
          }),
      }),
    },
    {
      name: "pairs as one text",
      says: {
        en: "the pairs th·e and t·he look alike when their symbols are simply glued: keep them apart in the key",
        ru: "пары th·e и t·he совпадают, если просто склеить символы: разделяйте их в ключе",
      },
      fn: merger({ key: (left, right) => left + right }),
    },
    {
      name: "any order",
      says: {
        en: "a·b and b·a are counted as one pair: the order of neighbours matters",
        ru: "a·b и b·a считаются одной парой, а порядок соседей важен",
      },
      fn: merger({ key: (left, right) => [left, right].sort().join(" ") }),
    },
    {
      name: "symbols in place of pairs",
      says: {
        en: "you join the two most frequent symbols; count neighbours, not symbols",
        ru: "вы сливаете два самых частых символа, а считать нужно соседей",
      },
      fn: (words) => {
        const counts: Record<string, number> = {};
        for (const { symbols, count } of words)
          for (const symbol of symbols) counts[symbol] = (counts[symbol] ?? 0) + count;
        const [left = "", right = left] = Object.keys(counts).sort((a, b) => counts[b] - counts[a]);
        const isWord = words.some(({ symbols }) => symbols.length > 1);
        return {
          pair: isWord ? [left, right] : [],
          words: words.map(({ symbols, count }) => ({
            symbols: isWord ? joinAll(symbols, left, right) : symbols,
            count,
          })),
        };
      },
    },
  ],
  variants: [
    { name: "counts in a plain object", fn: merger({}) },
    {
      name: "all pairs in a list, sorted",
      fn: (words) => {
        const all = words.flatMap(({ symbols, count }) =>
          neighbours(symbols).map((pair) => ({ pair, count })),
        );
        const same = (a: readonly string[], b: readonly string[]) => a[0] === b[0] && a[1] === b[1];
        const total = (pair: readonly string[]) =>
          all.reduce((sum, other) => sum + (same(other.pair, pair) ? other.count : 0), 0);
        const ranked = all.map(({ pair }, i) => ({ pair, i, total: total(pair) }));
        ranked.sort((a, b) => b.total - a.total || a.i - b.i);
        const pair: readonly string[] = ranked[0]?.pair ?? [];
        const join = (symbols: readonly string[]): string[] => {
          if (symbols.length < 2) return [...symbols];
          const [first, second, ...rest] = symbols;
          return same([first, second], pair)
            ? [first + second, ...join(rest)]
            : [first, ...join([second, ...rest])];
        };
        return {
          pair: [...pair],
          words: words.map(({ symbols, count }) => ({ symbols: join(symbols), count })),
        };
      },
    },
  ],
});
