import { tensor } from "../../../autograd";
import { checks, seeded } from "../../../grading";
import { causalAttention } from "./causal-attention";

const long = seeded(causalAttention, { B: 3, T: 23, D: 10, E: 14 }, ({ B, T, D, E }, random) => [
  tensor(random.normal([B, T, D], { std: 2 })),
  tensor(random.normal([B, T, D])),
  tensor(random.normal([B, T, E])),
]);

const heads = seeded(causalAttention, { B: 2, H: 3, T: 5, D: 7, E: 4 }, ({ B, H, T, D, E }, random) => [
  tensor(random.normal([B, H, T, D])),
  tensor(random.normal([B, H, T, D])),
  tensor(random.normal([B, H, T, E])),
]);

export const hidden = [
  checks.random(long, { points: 1, name: { en: "a longer text", ru: "текст подлиннее" } }),
  checks.gradient(causalAttention, heads, {
    points: 1,
    name: { en: "gradients through the weights", ru: "градиенты через веса" },
    names: ["query", "key", "value"],
    out: ({ weights }) => weights,
  }),
];
