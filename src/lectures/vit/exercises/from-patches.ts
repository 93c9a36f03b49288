import { concat, type Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { toPatches } from "./to-patches";

/**
 * Put an image together again: patches (B, N, C·P·P), as `toPatches` lays them out, → (B, C, H, W).
 * N = (H / P)(W / P), row by row.
 */
export function fromPatches(patches: Tensor, P: number, H: number, W: number): Tensor {
  const [B, , size] = patches.shape;
  const C = size / (P * P);
  // BEGIN SOLUTION
  return patches
    .reshape([B, H / P, W / P, C, P, P])
    .permute([0, 3, 1, 4, 2, 5]) // (B, C, rows, P, columns, P)
    .reshape([B, C, H, W]);
  // END SOLUTION
}

export const inputs = seeded(
  fromPatches,
  { B: 2, C: 3, rows: 5, columns: 7, P: 4 },
  ({ B, C, rows, columns, P }, random, seed) => {
    const flat =
      seed % 2 === 0
        ? random.normal([B, rows * columns, C * P * P])
        : random.normal([C * P * P, B, rows * columns]).permute([1, 2, 0]);
    return [tensor(flat), P, rows * P, columns * P];
  },
);

type FromPatches = typeof fromPatches;

/** Cut into (B, …), the axes put in another order, and reshaped to the image. */
const ordered =
  (
    cut: (sizes: { rows: number; columns: number; C: number; P: number }) => number[],
    order: number[],
  ): FromPatches =>
  (patches, P, H, W) => {
    const [B, , size] = patches.shape;
    const C = size / P ** 2;
    return patches
      .reshape([B, ...cut({ rows: H / P, columns: W / P, C, P })])
      .permute(order)
      .reshape([B, C, H, W]);
  };
const asTheyLie = ({ rows, columns, C, P }: { rows: number; columns: number; C: number; P: number }) => [
  rows,
  columns,
  C,
  P,
  P,
];

export const fromPatchesExercise = exercise(fromPatches, {
  id: "fromPatches",
  title: { en: "And back to the image", ru: "И обратно в изображение" },
  minutes: 8,
  forbids: ["fold"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(fromPatches, {
      points: 1,
      args: () => [
        tensor([
          [
            [1, 2, 7, 8, -1, -2, -7, -8],
            [3, 4, 9, 10, -3, -4, -9, -10],
            [5, 6, 11, 12, -5, -6, -11, -12],
          ],
        ]),
        2,
        2,
        6,
      ],
      expected: [
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
      ],
      because: {
        en: "the first patch gives 1 2 above 7 8 at the left of channel 0, and −1 −2 above −7 −8 at the left of channel 1",
        ru: "первый патч даёт 1 2 над 7 8 слева в канале 0 и −1 −2 над −7 −8 слева в канале 1",
      },
    }),
    checks.random(inputs, { points: 1 }),
    checks.invariant(
      fromPatches,
      { en: "there and back again", ru: "туда и обратно" },
      {
        points: 1,
        examples: [
          () => [
            toPatches(
              tensor(
                nd
                  .arange(0, 2 * 3 * 6 * 15)
                  .reshape([2, 3, 6, 15])
                  .to("float32"),
              ),
              3,
            ),
            3,
            6,
            15,
          ],
        ],
        broken(fn, random) {
          for (const [P, H, W] of [
            [3, 6, 15],
            [5, 20, 10],
          ]) {
            const image = random.normal([2, 3, H, W]);
            const back = fn(toPatches(tensor(image), P), P, H, W).data;
            const apart = back.sub(image).abs().max().item();
            if (!(apart < 1e-6))
              return {
                en: `an image of ${H} × ${W}, cut into patches of ${P} × ${P} and put together, is another image: a pixel differs by ${apart.toFixed(2)}`,
                ru: `изображение ${H} × ${W}, разрезанное на патчи ${P} × ${P} и собранное, стало другим: пиксель отличается на ${apart.toFixed(2)}`,
              };
          }
          return null;
        },
      },
    ),
    checks.gradient(fromPatches, inputs, { points: 1, names: ["patches"], out: (image) => image }),
  ],
  mutants: [
    {
      name: "reshaped straight to the goal",
      says: {
        en: "reshape alone puts each patch out as a strip of pixels: give every axis a place of its own, then bring rows together with the rows inside patches",
        ru: "один reshape раскладывает каждый патч полоской пикселей: дайте каждой оси своё место, потом соедините строки патчей со строками внутри них",
      },
      fn: (patches, P, H, W) => patches.reshape([patches.shape[0], patches.shape[2] / P ** 2, H, W]),
    },
    {
      name: "rows and columns of patches exchanged",
      says: {
        en: "the patches were read as (columns, rows): they come row by row, so N is (rows, columns)",
        ru: "патчи прочитаны как (columns, rows): они идут по строкам, поэтому N — это (rows, columns)",
      },
      fn: ordered(({ rows, columns, C, P }) => [columns, rows, C, P, P], [0, 3, 2, 4, 1, 5]),
    },
    {
      name: "channels read last",
      says: {
        en: "in a patch the channels come first, (C, P, P), not last",
        ru: "внутри патча каналы идут первыми, (C, P, P), а не последними",
      },
      fn: ordered(({ rows, columns, C, P }) => [rows, columns, P, P, C], [0, 5, 1, 3, 2, 4]),
    },
    {
      name: "patches mirrored along the diagonal",
      says: {
        en: "the pixels inside of each patch are transposed: rows of patches go with the first P, columns with the second",
        ru: "пиксели внутри каждого патча транспонированы: строки патчей соединяются с первым P, столбцы — со вторым",
      },
      fn: ordered(asTheyLie, [0, 3, 1, 5, 2, 4]),
    },
    {
      name: "pixels of patches dealt out in turn",
      says: {
        en: "neighbouring pixels come from different patches: in the image, P stands behind rows, (rows, P), not in front of it",
        ru: "соседние пиксели взяты из разных патчей: в изображении P стоит после rows, (rows, P), а не перед ними",
      },
      fn: ordered(asTheyLie, [0, 3, 4, 1, 5, 2]),
    },
  ],
  variants: [
    {
      name: "row of patches by row of patches",
      fn: (patches, P, H, W) => {
        const [B, , size] = patches.shape;
        const [C, columns] = [size / P ** 2, W / P];
        const patch = (n: number) => patches.select(1, n).reshape([B, C, P, P]);
        const strip = (row: number) =>
          concat(
            Array.from({ length: columns }, (_, column) => patch(row * columns + column)),
            3,
          );
        return concat(
          Array.from({ length: H / P }, (_, row) => strip(row)),
          2,
        );
      },
    },
    {
      name: "through an index: which number of the patches is this pixel?",
      fn: (patches, P, H, W) => {
        const [B, , size] = patches.shape;
        const C = size / P ** 2;
        const places: number[] = [];
        for (let c = 0; c < C; c++)
          for (let y = 0; y < H; y++)
            for (let x = 0; x < W; x++) {
              const patch = Math.floor(y / P) * (W / P) + Math.floor(x / P);
              places.push(patch * size + c * P * P + (y % P) * P + (x % P));
            }
        return patches
          .flatten(1)
          .indexSelect(1, nd.array(places, { dtype: "int32" }))
          .reshape([B, C, H, W]);
      },
    },
  ],
});
