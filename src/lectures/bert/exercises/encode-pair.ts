import { checks, exercise, seeded } from "../../../grading";

export interface PairOptions {
  cls: number;
  sep: number;
  pad: number;
  /** How long every row is, special tokens and padding included. */
  length: number;
}

/**
 * Two sentences as one row for BERT: `[CLS] first [SEP] second [SEP] [PAD] …`, exactly `length` long. `segments` is 0 up
 * to the first [SEP], 1 from there to the second, 0 on padding; `mask` is 1 on tokens, 0 on padding. If both are too
 * long together, the longer one loses its last token, again and again; of two equally long ones the second does.
 */
export function encodePair(
  first: number[],
  second: number[],
  { cls, sep, pad, length }: { cls: number; sep: number; pad: number; length: number },
): { ids: number[]; segments: number[]; mask: number[] } {
  // BEGIN SOLUTION
  let [a, b] = [first, second];
  while (a.length + b.length + 3 > length) {
    if (a.length > b.length) a = a.slice(0, -1);
    else b = b.slice(0, -1);
  }
  const tokens = [cls, ...a, sep, ...b, sep];
  const padding = new Array(length - tokens.length);
  return {
    ids: [...tokens, ...padding.fill(pad)],
    segments: [...new Array(a.length + 2).fill(0), ...new Array(b.length + 1).fill(1), ...padding.fill(0)],
    mask: [...tokens.map(() => 1), ...padding.fill(0)],
  };
  // END SOLUTION
}

const options = (length: number): PairOptions => ({ cls: 2, sep: 3, pad: 9, length });
const upTo = (count: number, from: number) => Array.from({ length: count }, (_, i) => from + i);
const pair = (a: number, b: number, length: number) => (): [number[], number[], PairOptions] => [
  upTo(a, 100),
  upTo(b, 200),
  options(length),
];

const inputs = seeded(encodePair, { A: 5, B: 8 }, ({ A, B }, random, seed) => {
  const ids = (count: number) => Array.from(random.integers([count], { low: 10, high: 99 }).flat());
  return [ids(A + seed), ids(B), options([24, 17, 13, 9][seed % 4])];
});

interface Parts {
  cut?: (a: number[], b: number[], room: number) => [number[], number[]];
  segments?: (a: number[], b: number[], padding: number) => number[];
  mask?: (tokens: number[], padding: number) => number[];
  tokens?: (a: number[], b: number[], special: PairOptions) => number[];
}

function longestFirst(a: number[], b: number[], room: number): [number[], number[]] {
  const over = Math.max(0, a.length + b.length - room);
  let [x, y] = [a.length, b.length];
  for (let i = 0; i < over; i++) x > y ? x-- : y--;
  return [a.slice(0, x), b.slice(0, y)];
}
const list = (count: number, value: number) => Array.from({ length: count }, () => value);

/** The solution with another part in one place. */
const encoder =
  ({
    cut = longestFirst,
    tokens = (a, b, { cls, sep }) => [cls, ...a, sep, ...b, sep],
    segments = (a, b, padding) => [...list(a.length + 2, 0), ...list(b.length + 1, 1), ...list(padding, 0)],
    mask = (tokens, padding) => [...list(tokens.length, 1), ...list(padding, 0)],
  }: Parts): typeof encodePair =>
  (first, second, special) => {
    const [a, b] = cut(first, second, special.length - 3);
    const row = tokens(a, b, special);
    const padding = special.length - row.length;
    return {
      ids: [...row, ...list(padding, special.pad)],
      segments: segments(a, b, padding),
      mask: mask(row, padding),
    };
  };

