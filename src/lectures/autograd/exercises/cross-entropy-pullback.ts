import { checks, exercise, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";
import { AUTOGRAD, gradcheckFault, gradcheckName, numbers } from "./shared";

/**
 * The pullback of L = −1/N Σᵢ log softmax(xᵢ)[targetᵢ], the mean cross-entropy of logits (N, C) against classes (N).
 *
 * g () is the gradient of L, one number → the gradient of the logits (N, C).
 */
export function crossEntropyPullback(g: NDArray, logits: NDArray, targets: NDArray): NDArray {
  const [N, C] = logits.shape;
  // BEGIN SOLUTION
  return logits.softmax().sub(nd.oneHot(targets, C)).mul(g).div(N);
  // END SOLUTION
}

const inputs = seeded(crossEntropyPullback, { N: 5, C: 7 }, ({ N, C }, random, seed) => [
  random.normal([]).add(2),
  numbers([N, C], seed, random).mul(2),
  random.integers([N], { low: 0, high: C }),
]);

type Pullback = typeof crossEntropyPullback;
const between = (make: (p: NDArray, hot: NDArray) => NDArray): Pullback => {
  return (g, logits, targets) => {
    const [N, C] = logits.shape;
    return make(logits.softmax(), nd.oneHot(targets, C)).mul(g).div(N);
  };
};
const right = between((p, hot) => p.sub(hot));

export const crossEntropyPullbackExercise = exercise(crossEntropyPullback, {
  id: "crossEntropyPullback",
  title: { en: "The pullback of cross-entropy", ru: "Градиент кросс-энтропии" },
  minutes: 10,
  forbids: [...AUTOGRAD, "crossEntropy", "nllLoss"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(crossEntropyPullback, {
      points: 1,
      args: () => [
        nd.array(6),
        nd.array([
          [Math.log(2), Math.log(5), Math.log(3)],
          [0, 0, Math.log(2)],
        ]),
        nd.array([1, 2], { dtype: "int32" }),
      ],
      expected: [
        [0.6, -1.5, 0.9],
        [0.75, 0.75, -1.5],
      ],
      because: {
        en: "row 0 has the probabilities 0.2, 0.5, 0.3; minus 1 at class 1; times g / N = 6 / 2 = 3. Row 1: ¼, ¼, ½, minus 1 at class 2",
        ru: "вероятности строки 0: 0.2, 0.5, 0.3; минус 1 у класса 1; умножить на g / N = 6 / 2 = 3. Строка 1: ¼, ¼, ½, минус 1 у класса 2",
      },
    }),
    checks.cases(crossEntropyPullback, {
      name: { en: "large logits", ru: "большие логиты" },
      points: 1,
      cases: [
        {
          title: { en: "of 300 and −300, whose exp overflows", ru: "300 и −300: exp переполняется" },
          args: () => [
            nd.array(2),
            nd.array([
              [300, -300, 299],
              [-300, 300, 0],
              [-500, -501, -500],
            ]),
            nd.array([0, 0, 1], { dtype: "int32" }),
          ],
        },
      ],
    }),
    checks.random(inputs, { points: 1 }),
    checks.invariant(crossEntropyPullback, gradcheckName, {
      points: 1,
      broken(fn, random) {
        const targets = nd.array([4, 0, 2], { dtype: "int32" });
        const rule = (x: NDArray): [NDArray, (g: NDArray) => NDArray[]] => {
          const picked = x.logSoftmax().mul(nd.oneHot(targets, 5).to(x.dtype));
          return [picked.sum().neg().div(3), (g) => [fn(g, x, targets)]];
        };
        return gradcheckFault(rule, [random.normal([3, 5])]);
      },
    }),
  ],
  mutants: [
    {
      name: "not divided by N",
      says: {
        en: "the loss is a mean over N rows, so each row's part is divided by N",
        ru: "функция потерь — среднее по N строкам, поэтому вклад каждой строки делится на N",
      },
      fn: (g, x, t) => right(g, x, t).mul(x.shape[0]),
    },
    {
      name: "divided by all numbers",
      says: {
        en: "it is divided by N · C: the mean is over the N rows alone",
        ru: "поделено на N · C, а среднее берётся только по N строкам",
      },
      fn: (g, x, t) => right(g, x, t).div(x.shape[1]),
    },
    {
      name: "target minus probability",
      says: {
        en: "this is target − probability, which points downhill: the gradient points uphill, probability − target",
        ru: "это «метка минус вероятность», направление спуска, а градиент смотрит вверх: «вероятность минус метка»",
      },
      fn: between((p, hot) => hot.sub(p)),
    },
    {
      name: "only the probabilities",
      says: {
        en: "the target is not subtracted: where it stands the gradient is p − 1, which pulls this logit up",
        ru: "не вычтена метка: на её месте градиент p − 1, он и поднимает нужный логит",
      },
      fn: between((p) => p),
    },
    {
      name: "only at the target",
      says: {
        en: "only the target's logit gets a gradient: the others share the denominator of the softmax, theirs is p",
        ru: "градиент есть только у логита правильного класса, но остальные входят в знаменатель softmax, их градиент p",
      },
      fn: between((p, hot) => p.sub(1).mul(hot)),
    },
    {
      name: "without g",
      says: {
        en: "g is not used: the loss may be a part of something larger, which hands its gradient in",
        ru: "g не используется: функция потерь может быть частью чего-то большего, откуда и приходит g",
      },
      fn: (g, x, t) => right(nd.onesLike(g), x, t),
    },
    {
      name: "the logits in place of the probabilities",
      says: {
        en: "logits − target: the logits must become probabilities first, by softmax",
        ru: "логиты минус метка: сначала логиты нужно превратить в вероятности через softmax",
      },
      fn: (g, x, t) => x.sub(nd.oneHot(t, x.shape[1])).mul(g).div(x.shape[0]),
    },
    {
      name: "overflowing softmax",
      says: {
        en: "exp of a large logit overflows, and ∞ / ∞ is NaN: `softmax()` subtracts the largest first",
        ru: "exp большого логита переполняется, ∞ / ∞ даёт NaN: `softmax()` сначала вычитает максимум",
      },
      fn(g, x, t) {
        const powers = x.exp();
        const p = powers.div(powers.sum(-1, { keepDims: true }));
        return p.sub(nd.oneHot(t, x.shape[1])).mul(g).div(x.shape[0]);
      },
    },
    {
      name: "divided by C",
      says: {
        en: "it is divided by C, the number of classes: the mean is over the N rows",
        ru: "поделено на C, число классов, а среднее берётся по N строкам",
      },
      fn: (g, x, t) => right(g, x, t).mul(x.shape[0]).div(x.shape[1]),
    },
    {
      name: "down the columns",
      says: {
        en: "the softmax runs down the columns: each row is an example, and its probabilities sum to 1",
        ru: "softmax взят по столбцам, а каждая строка — отдельный пример, и в сумме 1 дают её вероятности",
      },
      fn: (g, x, t) => x.softmax(0).sub(nd.oneHot(t, x.shape[1])).mul(g).div(x.shape[0]),
    },
  ],
  variants: [
    {
      name: "number by number",
      fn(g, logits, targets) {
        const [N, C] = logits.shape;
        const p = Array.from(logits.softmax().flat());
        targets.flat().forEach((target, row) => {
          p[row * C + target] -= 1;
        });
        const factor = g.item() / N;
        return nd
          .array(
            p.map((x) => x * factor),
            { dtype: logits.dtype },
          )
          .reshape([N, C]);
      },
    },
    {
      name: "through log-softmax",
      fn(g, logits, targets) {
        const [N, C] = logits.shape;
        const classes = nd.arange(0, C).unsqueeze(0);
        const hot = classes.eq(targets.unsqueeze(1)).to(logits.dtype);
        const each = g.div(N);
        return logits.logSoftmax().exp().mul(each).sub(hot.mul(each));
      },
    },
  ],
});
