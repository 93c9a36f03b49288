import { checks, seeded } from "../../../grading";
import { linearProbe } from "./linear-probe";

const inputs = seeded(linearProbe, { N: 37, D: 13, K: 6 }, ({ N, D, K }, random, seed) => [
  random.normal([N, D], { mean: 1 }),
  random.integers([N], { high: K }),
  { classes: K, steps: 12, lr: 0.2, decay: 0.03 * seed },
]);

export const hidden = [
  checks.random(inputs, { points: 1, name: { en: "more of everything", ru: "всего побольше" }, times: 4 }),
  checks.invariant(
    linearProbe,
    { en: "classes that lie apart are told apart", ru: "далёкие друг от друга классы различаются" },
    {
      points: 1,
      broken(fn, random) {
        const labels = random.integers([60], { high: 4 });
        const centres = random.normal([4, 9], { std: 3 });
        const features = centres.indexSelect(0, labels).add(random.normal([60, 9], { std: 0.3 }));
        const { weight, bias } = fn(features, labels, { classes: 4, steps: 60, lr: 0.5 });
        const answers = features.matmul(weight.transpose()).add(bias).argmax(1);
        const share = answers.eq(labels).to("float32").mean().item();
        return share > 0.98
          ? null
          : {
              en: `four clusters far apart: only ${(100 * share).toFixed(0)} % are told right`,
              ru: `четыре далёкие группы: верно определено лишь ${(100 * share).toFixed(0)} %`,
            };
      },
    },
  ),
];
