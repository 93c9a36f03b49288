import { checks, exercise, seeded } from "../../../grading";

/**
 * The numbers of a view in row-major order (the last axis runs fastest).
 *
 * `data` holds the numbers as they lie in memory. The element with the index (i, j, …) lies at
 * offset + i · strides[0] + j · strides[1] + …
 */
export function readView(data: number[], shape: number[], strides: number[], offset: number): number[] {
  // BEGIN SOLUTION
  let places = [offset];
  for (let axis = 0; axis < shape.length; axis++) {
    const steps = Array.from({ length: shape[axis] }, (_, i) => i * strides[axis]);
    places = places.flatMap((place) => steps.map((step) => place + step));
  }
  return places.map((place) => data[place]);
  // END SOLUTION
}

type Read = typeof readView;
type Call = Parameters<Read>;

/** At every place its own number, so that a result says which places were read. */
const numbers = (length: number) => Array.from({ length }, (_, i) => i);

const sizeOf = (shape: readonly number[]) => shape.reduce((size, n) => size * n, 1);

/** Steps of an array whose numbers lie in order. */
const inOrder = (shape: readonly number[]) => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));

// Three axes in every order, with numbers before the first and between the rows.
const orders = [
  [2, 0, 1],
  [1, 2, 0],
  [0, 2, 1],
  [2, 1, 0],
];
const inputs = seeded(readView, { A: 3, B: 5, C: 2 }, ({ A, B, C }, random, seed) => {
  const whole = [A, B + 2, C + 1];
  const steps = inOrder(whole);
  const order = orders[seed % orders.length];
  const data = Array.from(random.integers([400], { low: 100, high: 999 }).flat());
  return [data, order.map((axis) => [A, B, C][axis]), order.map((axis) => steps[axis]), 4];
});

const corners: readonly { title: { en: string; ru: string }; args(): Call }[] = [
  {
    title: { en: "with a step of 0: one row, three times", ru: "с шагом 0: одна строка три раза" },
    args: () => [numbers(6), [3, 4], [0, 1], 1],
  },
  {
    title: { en: "with a negative step: from the end", ru: "с отрицательным шагом: с конца" },
    args: () => [numbers(9), [7], [-1], 7],
  },
  {
    title: { en: "with every third number", ru: "каждое третье число" },
    args: () => [numbers(20), [5], [3], 2],
  },
  {
    title: { en: "with an axis of size 0", ru: "с осью размера 0" },
    args: () => [numbers(5), [3, 0, 2], [2, 2, 1], 0],
  },
  {
    title: { en: "without any axis: one number", ru: "без осей: одно число" },
    args: () => [numbers(5), [], [], 3],
  },
];

/** The solution with other places. */
const reading =
  (place: (index: number[], call: Call) => number): Read =>
  (...call) => {
    const [data, shape] = call;
    return Array.from({ length: sizeOf(shape) }, (_, n) => {
      const index = inOrder(shape).map((step, axis) => Math.floor(n / step) % shape[axis]);
      return data[place(index, call)];
    });
  };
const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);

