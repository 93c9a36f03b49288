import { checks, exercise, seeded } from "../../../grading";

/** The shape of a ViT. */
export interface ViTShape {
  /** Pixels on each side of the image, and of a patch. */
  readonly imageSize: number;
  readonly patchSize: number;
  readonly channels: number;
  /** E, the size of every vector. */
  readonly embedDim: number;
  readonly layers: number;
  /** The size between the two layers of an MLP. */
  readonly mlpDim: number;
  readonly classes: number;
}

/** How many numbers of a ViT are learned, by part. */
export interface ViTParts {
  /** Patch embedding with bias, class token, positions. */
  readonly embedding: number;
  /** Queries, keys, values and output of all layers, with biases. */
  readonly attention: number;
  /** Both layers of the MLPs of all layers, with biases. */
  readonly mlp: number;
  /** Two norms in each layer and one at the end, weight and bias. */
  readonly norms: number;
  /** From the class token to the classes, with bias. */
  readonly head: number;
  readonly total: number;
}

/** Count the parameters of any ViT without building it. */
export function vitParameters(shape: ViTShape): ViTParts {
  const { imageSize, patchSize: P, channels, embedDim: E, layers, mlpDim: M, classes } = shape;
  // BEGIN SOLUTION
  const N = (imageSize / P) ** 2;
  const linear = (from: number, to: number) => from * to + to;
  const embedding = linear(channels * P * P, E) + E + (1 + N) * E;
  const attention = layers * 4 * linear(E, E);
  const mlp = layers * (linear(E, M) + linear(M, E));
  const norms = (2 * layers + 1) * 2 * E;
  const head = linear(E, classes);
  return { embedding, attention, mlp, norms, head, total: embedding + attention + mlp + norms + head };
  // END SOLUTION
}

/** A small ViT that is made of different numbers in every seed. */
const inputs = seeded(
  vitParameters,
  { C: 3, P: 4, side: 5, E: 6, L: 7, M: 11, K: 13 },
  ({ C, P, side, E, L, M, K }, _, seed) => [
    {
      imageSize: P * (side + seed),
      patchSize: P,
      channels: C,
      embedDim: E * (1 + (seed % 3)),
      layers: L + 2 * seed,
      mlpDim: M * (seed + 1),
      classes: K + seed,
    },
  ],
);

type Parameters = typeof vitParameters;
type Counts = Omit<ViTParts, "total">;

/** The right counts with one of them counted in another way; the total follows. */
const counted =
  (wrong: (shape: ViTShape, right: Counts) => Partial<Counts>): Parameters =>
  (shape) => {
    const { total: _, ...right } = vitParameters(shape);
    const parts = { ...right, ...wrong(shape, right) };
    return { ...parts, total: Object.values(parts).reduce((sum, n) => sum + n, 0) };
  };

const base = {
  imageSize: 224,
  patchSize: 16,
  channels: 3,
  embedDim: 768,
  layers: 12,
  mlpDim: 3072,
  classes: 1000,
};
/** As the released models count themselves. */
const released = [
  { name: "ViT-Base/16", shape: base, total: 86_567_656 },
  {
    name: "ViT-Large/32",
    shape: { ...base, patchSize: 32, embedDim: 1024, layers: 24, mlpDim: 4096 },
    total: 306_535_400,
  },
  {
    name: "ViT-Huge/14",
    shape: { ...base, patchSize: 14, embedDim: 1280, layers: 32, mlpDim: 5120 },
    total: 632_045_800,
  },
];

