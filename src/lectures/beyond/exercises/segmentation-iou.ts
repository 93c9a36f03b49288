import { checks, exercise, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";

/**
 * Mean intersection over union: for every class, pixels that are of it and are called so, divided by pixels that are of it
 * or are called so, over all pictures together; then the mean over the classes that occur or are said at all. answers and
 * targets: whole numbers 0 … classes − 1, of one shape.
 */
export function segmentationIou(answers: NDArray, targets: NDArray, classes: number): number {
  // BEGIN SOLUTION
  const ious: number[] = [];
  for (let k = 0; k < classes; k++) {
    const [said, is] = [answers.eq(k), targets.eq(k)];
    const both = said.logicalAnd(is).sum().item();
    const either = said.logicalOr(is).sum().item();
    if (either > 0) ious.push(both / either);
  }
  return ious.reduce((sum, iou) => sum + iou, 0) / ious.length;
  // END SOLUTION
}

const int32 = (rows: number[][]): NDArray => nd.array(rows, { dtype: "int32" });

/** Masks with much background, and answers that are right in about two thirds of the places. */
const inputs = seeded(segmentationIou, { B: 3, H: 5, W: 7 }, ({ B, H, W }, random, seed) => {
  const targets = random.integers([B, H, W], { low: -4, high: 5 }).maximum(0).to("int32");
  const others = random.integers([B, H, W], { low: 0, high: 5 });
  const answers = nd.where(random.uniform([B, H, W]).lt(0.65), targets, others);
  const view = (x: NDArray) => (seed % 2 ? x.transpose().clone().transpose() : x);
  return [view(answers), view(targets), 5];
});

type Counts = { both: number; said: number; is: number; total: number };

/** The mean of something made of each class's counts; null leaves the class out. */
const meanOver =
  (
    value: (counts: Counts) => number | null,
    { from = 0, divideBy }: { from?: number; divideBy?: number } = {},
  ) =>
  (answers: NDArray, targets: NDArray, classes: number): number => {
    const values: number[] = [];
    for (let k = from; k < classes; k++) {
      const [said, is] = [answers.eq(k), targets.eq(k)];
      const both = said.logicalAnd(is).sum().item();
      const one = value({ both, said: said.sum().item(), is: is.sum().item(), total: is.size });
      if (one !== null) values.push(one);
    }
    return (
      values.reduce((sum, one) => sum + one, 0) / (divideBy === 0 ? classes : Math.max(values.length, 1))
    );
  };
const ratio = (a: number, b: number): number | null => (b === 0 ? null : a / b);
const iouOf = ({ both, said, is }: Counts) => ratio(both, said + is - both);

export const segmentationIouExercise = exercise(segmentationIou, {
  id: "segmentationIou",
  title: { en: "Mean intersection over union", ru: "Среднее отношение пересечения к объединению" },
  minutes: 10,
  forbids: ["meanIoU", "classIoU"],
  checks: [
    checks.dtype(inputs),
    checks.byHand(segmentationIou, {
      points: 1,
      args: () => [int32([[0, 0, 1, 1]]), int32([[0, 1, 1, 1]]), 2],
      expected: (1 / 2 + 2 / 3) / 2,
      because: {
        en: "class 0: one pixel is right, two are of it or called so, 1/2; class 1: two are right of three, 2/3; the mean is 7/12",
        ru: "класс 0: верен один пиксель из двух, которые к нему относятся или так названы, 1/2; класс 1: два из трёх, 2/3; среднее 7/12",
      },
    }),
    checks.cases(segmentationIou, {
      points: 2,
      name: { en: "edges", ru: "крайние случаи" },
      cases: [
        {
          title: {
            en: "a class that nobody knows of does not count",
            ru: "класс, которого нигде нет, не считается",
          },
          args: () => [int32([[0, 0, 2, 2, 2]]), int32([[0, 2, 2, 2, 2]]), 4],
        },
        {
          title: { en: "a class that is said but never there: 0", ru: "класс назван, но его нет: 0" },
          args: () => [int32([[0, 0, 3, 0]]), int32([[0, 0, 0, 0]]), 4],
        },
        {
          title: { en: "a class that is there but never said: 0", ru: "класс есть, но не назван: 0" },
          args: () => [int32([[0, 0, 0, 0, 0]]), int32([[0, 0, 1, 0, 0]]), 2],
        },
        {
          title: { en: "all right", ru: "всё верно" },
          args: () => [int32([[2, 0, 1]]), int32([[2, 0, 1]]), 3],
        },
        {
          title: { en: "one picture after another in a batch", ru: "батч из двух картинок" },
          args: () => [
            nd.array([[[0, 0, 0]], [[1, 1, 0]]], { dtype: "int32" }),
            nd.array([[[0, 0, 1]], [[1, 1, 1]]], { dtype: "int32" }),
            2,
          ],
        },
      ],
    }),
    checks.random(inputs, { points: 2, times: 4 }),
  ],
  mutants: [
    {
      name: "pixel accuracy",
      says: {
        en: "this is the share of right pixels: background alone makes it high. Every class has a say of its own in mIoU",
        ru: "это доля верных пикселей: её поднимает один только фон. В mIoU у каждого класса свой голос",
      },
      fn: (answers, targets) => answers.eq(targets).to("float64").mean().item(),
    },
    {
      name: "absent classes count as zero",
      says: {
        en: "a class that neither occurs nor is said counts as 0: leave it out, 0 / 0 is no failure",
        ru: "класс, который не встречается и не назван, засчитан как 0: пропустите его, 0 / 0 — не ошибка модели",
      },
      fn: meanOver(iouOf, { divideBy: 0 }),
    },
    {
      name: "recall",
      says: {
        en: "divided by the pixels that are of the class: what is wrongly called so costs nothing. The union holds these too",
        ru: "деление на пиксели самого класса: ложные срабатывания ничего не стоят. В объединение входят и они",
      },
      fn: meanOver(({ both, is }) => ratio(both, is)),
    },
    {
      name: "precision",
      says: {
        en: "divided by the pixels that are called so: what is missed costs nothing. The union holds these too",
        ru: "деление на пиксели, названные этим классом: пропуски ничего не стоят. В объединение входят и они",
      },
      fn: meanOver(({ both, said }) => ratio(both, said)),
    },
    {
      name: "Dice",
      says: {
        en: "this is Dice, 2 both / (said + is), which counts the intersection twice: the union is said + is − both",
        ru: "это коэффициент Дайса, 2 · пересечение / (названо + есть): объединение — это названо + есть − пересечение",
      },
      fn: meanOver(({ both, said, is }) => ratio(2 * both, said + is)),
    },
    {
      name: "the sum of both for the union",
      says: {
        en: "the intersection is counted twice in your union: said + is − both",
        ru: "пересечение посчитано в объединении дважды: названо + есть − пересечение",
      },
      fn: meanOver(({ both, said, is }) => ratio(both, said + is)),
    },
    {
      name: "without class 0",
      says: {
        en: "class 0 is left out: background is a class like any other here",
        ru: "класс 0 пропущен: фон здесь — такой же класс, как остальные",
      },
      fn: meanOver(iouOf, { from: 1 }),
    },
    {
      name: "picture by picture",
      says: {
        en: "this is the mean over the pictures of a batch: count the pixels of all pictures together, then divide",
        ru: "это среднее по картинкам батча: сложите пиксели всех картинок, потом делите",
      },
      fn: (answers, targets, classes) => {
        const each = Array.from({ length: targets.shape[0] }, (_, b) =>
          meanOver(iouOf)(answers.select(0, b), targets.select(0, b), classes),
        );
        return each.reduce((sum, one) => sum + one, 0) / each.length;
      },
    },
    {
      name: "absent classes count as one",
      says: {
        en: "a class that neither occurs nor is said counts as 1: leave it out of the mean",
        ru: "класс, который не встречается и не назван, засчитан как 1: исключите его из среднего",
      },
      fn: meanOver((counts) => iouOf(counts) ?? 1),
    },
    {
      name: "classes that occur",
      says: {
        en: "a class that is said but does not occur is left out: it is a false alarm, and counts 0",
        ru: "класс, который назван, но не встречается, пропущен: это ложное срабатывание, оно даёт 0",
      },
      fn: meanOver((counts) => (counts.is === 0 ? null : iouOf(counts))),
    },
    {
      name: "all classes in one",
      says: {
        en: "all intersections are divided by all unions: divide class by class, then take the mean",
        ru: "сумма всех пересечений поделена на сумму всех объединений: делите по классам, потом усредните",
      },
      fn: (answers, targets, classes) => {
        const places = targets.size;
        const right = answers.eq(targets).sum().item();
        return classes === 0 ? 0 : right / (2 * places - right);
      },
    },
  ],
  variants: [
    { name: "from three counts", fn: meanOver(iouOf) },
    {
      name: "through the table of confusions",
      fn: (answers, targets, classes) => {
        const pairs = targets
          .reshape([-1])
          .mul(classes)
          .add(answers.reshape([-1]));
        const ones = nd.ones([pairs.size], { dtype: "float64" });
        const flat = nd.zeros([classes * classes], { dtype: "float64" }).scatterAdd(0, pairs, ones);
        const table = flat.reshape([classes, classes]).toArray() as number[][];
        const ious = table.flatMap((row, k) => {
          const both = row[k];
          const either =
            row.reduce((a, b) => a + b, 0) + table.reduce((sum, other) => sum + other[k], 0) - both;
          return either > 0 ? [both / either] : [];
        });
        return ious.reduce((sum, iou) => sum + iou, 0) / ious.length;
      },
    },
  ],
});
