import { checks, exercise, seeded } from "../../../grading";

/**
 * The shape of a ∘ b for arrays of these shapes. Shapes are compared from their last axis backwards; where one has no axis
 * left, it counts as 1. Two sizes fit if they are equal, or one of them is 1: then the other counts. If a pair does not
 * fit, an Error is thrown.
 */
export function broadcastShapes(a: number[], b: number[]): number[] {
  // BEGIN SOLUTION
  const out: number[] = [];
  for (let i = 1; i <= Math.max(a.length, b.length); i++) {
    const [m, n] = [a.at(-i) ?? 1, b.at(-i) ?? 1];
    if (m !== n && m !== 1 && n !== 1) throw new Error(`shapes ${a} and ${b} do not fit`);
    out.unshift(m === 1 ? n : m);
  }
  return out;
  // END SOLUTION
}

type Shapes = typeof broadcastShapes;

// What both share, then axes of 1 here and there, and one of them shorter.
const inputs = seeded(broadcastShapes, { P: 3, Q: 5, R: 6, S: 7 }, ({ P, Q, R, S }, random, seed) => {
  const whole = [P, Q, R, S];
  const thin = () => whole.map((n) => (random.integers([1], { low: 0, high: 2 }).item() === 1 ? n : 1));
  const [a, b] = [thin(), thin().slice(seed % 4)];
  return seed % 2 ? [a, b] : [b, a];
});

const misfits: readonly (readonly [number[], number[]])[] = [
  [[3], [4]],
  [[2, 3], [2]],
  [
    [5, 1, 7],
    [5, 6],
  ],
  [[0], [3]],
  [
    [3, 4],
    [2, 3, 5],
  ],
  [
    [6, 2],
    [3, 2],
  ],
];

const attempt = (fn: Shapes, a: number[], b: number[]) => {
  try {
    return fn([...a], [...b]);
  } catch {
    return null;
  }
};

/** The rule with another way to line up, to choose and to refuse. */
const rule =
  (options: {
    front?: boolean;
    choose?(m: number, n: number): number;
    fits?(m: number, n: number): boolean;
  }): Shapes =>
  (a, b) => {
    const {
      front = false,
      choose = (m, n) => (m === 1 ? n : m),
      fits = (m, n) => m === n || m === 1 || n === 1,
    } = options;
    const length = Math.max(a.length, b.length);
    return Array.from({ length }, (_, i) => {
      const [m, n] = [a, b].map((shape) => shape[front ? i : i - length + shape.length] ?? 1);
      if (!fits(m, n)) throw new Error("do not fit");
      return choose(m, n);
    });
  };

export const broadcastShapesExercise = exercise(broadcastShapes, {
  id: "broadcastShapes",
  title: { en: "The shape of a sum", ru: "Форма суммы" },
  minutes: 10,
  forbids: ["expand"],
  checks: [
    checks.byHand(broadcastShapes, {
      points: 1,
      args: () => [
        [5, 1, 7],
        [3, 1],
      ],
      expected: [5, 3, 7],
      because: {
        en: "from the back: 7 and 1 give 7, 1 and 3 give 3, and 5 stands alone",
        ru: "с конца: 7 и 1 дают 7, 1 и 3 дают 3, а 5 остаётся одна",
      },
    }),
    checks.cases(broadcastShapes, {
      points: 1,
      name: { en: "numbers, equal shapes, empty axes", ru: "числа, равные формы, пустые оси" },
      cases: [
        { title: { en: "two numbers", ru: "два числа" }, args: () => [[], []] },
        { title: { en: "a number and a matrix", ru: "число и матрица" }, args: () => [[], [3, 5]] },
        {
          title: { en: "equal shapes", ru: "равные формы" },
          args: () => [
            [6, 3],
            [6, 3],
          ],
        },
        {
          title: { en: "an axis of size 0 beside a 1", ru: "ось размера 0 рядом с 1" },
          args: () => [[3, 0], [1]],
        },
        {
          title: { en: "a 1 beside an axis of size 0", ru: "1 рядом с осью размера 0" },
          args: () => [[1], [5, 0]],
        },
        {
          title: { en: "a row and a column", ru: "строка и столбец" },
          args: () => [
            [1, 7],
            [3, 1],
          ],
        },
      ],
    }),
    checks.random(inputs, { points: 1, times: 8 }),
    checks.invariant(
      broadcastShapes,
      { en: "what does not fit is refused", ru: "что не подходит, отвергается" },
      {
        points: 1,
        examples: misfits.map(([a, b]) => () => [[...a], [...b]]),
        broken(fn) {
          fn([3, 1], [1, 5]); // these fit
          const found = misfits.find(([a, b]) => attempt(fn, a, b) !== null);
          if (!found) return null;
          const [a, b] = found.map((shape) => `[${shape.join(", ")}]`);
          return {
            en: `broadcastShapes(${a}, ${b}) gives [${attempt(fn, ...(found as [number[], number[]]))}]; it should throw an Error`,
            ru: `broadcastShapes(${a}, ${b}) даёт [${attempt(fn, ...(found as [number[], number[]]))}]; нужна ошибка: throw new Error(...)`,
          };
        },
      },
    ),
  ],
  mutants: [
    {
      name: "lined up at the front",
      says: {
        en: "the shapes are lined up at their first axes; broadcasting lines up the last ones",
        ru: "формы выровнены по первым осям; бродкастинг выравнивает по последним",
      },
      fn: rule({ front: true }),
    },
    {
      name: "the larger",
      says: {
        en: "the larger size is taken; beside a 1 the other counts, and that may be 0",
        ru: "берётся больший размер; рядом с 1 считается другой, а он может быть и 0",
      },
      fn: rule({ choose: Math.max }),
    },
    {
      name: "always the first's",
      says: {
        en: "the sizes of the first shape are taken even where they are 1",
        ru: "берутся размеры первой формы, даже если там 1",
      },
      fn: rule({ choose: (m) => m }),
    },
    {
      name: "the product",
      says: {
        en: "sizes are multiplied: right only where one of them is 1; equal sizes stay as they are",
        ru: "размеры перемножены: это верно, только если один из них 1; равные остаются как есть",
      },
      fn: rule({ choose: (m, n) => m * n }),
    },
    {
      name: "back to front",
      says: {
        en: "the axes come out back to front: what is found last stands first",
        ru: "оси вышли в обратном порядке: найденная последней стоит первой",
      },
      fn: (a, b) => broadcastShapes(a, b).reverse(),
    },
    {
      name: "nothing is refused",
      says: {
        en: "sizes that do not fit are let through: throw an Error where both differ and neither is 1",
        ru: "неподходящие размеры пропущены: бросьте Error, если они разные и ни один не 1",
      },
      fn: rule({ fits: () => true }),
    },
    {
      name: "divisors fit",
      says: {
        en: "a size that divides the other is let through; only 1 is repeated",
        ru: "пропущен размер, который делит другой; повторяется только 1",
      },
      fn: rule({
        fits: (m, n) => m === n || m === 1 || n === 1 || (m > 0 && n > 0 && (m % n === 0 || n % m === 0)),
      }),
    },
  ],
  variants: [
    { name: "padded with ones, then axis by axis", fn: rule({}) },
    {
      name: "by recursion from the back",
      fn: function shapes(a, b): number[] {
        if (a.length === 0 || b.length === 0) return [...a, ...b];
        const [m, n] = [a[a.length - 1], b[b.length - 1]];
        if (m !== n && m !== 1 && n !== 1) throw new RangeError("no");
        return [...shapes(a.slice(0, -1), b.slice(0, -1)), n === 1 ? m : n];
      },
    },
  ],
});
