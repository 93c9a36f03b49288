import { type Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";

/** Moves all numbers of x by the same amount, so that their mean is 0: x − mean(x). Shape of x. */
export function centre(x: Tensor): Tensor {
  // BEGIN SOLUTION
  const mean = x.mean();
  return x.sub(mean);
  // END SOLUTION
}

export const inputs = seeded(centre, { T: 5, C: 7 }, ({ T, C }, random) => [
  tensor(random.normal([T, C]).mul(2).add(3)),
]);

export const centreExercise = exercise(centre, {
  id: "centre",
  title: { en: "Centre the numbers", ru: "Центрировать числа" },
  minutes: 2,
  forbids: [],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(centre, {
      points: 1,
      args: () => [
        tensor([
          [1, 2, 3],
          [4, 5, 15],
        ]),
      ],
      expected: [
        [-4, -3, -2],
        [-1, 0, 10],
      ],
      because: {
        en: "the mean of 1, 2, 3, 4, 5 and 15 is 5; it is taken from each of them",
        ru: "среднее чисел 1, 2, 3, 4, 5 и 15 равно 5; оно вычитается из каждого",
      },
    }),
    checks.random(inputs, { points: 1 }),
  ],
  mutants: [
    {
      name: "each row by itself",
      says: {
        en: "every row was centred by its own mean; here one mean is taken of all numbers: `x.mean()`, without an axis",
        ru: "каждая строка центрирована по своему среднему, а здесь среднее одно на все числа: `x.mean()` без оси",
      },
      fn: (x) => x.sub(x.mean(-1, { keepDims: true })),
    },
    {
      name: "each column by itself",
      says: {
        en: "every column was centred by its own mean; here one mean is taken of all numbers: `x.mean()`, without an axis",
        ru: "каждый столбец центрирован по своему среднему, а здесь среднее одно на все числа: `x.mean()` без оси",
      },
      fn: (x) => x.sub(x.mean(0, { keepDims: true })),
    },
    {
      name: "mean minus x",
      says: {
        en: "all signs are turned around: it is x minus the mean, not the mean minus x",
        ru: "все знаки наоборот: нужно x минус среднее, а не среднее минус x",
      },
      fn: (x) => x.mean().sub(x),
    },
    {
      name: "added",
      says: {
        en: "the mean was added where it is to be subtracted",
        ru: "среднее прибавлено, а его нужно вычесть",
      },
      fn: (x) => x.add(x.mean()),
    },
    {
      name: "sum in place of mean",
      says: {
        en: "the sum was subtracted, not the mean: divide it by how many numbers there are, or take `x.mean()`",
        ru: "вычтена сумма, а не среднее: разделите её на количество чисел или возьмите `x.mean()`",
      },
      fn: (x) => x.sub(x.sum()),
    },
    {
      name: "unchanged",
      says: {
        en: "x came back as it was: `x.sub(mean)` makes a new array and leaves x alone, so return what it gives",
        ru: "x вернулся без изменений: `x.sub(mean)` создаёт новый массив, а x не трогает, поэтому верните его результат",
      },
      fn: (x) => x.add(0),
    },
  ],
  variants: [
    { name: "sum divided by the number of elements", fn: (x) => x.sub(x.sum().div(x.size)) },
    {
      name: "a loop over plain numbers",
      fn: (x) => {
        const numbers = Array.from(x.data.flat());
        let sum = 0;
        for (const number of numbers) sum += number;
        return tensor(numbers.map((number) => number - sum / numbers.length)).reshape([...x.shape]);
      },
    },
  ],
});
