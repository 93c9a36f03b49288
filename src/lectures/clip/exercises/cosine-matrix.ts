import { type Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";

/**
 * How alike are they? images (N, D), texts (M, D) → the cosines (N, M): every row divided by its length, then every
 * image's product with every text. A row of zeros, which has no direction, is alike to nothing: 0.
 */
export function cosineMatrix(images: Tensor, texts: Tensor): Tensor {
  // BEGIN SOLUTION
  const unit = (x: Tensor) => x.div(x.square().sum(-1, { keepDims: true }).sqrt().clamp(1e-12, Infinity));
  return unit(images).matmul(unit(texts).transpose());
  // END SOLUTION
}

const inputs = seeded(cosineMatrix, { N: 5, M: 3, D: 7 }, ({ N, M, D }, random, seed) => [
  tensor(seed % 2 ? random.normal([D, N], { std: 4 }).transpose() : random.normal([N, D], { std: 4 })),
  tensor(random.normal([M, D], { std: 0.3 })),
]);

const lengths = (x: Tensor, axis = -1) =>
  x.square().sum(axis, { keepDims: true }).sqrt().clamp(1e-12, Infinity);
/** Just below 1e-8, and so far above 1e-12 that adding that changes nothing that counts. */
const short = (x: Tensor) => x.div(lengths(x)).mul(9e-9);
const product = (a: Tensor, b: Tensor) => a.matmul(b.transpose());

export const cosineMatrixExercise = exercise(cosineMatrix, {
  id: "cosineMatrix",
  title: { en: "Every picture with every text", ru: "Каждое изображение с каждым текстом" },
  minutes: 10,
  forbids: ["normalize", "cosineSimilarity"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(cosineMatrix, {
      points: 1,
      args: () => [
        tensor([
          [3, 4, 0],
          [0, 0, 2],
        ]),
        tensor([
          [1, 0, 0],
          [0, 5, 0],
          [3, 4, 12],
        ]),
      ],
      expected: [
        [3 / 5, 4 / 5, 5 / 13],
        [0, 0, 12 / 13],
      ],
      because: {
        en: "(3, 4, 0) has length 5, so it is (0.6, 0.8, 0); (3, 4, 12) has length 13",
        ru: "длина (3, 4, 0) равна 5, то есть это (0.6, 0.8, 0); длина (3, 4, 12) равна 13",
      },
    }),
    checks.cases(cosineMatrix, {
      points: 1,
      name: { en: "edges", ru: "крайние случаи" },
      cases: [
        {
          title: { en: "a row of zeros", ru: "строка нулей" },
          args: () => [tensor([[0, 0, 0]]), tensor([[1, 2, 3]])],
        },
        {
          title: { en: "pictures of length 9e-9", ru: "изображения длиной 9e-9" },
          args: () => [short(inputs.make(4)[0]), inputs.make(4)[1]],
        },
        {
          title: { en: "very long rows", ru: "очень длинные строки" },
          args: () => [inputs.make(5)[0].mul(1e6), inputs.make(5)[1].mul(1e6)],
        },
        {
          title: { en: "one and the same", ru: "одно и то же" },
          args: () => [inputs.make(6)[0], inputs.make(6)[0]],
        },
      ],
    }),
    checks.random(inputs, { points: 1, times: 4 }),
    checks.gradient(cosineMatrix, inputs, {
      points: 1,
      names: ["images", "texts"],
      out: (cosines) => cosines,
    }),
  ],
  mutants: [
    {
      name: "not normalised",
      says: {
        en: "these are plain products: a long vector is alike to everything. Divide every row by its length first",
        ru: "это просто произведения: длинный вектор похож на всё. Сначала разделите каждую строку на её длину",
      },
      fn: (images, texts) => product(images, texts),
    },
    {
      name: "images alone",
      says: {
        en: "only the images are divided by their length: the texts have one, too",
        ru: "на длину разделены только изображения, а тексты нет",
      },
      fn: (images, texts) => product(images.div(lengths(images)), texts),
    },
    {
      name: "squared length",
      says: {
        en: "the rows are divided by the square of their length: take the root of the sum of squares",
        ru: "строки делятся на квадрат длины: возьмите корень из суммы квадратов",
      },
      fn: (images, texts) =>
        product(images.div(lengths(images).square()), texts.div(lengths(texts).square())),
    },
    {
      name: "by column",
      says: {
        en: "columns are divided by their length, not rows: a vector stands in a row, sum over the last axis",
        ru: "на длину делятся столбцы, а не строки: вектор стоит в строке, суммируйте по последней оси",
      },
      fn: (images, texts) => product(images.div(lengths(images, 0)), texts.div(lengths(texts, 0))),
    },
    {
      name: "sum of magnitudes",
      says: {
        en: "the length here is the sum of magnitudes; a cosine wants the root of the sum of squares",
        ru: "длиной взята сумма модулей, а для косинуса нужен корень из суммы квадратов",
      },
      fn: (images, texts) =>
        product(
          images.div(images.abs().sum(-1, { keepDims: true }).clamp(1e-12, Infinity)),
          texts.div(texts.abs().sum(-1, { keepDims: true }).clamp(1e-12, Infinity)),
        ),
    },
    {
      name: "NaN for zeros",
      says: {
        en: "a row of zeros is divided by 0: keep the length above a tiny number",
        ru: "строка нулей делится на 0: не давайте длине быть меньше крошечного числа",
      },
      fn: (images, texts) => {
        const length = (x: Tensor) => x.square().sum(-1, { keepDims: true }).sqrt();
        return product(images.div(length(images)), texts.div(length(texts)));
      },
    },
    {
      name: "cut before the root",
      says: {
        en: "1e-12 is mixed in before the root, where squares stand: that is a length of 1e-6, and shorter vectors are not brought to length 1. Take the root first, then clamp",
        ru: "1e-12 подмешано до корня, где стоят квадраты: это длина 1e-6, и векторы короче не доведены до длины 1. Сначала корень, потом clamp",
      },
      fn: (images, texts) => {
        const length = (x: Tensor) => x.square().sum(-1, { keepDims: true }).clamp(1e-12, Infinity).sqrt();
        return product(images.div(length(images)), texts.div(length(texts)));
      },
    },
    {
      name: "length cut too early",
      says: {
        en: "short vectors are not brought to length 1: 1e-8 is too large to keep you from dividing by 0, take 1e-12",
        ru: "короткие векторы не доведены до длины 1: 1e-8 — слишком много, чтобы беречь от деления на 0, возьмите 1e-12",
      },
      fn: (images, texts) =>
        product(
          images.div(lengths(images).clamp(1e-8, Infinity)),
          texts.div(lengths(texts).clamp(1e-8, Infinity)),
        ),
    },
    {
      name: "1e-8 added",
      says: {
        en: "1e-8 is added to each length: that makes short vectors shorter still. Clamp the length at 1e-12",
        ru: "к каждой длине прибавлено 1e-8: короткие векторы от этого ещё короче. Ограничьте длину снизу числом 1e-12",
      },
      fn: (images, texts) =>
        product(images.div(lengths(images).add(1e-8)), texts.div(lengths(texts).add(1e-8))),
    },
    {
      name: "one length for all",
      says: {
        en: "all rows are divided by one number, the length of the whole matrix: sum over the last axis, `sum(-1, { keepDims: true })`",
        ru: "все строки делятся на одно число, длину всей матрицы: суммируйте по последней оси, `sum(-1, { keepDims: true })`",
      },
      fn: (images, texts) => {
        const length = (x: Tensor) => x.square().sum().sqrt().clamp(1e-12, Infinity);
        return product(images.div(length(images)), texts.div(length(texts)));
      },
    },
  ],
  variants: [
    {
      name: "cut before the root, at the square",
      fn: (images, texts) => {
        const length = (x: Tensor) => x.square().sum(-1, { keepDims: true }).clamp(1e-24, Infinity).sqrt();
        return product(images.div(length(images)), texts.div(length(texts)));
      },
    },
    {
      name: "lengths afterwards",
      fn: (images, texts) => product(images, texts).div(lengths(images)).div(lengths(texts).transpose()),
    },
    {
      name: "without matmul",
      fn: (images, texts) => {
        const [a, b] = [images, texts].map((x) =>
          x.div(x.mul(x).sum(1, { keepDims: true }).pow(0.5).add(1e-20)),
        );
        return a.unsqueeze(1).mul(b.unsqueeze(0)).sum(-1);
      },
    },
  ],
});
