import { checks, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { gpuMatmul } from "./gpu-matmul";

const wide = seeded(gpuMatmul, { M: 3, K: 37, N: 19 }, ({ M, K, N }, random, seed) => [
  random.normal([M, K], { std: 2 }),
  seed % 2 ? random.normal([N, K]).transpose() : random.normal([K, N]),
]);

export const hidden = [
  checks.random(wide, { points: 1, name: { en: "long sums", ru: "длинные суммы" } }),
  checks.cases(gpuMatmul, {
    points: 1,
    name: { en: "one size after another", ru: "размер за размером" },
    cases: [2, 9, 3].map((n) => ({
      title: { en: `(${n}, ${n + 1}) · (${n + 1}, ${n + 3})`, ru: `(${n}, ${n + 1}) · (${n + 1}, ${n + 3})` },
      args: () => [new nd.Generator(n).normal([n, n + 1]), new nd.Generator(n + 1).normal([n + 1, n + 3])],
    })),
  }),
];
