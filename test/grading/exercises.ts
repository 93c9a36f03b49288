import { softmax, type Tensor, tensor } from "../../src/autograd";
import { checks, exercise, seeded } from "../../src/grading";

/** A small exercise to test the grading with: each row minus its mean, divided by √C. */
export function centre(x: Tensor): Tensor {
  return x.sub(x.mean(-1, { keepDims: true })).div(Math.sqrt(x.shape[x.ndim - 1]));
}

const inputs = seeded(centre, { B: 3, T: 5, C: 7 }, ({ B, T, C }, random) => [
  tensor(random.normal([B, T, C])),
]);
const few = seeded(centre, { T: 2, C: 3 }, ({ T, C }, random) => [tensor(random.normal([T, C]))]);

/** What the grader asks besides. */
export const centreHidden = [
  checks.random(
    seeded(centre, { B: 4, C: 9 }, ({ B, C }, random) => [tensor(random.normal([B, C]))]),
    { points: 1, name: { en: "a table", ru: "таблица" } },
  ),
  checks.invariant(centre, "rows of one number", {
    points: 1,
    broken: (fn) => (fn(tensor([[5]])).data.item() === 0 ? null : "a number minus itself is 0"),
  }),
];

export const centreExercise = exercise(centre, {
  id: "centre",
  title: { en: "Centre the <rows>", ru: "Центрировать строки" },
  minutes: 5,
  forbids: ["layerNorm"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(centre, {
      points: 1,
      args: () => [tensor([[1, 2, 3, 6]])],
      expected: [[-1, -0.5, 0, 1.5]],
      because: "the mean is 3 and √4 is 2",
    }),
    checks.random(inputs, { points: 2 }),
    checks.invariant(centre, "rows sum to 0", {
      points: 1,
      broken: (fn, random) => {
        const sum = fn(tensor(random.normal([2, 3])))
          .sum(-1)
          .data.abs()
          .max()
          .item();
        return sum < 1e-5 ? null : `a row sums to ${sum.toFixed(2)}`;
      },
    }),
    checks.gradient(centre, few, { points: 1, out: (y) => y }),
  ],
  mutants: [
    {
      name: "mean of everything",
      caughtBy: "random input",
      says: "the mean goes over the whole array",
      fn: (x) => x.sub(x.mean()).div(Math.sqrt(x.shape[x.ndim - 1])),
    },
    {
      name: "not scaled",
      caughtBy: "worked by hand",
      says: "nothing is divided by √C",
      fn: (x) => x.sub(x.mean(-1, { keepDims: true })),
    },
    {
      name: "mean taken twice",
      caughtBy: "worked by hand",
      says: "the mean is subtracted twice",
      fn: (x) => centre(x).sub(x.mean(-1, { keepDims: true })),
    },
    { name: "softmax", caughtBy: "worked by hand", says: "this is a softmax", fn: (x) => softmax(x) },
  ],
  variants: [
    {
      name: "scaled first",
      fn: (x) =>
        x
          .div(Math.sqrt(x.shape[x.ndim - 1]))
          .sub(x.div(Math.sqrt(x.shape[x.ndim - 1])).mean(-1, { keepDims: true })),
    },
    {
      name: "a power, and a sum in place of the mean",
      fn: (x) =>
        x.sub(x.sum(-1, { keepDims: true }).div(x.shape[x.ndim - 1])).mul(x.shape[x.ndim - 1] ** -0.5),
    },
  ],
});
