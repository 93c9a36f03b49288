import { conv2d, einsum, stack, type Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";
import { images } from "./to-patches";

/**
 * A vector for each patch: images (B, C, H, W), weight (E, C, P, P) and bias (E), as a convolution has them, → (B, N, E). Written as
 * one product of matrices.
 */
export function embedPatches(images: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const [B, C, H, W] = images.shape;
  const [E, , P] = weight.shape;
  // BEGIN SOLUTION
  const patches = images
    .reshape([B, C, H / P, P, W / P, P])
    .permute([0, 2, 4, 1, 3, 5])
    .reshape([B, (H * W) / (P * P), C * P * P]);
  return patches.matmul(weight.reshape([E, C * P * P]).transpose()).add(bias);
  // END SOLUTION
}

export const inputs = seeded(
  embedPatches,
  { B: 2, C: 3, rows: 5, columns: 7, P: 4, E: 6 },
  ({ B, C, rows, columns, P, E }, random, seed) => [
    images([B, C, rows * P, columns * P], seed, random),
    tensor(seed % 2 ? random.normal([P, E, C, P]).permute([1, 2, 0, 3]) : random.normal([E, C, P, P])),
    tensor(random.normal([E])),
  ],
);
const small = seeded(
  embedPatches,
  { B: 2, C: 3, rows: 4, columns: 5, E: 7 },
  ({ B, C, rows, columns, E }, random) => [
    tensor(random.normal([B, C, 2 * rows, 2 * columns])),
    tensor(random.normal([E, C, 2, 2])),
    tensor(random.normal([E])),
  ],
);

type EmbedPatches = typeof embedPatches;
interface Parts {
  /** Order of (B, C, rows, P, columns, P). */
  order?: number[];
  matrix?: (weight: Tensor, E: number, size: number) => Tensor;
  finish?: (product: Tensor, bias: Tensor) => Tensor;
}

/** The solution with another part in one place. */
const embed =
  ({
    order = [0, 2, 4, 1, 3, 5],
    matrix = (weight, E, size) => weight.reshape([E, size]).transpose(),
    finish = (product, bias) => product.add(bias),
  }: Parts): EmbedPatches =>
  (images, weight, bias) => {
    const [B, C, H, W] = images.shape;
    const [E, , P] = weight.shape;
    const size = C * P * P;
    const patches = images
      .reshape([B, C, H / P, P, W / P, P])
      .permute(order)
      .reshape([B, (H * W) / P ** 2, size]);
    return finish(patches.matmul(matrix(weight, E, size)), bias);
  };

export const embedPatchesExercise = exercise(embedPatches, {
  id: "embedPatches",
  title: { en: "Patch embedding as one product", ru: "Эмбеддинг патчей одним матричным произведением" },
  minutes: 12,
  forbids: ["conv2d", "Conv2d", "PatchEmbedding", "patchify", "unfold"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(embedPatches, {
      points: 1,
      args: () => [
        tensor([
          [
            [
              [1, 2, 3, 4],
              [5, 6, 7, 8],
            ],
          ],
        ]),
        tensor([
          [
            [
              [1, 0],
              [0, 0],
            ],
          ],
          [
            [
              [0, 1],
              [10, 0],
            ],
          ],
          [
            [
              [1, 1],
              [1, 1],
            ],
          ],
        ]),
        tensor([100, 200, 300]),
      ],
      expected: [
        [
          [101, 252, 314],
          [103, 274, 322],
        ],
      ],
      because: {
        en: "the first filter takes the upper left pixel of each patch: 1 and 3, and 100 is added; the second the upper right one and ten times the lower left one: 2 + 50 + 200",
        ru: "первый фильтр берёт левый верхний пиксель патча: 1 и 3, и прибавляется 100; второй — правый верхний и десять раз левый нижний: 2 + 50 + 200",
      },
    }),
    checks.random(inputs, { points: 1 }),
    checks.invariant(
      embedPatches,
      { en: "equal to a convolution that jumps by P", ru: "равно свёртке с шагом P" },
      {
        points: 1,
        examples: [() => small.make(9)],
        broken(fn, random) {
          const [x, weight, bias] = [[2, 3, 9, 15], [5, 3, 3, 3], [5]].map((shape) =>
            tensor(random.normal(shape)),
          );
          const got = fn(x, weight, bias).data;
          const wanted = conv2d(x, weight, { bias, stride: 3 }).flatten(2).transpose(1, 2).data;
          const apart = got.sub(wanted).abs().max().item();
          return apart < 1e-4
            ? null
            : {
                en: `conv2d with stride 3 on the same numbers gives other vectors: the largest difference is ${apart.toFixed(3)}`,
                ru: `conv2d с шагом 3 на тех же числах даёт другие векторы: наибольшая разница ${apart.toFixed(3)}`,
              };
        },
      },
    ),
    checks.gradient(embedPatches, small, {
      points: 1,
      names: ["images", "weight", "bias"],
      out: (vectors) => vectors,
    }),
  ],
  mutants: [
    {
      name: "no bias",
      says: {
        en: "the bias is missing: add it to every vector",
        ru: "не хватает bias: прибавьте его к каждому вектору",
      },
      fn: embed({ finish: (product) => product }),
    },
    {
      name: "weight reshaped instead of transposed",
      says: {
        en: "the filters were reshaped to (C·P·P, E): that mixes them up. Reshape to (E, C·P·P), then transpose",
        ru: "фильтры перекроены в (C·P·P, E) и перемешались. Сначала (E, C·P·P), потом транспонируйте",
      },
      fn: embed({ matrix: (weight, E, size) => weight.reshape([size, E]) }),
    },
    {
      name: "channels last",
      says: {
        en: "pixels and weights stand in different orders: in a filter the channels come first, (C, P, P), so in a patch too",
        ru: "пиксели и веса стоят в разном порядке: в фильтре каналы идут первыми, (C, P, P), значит, и в патче",
      },
      fn: embed({ order: [0, 2, 4, 3, 5, 1] }),
    },
    {
      name: "column by column",
      says: {
        en: "the vectors come column by column: rows of patches go first",
        ru: "векторы идут по столбцам, а должны по строкам патчей",
      },
      fn: embed({ order: [0, 4, 2, 1, 3, 5] }),
    },
    {
      name: "filters turned",
      says: {
        en: "rows and columns of the filters are exchanged: the pixel in row y and column x meets the weight in row y and column x",
        ru: "строки и столбцы фильтров переставлены: пиксель в строке y и столбце x умножается на вес в строке y и столбце x",
      },
      fn: embed({ order: [0, 2, 4, 1, 5, 3] }),
    },
    {
      name: "filters upside down",
      says: {
        en: "the filters are turned by half a circle, as mathematicians convolve: here the first pixel meets the first weight",
        ru: "фильтры повёрнуты на пол-оборота, как в математической свёртке, а здесь первый пиксель умножается на первый вес",
      },
      fn: (images, weight, bias) => embed({})(images, weight.flip([2, 3]), bias),
    },
    {
      name: "mean over the patch",
      says: {
        en: "the product was divided by the number of pixels: a convolution sums, it does not average",
        ru: "произведение поделено на число пикселей: свёртка суммирует, а не усредняет",
      },
      fn: (images, weight, bias) => {
        const [, C, P] = weight.shape;
        return embed({ finish: (product) => product.div(C * P * P).add(bias) })(images, weight, bias);
      },
    },
  ],
  variants: [
    {
      name: "einsum over the cut image",
      fn: (images, weight, bias) => {
        const [B, C, H, W] = images.shape;
        const [E, , P] = weight.shape;
        const cut = images.reshape([B, C, H / P, P, W / P, P]);
        return einsum("bcrpsq,ecpq->brse", cut, weight)
          .reshape([B, (H * W) / P ** 2, E])
          .add(bias);
      },
    },
    {
      name: "patch by patch",
      fn: (images, weight, bias) => {
        const [B, , H, W] = images.shape;
        const [E, , P] = weight.shape;
        const filters = weight.flatten(1).transpose();
        const vectors: Tensor[] = [];
        for (let y = 0; y < H; y += P)
          for (let x = 0; x < W; x += P)
            vectors.push(images.narrow(2, y, P).narrow(3, x, P).reshape([B, -1]).matmul(filters));
        return stack(vectors, 1).add(bias.expand([B, vectors.length, E]));
      },
    },
  ],
});
