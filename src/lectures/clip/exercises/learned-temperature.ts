import { type Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";

/**
 * From cosines (N, M), between −1 and 1, to logits: times the learned scale exp(logScale), which may not grow above
 * `largest`. logScale is a Tensor of one number, without axes.
 */
export function learnedTemperature(cosines: Tensor, logScale: Tensor, largest = 100): Tensor {
  // BEGIN SOLUTION
  const scale = logScale.clamp(-Infinity, Math.log(largest)).exp();
  return cosines.mul(scale);
  // END SOLUTION
}

const inputs = seeded(learnedTemperature, { N: 5, M: 3 }, ({ N, M }, random, seed) => {
  const cosines = random.uniform([N, M], { low: -1, high: 1 });
  return [
    tensor(seed % 2 ? random.uniform([M, N], { low: -1, high: 1 }).transpose() : cosines),
    tensor(random.normal([]).add(seed)),
  ];
});
const some = () => inputs.make(0)[0];
/** A logScale far above its limit: exp of it is Infinity. */
const beyond = seeded(learnedTemperature, { N: 5, M: 3 }, ({ N, M }, random) => [
  tensor(random.uniform([N, M], { low: -1, high: 1 })),
  tensor(200),
]);

export const learnedTemperatureExercise = exercise(learnedTemperature, {
  id: "learnedTemperature",
  title: { en: "A temperature that is learned", ru: "Температура, которой учатся" },
  minutes: 10,
  forbids: [],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(learnedTemperature, {
      points: 1,
      args: () => [tensor([[1, -0.5, 0.25]]), tensor(Math.log(8))],
      expected: [[8, -4, 2]],
      because: {
        en: "exp(ln 8) is 8, and 8 times the cosines",
        ru: "exp(ln 8) равно 8, и косинусы умножены на 8",
      },
    }),
    checks.cases(learnedTemperature, {
      points: 1,
      name: { en: "the limit", ru: "ограничение" },
      cases: [
        {
          title: { en: "ln 150 is cut to 100", ru: "ln 150 обрезано до 100" },
          args: () => [some(), tensor(Math.log(150))],
        },
        { title: { en: "ln 99 stays", ru: "ln 99 остаётся" }, args: () => [some(), tensor(Math.log(99))] },
        { title: { en: "a limit of 12", ru: "ограничение 12" }, args: () => [some(), tensor(3), 12] },
        { title: { en: "a logScale of 0", ru: "logScale равен 0" }, args: () => [some(), tensor(0)] },
        {
          title: {
            en: "a negative logScale: a scale below 1",
            ru: "отрицательный logScale: множитель меньше 1",
          },
          args: () => [some(), tensor(-1.5)],
        },
        { title: { en: "a huge logScale", ru: "огромный logScale" }, args: () => [some(), tensor(200)] },
      ],
    }),
    checks.random(inputs, { points: 1, times: 5 }),
    checks.gradient(learnedTemperature, inputs, {
      points: 1,
      names: ["cosines", "logScale"],
      out: (logits) => logits,
    }),
    checks.gradient(learnedTemperature, beyond, {
      points: 1,
      name: { en: "gradients far above the limit", ru: "градиенты далеко за пределом" },
      names: ["cosines", "logScale"],
      out: (logits) => logits,
    }),
  ],
  mutants: [
    {
      name: "divided",
      says: {
        en: "the cosines are divided by exp(logScale): it is 1/τ, and multiplies",
        ru: "косинусы делятся на exp(logScale), а это 1/τ, на него умножают",
      },
      fn: (cosines, logScale, largest = 100) =>
        cosines.div(logScale.clamp(-Infinity, Math.log(largest)).exp()),
    },
    {
      name: "no exp",
      says: {
        en: "the cosines are multiplied by logScale itself: what is learned is the logarithm, take exp",
        ru: "косинусы умножены на сам logScale: выучивается логарифм, возьмите exp",
      },
      fn: (cosines, logScale, largest = 100) => cosines.mul(logScale.clamp(-Infinity, Math.log(largest))),
    },
    {
      name: "no limit",
      says: {
        en: "the scale grows above its limit: cut it, or one day the loss explodes",
        ru: "множитель растёт выше предела: обрежьте его, иначе однажды лосс взорвётся",
      },
      fn: (cosines, logScale) => cosines.mul(logScale.exp()),
    },
    {
      name: "cut after exp",
      says: {
        en: "the scale is cut after exp: exp(200) is Infinity, and the way back through it is 0 · Infinity = NaN. Cut logScale at ln(largest), before exp",
        ru: "множитель обрезан после exp: exp(200) — это Infinity, и обратный путь через неё даёт 0 · Infinity = NaN. Обрезайте logScale на ln(largest), до exp",
      },
      fn: (cosines, logScale, largest = 100) => cosines.mul(logScale.exp().clamp(-Infinity, largest)),
    },
    {
      name: "the logarithm cut at the limit",
      says: {
        en: "logScale itself is cut at `largest`: the limit is one of the scale, that of its logarithm is ln(largest)",
        ru: "на `largest` обрезан сам logScale: это предел множителя, а предел его логарифма — ln(largest)",
      },
      fn: (cosines, logScale, largest = 100) => cosines.mul(logScale.clamp(-Infinity, largest).exp()),
    },
    {
      name: "logits cut",
      says: {
        en: "the logits are cut, not the scale: half of a scale of 150 is 75, and should be half of 100",
        ru: "обрезаны логиты, а не множитель: половина от 150 — это 75, а должна быть половина от 100",
      },
      fn: (cosines, logScale, largest = 100) =>
        cosines.mul(logScale.clamp(-Infinity, 80).exp()).clamp(-largest, largest),
    },
    {
      name: "still pushed at the limit",
      says: {
        en: "above the limit the result no longer depends on logScale, but a gradient of it comes back: cut logScale itself, with clamp, and exp follows",
        ru: "за пределом результат уже не зависит от logScale, а градиент по нему приходит: обрежьте сам logScale через clamp, а потом возьмите exp",
      },
      fn: (cosines, logScale, largest = 100) => {
        const over = Math.max(0, logScale.item() - Math.log(largest));
        return cosines.mul(logScale.sub(over).exp());
      },
    },
    {
      name: "limit of 100 built in",
      says: {
        en: "the limit is always 100, whatever `largest` says",
        ru: "предел всегда 100, что бы ни говорил `largest`",
      },
      fn: (cosines, logScale) => cosines.mul(logScale.clamp(-Infinity, Math.log(100)).exp()),
    },
    {
      name: "not below 1",
      says: {
        en: "a negative logScale is cut to 0: there is a largest scale, but no smallest one",
        ru: "отрицательный logScale обрезан до 0: есть наибольший множитель, а наименьшего нет",
      },
      fn: (cosines, logScale, largest = 100) => cosines.mul(logScale.clamp(0, Math.log(largest)).exp()),
    },
    {
      name: "taken out of the graph",
      says: {
        en: "no gradient reaches logScale: with .data or .item() it is a number like any other, and never learned",
        ru: "до logScale не доходит градиент: через .data или .item() это обычное число, и ему не научиться",
      },
      fn: (cosines, logScale, largest = 100) => cosines.mul(Math.min(Math.exp(logScale.item()), largest)),
    },
  ],
  variants: [
    {
      name: "a number above the limit",
      fn: (cosines, logScale, largest = 100) =>
        logScale.item() < Math.log(largest) ? cosines.mul(logScale.exp()) : cosines.mul(largest),
    },
    {
      name: "exp first",
      fn: (cosines, logScale, largest = 100) =>
        cosines.mul(logScale.clamp(-Infinity, 80).exp().clamp(0, largest)),
    },
    {
      name: "the smaller of two",
      fn: (cosines, logScale, largest = 100) => {
        if (logScale.item() > Math.log(largest)) return cosines.mul(logScale.mul(0).add(largest));
        return logScale.exp().mul(cosines);
      },
    },
  ],
});
