import { checks, exercise, seeded } from "../../../grading";
import * as nd from "../../../tensor";

/**
 * A vector for each of T places, float32 (T, C), C even: with speed ω_i = base^(−2i / C) for pair i,
 * column 2i is sin(t ω_i) and column 2i + 1 is cos(t ω_i). Places t count from 0.
 */
export function sinusoidalPositions(T: number, C: number, base = 10_000): nd.NDArray {
  // BEGIN SOLUTION
  const places = nd.arange(0, T).unsqueeze(1); // (T, 1)
  const speeds = nd.array(Array.from({ length: C / 2 }, (_, i) => base ** ((-2 * i) / C))); // (C / 2,)
  const angles = places.mul(speeds); // (T, C / 2)
  return nd.stack([angles.sin(), angles.cos()], -1).reshape([T, C]);
  // END SOLUTION
}

const inputs = seeded(sinusoidalPositions, { T: 7, C: 10 }, ({ T, C }, _, seed) => [
  T + seed,
  C,
  [10_000, 100, 7][seed % 3],
]);

type Positions = typeof sinusoidalPositions;

/** A table whose number at place t, column c is `at(t, c, C, base)`. */
const filled =
  (at: (t: number, c: number, C: number, base: number) => number): Positions =>
  (T, C, base = 10_000) =>
    nd.array(Array.from({ length: T }, (_, t) => Array.from({ length: C }, (_, c) => at(t, c, C, base))));

