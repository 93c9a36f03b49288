import { tensor } from "../../../autograd";
import { checks, seeded } from "../../../grading";
import { meanPool } from "./mean-pool";

const inputs = seeded(meanPool, { B: 4, T: 11, C: 6 }, ({ B, T, C }, random) => [
  tensor(random.normal([B, T, C], { std: 20 })),
  random.uniform([B, T]).lt(0.6).to("int32"),
]);

export const hidden = [
  checks.random(
    { ...inputs, make: (seed) => inputs.make(seed + 70) },
    { points: 1, name: "scattered masks" },
  ),
  checks.invariant(meanPool, "longer padding changes nothing", {
    points: 1,
    broken(fn, random) {
      const hidden = random.normal([2, 9, 5]);
      const mask = random
        .uniform([2, 9])
        .lt(0.5)
        .to("int32")
        .maskedFill(random.uniform([2, 9]).lt(0), 0);
      const short = mask.clone();
      for (const place of [6, 7, 8]) short.select(1, place).fill(0);
      const whole = fn(tensor(hidden), short).data;
      const cut = fn(tensor(hidden.narrow(1, 0, 6)), short.narrow(1, 0, 6)).data;
      return whole.sub(cut).abs().max().item() < 1e-5
        ? null
        : "the same text has another vector with more padding";
    },
  }),
];
