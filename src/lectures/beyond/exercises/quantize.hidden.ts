import { tensor } from "../../../autograd";
import { checks, seeded } from "../../../grading";
import { quantize } from "./quantize";

const large = seeded(quantize, { N: 41, K: 17, D: 6 }, ({ N, K, D }, random) => [
  tensor(random.normal([N, D], { std: 3 }).add(1)),
  tensor(random.normal([K, D], { std: 3 })),
]);

export const hidden = [
  checks.random(large, { points: 1, name: { en: "a larger codebook", ru: "кодовая книга побольше" } }),
  checks.gradient(quantize, large, {
    points: 1,
    name: { en: "gradients through the codes", ru: "градиенты сквозь коды" },
    names: ["vectors", "codebook"],
    out: ({ quantized, loss }) => quantized.square().sum().add(loss.mul(100)),
  }),
];
