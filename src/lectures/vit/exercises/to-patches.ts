import { concat, stack, Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";
import type * as nd from "../../../tensor";

/**
 * Cut images into P × P patches, row by row, and lay each out as a vector, channel by channel:
 * images (B, C, H, W) → (B, N, C·P·P) with N = (H / P)(W / P).
 */
export function toPatches(images: Tensor, P: number): Tensor {
  const [B, C, H, W] = images.shape;
  // BEGIN SOLUTION
  const [rows, columns] = [H / P, W / P];
  return images
    .reshape([B, C, rows, P, columns, P])
    .permute([0, 2, 4, 1, 3, 5]) // (B, rows, columns, C, P, P)
    .reshape([B, rows * columns, C * P * P]);
  // END SOLUTION
}

/** Every second time a view, whose numbers lie in another order in memory. */
export const images = (sizes: number[], seed: number, random: nd.Generator): Tensor => {
  const [B, C, H, W] = sizes;
  return seed % 2 === 0
    ? tensor(random.normal([B, C, H, W]))
    : new Tensor(random.normal([H, B, W, C]).permute([1, 3, 0, 2]));
};

export const inputs = seeded(
  toPatches,
  { B: 2, C: 3, rows: 5, columns: 7, P: 4 },
  ({ B, C, rows, columns, P }, random, seed) => [images([B, C, rows * P, columns * P], seed, random), P],
);

type ToPatches = typeof toPatches;

/** The cut axes, in the order (B, C, rows, P, columns, P), put in another order. */
const ordered =
  (order: number[]): ToPatches =>
  (images, P) => {
    const [B, C, H, W] = images.shape;
    return images
      .reshape([B, C, H / P, P, W / P, P])
      .permute(order)
      .reshape([B, (H * W) / P ** 2, C * P * P]);
  };

export const toPatchesExercise = exercise(toPatches, {
  id: "toPatches",
  title: { en: "An image as a row of patches", ru: "Изображение как ряд патчей" },
  minutes: 12,
  forbids: ["patchify", "unfold", "PatchEmbedding"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(toPatches, {
      points: 1,
      args: () => [
        tensor([
          [
            [
              [1, 2, 3, 4, 5, 6],
              [7, 8, 9, 10, 11, 12],
            ],
            [
              [-1, -2, -3, -4, -5, -6],
              [-7, -8, -9, -10, -11, -12],
            ],
          ],
        ]),
        2,
      ],
      expected: [
        [
          [1, 2, 7, 8, -1, -2, -7, -8],
          [3, 4, 9, 10, -3, -4, -9, -10],
          [5, 6, 11, 12, -5, -6, -11, -12],
        ],
      ],
      because: {
        en: "the first patch is the left 2 × 2 square: 1 2 above 7 8 in the first channel, then the same place in the second channel",
        ru: "первый патч — левый квадрат 2 × 2: 1 2 над 7 8 в первом канале, затем то же место во втором канале",
      },
    }),
    checks.cases(toPatches, {
      points: 1,
      name: { en: "edges", ru: "крайние случаи" },
      cases: [
        {
          title: { en: "every pixel is a patch", ru: "каждый пиксель — патч" },
          args: () => [tensor(inputs.make(3)[0].data.slice(":", ":", ":3", ":5").contiguous()), 1],
        },
        {
          title: { en: "the whole image is one patch", ru: "всё изображение — один патч" },
          args: () => [tensor(inputs.make(4)[0].data.slice(":", ":", ":6", ":6").contiguous()), 6],
        },
      ],
    }),
    checks.random(inputs, { points: 1, picture: true }),
    checks.gradient(toPatches, inputs, { points: 1, names: ["images"], out: (patches) => patches }),
  ],
  mutants: [
    {
      name: "reshaped straight to the goal",
      says: {
        en: "reshape alone keeps the numbers in their order: a patch would be a strip of one row of pixels. Cut H and W into (rows, P) and (columns, P) first, then bring the axes of a patch together",
        ru: "один reshape сохраняет порядок чисел: патчем стала бы полоска из одной строки пикселей. Сначала разрежьте H и W на (rows, P) и (columns, P), потом соберите оси патча вместе",
      },
      fn: (images, P) => {
        const [B, C, H, W] = images.shape;
        return images.reshape([B, (H * W) / P ** 2, C * P * P]);
      },
    },
    {
      name: "column by column",
      says: {
        en: "the patches come column by column: rows of patches go first, as one reads",
        ru: "патчи идут по столбцам, а нужно по строкам, как при чтении",
      },
      fn: ordered([0, 4, 2, 1, 3, 5]),
    },
    {
      name: "channels last",
      says: {
        en: "in a patch the channels stand last: first all pixels of channel 0, then those of channel 1",
        ru: "внутри патча каналы стоят последними: сначала все пиксели канала 0, потом канала 1",
      },
      fn: ordered([0, 2, 4, 3, 5, 1]),
    },
    {
      name: "every P-th pixel",
      says: {
        en: "a patch consists of pixels that stand far apart: cut H into (rows, P), not into (P, rows), and W the same way",
        ru: "патч состоит из пикселей, стоящих далеко друг от друга: режьте H на (rows, P), а не на (P, rows), и W так же",
      },
      fn: (images, P) => {
        const [B, C, H, W] = images.shape;
        const [rows, columns] = [H / P, W / P];
        return images
          .reshape([B, C, P, rows, P, columns])
          .permute([0, 3, 5, 1, 2, 4])
          .reshape([B, rows * columns, C * P * P]);
      },
    },
    {
      name: "patches mirrored along the diagonal",
      says: {
        en: "each patch is transposed: inside a patch the rows of pixels go before the columns",
        ru: "каждый патч транспонирован: внутри патча строки пикселей идут раньше столбцов",
      },
      fn: ordered([0, 2, 4, 1, 5, 3]),
    },
    {
      name: "channels as patches",
      says: {
        en: "the channels were left in front of the patches, so a vector mixes several places: the order is (B, rows, columns, C, P, P)",
        ru: "каналы остались перед патчами, и вектор смешивает разные места: порядок осей (B, rows, columns, C, P, P)",
      },
      fn: ordered([0, 1, 2, 4, 3, 5]),
    },
  ],
  variants: [
    {
      name: "patch by patch",
      fn: (images, P) => {
        const [B, , H, W] = images.shape;
        const patches: Tensor[] = [];
        for (let y = 0; y < H; y += P)
          for (let x = 0; x < W; x += P)
            patches.push(images.narrow(2, y, P).narrow(3, x, P).reshape([B, -1]));
        return stack(patches, 1);
      },
    },
    {
      name: "strips, then patches",
      fn: (images, P) => {
        const [B, C, H, W] = images.shape;
        const strips = Array.from({ length: H / P }, (_, row) => images.narrow(2, row * P, P));
        const cut = (strip: Tensor) =>
          strip
            .reshape([B, C, P, W / P, P])
            .permute([0, 3, 1, 2, 4])
            .reshape([B, W / P, C * P * P]);
        return concat(strips.map(cut), 1);
      },
    },
  ],
});