export const encodePairExercise = exercise(encodePair, {
  id: "encodePair",
  title: { en: "Two sentences, one row", ru: "Два предложения в одной строке" },
  minutes: 12,
  forbids: ["encodeInput", "encodeBatch"],
  checks: [
    checks.shape(inputs),
    checks.byHand(encodePair, {
      points: 1,
      args: () => [[11, 12], [21, 22, 23], { cls: 2, sep: 3, pad: 0, length: 10 }],
      expected: {
        ids: [2, 11, 12, 3, 21, 22, 23, 3, 0, 0],
        segments: [0, 0, 0, 0, 1, 1, 1, 1, 0, 0],
        mask: [1, 1, 1, 1, 1, 1, 1, 1, 0, 0],
      },
      because: {
        en: "3 special tokens and 5 others fill 8 of 10 places; each [SEP] belongs to the sentence before it",
        ru: "3 специальных токена и 5 обычных занимают 8 мест из 10; каждый [SEP] относится к предложению перед ним",
      },
    }),
    checks.cases(encodePair, {
      points: 2,
      name: { en: "too long", ru: "слишком длинные" },
      cases: [
        { title: { en: "exactly full", ru: "ровно столько мест" }, args: pair(4, 5, 12) },
        {
          title: { en: "one too many, the first is longer", ru: "на один больше, первое длиннее" },
          args: pair(6, 4, 12),
        },
        {
          title: { en: "one too many, the second is longer", ru: "на один больше, второе длиннее" },
          args: pair(3, 7, 12),
        },
        { title: { en: "both lose", ru: "теряют оба" }, args: pair(9, 7, 12) },
        { title: { en: "equally long", ru: "одинаковой длины" }, args: pair(6, 6, 14) },
      ],
    }),
    checks.cases(encodePair, {
      points: 1,
      name: { en: "empty sentences", ru: "пустые предложения" },
      cases: [
        { title: { en: "nothing second", ru: "второе пусто" }, args: pair(3, 0, 8) },
        { title: { en: "nothing first", ru: "первое пусто" }, args: pair(0, 4, 8) },
        { title: { en: "nothing at all", ru: "оба пусты" }, args: pair(0, 0, 5) },
      ],
    }),
    checks.random(inputs, { points: 1, times: 4 }),
  ],
  mutants: [
    {
      name: "first [SEP] in the second segment",
      says: {
        en: "the first [SEP] ends the first sentence: its segment is 0. It is the token behind it that starts segment 1",
        ru: "первый [SEP] завершает первое предложение, его сегмент 0. Сегмент 1 начинается со следующего токена",
      },
      fn: encoder({
        segments: (a, b, n) => [...list(a.length + 1, 0), ...list(b.length + 2, 1), ...list(n, 0)],
      }),
    },
    {
      name: "last [SEP] in the first segment",
      says: {
        en: "the last [SEP] ends the second sentence: its segment is 1",
        ru: "последний [SEP] завершает второе предложение, его сегмент 1",
      },
      fn: encoder({
        segments: (a, b, n) => [...list(a.length + 2, 0), ...list(b.length, 1), ...list(n + 1, 0)],
      }),
    },
    {
      name: "padding in the second segment",
      says: {
        en: "padding belongs to no sentence: its segment is 0, as BERT's own tokenizer has it",
        ru: "дополнение не принадлежит ни одному предложению: его сегмент 0, как в самом BERT",
      },
      fn: encoder({ segments: (a, b, n) => [...list(a.length + 2, 0), ...list(b.length + 1 + n, 1)] }),
    },
    {
      name: "mask of ones",
      says: {
        en: "the mask is 1 on padding too: attention would read the filled places",
        ru: "маска равна 1 и на дополнении: внимание будет читать пустые места",
      },
      fn: encoder({ mask: (tokens, n) => list(tokens.length + n, 1) }),
    },
    {
      name: "mask leaves out special tokens",
      says: {
        en: "[CLS] and [SEP] are read like other tokens: their mask is 1",
        ru: "[CLS] и [SEP] читаются как обычные токены: их маска 1",
      },
      fn: encoder({
        mask: (tokens, n) => [
          ...tokens.map((id) => (id === tokens[0] || id === tokens.at(-1) ? 0 : 1)),
          ...list(n, 0),
        ],
      }),
    },
    {
      name: "no last [SEP]",
      says: {
        en: "the [SEP] behind the second sentence is missing",
        ru: "нет [SEP] после второго предложения",
      },
      fn: encoder({ tokens: (a, b, { cls, sep }) => [cls, ...a, sep, ...b] }),
    },
    {
      name: "cuts only the second",
      says: {
        en: "only the second sentence is cut: it is the longer one that gives way, whichever it is",
        ru: "обрезается только второе предложение, а уступать должно более длинное",
      },
      fn: encoder({ cut: (a, b, room) => [a.slice(0, room), b.slice(0, Math.max(0, room - a.length))] }),
    },
    {
      name: "tie cut from the first",
      says: {
        en: "when both are equally long, the second gives way: compare with > and not with >=",
        ru: "при равной длине уступает второе: сравнивайте через >, а не через >=",
      },
      fn: encoder({
        cut: (a, b, room) => {
          const [y, x] = longestFirst(b, a, room);
          return [x, y];
        },
      }),
    },
    {
      name: "cuts from the front",
      says: {
        en: "the sentences lose their first tokens: cut from the end",
        ru: "предложения теряют первые токены, а обрезать надо с конца",
      },
      fn: encoder({
        cut: (a, b, room) => {
          const [x, y] = longestFirst([...a].reverse(), [...b].reverse(), room);
          return [x.reverse(), y.reverse()];
        },
      }),
    },
    {
      name: "the row cut off",
      says: {
        en: "the finished row is cut off at `length`, and its end is lost, the last [SEP] too: shorten the sentences first",
        ru: "готовая строка обрезана до `length`, и её конец потерян вместе с последним [SEP]: сначала укоротите предложения",
      },
      fn: (first, second, options) => {
        const whole = encodePair(first, second, {
          ...options,
          length: Math.max(options.length, first.length + second.length + 3),
        });
        const [ids, segments, mask] = [whole.ids, whole.segments, whole.mask].map((row) =>
          row.slice(0, options.length),
        );
        return { ids, segments, mask };
      },
    },
  ],
  variants: [
    { name: "counts what is over", fn: encoder({}) },
    {
      name: "pops, and fills while short",
      fn: (first, second, { cls, sep, pad, length }) => {
        const [a, b] = [[...first], [...second]];
        while (a.length + b.length > length - 3) (a.length > b.length ? a : b).pop();
        const ids = [cls].concat(a, [sep], b, [sep]);
        const border = a.length + 1;
        const segments = ids.map((_, i) => Number(i > border));
        const mask = ids.map(() => 1);
        while (ids.length < length) {
          ids.push(pad);
          segments.push(0);
          mask.push(0);
        }
        return { mask, segments, ids };
      },
    },
  ],
});
