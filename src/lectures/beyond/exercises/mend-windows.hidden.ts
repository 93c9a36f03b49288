import { tensor } from "../../../autograd";
import { checks, seeded } from "../../../grading";
import { windowPartition } from "../../vit";
import { mendWindows } from "./mend-windows";

const large = seeded(mendWindows, { N: 18, w: 4, C: 2 }, ({ N, w, C }, random) => [
  tensor(random.normal([N, w, w, C], { std: 1e4 })),
  [8, 12],
  3,
]);

export const hidden = [
  checks.random(large, { points: 1, name: { en: "larger windows", ru: "окна побольше" } }),
  checks.invariant(
    mendWindows,
    { en: "there and back again", ru: "туда и обратно" },
    {
      points: 1,
      broken(fn, random) {
        for (const shift of [0, 1, 2]) {
          const x = random.normal([2, 6, 9, 4]);
          const windows = windowPartition(tensor(x).roll([-shift, -shift], [1, 2]), 3);
          if (fn(windows, [6, 9], shift).data.sub(x).abs().max().item() > 1e-6)
            return {
              en: `a picture cut into windows with shift ${shift} and put together is another picture`,
              ru: `картинка, разрезанная на окна со сдвигом ${shift} и собранная, стала другой`,
            };
        }
        return null;
      },
      examples: [() => [large.make(3)[0], [12, 8], 2]],
    },
  ),
];
