import { checks, exercise, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";
import { AUTOGRAD, gradcheckFault, gradcheckName, numbers } from "./shared";

/**
 * The pullback of y = x̂ ⊙ weight + bias, x̂ = (x − μ) / √(σ² + eps), with mean and variance (divided by C) of each row.
 *
 * g and x (N, C), weight (C) → [x̄ (N, C), the gradients of weight (C) and bias (C)].
 */
export function layerNormPullback(
  g: NDArray,
  x: NDArray,
  weight: NDArray,
  eps: number,
): [NDArray, NDArray, NDArray] {
  const mean = (a: NDArray) => a.mean(-1, { keepDims: true });
  // BEGIN SOLUTION
  const centred = x.sub(mean(x));
  const r = mean(centred.square()).add(eps).rsqrt(); // 1 / √(σ² + eps) of each row
  const hat = centred.mul(r);
  const h = g.mul(weight); // the gradient of x̂
  const gx = h
    .sub(mean(h))
    .sub(hat.mul(mean(h.mul(hat))))
    .mul(r);
  return [gx, g.mul(hat).sum(0), g.sum(0)];
  // END SOLUTION
}

const inputs = seeded(layerNormPullback, { N: 5, C: 7 }, ({ N, C }, random, seed) => [
  numbers([N, C], seed, random),
  numbers([N, C], seed + 1, random)
    .mul(2)
    .add(3),
  random.normal([C]).add(1),
  0.05 * (1 + (seed % 3)),
]);

const mean = (a: NDArray) => a.mean(-1, { keepDims: true });

interface Parts {
  /** What σ² comes from: the centred numbers of each row. */
  variance(centred: NDArray): NDArray;
  scale(variance: NDArray, eps: number): NDArray;
  /** x̄ / r. */
  direction(h: NDArray, hat: NDArray): NDArray;
  h(g: NDArray, weight: NDArray): NDArray;
  /** What the gradient of weight multiplies g with. */
  beside(hat: NDArray, x: NDArray): NDArray;
  last(gx: NDArray, r: NDArray): NDArray;
}

/** The solution with another part in one place. */
function withParts(parts: Partial<Parts>): typeof layerNormPullback {
  const {
    variance = (centred) => mean(centred.square()),
    scale = (variance, eps) => variance.add(eps).rsqrt(),
    direction = (h, hat) => h.sub(mean(h)).sub(hat.mul(mean(h.mul(hat)))),
    h = (g, weight) => g.mul(weight),
    beside = (hat) => hat,
    last = (gx, r) => gx.mul(r),
  } = parts;
  return (g, x, weight, eps) => {
    const centred = x.sub(mean(x));
    const r = scale(variance(centred), eps);
    const hat = centred.mul(r);
    return [last(direction(h(g, weight), hat), r), g.mul(beside(hat, x)).sum(0), g.sum(0)];
  };
}

export const layerNormPullbackExercise = exercise(layerNormPullback, {
  id: "layerNormPullback",
  title: { en: "The pullback of layer norm", ru: "Градиент layer norm" },
  minutes: 20,
  forbids: [...AUTOGRAD, "layerNorm"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(layerNormPullback, {
      points: 1,
      args: () => [nd.array([[6, 0, 0, 0]]), nd.array([[1, 1, 5, 5]]), nd.array([2, 1, 1, 1]), 0],
      expected: [[[3, -3, 0, 0]], [-6, 0, 0, 0], [6, 0, 0, 0]],
      because: {
        en: "μ = 3, σ = 2, so x̂ = −1, −1, 1, 1; h = g ⊙ weight = 12, 0, 0, 0, with mean 3, and the mean of h ⊙ x̂ is −3; x̄ = (h − 3 + 3 x̂) / 2",
        ru: "μ = 3, σ = 2, значит x̂ = −1, −1, 1, 1; h = g ⊙ weight = 12, 0, 0, 0 со средним 3, среднее h ⊙ x̂ равно −3; x̄ = (h − 3 + 3 x̂) / 2",
      },
    }),
    checks.random(inputs, { points: 2 }),
    checks.invariant(layerNormPullback, gradcheckName, {
      points: 2,
      broken(fn, random) {
        const rule = (x: NDArray, w: NDArray, b: NDArray): [NDArray, (g: NDArray) => NDArray[]] => {
          const centred = x.sub(mean(x));
          const hat = centred.mul(mean(centred.square()).add(0.1).rsqrt());
          return [hat.mul(w).add(b), (g) => fn(g, x, w, 0.1)];
        };
        return gradcheckFault(rule, [random.normal([3, 5]), random.normal([5]), random.normal([5])]);
      },
    }),
  ],
  mutants: [
    {
      name: "only scaled",
      says: {
        en: "x̄ is h / σ alone: that takes μ and σ as constants, but every number of the row moves them. Two terms are missing",
        ru: "x̄ — просто h / σ: μ и σ приняты за константы, а их меняет каждое число строки. Не хватает двух слагаемых",
      },
      fn: withParts({ direction: (h) => h }),
    },
    {
      name: "without the mean's part",
      says: {
        en: "mean(h) is not subtracted: that is how x̄ feels that each number moves μ",
        ru: "не вычтено mean(h): именно так учитывается, что каждое число сдвигает μ",
      },
      fn: withParts({ direction: (h, hat) => h.sub(hat.mul(mean(h.mul(hat)))) }),
    },
    {
      name: "without the deviation's part",
      says: {
        en: "x̂ mean(h ⊙ x̂) is not subtracted: that is how x̄ feels that each number moves σ",
        ru: "не вычтено x̂ mean(h ⊙ x̂): именно так учитывается, что каждое число меняет σ",
      },
      fn: withParts({ direction: (h) => h.sub(mean(h)) }),
    },
    {
      name: "not divided",
      says: {
        en: "x̄ is not divided by √(σ² + eps) at the end",
        ru: "в конце x̄ не поделён на √(σ² + eps)",
      },
      fn: withParts({ last: (gx) => gx }),
    },
    {
      name: "without the weight",
      says: {
        en: "h is g, without the weight: the gradient of x̂ is g ⊙ weight",
        ru: "вместо h взят g без weight: градиент x̂ равен g ⊙ weight",
      },
      fn: withParts({ h: (g) => g }),
    },
    {
      name: "variance over C − 1",
      says: {
        en: "the variance is divided by C − 1 (what `x.var(-1)` does): layer norm divides by C, { correction: 0 }",
        ru: "дисперсия поделена на C − 1 (так делает `x.var(-1)`), а в layer norm делят на C: { correction: 0 }",
      },
      fn: withParts({ variance: (centred) => centred.var(-1, { keepDims: true }) }),
    },
    {
      name: "without eps",
      says: {
        en: "eps is left out: it belongs to the variance, under the root",
        ru: "пропущен eps: он прибавляется к дисперсии под корнем",
      },
      fn: withParts({ scale: (variance) => variance.add(1e-12).rsqrt() }),
    },
    {
      name: "eps outside of the root",
      says: {
        en: "eps is added to σ, after the root: it belongs to σ², under the root",
        ru: "eps прибавлен к σ после корня, а нужно к σ² под корнем",
      },
      fn: withParts({ scale: (variance, eps) => variance.sqrt().add(eps).reciprocal() }),
    },
    {
      name: "weight's gradient from x",
      says: {
        en: "the gradient of weight is made with x: weight multiplies x̂, so it is Σ g ⊙ x̂ over the rows",
        ru: "градиент weight посчитан через x: weight умножает x̂, поэтому нужна Σ g ⊙ x̂ по строкам",
      },
      fn: withParts({ beside: (_, x) => x }),
    },
  ],
  variants: [
    {
      name: "in one step, with C",
      fn(g, x, weight, eps) {
        const C = x.shape[1];
        const sum = (a: NDArray) => a.sum(-1, { keepDims: true });
        const sigma = x.var(-1, { correction: 0, keepDims: true }).add(eps).sqrt();
        const hat = x.sub(x.mean(-1, { keepDims: true })).div(sigma);
        const h = weight.mul(g);
        const gx = h
          .mul(C)
          .sub(sum(h))
          .sub(hat.mul(sum(h.mul(hat))))
          .div(sigma.mul(C));
        return [gx, nd.einsum("nc,nc->c", g, hat), g.sum(0)];
      },
    },
    {
      name: "the chain rule through μ and σ², step by step",
      fn(g, x, weight, eps) {
        const C = x.shape[1];
        const centred = x.sub(mean(x));
        const r = mean(centred.square()).add(eps).rsqrt();
        const h = g.mul(weight);
        const gVariance = h.mul(centred).sum(-1, { keepDims: true }).mul(r.pow(3)).mul(-0.5);
        const gCentred = h.mul(r).add(centred.mul(gVariance).mul(2 / C));
        return [gCentred.sub(mean(gCentred)), g.mul(centred).mul(r).sum(0), g.sum(0)];
      },
    },
  ],
});
