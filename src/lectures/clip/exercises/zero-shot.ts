import { normalize, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";

/**
 * A classifier made of texts. prompts (K, P, D): for each of K classes, its name in P templates, embedded and of any
 * length; images (N, D), embedded, of any length → probabilities (N, K).
 *
 * A class is its prompts brought to length 1, their mean, and that brought to length 1 again. Logits are the cosines with
 * the classes times `scale`.
 */
export function zeroShot(images: NDArray, prompts: NDArray, scale = 100): NDArray {
  // BEGIN SOLUTION
  const unit = (x: NDArray) => x.div(x.square().sum(-1, { keepDims: true }).sqrt());
  const classes = unit(unit(prompts).mean(1)); // (K, D)
  return unit(images).matmul(classes.transpose()).mul(scale).softmax(-1);
  // END SOLUTION
}

const inputs = seeded(zeroShot, { N: 5, K: 3, P: 6, D: 7 }, ({ N, K, P, D }, random, seed) => [
  seed % 2 ? random.normal([D, N], { std: 3 }).transpose() : random.normal([N, D], { std: 3 }),
  random
    .normal([K, P, D])
    .add(random.normal([K, 1, D]))
    .mul(random.uniform([K, P, 1], { low: 0.2, high: 5 })),
  4 + seed,
]);

const unit = (x: NDArray) => normalize(tensor(x), { axis: -1 }).data;

interface Parts {
  prepare?: (prompts: NDArray) => NDArray;
  classes?: (prompts: NDArray) => NDArray;
  images?: (images: NDArray) => NDArray;
  answer?: (cosines: NDArray, scale: number) => NDArray;
}

/** The solution with another part in one place. */
const classifier =
  ({
    prepare = unit,
    classes = (prompts) => unit(prompts.mean(1)),
    images: see = unit,
    answer = (cosines, scale) => cosines.mul(scale).softmax(-1),
  }: Parts): typeof zeroShot =>
  (images, prompts, scale = 100) =>
    answer(see(images).matmul(classes(prepare(prompts)).transpose()), scale);

export const zeroShotExercise = exercise(zeroShot, {
  id: "zeroShot",
  title: { en: "A classifier made of texts", ru: "Классификатор из текстов" },
  minutes: 15,
  forbids: ["normalize", "cosineSimilarity"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(zeroShot, {
      points: 1,
      args: () => [
        nd.array([[0, 5]]),
        nd.array([
          [
            [2, 0],
            [0, 7],
          ],
          [
            [3, 0],
            [3, 0],
          ],
        ]),
        Math.SQRT2 * Math.log(3),
      ],
      expected: [[3 / 4, 1 / 4]],
      because: {
        en: "class 0 is the mean of (1, 0) and (0, 1), brought to length 1: (√½, √½); class 1 is (1, 0). The picture is (0, 1), so the cosines are √½ and 0, the logits ln 3 and 0",
        ru: "класс 0 — среднее (1, 0) и (0, 1), приведённое к длине 1: (√½, √½); класс 1 — это (1, 0). Изображение — (0, 1), косинусы √½ и 0, логиты ln 3 и 0",
      },
    }),
    checks.cases(zeroShot, {
      points: 1,
      name: { en: "edges", ru: "крайние случаи" },
      cases: [
        {
          title: { en: "the default scale of 100", ru: "множитель по умолчанию, 100" },
          args: () => [inputs.make(2)[0], inputs.make(2)[1].mul(0.02).add(1)],
        },
        {
          title: { en: "pictures just like their classes", ru: "изображения в точности как их классы" },
          args: () => [inputs.make(6)[1].select(1, 0), inputs.make(6)[1].narrow(1, 0, 1)],
        },
        {
          title: { en: "a single template", ru: "единственный шаблон" },
          args: () => [inputs.make(3)[0], inputs.make(3)[1].narrow(1, 0, 1), 5],
        },
        {
          title: { en: "a scale of 0: all classes alike", ru: "множитель 0: все классы равны" },
          args: () => [inputs.make(4)[0], inputs.make(4)[1], 0],
        },
        {
          title: { en: "one class alone", ru: "единственный класс" },
          args: () => [inputs.make(5)[0], inputs.make(5)[1].narrow(0, 0, 1), 5],
        },
      ],
    }),
    checks.random(inputs, { points: 2, times: 5 }),
  ],
  mutants: [
    {
      name: "prompts as they come",
      says: {
        en: "the mean is taken of prompts of all lengths: a long one outvotes the others. Bring each to length 1 first",
        ru: "усредняются промпты разной длины: длинный перевешивает остальные. Сначала приведите каждый к длине 1",
      },
      fn: classifier({ prepare: (prompts) => prompts }),
    },
    {
      name: "mean not normalised",
      says: {
        en: "the mean of vectors of length 1 is shorter than 1: classes whose prompts agree less would lose. Bring it to length 1 again",
        ru: "среднее векторов длины 1 короче 1: классы, чьи промпты расходятся, проиграют. Снова приведите его к длине 1",
      },
      fn: classifier({ classes: (prompts) => prompts.mean(1) }),
    },
    {
      name: "first template",
      says: {
        en: "only the first template is used: the others belong to the ensemble",
        ru: "использован только первый шаблон, а в ансамбль входят все",
      },
      fn: classifier({ classes: (prompts) => prompts.select(1, 0) }),
    },
    {
      name: "images as they come",
      says: {
        en: "the images are not brought to length 1: these are no cosines",
        ru: "изображения не приведены к длине 1: это не косинусы",
      },
      fn: classifier({ images: (images) => images }),
    },
    {
      name: "no scale",
      says: {
        en: "the cosines go into the softmax as they are: between −1 and 1 everything is about equally likely. Multiply by the scale",
        ru: "косинусы попадают в softmax как есть: между −1 и 1 всё примерно одинаково вероятно. Умножьте на множитель",
      },
      fn: classifier({ answer: (cosines) => cosines.softmax(-1) }),
    },
    {
      name: "softmax over pictures",
      says: {
        en: "the softmax runs over the pictures: every picture's probabilities should sum to 1",
        ru: "softmax взят по изображениям, а в сумме 1 должны давать вероятности каждого изображения",
      },
      fn: classifier({ answer: (cosines, scale) => cosines.mul(scale).softmax(0) }),
    },
    {
      name: "mean of probabilities",
      says: {
        en: "each template answers by itself, and the probabilities are averaged: here the vectors of a class are averaged, before any softmax",
        ru: "каждый шаблон отвечает сам, и усредняются вероятности, а нужно усреднить векторы класса, до всякого softmax",
      },
      fn: (images, prompts, scale = 100) => {
        const P = prompts.shape[1];
        const one = (p: number) => classifier({})(images, prompts.narrow(1, p, 1), scale);
        return nd.stack(Array.from({ length: P }, (_, p) => one(p))).mean(0);
      },
    },
    {
      name: "divided by the scale",
      says: {
        en: "the cosines are divided by the scale: it is 1/τ, multiply by it",
        ru: "косинусы поделены на множитель: он равен 1/τ, на него умножают",
      },
      fn: classifier({ answer: (cosines, scale) => cosines.div(scale).softmax(-1) }),
    },
    {
      name: "exp overflows",
      says: {
        en: "exp of a large logit is Infinity, and Infinity / Infinity is NaN: softmax(-1) takes the largest away first",
        ru: "exp большого логита — это Infinity, а Infinity / Infinity — NaN: softmax(-1) сначала вычитает наибольший",
      },
      fn: classifier({
        answer: (cosines, scale) => {
          const powers = cosines.mul(scale).exp();
          return powers.div(powers.sum(-1, { keepDims: true }));
        },
      }),
    },
    {
      name: "logits",
      says: {
        en: "these are logits: a softmax makes probabilities of them",
        ru: "это логиты: вероятностями их делает softmax",
      },
      fn: classifier({ answer: (cosines, scale) => cosines.mul(scale) }),
    },
  ],
  variants: [
    {
      name: "sums in place of means",
      fn: classifier({ classes: (prompts) => unit(prompts.sum(1)) }),
    },
    {
      name: "class by class",
      fn: (images, prompts, scale = 100) => {
        const pictures = unit(images);
        const scores = Array.from({ length: prompts.shape[0] }, (_, k) => {
          const mean = unit(prompts.select(0, k)).mean(0);
          return pictures.matmul(mean.div(mean.square().sum().sqrt())); // (N)
        });
        return nd.stack(scores, 1).mul(scale).softmax(1);
      },
    },
  ],
});
