import { checks, exercise, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";
import { AUTOGRAD, gradcheckFault, gradcheckName, numbers } from "./shared";

/** The pullback of y = a ⊙ b: from ȳ = g to [ā, b̄]. All have one shape. */
export function mulPullback(g: NDArray, a: NDArray, b: NDArray): [NDArray, NDArray] {
  // BEGIN SOLUTION
  return [g.mul(b), g.mul(a)];
  // END SOLUTION
}

const inputs = seeded(mulPullback, { N: 5, M: 3 }, ({ N, M }, random, seed) => [
  numbers([N, M], seed, random),
  numbers([N, M], seed + 1, random),
  numbers([N, M], seed, random),
]);

export const mulPullbackExercise = exercise(mulPullback, {
  id: "mulPullback",
  title: { en: "The pullback of a product", ru: "Градиент произведения" },
  minutes: 5,
  forbids: AUTOGRAD,
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(mulPullback, {
      points: 1,
      args: () => [nd.array([10, 100]), nd.array([2, 3]), nd.array([5, 7])],
      expected: [
        [50, 700],
        [20, 300],
      ],
      because: {
        en: "a one larger moves a·b by b, and L moves g times as far: 10·5, 100·7; for b it is 10·2, 100·3",
        ru: "если a вырастет на 1, a·b вырастет на b, а L — ещё в g раз больше: 10·5, 100·7; для b — 10·2, 100·3",
      },
    }),
    checks.random(inputs, { points: 1 }),
    checks.invariant(mulPullback, gradcheckName, {
      points: 1,
      broken: (fn, random) =>
        gradcheckFault(
          (a, b) => [a.mul(b), (g) => fn(g, a, b)],
          [random.normal([4, 3]), random.normal([4, 3])],
        ),
    }),
  ],
  mutants: [
    {
      name: "exchanged",
      says: {
        en: "the two gradients have changed places: a moves the product by b, so ā needs b, not a",
        ru: "градиенты перепутаны местами: если меняется a, произведение меняется на b, поэтому в ā входит b, а не a",
      },
      fn: (g, a, b) => [g.mul(a), g.mul(b)],
    },
    {
      name: "without g",
      says: {
        en: "g is not used: these are the slopes of y, but what is asked is how L moves, which is g times as much",
        ru: "g не используется: это производные y, а нужны производные L, они в g раз больше",
      },
      fn: (_, a, b) => [b.clone(), a.clone()],
    },
    {
      name: "the sum's",
      says: {
        en: "g goes to both unchanged: that is the pullback of a + b. In a product each is scaled by the other",
        ru: "g передаётся обоим без изменений: так у суммы a + b. В произведении каждый множитель масштабируется другим",
      },
      fn: (g) => [g.clone(), g.clone()],
    },
    {
      name: "times the product",
      says: {
        en: "both gradients hold a · b: the derivative of a·b with respect to a is b alone",
        ru: "в обоих градиентах стоит a · b: производная a·b по a — это только b",
      },
      fn: (g, a, b) => [g.mul(a).mul(b), g.mul(a).mul(b)],
    },
    {
      name: "only the first",
      says: {
        en: "b̄ is zero: b is an input like a, and L depends on it too",
        ru: "b̄ равен нулю: b — такой же вход, как a, и L от него тоже зависит",
      },
      fn: (g, _, b) => [g.mul(b), nd.zerosLike(b)],
    },
  ],
  variants: [
    {
      name: "number by number",
      fn: (g, a, b) => {
        const [G, A, B] = [g, a, b].map((x) => x.flat());
        const by = (other: ArrayLike<number>) =>
          nd
            .array(
              Array.from(G, (x, i) => x * other[i]),
              { dtype: g.dtype },
            )
            .reshape([...g.shape]);
        return [by(B), by(A)];
      },
    },
    { name: "factors exchanged", fn: (g, a, b) => [b.mul(g), a.mul(g)] },
  ],
});
