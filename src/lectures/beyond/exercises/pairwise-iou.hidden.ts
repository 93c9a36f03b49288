import { tensor } from "../../../autograd";
import { checks, seeded } from "../../../grading";
import * as nd from "../../../tensor";
import { pairwiseIou } from "./pairwise-iou";

const far = seeded(pairwiseIou, { N: 4, M: 9 }, ({ N, M }, random) => {
  const boxes = (n: number) => {
    const first = random.normal([n, 2], { std: 300 });
    return tensor(nd.concat([first, first.add(random.uniform([n, 2]).mul(400).add(20))], 1));
  };
  return [boxes(N), boxes(M)];
});

export const hidden = [
  checks.random(far, {
    points: 1,
    name: { en: "large and negative coordinates", ru: "большие и отрицательные координаты" },
  }),
  checks.invariant(
    pairwiseIou,
    { en: "the same from both sides", ru: "одинаково с обеих сторон" },
    {
      points: 1,
      broken(fn) {
        const [a, b] = far.make(11);
        const there = fn(a, b).data;
        const back = fn(b, a).data.transpose();
        if (there.sub(back).abs().max().item() > 1e-5)
          return { en: "IoU of a with b is not that of b with a", ru: "IoU a с b не равно IoU b с a" };
        const moved = fn(a.mul(0.01).add(5), b.mul(0.01).add(5)).data;
        return moved.sub(there).abs().max().item() < 1e-3
          ? null
          : {
              en: "IoU changes when all boxes are moved and scaled together",
              ru: "IoU меняется, когда все рамки вместе сдвинуты и сжаты",
            };
      },
      examples: [() => [far.make(11)[0], far.make(11)[1]]],
    },
  ),
];
