import { tensor } from "../../../autograd";
import { checks, seeded } from "../../../grading";
import { type BlockParts, encoderBlock, partsOf } from "./encoder-block";

const others = seeded(encoderBlock, { B: 3, T: 5, C: 10 }, ({ B, T, C }, random, seed) => [
  tensor(random.split(`hidden ${seed}`).normal([B, T, C]).mul(4)),
  partsOf(C, seed + 200),
  seed % 2 === 1,
]);

/** The same object at every call, because arguments must come back as they were. */
const plain: BlockParts = {
  attentionNorm: (x) => x.add(1),
  attention: (x) => x.mul(2),
  mlpNorm: (x) => x.add(5),
  mlp: (x) => x.mul(7),
};

export const hidden = [
  checks.random(others, { points: 1, times: 4, name: { en: "other parts", ru: "другие части" } }),
  checks.byHand(encoderBlock, {
    points: 1,
    name: { en: "every part is called once, in its turn", ru: "каждая часть вызвана один раз, по очереди" },
    args: () => [tensor([[[0]]]), plain],
    expected: [[[51]]],
    because: {
      en: "0 + (0 + 1) · 2 = 2, and 2 + (2 + 5) · 7 = 51",
      ru: "0 + (0 + 1) · 2 = 2, и 2 + (2 + 5) · 7 = 51",
    },
  }),
];