export const vitParametersExercise = exercise(vitParameters, {
  id: "vitParameters",
  title: { en: "The parameters of any ViT", ru: "Параметры любого ViT" },
  minutes: 12,
  forbids: ["meta", "parameterCount", "ViTForImageClassification", "ViTModel"],
  checks: [
    checks.shape(inputs),
    checks.byHand(vitParameters, {
      points: 1,
      args: () => [
        { imageSize: 6, patchSize: 2, channels: 3, embedDim: 5, layers: 2, mlpDim: 7, classes: 4 },
      ],
      expected: { embedding: 120, attention: 240, mlp: 164, norms: 50, head: 24, total: 598 },
      because: {
        en: "a patch has 3·2·2 = 12 numbers: 12·5 + 5 for its layer, 5 for the class token, (1 + 9)·5 for the positions; attention 2 · 4 · (25 + 5); MLPs 2 · (5·7 + 7 + 7·5 + 5); 5 norms of 2·5; head 5·4 + 4",
        ru: "в патче 3·2·2 = 12 чисел: 12·5 + 5 на его слой, 5 на токен класса, (1 + 9)·5 на позиции; внимание 2 · 4 · (25 + 5); MLP 2 · (5·7 + 7 + 7·5 + 5); 5 норм по 2·5; голова 5·4 + 4",
      },
    }),
    checks.random(inputs, { points: 1, times: 5 }),
    checks.invariant(
      vitParameters,
      { en: "Base, Large and Huge, to the last number", ru: "Base, Large и Huge с точностью до единицы" },
      {
        points: 1,
        examples: released.map(({ shape }) => (): [ViTShape] => [shape]),
        broken(fn) {
          for (const { name, shape, total } of released) {
            const parts = fn(shape);
            if (parts.total !== total)
              return {
                en: `${name} has ${total} parameters, not ${parts.total}`,
                ru: `у ${name} параметров ${total}, а не ${parts.total}`,
              };
          }
          return null;
        },
      },
    ),
  ],
  mutants: [
    {
      name: "no biases in attention",
      says: {
        en: "the biases of queries, keys, values and output are missing: four times E in each layer",
        ru: "не хватает смещений запросов, ключей, значений и выхода: четыре раза по E в каждом слое",
      },
      fn: counted(({ layers, embedDim: E }) => ({ attention: layers * 4 * E * E })),
    },
    {
      name: "no output layer in attention",
      says: {
        en: "attention has four layers: queries, keys, values, and the output that mixes the heads",
        ru: "во внимании четыре слоя: запросы, ключи, значения и выход, который смешивает головы",
      },
      fn: counted((_, { attention }) => ({ attention: (attention * 3) / 4 })),
    },
    {
      name: "E too few in the embedding",
      says: {
        en: "E numbers are missing: the bias of the patch layer, the class token itself, or its position (there are 1 + N)",
        ru: "не хватает E чисел: смещения слоя патчей, самого токена класса или его позиции (всего их 1 + N)",
      },
      fn: counted(({ embedDim: E }, { embedding }) => ({ embedding: embedding - E })),
    },
    {
      name: "no class token and positions",
      says: {
        en: "the positions are learned, too: E numbers for each of the 1 + N places",
        ru: "позиции тоже обучаются: E чисел на каждое из 1 + N мест",
      },
      fn: counted(({ channels, patchSize: P, embedDim: E }) => ({
        embedding: (channels * P * P + 1) * E + E,
      })),
    },
    {
      name: "patches of one row",
      says: {
        en: "N is the number of patches of the whole image, rows times columns: (imageSize / P)²",
        ru: "N — число патчей всего изображения, строки на столбцы: (imageSize / P)²",
      },
      fn: counted(({ imageSize, patchSize: P, embedDim: E }, { embedding }) => {
        const side = imageSize / P;
        return { embedding: embedding - (side ** 2 - side) * E };
      }),
    },
    {
      name: "no class token",
      says: {
        en: "the class token is missing: E numbers, and E more for its position",
        ru: "нет токена класса: это E чисел и ещё E на его позицию",
      },
      fn: counted(({ embedDim: E }, { embedding }) => ({ embedding: embedding - 2 * E })),
    },
    {
      name: "no biases in the MLP",
      says: {
        en: "the biases of the MLPs are missing: M and E numbers in each layer",
        ru: "не хватает смещений в MLP: M и E чисел в каждом слое",
      },
      fn: counted(({ layers, embedDim: E, mlpDim: M }) => ({ mlp: layers * 2 * E * M })),
    },
    {
      name: "no bias in the head",
      says: {
        en: "the head has a bias, one number for each class",
        ru: "у головы есть смещение, по числу на каждый класс",
      },
      fn: counted(({ embedDim: E, classes }) => ({ head: E * classes })),
    },
    {
      name: "one layer alone",
      says: {
        en: "attention and MLP of one layer were counted: there are `layers` of them",
        ru: "посчитаны внимание и MLP одного слоя, а слоёв `layers`",
      },
      fn: counted(({ layers }, { attention, mlp }) => ({ attention: attention / layers, mlp: mlp / layers })),
    },
    {
      name: "no last norm",
      says: {
        en: "behind the last layer stands one more norm",
        ru: "после последнего слоя стоит ещё одна норма",
      },
      fn: counted(({ layers, embedDim: E }) => ({ norms: layers * 4 * E })),
    },
    {
      name: "one norm in each layer",
      says: {
        en: "a layer has two norms, one before attention and one before the MLP",
        ru: "в слое две нормы: перед вниманием и перед MLP",
      },
      fn: counted(({ layers, embedDim: E }) => ({ norms: (layers + 1) * 2 * E })),
    },
    {
      name: "total not their sum",
      says: {
        en: "the parts are right, and `total` is not their sum",
        ru: "части верны, а `total` — не их сумма",
      },
      fn: (shape) => {
        const parts = vitParameters(shape);
        return { ...parts, total: parts.total - parts.head };
      },
    },
    {
      name: "norms without bias",
      says: {
        en: "a norm has a weight and a bias, 2·E numbers",
        ru: "у нормы есть вес и смещение, 2·E чисел",
      },
      fn: counted((_, { norms }) => ({ norms: norms / 2 })),
    },
    {
      name: "one layer in the MLP",
      says: {
        en: "an MLP has two layers: from E to M, and back from M to E",
        ru: "в MLP два слоя: из E в M и обратно из M в E",
      },
      fn: counted(({ layers, embedDim: E, mlpDim: M }) => ({ mlp: layers * (E * M + M) })),
    },
    {
      name: "one channel",
      says: {
        en: "a patch has C·P·P numbers: its colours were forgotten",
        ru: "в патче C·P·P чисел: забыты цвета",
      },
      fn: counted(({ channels, patchSize: P, embedDim: E }, { embedding }) => ({
        embedding: embedding - (channels - 1) * P * P * E,
      })),
    },
  ],
  variants: [
    {
      name: "everything of a layer together",
      fn: ({ imageSize, patchSize, channels, embedDim, layers, mlpDim, classes }) => {
        const parts = {
          embedding: 0,
          attention: 0,
          mlp: 0,
          norms: 2 * embedDim,
          head: (embedDim + 1) * classes,
        };
        const side = Math.round(imageSize / patchSize);
        parts.embedding = embedDim * (channels * patchSize ** 2 + 3 + side * side);
        for (let layer = 0; layer < layers; layer++) {
          parts.norms += 4 * embedDim;
          parts.attention += 4 * embedDim ** 2 + 4 * embedDim;
          parts.mlp += 2 * embedDim * mlpDim + mlpDim + embedDim;
        }
        return { ...parts, total: Object.values(parts).reduce((a, b) => a + b) };
      },
    },
    {
      name: "a list of all shapes",
      fn: ({ imageSize, patchSize, channels, embedDim: E, layers, mlpDim: M, classes }) => {
        const size = (shapes: number[][]) =>
          shapes.reduce((sum, shape) => sum + shape.reduce((product, n) => product * n, 1), 0);
        const all = (shapes: number[][]) => layers * size(shapes);
        const embedding = size([
          [E, channels, patchSize, patchSize],
          [E],
          [E],
          [1 + (imageSize / patchSize) ** 2, E],
        ]);
        const attention = all([
          [4, E, E],
          [4, E],
        ]);
        const mlp = all([[M, E], [M], [E, M], [E]]);
        const norms = all([[4, E]]) + 2 * E;
        const head = size([[classes, E], [classes]]);
        return { total: embedding + attention + mlp + norms + head, embedding, attention, mlp, norms, head };
      },
    },
  ],
});
