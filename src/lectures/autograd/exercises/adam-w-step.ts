import { checks, exercise, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";
import { numbers } from "./shared";

/**
 * Step number `step` (1, 2, 3, …) of AdamW for one parameter: its new value and its new moments, as new arrays.
 *
 * p ← p (1 − lr weightDecay) − lr m̂ / (√v̂ + eps)
 */
export function adamWStep(
  p: NDArray,
  g: NDArray,
  { m, v }: { m: NDArray; v: NDArray },
  step: number,
  {
    lr,
    betas: [beta1, beta2] = [0.9, 0.999],
    eps = 1e-8,
    weightDecay = 0.01,
  }: { lr: number; betas?: readonly [number, number]; eps?: number; weightDecay?: number },
): { p: NDArray; m: NDArray; v: NDArray } {
  // BEGIN SOLUTION
  const m1 = m.mul(beta1).add(g.mul(1 - beta1));
  const v1 = v.mul(beta2).add(g.square().mul(1 - beta2));
  const mHat = m1.div(1 - beta1 ** step);
  const vHat = v1.div(1 - beta2 ** step);
  const p1 = p.mul(1 - lr * weightDecay).sub(mHat.div(vHat.sqrt().add(eps)).mul(lr));
  return { p: p1, m: m1, v: v1 };
  // END SOLUTION
}

const settings: readonly Parameters<typeof adamWStep>[4][] = [
  { lr: 0.1, betas: [0.8, 0.95], eps: 0.01, weightDecay: 0.3 },
  { lr: 0.02, betas: [0.7, 0.9], eps: 0.1, weightDecay: 0 },
  { lr: 0.3, weightDecay: 0.2 },
  { lr: 0.05 },
];

const inputs = seeded(adamWStep, { N: 3, M: 5 }, ({ N, M }, random, seed) => [
  numbers([N, M], seed, random),
  numbers([N, M], seed + 1, random),
  { m: random.normal([N, M]), v: random.normal([N, M]).square() },
  1 + ((seed * 3) % 11),
  { ...settings[seed % settings.length] },
]);

interface Parts {
  /** The gradient that goes in. */
  grad(g: NDArray, p: NDArray, decay: number): NDArray;
  m(m: NDArray, g: NDArray, beta: number): NDArray;
  v(v: NDArray, g: NDArray, beta: number): NDArray;
  correction(beta: number, step: number): number;
  update(mHat: NDArray, vHat: NDArray, eps: number): NDArray;
  shrink(lr: number, decay: number): number;
}

/** The solution with another part in one place. */
function adam(parts: Partial<Parts>): typeof adamWStep {
  const mix = (old: NDArray, now: NDArray, beta: number) => old.mul(beta).add(now.mul(1 - beta));
  const {
    grad = (g) => g,
    m = mix,
    v = (old, g, beta) => mix(old, g.square(), beta),
    correction = (beta, step) => 1 - beta ** step,
    update = (mHat, vHat, eps) => mHat.div(vHat.sqrt().add(eps)),
    shrink = (lr, decay) => 1 - lr * decay,
  } = parts;
  return (p, given, before, step, { lr, betas: [b1, b2] = [0.9, 0.999], eps = 1e-8, weightDecay = 0.01 }) => {
    const g = grad(given, p, weightDecay);
    const [m1, v1] = [m(before.m, g, b1), v(before.v, g, b2)];
    const way = update(m1.div(correction(b1, step)), v1.div(correction(b2, step)), eps);
    return { p: p.mul(shrink(lr, weightDecay)).sub(way.mul(lr)), m: m1, v: v1 };
  };
}

export const adamWStepExercise = exercise(adamWStep, {
  id: "adamWStep",
  title: { en: "One step of AdamW", ru: "Шаг AdamW" },
  minutes: 15,
  forbids: ["AdamW", "Adam"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(adamWStep, {
      points: 1,
      name: { en: "the first step by hand", ru: "первый шаг на бумаге" },
      args: () => [
        nd.array([10, 10]),
        nd.array([4, -0.5]),
        { m: nd.zeros([2]), v: nd.zeros([2]) },
        1,
        { lr: 0.5, betas: [0.8, 0.9] as const, eps: 0, weightDecay: 0.1 },
      ],
      expected: { p: [9, 10], m: [0.8, -0.1], v: [1.6, 0.025] },
      because: {
        en: "after the correction m̂ = g and v̂ = g², so the first step is lr · sign(g), however large g is: 10 · (1 − 0.05) ∓ 0.5",
        ru: "после поправки m̂ = g и v̂ = g², поэтому первый шаг равен lr · sign(g) при любом g: 10 · (1 − 0.05) ∓ 0.5",
      },
    }),
    checks.cases(adamWStep, {
      points: 1,
      name: {
        en: "defaults, late steps, tiny gradients",
        ru: "значения по умолчанию, поздние шаги, малые градиенты",
      },
      cases: [
        {
          title: { en: "without any option but lr", ru: "задан только lr" },
          args: () => [
            nd.array([2, -3, 40]),
            nd.array([1, -2, 0.5]),
            { m: nd.array([0.3, 0.2, 0.1]), v: nd.array([1, 4, 0.2]) },
            3,
            { lr: 0.2 },
          ],
        },
        {
          title: { en: "at step 1000", ru: "шаг 1000" },
          args: () => [
            nd.array([2, -3, 40]),
            nd.array([1, -2, 0.5]),
            { m: nd.array([0.3, 0.2, 0.1]), v: nd.array([1, 4, 0.2]) },
            1000,
            { lr: 0.2, weightDecay: 0.5 },
          ],
        },
        {
          title: { en: "where a gradient has always been 0", ru: "градиент всегда был нулевым" },
          args: () => [
            nd.array([2, 5]),
            nd.array([0, 1e-6]),
            { m: nd.zeros([2]), v: nd.zeros([2]) },
            2,
            { lr: 0.1 },
          ],
        },
      ],
    }),
    checks.random(inputs, { points: 2, times: 6 }),
    checks.invariant(
      adamWStep,
      { en: "ten steps, one after the other", ru: "десять шагов подряд" },
      {
        points: 1,
        broken(fn) {
          const walk = (f: typeof adamWStep) => {
            let state = { p: nd.array([3, -4, 5]), m: nd.zeros([3]), v: nd.zeros([3]) };
            for (let step = 1; step <= 10; step++) {
              const { p, m, v } = state;
              state = f(p, p.mul(nd.array([1, 10, 0.1])), { m, v }, step, { lr: 0.1, weightDecay: 0.1 });
            }
            return state.p;
          };
          const [got, expected] = [walk(fn), walk(adamWStep)];
          const off = got.sub(expected).abs().max().item();
          return off < 1e-3
            ? null
            : {
                en: `after ten steps p is off by ${off.toPrecision(3)}`,
                ru: `после десяти шагов p отличается на ${off.toPrecision(3)}`,
              };
        },
      },
    ),
  ],
  mutants: [
    {
      name: "no correction",
      says: {
        en: "the moments start at 0 and are too small in the first steps: divide them by 1 − βᵗ before they are used",
        ru: "моменты начинаются с нуля и в первых шагах занижены: перед использованием их делят на 1 − βᵗ",
      },
      fn: adam({ correction: () => 1 }),
    },
    {
      name: "corrected for good",
      says: {
        en: "the moments that are handed on are the corrected ones: remember m and v as they are, m̂ and v̂ serve this step alone",
        ru: "дальше переданы поправленные моменты: запоминать нужно сами m и v, а m̂ и v̂ нужны только на этом шаге",
      },
      fn: (p, g, before, step, options) => {
        const [b1, b2] = options.betas ?? [0.9, 0.999];
        const { p: p1, m, v } = adamWStep(p, g, before, step, options);
        return { p: p1, m: m.div(1 - b1 ** step), v: v.div(1 - b2 ** step) };
      },
    },
    {
      name: "steps from 0",
      says: {
        en: "the correction counts one step too few: step 1 is the first, and 1 − β¹ belongs to it",
        ru: "в поправке номер шага меньше на единицу: первый шаг имеет номер 1, и ему отвечает 1 − β¹",
      },
      fn: adam({ correction: (beta, step) => 1 - beta ** (step - 1) || 1 }),
    },
    {
      name: "decay in the gradient",
      says: {
        en: "weight decay was added to the gradient: that is Adam with L2, where large gradients hide it. The W means that p itself shrinks, by lr · weightDecay",
        ru: "weight decay добавлен к градиенту: это Adam с L2. Буква W означает, что сжимается сам параметр: p (1 − lr · weightDecay)",
      },
      fn: adam({ grad: (g, p, decay) => g.add(p.mul(decay)), shrink: () => 1 }),
    },
    {
      name: "decay without lr",
      says: {
        en: "p shrinks by weightDecay in each step: it is lr · weightDecay",
        ru: "p сжимается на weightDecay за шаг, а нужно на lr · weightDecay",
      },
      fn: adam({ shrink: (_, decay) => 1 - decay }),
    },
    {
      name: "no decay",
      says: { en: "weight decay is left out", ru: "weight decay пропущен" },
      fn: adam({ shrink: () => 1 }),
    },
    {
      name: "eps under the root",
      says: {
        en: "eps stands under the root: it is added after it, √v̂ + eps",
        ru: "eps стоит под корнем, а прибавлять его нужно после: √v̂ + eps",
      },
      fn: adam({ update: (mHat, vHat, eps) => mHat.div(vHat.add(eps).sqrt()) }),
    },
    {
      name: "no root",
      says: {
        en: "v̂ is not rooted: v holds squares, and the step is m̂ / √v̂",
        ru: "из v̂ не извлечён корень: в v лежат квадраты, шаг равен m̂ / √v̂",
      },
      fn: adam({ update: (mHat, vHat, eps) => mHat.div(vHat.add(eps)) }),
    },
    {
      name: "g not squared",
      says: { en: "v is a running mean of g, not of g²", ru: "v усредняет g, а должно усреднять g²" },
      fn: adam({ v: (v, g, beta) => v.mul(beta).add(g.abs().mul(1 - beta)) }),
    },
    {
      name: "betas the wrong way round",
      says: {
        en: "β and 1 − β have changed places: most of the old mean stays, a little of the new gradient comes in",
        ru: "β и 1 − β перепутаны: старое среднее в основном сохраняется, а нового градиента добавляется немного",
      },
      fn: adam({
        m: (m, g, beta) => m.mul(1 - beta).add(g.mul(beta)),
        v: (v, g, beta) => v.mul(1 - beta).add(g.square().mul(beta)),
      }),
    },
    {
      name: "g itself in v",
      says: {
        en: "v is a running mean of g itself, and the root of a negative number is NaN: take g²",
        ru: "v усредняет сам g, а корень из отрицательного числа — NaN: нужен g²",
      },
      fn: adam({ v: (v, g, beta) => v.mul(beta).add(g.mul(1 - beta)) }),
    },
    {
      name: "steps from 2",
      says: {
        en: "the correction counts one step too many: `step` is 1 in the first already",
        ru: "в поправке номер шага больше на единицу: уже в первом шаге `step` равен 1",
      },
      fn: adam({ correction: (beta, step) => 1 - beta ** (step + 1) }),
    },
    {
      name: "decay after the step",
      says: {
        en: "the decay shrinks the step as well: it is the old p that shrinks, then the step is taken",
        ru: "затухание сжимает и сам шаг: сжимается прежний p, а потом делается шаг",
      },
      fn(p, g, before, step, options) {
        const { lr, weightDecay = 0.01 } = options;
        const { p: moved, m, v } = adamWStep(p, g, before, step, { ...options, weightDecay: 0 });
        return { p: moved.mul(1 - lr * weightDecay), m, v };
      },
    },
  ],
  variants: [
    {
      name: "number by number",
      fn(p, g, { m, v }, step, { lr, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0.01 }) {
        const [P, G, M, V] = [p, g, m, v].map((x) => Array.from(x.flat()));
        const [b1, b2] = betas;
        P.forEach((value, i) => {
          M[i] = b1 * M[i] + (1 - b1) * G[i];
          V[i] = b2 * V[i] + (1 - b2) * G[i] ** 2;
          const way = M[i] / (1 - b1 ** step) / (Math.sqrt(V[i] / (1 - b2 ** step)) + eps);
          P[i] = value - lr * weightDecay * value - lr * way;
        });
        const back = (list: number[]) => nd.array(list, { dtype: p.dtype }).reshape([...p.shape]);
        return { p: back(P), m: back(M), v: back(V) };
      },
    },
    {
      name: "with one step size, as PyTorch",
      fn(p, g, { m, v }, step, { lr, betas: [b1, b2] = [0.9, 0.999], eps = 1e-8, weightDecay = 0.01 }) {
        const m1 = m.add(g.sub(m).mul(1 - b1));
        const v1 = v.mul(b2).add(g.mul(g).mul(1 - b2));
        const denominator = v1
          .sqrt()
          .div(Math.sqrt(1 - b2 ** step))
          .add(eps);
        const shrunk = p.sub(p.mul(lr * weightDecay));
        return { p: shrunk.sub(m1.div(denominator).mul(lr / (1 - b1 ** step))), m: m1, v: v1 };
      },
    },
  ],
});
