import { concat, stack, type Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";

/**
 * Put the class token in front of the patches, and add to each vector its place: patches (B, N, E), classToken (E),
 * positions (1 + N, E) → (B, 1 + N, E).
 */
export function classAndPositions(patches: Tensor, classToken: Tensor, positions: Tensor): Tensor {
  const [B, N, E] = patches.shape;
  // BEGIN SOLUTION
  const first = classToken.expand([B, 1, E]);
  return concat([first, patches], 1).add(positions.reshape([1, 1 + N, E]));
  // END SOLUTION
}

export const inputs = seeded(classAndPositions, { B: 3, N: 7, E: 5 }, ({ B, N, E }, random, seed) => [
  tensor(seed % 2 ? random.normal([E, B, N]).permute([1, 2, 0]) : random.normal([B, N, E])),
  tensor(random.normal([E])),
  tensor(random.normal([1 + N, E])),
]);

export const classAndPositionsExercise = exercise(classAndPositions, {
  id: "classAndPositions",
  title: { en: "A class token, and places", ru: "Токен класса и позиции" },
  minutes: 8,
  forbids: ["ImageEmbeddings", "ViTModel", "ViTForImageClassification"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(classAndPositions, {
      points: 1,
      args: () => [
        tensor([
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
        ]),
        tensor([10, 20, 30]),
        tensor([
          [100, 200, 300],
          [0.1, 0.2, 0.3],
          [0.5, 0.6, 0.7],
        ]),
      ],
      expected: [
        [
          [110, 220, 330],
          [1.1, 2.2, 3.3],
          [4.5, 5.6, 6.7],
        ],
      ],
      because: {
        en: "two patches become three vectors: the class token gets row 0 of the positions, the first patch row 1, the second row 2",
        ru: "два патча становятся тремя векторами: токен класса получает строку 0 позиций, первый патч — строку 1, второй — строку 2",
      },
    }),
    checks.random(inputs, { points: 1, picture: true }),
    checks.invariant(
      classAndPositions,
      {
        en: "each image of a batch gets the same class token and the same places",
        ru: "все изображения батча получают один токен класса и одни позиции",
      },
      {
        points: 1,
        examples: [() => inputs.make(12)],
        broken(fn, random) {
          const [token, places] = [random.normal([6]), random.normal([5, 6])];
          const images = random.normal([3, 4, 6]);
          const out = fn(tensor(images), tensor(token), tensor(places)).data;
          for (let b = 0; b < 3; b++) {
            const alone = fn(tensor(images.narrow(0, b, 1)), tensor(token), tensor(places)).data.select(0, 0);
            const apart = out.select(0, b).sub(alone).abs().max().item();
            if (!(apart < 1e-6))
              return {
                en: `image ${b} of a batch of 3 gets other vectors than alone`,
                ru: `изображение ${b} в батче из 3 получает другие векторы, чем отдельно`,
              };
          }
          return null;
        },
      },
    ),
    checks.gradient(classAndPositions, inputs, {
      points: 1,
      names: ["patches", "classToken", "positions"],
      out: (vectors) => vectors,
    }),
  ],
  mutants: [
    {
      name: "class token behind",
      says: {
        en: "the class token stands behind the patches: it is number 0",
        ru: "токен класса стоит после патчей, а должен быть номером 0",
      },
      fn: (patches, classToken, positions) => {
        const [B, , E] = patches.shape;
        return concat([patches, classToken.expand([B, 1, E])], 1).add(positions);
      },
    },
    {
      name: "no position for the class token",
      says: {
        en: "the class token has a position too, row 0: put it in front first, then add all positions",
        ru: "у токена класса тоже есть позиция, строка 0: сначала поставьте его вперёд, потом прибавьте все позиции",
      },
      fn: (patches, classToken, positions) => {
        const [B, N, E] = patches.shape;
        return concat([classToken.expand([B, 1, E]), patches.add(positions.narrow(0, 1, N))], 1);
      },
    },
    {
      name: "positions one place too early",
      says: {
        en: "the patches get rows 0 to N − 1 of the positions: row 0 belongs to the class token, the first patch has row 1",
        ru: "патчи получают строки позиций от 0 до N − 1: строка 0 принадлежит токену класса, у первого патча строка 1",
      },
      fn: (patches, classToken, positions) => {
        const [B, N, E] = patches.shape;
        const first = classToken.add(positions.select(0, N)).expand([B, 1, E]);
        return concat([first, patches.add(positions.narrow(0, 0, N))], 1);
      },
    },
    {
      name: "no positions",
      says: {
        en: "the positions are missing: without them the patches are a heap, and the image can be shuffled",
        ru: "нет позиций: без них патчи — просто куча, и изображение можно перемешать",
      },
      fn: (patches, classToken) => {
        const [B, , E] = patches.shape;
        return concat([classToken.expand([B, 1, E]), patches], 1);
      },
    },
    {
      name: "class token for the first image alone",
      says: {
        en: "only the first image of the batch got the class token, the others zeros: expand it over the batch",
        ru: "токен класса получило только первое изображение батча, остальные — нули: растяните его на весь батч",
      },
      fn: (patches, classToken, positions) => {
        const [B, , E] = patches.shape;
        const only = tensor(Array.from({ length: B }, (_, b) => [[b === 0 ? 1 : 0]])); // (B, 1, 1)
        return concat([only.mul(classToken.expand([B, 1, E])), patches], 1).add(positions);
      },
    },
    {
      name: "zeros for the class token",
      says: {
        en: "in front stands the class token's position alone: the token itself is missing in the sum",
        ru: "впереди стоит только позиция токена класса: самого токена в сумме нет",
      },
      fn: (patches, classToken, positions) => {
        const [B, , E] = patches.shape;
        return concat([classToken.mul(0).expand([B, 1, E]), patches], 1).add(positions);
      },
    },
    {
      name: "positions of each image",
      says: {
        en: "a part of the sum is there twice: each place is added once",
        ru: "часть суммы прибавлена дважды: каждая позиция прибавляется один раз",
      },
      fn: (patches, classToken, positions) => {
        const [B, , E] = patches.shape;
        return concat([classToken.expand([B, 1, E]), patches], 1)
          .add(positions)
          .add(positions);
      },
    },
  ],
  variants: [
    {
      name: "the two parts by themselves",
      fn: (patches, classToken, positions) => {
        const [B, N, E] = patches.shape;
        const first = classToken.add(positions.select(0, 0)).reshape([1, 1, E]).expand([B, 1, E]);
        return concat([first, patches.add(positions.narrow(0, 1, N))], 1);
      },
    },
    {
      name: "image by image",
      fn: (patches, classToken, positions) =>
        stack(
          Array.from({ length: patches.shape[0] }, (_, b) =>
            concat([classToken.unsqueeze(0), patches.select(0, b)], 0).add(positions),
          ),
        ),
    },
  ],
});