/** The sine in even columns, the cosine in odd ones. */
const wave = (angle: number, c: number): number => (c % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
const pair = (c: number): number => Math.floor(c / 2);

export const sinusoidalPositionsExercise = exercise(sinusoidalPositions, {
  id: "sinusoidalPositions",
  title: { en: "Sinusoidal positions", ru: "Синусоидальные позиции" },
  minutes: 12,
  forbids: ["sinusoidalTable", "SinusoidalPositionalEncoding"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(sinusoidalPositions, {
      points: 1,
      args: () => [3, 6, 8],
      expected: [0, 1, 2].map((t) => [1, 2, 4].flatMap((slow) => [Math.sin(t / slow), Math.cos(t / slow)])),
      because: {
        en: "with base 8 and C = 6 the speeds are 8^0 = 1, 8^(−2/6) = 1/2 and 8^(−4/6) = 1/4, so row 1 is sin 1, cos 1, sin 1/2, cos 1/2, sin 1/4, cos 1/4",
        ru: "при base 8 и C = 6 скорости 8^0 = 1, 8^(−2/6) = 1/2 и 8^(−4/6) = 1/4, поэтому строка 1 — это sin 1, cos 1, sin 1/2, cos 1/2, sin 1/4, cos 1/4",
      },
    }),
    checks.cases(sinusoidalPositions, {
      points: 1,
      name: { en: "the default base, other sizes", ru: "base по умолчанию, другие размеры" },
      cases: [
        { title: { en: "T = 9, C = 6", ru: "T = 9, C = 6" }, args: () => [9, 6] },
        { title: { en: "T = 40, C = 22", ru: "T = 40, C = 22" }, args: () => [40, 22] },
        { title: { en: "a single place", ru: "одно место" }, args: () => [1, 10] },
      ],
    }),
    checks.random(inputs, { points: 1, picture: true, name: { en: "other bases", ru: "другие base" } }),
    checks.invariant(
      sinusoidalPositions,
      {
        en: "how alike two places are depends on their distance alone",
        ru: "сходство мест зависит только от расстояния",
      },
      {
        points: 1,
        examples: [() => [30, 22]],
        broken(fn) {
          const table = fn(30, 22);
          const alike = table.matmul(table.transpose());
          for (const distance of [0, 1, 5, 11])
            for (const t of [3, 18]) {
              const [first, later] = [alike.get([0, distance]), alike.get([t, t + distance])];
              if (Math.abs(first - later) < 1e-3) continue;
              return {
                en: `the product of places 0 and ${distance} is ${first.toFixed(3)}, that of ${t} and ${t + distance} is ${later.toFixed(3)}; a shift should change nothing`,
                ru: `произведение мест 0 и ${distance} равно ${first.toFixed(3)}, а мест ${t} и ${t + distance} — ${later.toFixed(3)}; сдвиг не должен ничего менять`,
              };
            }
          return null;
        },
      },
    ),
  ],
  mutants: [
    {
      name: "sines first, then cosines",
      says: {
        en: "all sines stand first, then all cosines: each pair belongs together, sin, cos, sin, cos, …",
        ru: "сначала стоят все синусы, потом все косинусы: каждая пара должна быть вместе, sin, cos, sin, cos, …",
      },
      fn: filled((t, c, C, base) => {
        const angle = t * base ** ((-2 * (c % (C / 2))) / C);
        return c < C / 2 ? Math.sin(angle) : Math.cos(angle);
      }),
    },
    {
      name: "each column its own speed",
      says: {
        en: "the two columns of a pair have different speeds: sine and cosine share the exponent 2i / C, where i counts pairs",
        ru: "у двух столбцов пары разные скорости: у синуса и косинуса общий показатель 2i / C, где i нумерует пары",
      },
      fn: filled((t, c, C, base) => wave(t * base ** (-c / C), c)),
    },
    {
      name: "2i with i a column",
      says: {
        en: "the exponent is twice too large: in 2i / C, i counts pairs, not columns",
        ru: "показатель вдвое больше: в 2i / C буква i нумерует пары, а не столбцы",
      },
      fn: filled((t, c, C, base) => wave(t * base ** ((-4 * pair(c)) / C), c)),
    },
    {
      name: "i in place of 2i",
      says: {
        en: "the exponent is half of what it should be: 2i / C, not i / C",
        ru: "показатель вдвое меньше нужного: 2i / C, а не i / C",
      },
      fn: filled((t, c, C, base) => wave(t * base ** (-pair(c) / C), c)),
    },
    {
      name: "sine and cosine exchanged",
      says: {
        en: "sine and cosine are exchanged: place 0 is 0, 1, 0, 1, …",
        ru: "синус и косинус переставлены: место 0 — это 0, 1, 0, 1, …",
      },
      fn: filled((t, c, C, base) => wave(t * base ** ((-2 * pair(c)) / C), c + 1)),
    },
    {
      name: "places counted from 1",
      says: { en: "places count from 0, not from 1", ru: "места считаются с 0, а не с 1" },
      fn: filled((t, c, C, base) => wave((t + 1) * base ** ((-2 * pair(c)) / C), c)),
    },
    {
      name: "base not used",
      says: {
        en: "the argument `base` is not used: it is always 10000",
        ru: "аргумент `base` не используется: там всегда 10000",
      },
      fn: filled((t, c, C) => wave(t * 10_000 ** ((-2 * pair(c)) / C), c)),
    },
    {
      name: "spread to the end",
      says: {
        en: "the last pair has speed 1 / base: the exponents were spread from 0 to 1, i / (C/2 − 1), where the formula has 2i / C",
        ru: "у последней пары скорость 1 / base: показатели растянуты от 0 до 1, i / (C/2 − 1), а в формуле 2i / C",
      },
      fn: filled((t, c, C, base) => wave(t * base ** (-pair(c) / (C / 2 - 1)), c)),
    },
    {
      name: "brackets missing",
      says: {
        en: "`base ** -2 * i / C` is read as (base ** -2) · i / C: put brackets, base ** (-2 * i / C)",
        ru: "`base ** -2 * i / C` читается как (base ** -2) · i / C: нужны скобки, base ** (-2 * i / C)",
      },
      fn: filled((t, c, C, base) => wave((t * base ** -2 * pair(c)) / C, c)),
    },
  ],
  variants: [
    {
      name: "number by number",
      fn: filled((t, c, C, base) => {
        const angle = t / base ** ((c - (c % 2)) / C);
        return c % 2 ? Math.cos(angle) : Math.sin(angle);
      }),
    },
    {
      name: "a clock that turns by the same angle at every step",
      fn: (T, C, base = 10_000) => {
        const rows: number[][] = [];
        let row = Array.from({ length: C }, (_, c) => c % 2);
        for (let t = 0; t < T; t++) {
          rows.push(row);
          const [before, next] = [row, [...row]];
          for (let i = 0; i < C; i += 2) {
            const step = Math.exp((-i / C) * Math.log(base));
            next[i] = before[i] * Math.cos(step) + before[i + 1] * Math.sin(step);
            next[i + 1] = before[i + 1] * Math.cos(step) - before[i] * Math.sin(step);
          }
          row = next;
        }
        return nd.array(rows);
      },
    },
  ],
});
