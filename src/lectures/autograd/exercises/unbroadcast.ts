import { checks, exercise, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";
import { AUTOGRAD, numbers } from "./shared";

/**
 * Undo broadcasting: sum g over every axis along which an array of this `shape` was repeated to get the shape of g.
 *
 * Shapes meet at the right. Repeated are the axes that `shape` lacks at the left, and those where it has a 1.
 */
export function unbroadcast(g: NDArray, shape: readonly number[]): NDArray {
  // BEGIN SOLUTION
  const lead = g.ndim - shape.length;
  const axes = g.shape.map((_, axis) => axis).filter((axis) => axis < lead || shape[axis - lead] === 1);
  return g.sum(axes, { keepDims: true }).reshape(shape);
  // END SOLUTION
}

const shapes = [[7], [5, 1], [3, 1, 7], [], [2, 3, 5, 7], [1, 7], [1, 5, 1], [3, 5, 7]];

const inputs = seeded(unbroadcast, { A: 2, B: 3, C: 5, D: 7 }, ({ A, B, C, D }, random, seed) => [
  numbers([A, B, C, D], seed, random),
  [...shapes[seed % shapes.length]],
]);

const counted = (shape: number[]) => nd.arange(1, shape.reduce((n, m) => n * m, 1) + 1).reshape(shape);

/** Every axis that should have been summed, made smaller in another way. */
const shrunk = (
  g: NDArray,
  shape: readonly number[],
  shrink: (g: NDArray, axis: number) => NDArray,
): NDArray => {
  const lead = g.ndim - shape.length;
  let out = g;
  for (let axis = 0; axis < g.ndim; axis++)
    if (axis < lead || shape[axis - lead] === 1) out = shrink(out, axis);
  return out.reshape(shape);
};

export const unbroadcastExercise = exercise(unbroadcast, {
  id: "unbroadcast",
  title: { en: "Undo broadcasting", ru: "Обратный ход для бродкастинга" },
  minutes: 15,
  forbids: AUTOGRAD,
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(unbroadcast, {
      points: 1,
      args: () => [
        nd.array([
          [1, 2, 3],
          [10, 20, 30],
        ]),
        [3],
      ],
      expected: [11, 22, 33],
      because: {
        en: "a row of 3 was used by both rows, so each of its numbers gets what both of them say: 1 + 10, 2 + 20, 3 + 30",
        ru: "строка из 3 чисел использована в обеих строках, и каждое число получает сумму: 1 + 10, 2 + 20, 3 + 30",
      },
    }),
    checks.cases(unbroadcast, {
      name: {
        en: "axes at the left, ones within, both, none",
        ru: "оси слева, единицы внутри, и то и другое, ничего",
      },
      points: 2,
      cases: [
        { title: "(5, 7) → (5, 1)", args: () => [counted([5, 7]), [5, 1]] },
        { title: "(3, 5, 7) → (3, 1, 7)", args: () => [counted([3, 5, 7]), [3, 1, 7]] },
        { title: "(3, 5, 7) → (5, 1)", args: () => [counted([3, 5, 7]), [5, 1]] },
        { title: "(5, 7) → ()", args: () => [counted([5, 7]), []] },
        { title: "(5, 5) → (5)", args: () => [counted([5, 5]), [5]] },
        { title: "(5, 1, 7) → (5, 1, 7)", args: () => [counted([5, 1, 7]), [5, 1, 7]] },
      ],
    }),
    checks.random(inputs, { points: 1, times: 8 }),
    checks.invariant(
      unbroadcast,
      { en: "the mirror image of expand", ru: "зеркало expand" },
      {
        points: 1,
        broken(fn, random) {
          for (const shape of shapes) {
            const [x, g] = [
              random.normal(shape, { dtype: "float64" }),
              random.normal([2, 3, 5, 7], { dtype: "float64" }),
            ];
            const [there, back] = [
              x.expand([2, 3, 5, 7]).mul(g).sum().item(),
              x.mul(fn(g, shape)).sum().item(),
            ];
            if (Math.abs(there - back) < 1e-9 * (1 + Math.abs(there))) continue;
            const [from, sums] = [
              `[${shape.join(", ")}]`,
              `${there.toPrecision(4)} / ${back.toPrecision(4)}`,
            ];
            return {
              en: `for shape ${from}, Σ expand(x) ⊙ g and Σ x ⊙ unbroadcast(g) must be one number: ${sums}`,
              ru: `для формы ${from} суммы Σ expand(x) ⊙ g и Σ x ⊙ unbroadcast(g) должны совпасть: ${sums}`,
            };
          }
          return null;
        },
      },
    ),
  ],
  mutants: [
    {
      name: "mean",
      says: {
        en: "this is a mean: every place where the number was used adds to its gradient. Sum",
        ru: "это среднее: каждое место, где число использовано, добавляет свой вклад. Нужна сумма",
      },
      fn: (g, shape) => shrunk(g, shape, (x, axis) => x.mean(axis, { keepDims: true })),
    },
    {
      name: "the first",
      says: {
        en: "only the first of the repeated places is kept: all of them have used the number, so they add up",
        ru: "взято только первое из повторений: число использовано во всех, и вклады складываются",
      },
      fn: (g, shape) => shrunk(g, shape, (x, axis) => x.narrow(axis, 0, 1)),
    },
    {
      name: "the largest",
      says: {
        en: "this is the largest of the repeated places: their gradients add up",
        ru: "взято наибольшее из повторений, а градиенты нужно сложить",
      },
      fn: (g, shape) => shrunk(g, shape, (x, axis) => x.max([axis], { keepDims: true })),
    },
    {
      name: "as many as fit",
      says: {
        en: "the numbers that fit were taken from the front and the rest thrown away: sum over the repeated axes",
        ru: "взяты первые подходящие по числу элементы, остальные отброшены: нужно суммировать по повторённым осям",
      },
      fn: (g, shape) =>
        g
          .flatten()
          .narrow(
            0,
            0,
            shape.reduce((n, m) => n * m, 1),
          )
          .reshape(shape),
    },
    {
      name: "only axes at the left",
      says: {
        en: "only the missing axes at the left are summed: where `shape` has a 1, g may have more, and is summed there too",
        ru: "просуммированы только недостающие оси слева: там, где в `shape` стоит 1, тоже нужно суммировать",
      },
      fn: (g, shape) => {
        const lead = Array.from({ length: g.ndim - shape.length }, (_, axis) => axis);
        return lead.length > 0 ? g.sum(lead) : g;
      },
    },
    {
      name: "aligned at the left",
      says: {
        en: "the shapes are laid on each other at the left: broadcasting aligns them at the right, so the missing axes are the first ones",
        ru: "формы выровнены по левому краю: бродкастинг выравнивает их по правому, недостающие оси — первые",
      },
      fn: (g, shape) => {
        const axes = g.shape
          .map((_, axis) => axis)
          .filter((axis) => axis >= shape.length || shape[axis] === 1);
        const summed = axes.length ? g.sum(axes, { keepDims: true }) : g;
        return summed.size === shape.reduce((n, m) => n * m, 1) ? summed.reshape(shape) : summed;
      },
    },
  ],
  variants: [
    {
      name: "one axis after the other",
      fn: (g, shape) => {
        let out = g;
        while (out.ndim > shape.length) out = out.sum(0);
        shape.forEach((n, axis) => {
          if (n === 1 && out.shape[axis] !== 1) out = out.sum(axis, { keepDims: true });
        });
        return out;
      },
    },
    {
      name: "an early return, ones put in front",
      fn: (g, shape) => {
        if (g.shape.join() === shape.join()) return g;
        const full = [...new Array<number>(g.ndim - shape.length).fill(1), ...shape];
        const axes = full.flatMap((n, axis) => (n === 1 ? [axis] : []));
        return g.sum(axes).reshape(shape);
      },
    },
  ],
});
