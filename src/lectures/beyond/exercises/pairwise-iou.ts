import { concat, stack, type Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";
import type { Generator, NDArray } from "../../../tensor";
import * as nd from "../../../tensor";

/**
 * Intersection over union of every box with every other: a (N, 4), b (M, 4), each row (x0, y0, x1, y1) with x0 < x1 and
 * y0 < y1 → (N, M). Boxes that do not meet have 0.
 */
export function pairwiseIou(a: Tensor, b: Tensor): Tensor {
  // BEGIN SOLUTION
  const [one, other] = [a.unsqueeze(1), b.unsqueeze(0)];
  const corner = (x: Tensor, start: number) => x.narrow(-1, start, 2);
  const size = corner(one, 2)
    .minimum(corner(other, 2))
    .sub(corner(one, 0).maximum(corner(other, 0)))
    .clamp(0, Infinity);
  const both = size.select(-1, 0).mul(size.select(-1, 1));
  const area = (x: Tensor) => {
    const side = corner(x, 2).sub(corner(x, 0));
    return side.select(-1, 0).mul(side.select(-1, 1));
  };
  return both.div(area(one).add(area(other)).sub(both));
  // END SOLUTION
}

/** Random boxes in the unit square, of sides 0.1 to 0.6. */
function boxesOf(n: number, random: Generator, scale = 1): NDArray {
  const first = random.uniform([n, 2]).mul(0.5);
  const size = random.uniform([n, 2]).mul(0.5).add(0.1);
  return nd.concat([first, first.add(size)], 1).mul(scale);
}

const inputs = seeded(pairwiseIou, { N: 5, M: 7 }, ({ N, M }, random, seed) => {
  const view = (x: NDArray) => tensor(seed % 2 ? x.transpose().clone().transpose() : x);
  return [
    view(boxesOf(N, random, seed % 3 === 0 ? 32 : 1)),
    view(boxesOf(M, random, seed % 3 === 0 ? 32 : 1)),
  ];
});
const small = seeded(pairwiseIou, { N: 3, M: 2 }, ({ N, M }, random) => [
  tensor(boxesOf(N, random)),
  tensor(boxesOf(M, random)),
]);

interface Parts {
  clamp?: (size: Tensor) => Tensor;
  sides?: (x: Tensor) => Tensor;
  union?: (a: Tensor, b: Tensor, both: Tensor) => Tensor;
  add?: number;
}

const sidesOf = (x: Tensor) => x.narrow(-1, 2, 2).sub(x.narrow(-1, 0, 2));
const product = (size: Tensor) => size.select(-1, 0).mul(size.select(-1, 1));

/** The solution with another part in one place. */
const iou =
  ({
    clamp = (size) => size.clamp(0, Infinity),
    sides = sidesOf,
    union = (a, b, both) => a.add(b).sub(both),
    add = 0,
  }: Parts): typeof pairwiseIou =>
  (a, b) => {
    const [one, other] = [a.unsqueeze(1), b.unsqueeze(0)];
    const low = one.narrow(-1, 0, 2).maximum(other.narrow(-1, 0, 2));
    const high = one.narrow(-1, 2, 2).minimum(other.narrow(-1, 2, 2));
    const both = product(clamp(high.sub(low).add(add)));
    return both.div(union(product(sides(one)), product(sides(other)), both));
  };

export const pairwiseIouExercise = exercise(pairwiseIou, {
  id: "pairwiseIou",
  title: { en: "How far two boxes agree", ru: "Насколько совпадают две рамки" },
  minutes: 12,
  forbids: ["boxIoU", "generalizedBoxIoU", "averagePrecision", "meanAveragePrecision"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(pairwiseIou, {
      points: 1,
      args: () => [
        tensor([[0, 0, 2, 3]]),
        tensor([
          [1, 1, 4, 3],
          [0, 0, 2, 3],
        ]),
      ],
      expected: [[2 / 10, 1]],
      because: {
        en: "the first two share x from 1 to 2 and y from 1 to 3, an area of 2; together they cover 6 + 6 − 2 = 10; a box and itself: 1",
        ru: "у первых двух общие x от 1 до 2 и y от 1 до 3, площадь 2; вместе они покрывают 6 + 6 − 2 = 10; рамка с самой собой: 1",
      },
    }),
    checks.cases(pairwiseIou, {
      points: 2,
      name: { en: "where boxes lie", ru: "взаимное положение" },
      cases: [
        {
          title: { en: "apart in x alone", ru: "не пересекаются только по x" },
          args: () => [tensor([[0, 0, 1, 5]]), tensor([[3, 1, 4, 4]])],
        },
        {
          title: { en: "apart in x and in y", ru: "не пересекаются ни по x, ни по y" },
          args: () => [tensor([[0, 0, 1, 2]]), tensor([[4, 5, 6, 8]])],
        },
        {
          title: { en: "they touch", ru: "касаются" },
          args: () => [tensor([[0, 0, 2, 2]]), tensor([[2, 0, 3, 2]])],
        },
        {
          title: { en: "one inside the other", ru: "одна внутри другой" },
          args: () => [tensor([[0, 0, 10, 8]]), tensor([[2, 3, 4, 6]])],
        },
        {
          title: { en: "a cross", ru: "крест" },
          args: () => [tensor([[0, 4, 9, 6]]), tensor([[3, 0, 5, 10]])],
        },
      ],
    }),
    checks.random(inputs, { points: 2, times: 4 }),
    checks.gradient(pairwiseIou, small, { points: 1, names: ["a", "b"], out: (x) => x }),
  ],
  mutants: [
    {
      name: "no clamp",
      says: {
        en: "boxes that lie apart in both directions seem to meet: two negative sides have a positive product. Cut each side off at 0",
        ru: "рамки, разнесённые по обеим осям, будто бы пересекаются: произведение двух отрицательных сторон положительно. Обрежьте каждую сторону нулём",
      },
      fn: iou({ clamp: (size) => size }),
    },
    {
      name: "absolute sides",
      says: {
        en: "the distance between two boxes is taken for a side of their intersection: cut off at 0, without abs",
        ru: "расстояние между рамками принято за сторону пересечения: обрезайте нулём, а не берите модуль",
      },
      fn: iou({ clamp: (size) => size.abs() }),
    },
    {
      name: "intersection counted twice",
      says: {
        en: "the union is the sum of the areas less the intersection, which is in both of them",
        ru: "объединение — это сумма площадей минус пересечение: оно входит в обе",
      },
      fn: iou({ union: (a, b) => a.add(b) }),
    },
    {
      name: "of the smaller one",
      says: {
        en: "you divide by the smaller area: a small box inside a large one would be perfect",
        ru: "делите на меньшую площадь: маленькая рамка внутри большой оказалась бы идеальной",
      },
      fn: iou({ union: (a, b) => a.minimum(b) }),
    },
    {
      name: "centre and size",
      says: {
        en: "the last two numbers are taken for width and height; they are the other corner, so the sides are x1 − x0 and y1 − y0",
        ru: "последние два числа приняты за ширину и высоту, а это второй угол: стороны равны x1 − x0 и y1 − y0",
      },
      fn: iou({ sides: (x) => x.narrow(-1, 2, 2) }),
    },
    {
      name: "pixels counted",
      says: {
        en: "one is added to the sides of the intersection: these corners are points, not pixels",
        ru: "к сторонам пересечения добавлена единица: углы здесь — точки, а не пиксели",
      },
      fn: iou({ add: 1 }),
    },
    {
      name: "transposed",
      says: {
        en: "rows and columns have changed places: row i belongs to box i of a",
        ru: "строки и столбцы поменялись местами: строка i относится к рамке i из a",
      },
      fn: (a, b) => pairwiseIou(b, a),
    },
    {
      name: "area clamped",
      says: {
        en: "the area is cut off at 0, not its sides: of two negative sides it is positive. Clamp each side, then multiply",
        ru: "нулём обрезана площадь, а не стороны: у двух отрицательных сторон она положительна. Обрежьте каждую сторону, потом умножайте",
      },
      fn: (a, b) => {
        const [one, other] = [a.unsqueeze(1), b.unsqueeze(0)];
        const size = one
          .narrow(-1, 2, 2)
          .minimum(other.narrow(-1, 2, 2))
          .sub(one.narrow(-1, 0, 2).maximum(other.narrow(-1, 0, 2)));
        const both = size.select(-1, 0).mul(size.select(-1, 1)).clamp(0, Infinity);
        const area = (x: Tensor) => sidesOf(x).select(-1, 0).mul(sidesOf(x).select(-1, 1));
        return both.div(area(one).add(area(other)).sub(both));
      },
    },
    {
      name: "of the larger one",
      says: {
        en: "you divide by the larger area: the union is what either of the boxes covers",
        ru: "делите на большую площадь, а объединение — это всё, что покрывает хотя бы одна рамка",
      },
      fn: iou({ union: (a, b) => a.maximum(b) }),
    },
    {
      name: "Dice",
      says: {
        en: "this is twice the intersection by the sum of the areas; IoU divides by the union",
        ru: "это удвоенное пересечение, делённое на сумму площадей; IoU делит на объединение",
      },
      fn: iou({ union: (a, b) => a.add(b).div(2) }),
    },
  ],
  variants: [
    { name: "sides first", fn: iou({}) },
    {
      name: "pair by pair",
      fn: (a, b) => {
        const rows = Array.from({ length: a.shape[0] }, (_, i) => {
          const row = Array.from({ length: b.shape[0] }, (_, j) => {
            const at = (x: Tensor, row: number, k: number) => x.select(0, row).select(0, k);
            const side = (k: number) =>
              at(a, i, k + 2)
                .minimum(at(b, j, k + 2))
                .sub(at(a, i, k).maximum(at(b, j, k)))
                .clamp(0, Infinity);
            const area = (x: Tensor, row: number) =>
              at(x, row, 2)
                .sub(at(x, row, 0))
                .mul(at(x, row, 3).sub(at(x, row, 1)));
            const both = side(0).mul(side(1));
            return both.div(area(a, i).add(area(b, j)).sub(both)).reshape([1]);
          });
          return concat(row, 0);
        });
        return stack(rows);
      },
    },
  ],
});
