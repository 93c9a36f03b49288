import { tensor } from "../../../autograd";
import { checks, seeded } from "../../../grading";
import { cutWindows } from "./cut-windows";

const large = seeded(cutWindows, { B: 3, H: 8, W: 12, C: 2 }, ({ B, H, W, C }, random) => [
  tensor(random.normal([B, H, W, C], { std: 1e4 })),
  4,
  3,
]);

export const hidden = [
  checks.random(large, { points: 1, name: { en: "larger windows", ru: "окна побольше" } }),
  checks.invariant(
    cutWindows,
    { en: "nothing is lost", ru: "ничего не потеряно" },
    {
      points: 1,
      broken(fn, random) {
        const x = random.normal([2, 6, 10, 3]);
        const windows = fn(tensor(x), 2, 1).data;
        const apart = windows.sum().sub(x.sum()).abs().item();
        return apart < 1e-3
          ? null
          : {
              en: "the windows do not hold the picture's numbers, each once",
              ru: "в окнах не все числа картинки по одному разу",
            };
      },
      examples: [() => [tensor(large.make(5)[0].data.slice(":", ":6", ":10")), 2, 1]],
    },
  ),
];
