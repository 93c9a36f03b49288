import { tensor } from "../../../autograd";
import { checks, seeded } from "../../../grading";
import { toPatches } from "./to-patches";

const others = seeded(
  toPatches,
  { B: 3, C: 4, rows: 7, columns: 2, P: 5 },
  ({ B, C, rows, columns, P }, random, seed) => [
    tensor(random.split(`hidden ${seed}`).normal([B, C, rows * P, columns * P])),
    P,
  ],
);

export const hidden = [
  checks.random(others, { points: 1, name: { en: "other sizes", ru: "другие размеры" } }),
  checks.invariant(
    toPatches,
    { en: "a patch knows nothing of the others", ru: "патч ничего не знает о других" },
    {
      points: 1,
      broken(fn, random) {
        const images = random.normal([2, 3, 8, 12]);
        const changed = images.clone();
        changed.slice(":", ":", "4:", "8:").fill(9); // row 1, column 2 of the patches: number 5
        const [a, b] = [fn(tensor(images), 4), fn(tensor(changed), 4)];
        const moved = a.data.sub(b.data).abs().max([0, 2]).gt(0).nonzero().flat();
        return moved.length === 1 && moved[0] === 5
          ? null
          : {
              en: `the patch in row 1 and column 2 of 2 × 3 was changed, so vector 5 should change and no other; changed: ${[...moved].join(", ") || "none"}`,
              ru: `изменён патч в строке 1 и столбце 2 из 2 × 3, поэтому должен измениться вектор 5 и только он; изменились: ${[...moved].join(", ") || "никакие"}`,
            };
      },
    },
  ),
];
