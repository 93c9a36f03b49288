import { tensor } from "../../../autograd";
import { checks, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { maskedLoss } from "./masked-loss";

const inputs = seeded(maskedLoss, { B: 5, T: 13, V: 17 }, ({ B, T, V }, random, seed) => {
  const labels = random.integers([B, T], { high: V });
  const hidden = random.uniform([B, T]).lt(0.2 + 0.1 * seed);
  return [tensor(random.normal([B, T, V], { std: 5 })), labels.maskedFill(hidden.logicalNot(), -100)];
});

export const hidden = [
  checks.random({ ...inputs, make: (seed) => inputs.make(seed + 40) }, { points: 1, name: "another seed" }),
  checks.invariant(maskedLoss, "what stands elsewhere does not matter", {
    points: 1,
    broken(fn, random) {
      const labels = nd.array([[-100, 2, -100, 0]], { dtype: "int32" });
      const logits = random.normal([1, 4, 6]);
      const other = nd.where(labels.ne(-100).unsqueeze(-1), logits, random.normal([1, 4, 6]));
      const [a, b] = [logits, other].map((x) => fn(tensor(x), labels).item());
      return Math.abs(a - b) < 1e-6 ? null : "scores at places without a label change the loss";
    },
  }),
];
