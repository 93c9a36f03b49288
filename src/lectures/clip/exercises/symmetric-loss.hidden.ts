import { tensor } from "../../../autograd";
import { checks, seeded } from "../../../grading";
import { Generator } from "../../../tensor";
import { symmetricLoss } from "./symmetric-loss";

const inputs = seeded(symmetricLoss, { B: 29 }, ({ B }, random) => [
  tensor(random.normal([B, B], { std: 12, mean: 40 })),
]);

export const hidden = [
  checks.random(inputs, { points: 1, name: { en: "a larger batch", ru: "батч побольше" }, times: 3 }),
  checks.invariant(
    symmetricLoss,
    { en: "pictures and texts may change places", ru: "изображения и тексты можно поменять местами" },
    {
      points: 1,
      broken(fn) {
        const random = new Generator(11);
        const logits = random.normal([7, 7], { std: 4 });
        const [there, back] = [fn(tensor(logits)), fn(tensor(logits.transpose()))].map((loss) => loss.item());
        const order = random.permutation(7);
        const shuffled = fn(tensor(logits.indexSelect(0, order).indexSelect(1, order))).item();
        if (Math.abs(there - back) > 1e-4)
          return {
            en: "the transposed matrix has another loss",
            ru: "у транспонированной матрицы другой лосс",
          };
        return Math.abs(there - shuffled) < 1e-4
          ? null
          : { en: "the order of the pairs changes the loss", ru: "порядок пар меняет лосс" };
      },
    },
  ),
];
