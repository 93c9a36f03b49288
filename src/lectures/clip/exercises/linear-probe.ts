import { crossEntropy, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";

/** A linear classifier: scores are x Wᵀ + b. */
export interface LinearProbe {
  /** (K, D) */
  readonly weight: NDArray;
  /** (K) */
  readonly bias: NDArray;
}

/**
 * How much is in these features? features (N, D), labels (N) below `classes` → a linear classifier, trained from zeros by
 * `steps` of gradient descent on the mean cross-entropy of **all** N, with learning rate `lr`. `decay` pulls the weights
 * to 0 (not the bias): it adds decay · W to their gradient.
 */
export function linearProbe(
  features: NDArray,
  labels: NDArray,
  {
    classes,
    steps = 100,
    lr = 1,
    decay = 0,
  }: { classes: number; steps?: number; lr?: number; decay?: number },
): LinearProbe {
  // BEGIN SOLUTION
  const [N, D] = features.shape;
  let weight = nd.zeros([classes, D]);
  let bias = nd.zeros([classes]);
  const right = labels.unsqueeze(1).eq(nd.arange(0, classes).unsqueeze(0)).to("float32"); // (N, K)
  for (let step = 0; step < steps; step++) {
    const p = features.matmul(weight.transpose()).add(bias).softmax(-1);
    const slope = p.sub(right).div(N); // of the loss by the scores
    weight = weight.sub(slope.transpose().matmul(features).add(weight.mul(decay)).mul(lr));
    bias = bias.sub(slope.sum(0).mul(lr));
  }
  return { weight, bias };
  // END SOLUTION
}

const inputs = seeded(linearProbe, { N: 11, D: 5, K: 3 }, ({ N, D, K }, random, seed) => [
  seed % 2 ? random.normal([D, N]).transpose() : random.normal([N, D]),
  random.integers([N], { high: K }),
  { classes: K, steps: 3 + seed, lr: 0.3 + 0.1 * seed, decay: seed % 2 ? 0.2 : 0 },
]);

interface Parts {
  mean?: (N: number) => number;
  sign?: number;
  decayBias?: boolean;
  /** Steps done of those asked for. */
  steps?: (steps: number) => number;
  learnsBias?: boolean;
  /** Scores → what y is taken from. */
  answer?: (scores: NDArray) => NDArray;
  /** What W is made smaller by, beside the gradient's part. */
  pull?: (weight: NDArray, decay: number, lr: number) => NDArray;
}

/** The solution with another part in one place. */
const probe =
  ({
    mean = (N) => N,
    sign = 1,
    decayBias = false,
    steps: done = (n) => n,
    learnsBias = true,
    answer = (scores) => scores.softmax(-1),
    pull = (weight, decay, lr) => weight.mul(decay * lr),
  }: Parts): typeof linearProbe =>
  (features, labels, { classes, steps = 100, lr = 1, decay = 0 }) => {
    const [N, D] = features.shape;
    const weight = nd.zeros([classes, D]);
    const bias = nd.zeros([classes]);
    const right = labels.unsqueeze(1).eq(nd.arange(0, classes).unsqueeze(0)).to("float32");
    for (let step = 0; step < done(steps); step++) {
      const slope = answer(features.matmul(weight.transpose()).add(bias)).sub(right).div(mean(N)).mul(sign);
      const down = slope
        .transpose()
        .matmul(features)
        .mul(lr)
        .add(pull(weight, decay, lr));
      const downBias = slope
        .sum(0)
        .add(decayBias ? bias.mul(decay) : bias.mul(0))
        .mul(learnsBias ? lr : 0);
      weight.assign(weight.sub(down));
      bias.assign(bias.sub(downBias));
    }
    return { weight, bias };
  };

export const linearProbeExercise = exercise(linearProbe, {
  id: "linearProbe",
  title: { en: "A linear probe", ru: "Линейная проба" },
  minutes: 20,
  forbids: ["fitProbe"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(linearProbe, {
      points: 1,
      args: () => [
        nd.array([
          [2, 0],
          [0, 4],
        ]),
        nd.array([0, 1], { dtype: "int32" }),
        { classes: 2, steps: 1, lr: 1 },
      ],
      expected: {
        weight: [
          [0.5, -1],
          [-0.5, 1],
        ],
        bias: [0, 0],
      },
      because: {
        en: "from zeros both classes have probability ½, so p − y is (−½, ½) and (½, −½); over N = 2 that is ¼ times 2 and 4 for the weights",
        ru: "от нулей у обоих классов вероятность ½, поэтому p − y равно (−½, ½) и (½, −½); с делением на N = 2 это ¼, умноженная на 2 и 4 для весов",
      },
    }),
    checks.cases(linearProbe, {
      points: 1,
      name: { en: "defaults and edges", ru: "значения по умолчанию и крайние случаи" },
      cases: [
        {
          title: { en: "no option but the classes", ru: "из опций только число классов" },
          args: () => [inputs.make(1)[0].mul(0.3), inputs.make(1)[1], { classes: 3 }],
        },
        {
          title: { en: "no step: zeros", ru: "ни одного шага: нули" },
          args: () => [inputs.make(2)[0], inputs.make(2)[1], { classes: 3, steps: 0 }],
        },
        {
          title: { en: "a class that never comes", ru: "класс, который не встречается" },
          args: () => [inputs.make(3)[0], inputs.make(3)[1], { classes: 5, steps: 4, lr: 0.5 }],
        },
        {
          title: { en: "a decay of 0.5", ru: "decay 0.5" },
          args: () => [inputs.make(4)[0], inputs.make(4)[1], { classes: 3, steps: 6, lr: 0.4, decay: 0.5 }],
        },
        {
          title: { en: "large features", ru: "большие признаки" },
          args: () => [inputs.make(5)[0].mul(200), inputs.make(5)[1], { classes: 3, steps: 2, lr: 0.1 }],
        },
      ],
    }),
    checks.random(inputs, { points: 2, times: 6 }),
  ],
  mutants: [
    {
      name: "sum",
      says: {
        en: "the gradient is the sum over the examples: take the mean, or the step grows with N",
        ru: "градиент — сумма по примерам: возьмите среднее, иначе шаг растёт вместе с N",
      },
      fn: probe({ mean: () => 1 }),
    },
    {
      name: "uphill",
      says: {
        en: "the step goes uphill: subtract the gradient",
        ru: "шаг идёт вверх: градиент нужно вычитать",
      },
      fn: probe({ sign: -1 }),
    },
    {
      name: "decay on the bias",
      says: {
        en: "the bias is pulled to 0 as well: only the weights are",
        ru: "к нулю притягивается и смещение, а должны только веса",
      },
      fn: probe({ decayBias: true }),
    },
    {
      name: "no decay",
      says: {
        en: "`decay` is not used: add decay · W to the gradient of the weights",
        ru: "`decay` не использован: прибавьте decay · W к градиенту весов",
      },
      fn: probe({ pull: (weight) => weight.mul(0) }),
    },
    {
      name: "decay without the learning rate",
      says: {
        en: "the weights shrink by decay in every step, whatever `lr` is: decay · W belongs to the gradient, and lr stands in front of both",
        ru: "веса в каждом шаге уменьшаются на decay, каков бы ни был `lr`: decay · W входит в градиент, и lr стоит перед обоими",
      },
      fn: probe({ pull: (weight, decay) => weight.mul(decay) }),
    },
    {
      name: "decay doubled",
      says: {
        en: "the pull is twice too strong: add decay · W, not 2 · decay · W",
        ru: "притяжение вдвое сильнее нужного: прибавьте decay · W, а не 2 · decay · W",
      },
      fn: probe({ pull: (weight, decay, lr) => weight.mul(2 * decay * lr) }),
    },
    {
      name: "no softmax",
      says: {
        en: "y is taken from the scores themselves: that is a squared error; cross-entropy takes it from softmax(scores)",
        ru: "y вычитается из самих оценок: это квадратичная ошибка, а при кросс-энтропии — из softmax(оценки)",
      },
      fn: probe({ answer: (scores) => scores }),
    },
    {
      name: "softmax over the examples",
      says: {
        en: "the softmax runs over the examples: the probabilities of one example sum to 1, softmax(-1)",
        ru: "softmax взят по примерам, а в сумме 1 дают вероятности одного примера: softmax(-1)",
      },
      fn: probe({ answer: (scores) => scores.softmax(0) }),
    },
    {
      name: "a sigmoid for each class",
      says: {
        en: "each class is asked by itself, with a sigmoid: here the classes exclude each other, take a softmax",
        ru: "каждый класс спрошен отдельно, через sigmoid, а классы исключают друг друга: возьмите softmax",
      },
      fn: probe({ answer: (scores) => scores.sigmoid() }),
    },
    {
      name: "bias from the new weights",
      says: {
        en: "the weights had moved already when the bias' gradient was taken: compute both, then move both",
        ru: "когда брался градиент смещения, веса уже сдвинулись: сначала посчитайте оба, потом сдвигайте оба",
      },
      fn: (features, labels, { classes, steps = 100, lr = 1, decay = 0 }) => {
        const [N, D] = features.shape;
        let [weight, bias] = [nd.zeros([classes, D]), nd.zeros([classes])];
        const right = labels.unsqueeze(1).eq(nd.arange(0, classes).unsqueeze(0)).to("float32");
        const slope = () => features.matmul(weight.transpose()).add(bias).softmax(-1).sub(right).div(N);
        for (let step = 0; step < steps; step++) {
          weight = weight.sub(slope().transpose().matmul(features).add(weight.mul(decay)).mul(lr));
          bias = bias.sub(slope().sum(0).mul(lr));
        }
        return { weight, bias };
      },
    },
    {
      name: "gradients pile up",
      says: {
        en: "the gradients of all steps before are still in this one: begin each step with new ones",
        ru: "в градиенте этого шага остались градиенты всех прежних: начинайте каждый шаг с новых",
      },
      fn: (features, labels, { classes, steps = 100, lr = 1, decay = 0 }) => {
        const [N, D] = features.shape;
        let [weight, bias, downs, bends] = [[classes, D], [classes], [classes, D], [classes]].map((shape) =>
          nd.zeros(shape),
        );
        const right = labels.unsqueeze(1).eq(nd.arange(0, classes).unsqueeze(0)).to("float32");
        for (let step = 0; step < steps; step++) {
          const slope = features.matmul(weight.transpose()).add(bias).softmax(-1).sub(right).div(N);
          downs = downs.add(slope.transpose().matmul(features));
          bends = bends.add(slope.sum(0));
          weight = weight.sub(downs.add(weight.mul(decay)).mul(lr));
          bias = bias.sub(bends.mul(lr));
        }
        return { weight, bias };
      },
    },
    {
      name: "one step too few",
      says: {
        en: "one step is missing: count from 0 up to, not including, `steps`",
        ru: "не хватает одного шага: считайте от 0 до `steps`, не включая его",
      },
      fn: probe({ steps: (n) => n - 1 }),
    },
    {
      name: "bias stays 0",
      says: {
        en: "the bias is never moved: its gradient is the sum of p − y over the examples, divided by N",
        ru: "смещение не сдвигается: его градиент — сумма p − y по примерам, делённая на N",
      },
      fn: probe({ learnsBias: false }),
    },
  ],
  variants: [
    { name: "in place", fn: probe({}) },
    {
      name: "by autograd",
      fn: (features, labels, { classes, steps = 100, lr = 1, decay = 0 }) => {
        const x = tensor(features);
        let weight = nd.zeros([classes, features.shape[1]]);
        let bias = nd.zeros([classes]);
        for (let step = 0; step < steps; step++) {
          const W = tensor(weight, { requiresGrad: true });
          const b = tensor(bias, { requiresGrad: true });
          crossEntropy(x.matmul(W.transpose()).add(b), labels).backward();
          weight = weight.sub(W.grad!.add(weight.mul(decay)).mul(lr));
          bias = bias.sub(b.grad!.mul(lr));
        }
        return { weight, bias };
      },
    },
  ],
});