export const readViewExercise = exercise(readView, {
  id: "readView",
  title: { en: "Read through strides", ru: "Чтение по шагам" },
  minutes: 15,
  forbids: ["NDArray", "contiguous", "toArray"],
  checks: [
    checks.shape(inputs),
    checks.byHand(readView, {
      points: 1,
      name: { en: "a transpose by hand", ru: "транспонирование вручную" },
      args: () => [numbers(20), [3, 2], [1, 3], 10],
      expected: [10, 13, 11, 14, 12, 15],
      because: {
        en: "it begins at place 10; down a column the place grows by 1, along a row by 3: 10, 13, then 11, 14, then 12, 15",
        ru: "начало на месте 10; вниз по столбцу место растёт на 1, вдоль строки на 3: 10, 13, затем 11, 14, затем 12, 15",
      },
    }),
    checks.byHand(readView, {
      points: 1,
      name: { en: "a piece by hand", ru: "кусок вручную" },
      args: () => [numbers(60), [2, 3], [10, 2], 5],
      expected: [5, 7, 9, 15, 17, 19],
      because: {
        en: "it begins at place 5; along a row the place grows by 2, from row to row by 10",
        ru: "начало на месте 5; вдоль строки место растёт на 2, от строки к строке на 10",
      },
    }),
    checks.cases(readView, {
      points: 1,
      name: { en: "steps of 0, backwards, no axis", ru: "шаг 0, назад, без осей" },
      cases: corners,
    }),
    checks.random(inputs, { points: 1, times: 4 }),
  ],
  mutants: [
    {
      name: "no offset",
      says: {
        en: "the offset is not used: the view begins at place `offset`, not at 0",
        ru: "не учтён offset: вид начинается с места `offset`, а не с 0",
      },
      fn: reading((index, [, , strides]) => dot(index, strides)),
    },
    {
      name: "no strides",
      says: {
        en: "the numbers are read as they lie: the strides say how far to step along each axis",
        ru: "числа читаются подряд: шаги (strides) говорят, насколько сдвигаться вдоль каждой оси",
      },
      fn: reading((index, [, shape, , offset]) => offset + dot(index, inOrder(shape))),
    },
    {
      name: "strides the wrong way round",
      says: {
        en: "the strides belong to the axes in their order: strides[0] to the first index",
        ru: "шаги идут в порядке осей: strides[0] относится к первому индексу",
      },
      fn: reading((index, [, , strides, offset]) => offset + dot(index, [...strides].reverse())),
    },
    {
      name: "first axis fastest",
      says: {
        en: "the first axis runs fastest in your result; row-major order means that the last one does",
        ru: "быстрее всех у вас меняется первая ось; построчный порядок значит, что последняя",
      },
      fn: (data, shape, strides, offset) =>
        readView(data, [...shape].reverse(), [...strides].reverse(), offset),
    },
    {
      name: "the offset for each axis",
      says: {
        en: "the offset is added once for every axis; it counts once",
        ru: "offset прибавлен для каждой оси; он считается один раз",
      },
      fn: reading((index, [, , strides, offset]) => index.length * offset + dot(index, strides)),
    },
    {
      name: "places, not numbers",
      says: {
        en: "these are the places; the result is what lies there, data[place]",
        ru: "это места; нужен результат, что на них лежит: data[place]",
      },
      fn: (data, ...view) =>
        readView(
          Array.from(data, (_, i) => i),
          ...view,
        ),
    },
    {
      name: "two axes alone",
      says: {
        en: "only the first two axes are walked through: there can be any number, also none",
        ru: "пройдены только две первые оси, а их может быть сколько угодно, в том числе ни одной",
      },
      fn: (data, [rows, columns, ...rest], strides, offset) =>
        readView(
          data,
          rest.length > 0 ? [rows, columns] : [rows ?? 1, columns ?? 1],
          [strides[0] ?? 0, strides[1] ?? 0],
          offset,
        ),
    },
  ],
  variants: [
    {
      name: "one number after the other",
      fn: reading((index, [, , strides, offset]) => offset + dot(index, strides)),
    },
    {
      name: "by recursion over the axes",
      fn: function read(data, [n, ...shape], [step, ...strides], offset): number[] {
        if (n === undefined) return [data[offset]];
        return Array.from({ length: n }, (_, i) => read(data, shape, strides, offset + i * step)).flat();
      },
    },
    {
      name: "counting like a milometer",
      fn: (data, shape, strides, offset) => {
        const out: number[] = [];
        if (shape.includes(0)) return out;
        const index = shape.map(() => 0);
        for (let axis = 0; axis >= 0; ) {
          out.push(data[offset + dot(index, strides)]);
          axis = shape.length - 1;
          while (axis >= 0 && ++index[axis] === shape[axis]) index[axis--] = 0;
        }
        return out;
      },
    },
  ],
});
