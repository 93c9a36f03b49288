import { concat, softmax, stack, type Tensor, tensor } from "../../../autograd";
import { checks, exercise, seeded } from "../../../grading";
import type { Generator, NDArray } from "../../../tensor";
import * as nd from "../../../tensor";

/** How much each part of the cost counts. */
export interface CostWeights {
  readonly classCost: number;
  readonly boxCost: number;
  readonly giouCost: number;
}

/**
 * What it costs to let query q answer for thing j:
 *
 *     −classCost · p_q(class_j) + boxCost · Σ |box_q − box_j| − giouCost · GIoU(box_q, box_j)
 *
 * logits (D, L + 1), whose softmax are the p_q, the last of "nothing here"; boxes (D, 4); classes (n), int32; wanted (n, 4).
 * Boxes are (centre x, centre y, width, height). → (D, n)
 */
export function costMatrix(
  logits: Tensor,
  boxes: Tensor,
  classes: NDArray,
  wanted: Tensor,
  { classCost, boxCost, giouCost } = { classCost: 1, boxCost: 5, giouCost: 2 },
): Tensor {
  // BEGIN SOLUTION
  const [mine, theirs] = [boxes.unsqueeze(1), wanted.unsqueeze(0)]; // (D, 1, 4), (1, n, 4)
  const chance = logits.softmax().indexSelect(1, classes);
  const apart = mine.sub(theirs).abs().sum(-1);

  const low = (x: Tensor) => x.narrow(-1, 0, 2).sub(x.narrow(-1, 2, 2).div(2));
  const high = (x: Tensor) => x.narrow(-1, 0, 2).add(x.narrow(-1, 2, 2).div(2));
  const area = (size: Tensor) => size.select(-1, 0).mul(size.select(-1, 1));
  const both = area(
    high(mine)
      .minimum(high(theirs))
      .sub(low(mine).maximum(low(theirs)))
      .clamp(0, Infinity),
  );
  const union = area(mine.narrow(-1, 2, 2))
    .add(area(theirs.narrow(-1, 2, 2)))
    .sub(both);
  const hull = area(
    high(mine)
      .maximum(high(theirs))
      .sub(low(mine).minimum(low(theirs))),
  );
  const giou = both.div(union).sub(hull.sub(union).div(hull));

  return chance.mul(-classCost).add(apart.mul(boxCost)).sub(giou.mul(giouCost));
  // END SOLUTION
}

const int32 = (list: number[]): NDArray => nd.array(list, { dtype: "int32" });

/** Boxes that reach over a tenth to a half of the picture's sides. */
const boxesOf = (n: number, random: Generator): Tensor =>
  tensor(nd.concat([random.uniform([n, 2]).mul(0.6).add(0.2), random.uniform([n, 2]).mul(0.4).add(0.1)], 1));

const sizes = { D: 7, n: 3, L: 5 };
const inputs = seeded(costMatrix, sizes, ({ D, n, L }, random) => [
  tensor(random.normal([D, L + 1], { std: 2 })),
  boxesOf(D, random),
  random.integers([n], { low: 0, high: L }).to("int32"),
  boxesOf(n, random),
]);
const weighted = seeded(costMatrix, { D: 4, n: 6, L: 3 }, ({ D, n, L }, random, seed) => [
  tensor(random.normal([L + 1, D], { std: 3 })).transpose(),
  boxesOf(D, random),
  random.integers([n], { low: 0, high: L }).to("int32"),
  boxesOf(n, random),
  { classCost: 0.5 + (seed % 3), boxCost: seed % 2, giouCost: 3 },
]);

interface Parts {
  chance?: (logits: Tensor, classes: NDArray) => Tensor;
  apart?: (difference: Tensor) => Tensor;
  corners?: (x: Tensor) => [Tensor, Tensor];
  giou?: (both: Tensor, union: Tensor, hull: Tensor) => Tensor;
  weigh?: (parts: [Tensor, Tensor, Tensor], weights: CostWeights) => Tensor;
}

const areaOf = (low: Tensor, high: Tensor): Tensor => {
  const size = high.sub(low).clamp(0, Infinity);
  return size.select(-1, 0).mul(size.select(-1, 1));
};
const cornersOf = (x: Tensor): [Tensor, Tensor] => {
  const [centre, half] = [x.narrow(-1, 0, 2), x.narrow(-1, 2, 2).div(2)];
  return [centre.sub(half), centre.add(half)];
};

/** The solution with another part in one place. */
const cost =
  ({
    chance = (logits, classes) => softmax(logits).indexSelect(1, classes),
    apart = (difference) => difference.abs().sum(-1),
    corners = cornersOf,
    giou = (both, union, hull) => both.div(union).sub(1).add(union.div(hull)),
    weigh = ([p, l1, g], { classCost, boxCost, giouCost }) =>
      p.mul(-classCost).add(l1.mul(boxCost)).add(g.mul(-giouCost)),
  }: Parts): typeof costMatrix =>
  (logits, boxes, classes, wanted, weights = { classCost: 1, boxCost: 5, giouCost: 2 }) => {
    const [mine, theirs] = [boxes.unsqueeze(1), wanted.unsqueeze(0)];
    const [[a0, a1], [b0, b1]] = [corners(mine), corners(theirs)];
    const both = areaOf(a0.maximum(b0), a1.minimum(b1));
    const union = areaOf(a0, a1).add(areaOf(b0, b1)).sub(both);
    const hull = areaOf(a0.minimum(b0), a1.maximum(b1));
    return weigh([chance(logits, classes), apart(mine.sub(theirs)), giou(both, union, hull)], weights);
  };

/** Logits that give these chances. */
const logitsOf = (rows: number[][]): Tensor => tensor(rows).log();

export const costMatrixExercise = exercise(costMatrix, {
  id: "costMatrix",
  title: { en: "What a pair costs", ru: "Сколько стоит пара" },
  minutes: 18,
  forbids: ["matchingCost", "detectionLoss", "generalizedBoxIoU", "boxIoU"],
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(costMatrix, {
      points: 1,
      args: () => [
        logitsOf([
          [0.5, 0.2, 0.3],
          [0.1, 0.6, 0.3],
        ]),
        tensor([
          [0.5, 0.5, 0.4, 0.2],
          [0.2, 0.2, 0.2, 0.2],
        ]),
        int32([0]),
        tensor([[0.6, 0.5, 0.2, 0.2]]),
      ],
      expected: [[-0.5 + 5 * 0.3 - 2 * 0.5], [-0.1 + 5 * 0.7 - 2 * (0 - (0.3 - 0.08) / 0.3)]],
      because: {
        en: "query 0: p = 0.5, |Δ| = 0.1 + 0.2, and its box holds the thing's, IoU = 0.04 / 0.08, which is the hull too; query 1: p = 0.1, |Δ| = 0.4 + 0.3, the boxes do not meet, together 0.08 in a hull of 0.6 × 0.5",
        ru: "запрос 0: p = 0,5, |Δ| = 0,1 + 0,2, рамка содержит рамку предмета, IoU = 0,04 / 0,08, она же и оболочка; запрос 1: p = 0,1, |Δ| = 0,4 + 0,3, рамки не пересекаются, вместе 0,08 в оболочке 0,6 × 0,5",
      },
    }),
    checks.cases(costMatrix, {
      points: 2,
      name: { en: "one part at a time", ru: "по одной части" },
      cases: [
        {
          title: { en: "the class alone", ru: "только класс" },
          args: () => [...parts(3), { classCost: 2, boxCost: 0, giouCost: 0 }],
        },
        {
          title: { en: "the distance alone", ru: "только расстояние" },
          args: () => [...parts(4), { classCost: 0, boxCost: 3, giouCost: 0 }],
        },
        {
          title: { en: "GIoU alone", ru: "только GIoU" },
          args: () => [...parts(5), { classCost: 0, boxCost: 0, giouCost: 7 }],
        },
        {
          title: { en: "two things of one class", ru: "два предмета одного класса" },
          args: () => {
            const [logits, boxes, , wanted] = inputs.make(6);
            return [logits, boxes, int32([2, 4, 2]), wanted];
          },
        },
      ],
    }),
    checks.random(inputs, { points: 2 }),
    checks.random(weighted, {
      points: 1,
      name: {
        en: "other weights, more things than queries",
        ru: "другие веса, предметов больше, чем запросов",
      },
    }),
  ],
  mutants: [
    {
      name: "logits, not chances",
      says: {
        en: "the class part uses the scores themselves: take softmax over the classes first",
        ru: "в части класса стоят сами оценки: сначала softmax по классам",
      },
      fn: cost({ chance: (logits, classes) => logits.indexSelect(1, classes) }),
    },
    {
      name: "log-probability",
      says: {
        en: "this is the cross-entropy: the matching takes the probability itself, which stays in the size of the other parts",
        ru: "это кросс-энтропия: в паросочетании берут саму вероятность, она одного порядка с остальными частями",
      },
      fn: cost({ chance: (logits, classes) => softmax(logits).log().indexSelect(1, classes) }),
    },
    {
      name: "softmax without nothing",
      says: {
        en: 'the softmax leaves out the last score: "nothing here" is an answer too, and takes its share',
        ru: "softmax посчитан без последней оценки: «здесь ничего нет» — тоже ответ, и у него своя доля",
      },
      fn: cost({
        chance: (logits, classes) =>
          softmax(logits.narrow(1, 0, logits.shape[1] - 1)).indexSelect(1, classes),
      }),
    },
    {
      name: "softmax over the queries",
      says: {
        en: "the softmax goes over the queries: every query's chances sum to 1 over the classes",
        ru: "softmax взят по запросам, а вероятности каждого запроса должны давать в сумме 1 по классам",
      },
      fn: cost({ chance: (logits, classes) => softmax(logits, 0).indexSelect(1, classes) }),
    },
    {
      name: "the class costs",
      says: {
        en: "a likely class makes a pair dearer: p stands with a minus",
        ru: "вероятный класс удорожает пару: перед p должен стоять минус",
      },
      fn: cost({
        weigh: ([p, l1, g], { classCost, boxCost, giouCost }) =>
          p.mul(classCost).add(l1.mul(boxCost)).sub(g.mul(giouCost)),
      }),
    },
    {
      name: "mean distance",
      says: {
        en: "the distance is the sum of four differences, not their mean",
        ru: "расстояние — это сумма четырёх разностей, а не среднее",
      },
      fn: cost({ apart: (difference) => difference.abs().mean(-1) }),
    },
    {
      name: "Euclidean distance",
      says: {
        en: "this is the root of the sum of squares; the distance here is Σ |Δ|",
        ru: "это корень из суммы квадратов, а здесь расстояние — Σ |Δ|",
      },
      fn: cost({ apart: (difference) => difference.square().sum(-1).sqrt() }),
    },
    {
      name: "IoU alone",
      says: {
        en: "this is IoU: boxes that do not meet all cost the same. Take off (hull − union) / hull",
        ru: "это IoU: все непересекающиеся рамки стоят одинаково. Вычтите (оболочка − объединение) / оболочка",
      },
      fn: cost({ giou: (both, union) => both.div(union) }),
    },
    {
      name: "divided by the union",
      says: {
        en: "the empty part of the hull is divided by the union: divide it by the hull, then it stays below 1",
        ru: "пустая часть оболочки поделена на объединение: делите на оболочку, тогда она меньше 1",
      },
      fn: cost({ giou: (both, union, hull) => both.div(union).sub(hull.sub(union).div(union)) }),
    },
    {
      name: "corners taken for centre and size",
      says: {
        en: "GIoU reads (x, y, width, height) as two corners: go from the centre half a side each way",
        ru: "GIoU читает (x, y, ширина, высота) как два угла: отступите от центра на половину стороны в обе стороны",
      },
      fn: cost({ corners: (x) => [x.narrow(-1, 0, 2), x.narrow(-1, 0, 2).add(x.narrow(-1, 2, 2))] }),
    },
    {
      name: "1 − p",
      says: {
        en: "the class part is 1 − p: the same order of pairs, but not the cost that is asked for, −p",
        ru: "в части класса стоит 1 − p: порядок пар тот же, но просили −p",
      },
      fn: cost({ chance: (logits, classes) => softmax(logits).indexSelect(1, classes).sub(1) }),
    },
    {
      name: "1 − GIoU",
      says: {
        en: "the last part is 1 − GIoU: the same order of pairs, but not the cost that is asked for, −GIoU",
        ru: "последняя часть — 1 − GIoU: порядок пар тот же, но просили −GIoU",
      },
      fn: cost({ giou: (both, union, hull) => both.div(union).sub(2).add(union.div(hull)) }),
    },
    {
      name: "squared distance",
      says: {
        en: "the differences are squared; the distance here is Σ |Δ|",
        ru: "разности возведены в квадрат, а здесь расстояние — Σ |Δ|",
      },
      fn: cost({ apart: (difference) => difference.square().sum(-1) }),
    },
    {
      name: "GIoU makes dearer",
      says: {
        en: "a good fit makes a pair dearer: GIoU stands with a minus",
        ru: "хорошее совпадение удорожает пару: перед GIoU должен стоять минус",
      },
      fn: cost({
        weigh: ([p, l1, g], { classCost, boxCost, giouCost }) =>
          p.mul(-classCost).add(l1.mul(boxCost)).add(g.mul(giouCost)),
      }),
    },
    {
      name: "always 1, 5 and 2",
      says: {
        en: "the weights that are given change nothing: use classCost, boxCost and giouCost",
        ru: "переданные веса ни на что не влияют: используйте classCost, boxCost и giouCost",
      },
      fn: (logits, boxes, classes, wanted) => cost({})(logits, boxes, classes, wanted),
    },
    {
      name: "a whole side each way",
      says: {
        en: "the corners lie a whole width and height from the centre: half of each",
        ru: "углы отстоят от центра на всю ширину и высоту: нужна половина",
      },
      fn: cost({
        corners: (x) => [
          x.narrow(-1, 0, 2).sub(x.narrow(-1, 2, 2)),
          x.narrow(-1, 0, 2).add(x.narrow(-1, 2, 2)),
        ],
      }),
    },
  ],
  variants: [
    { name: "GIoU as IoU − 1 + union / hull", fn: cost({}) },
    {
      name: "thing by thing",
      fn: (logits, boxes, classes, wanted, weights) => {
        const columns = Array.from({ length: wanted.shape[0] }, (_, j) =>
          cost({})(logits, boxes, classes.narrow(0, j, 1), wanted.narrow(0, j, 1), weights).squeeze(1),
        );
        return stack(columns, 1);
      },
    },
    {
      name: "query by query",
      fn: (logits, boxes, classes, wanted, weights) =>
        concat(
          Array.from({ length: boxes.shape[0] }, (_, q) =>
            cost({})(logits.narrow(0, q, 1), boxes.narrow(0, q, 1), classes, wanted, weights),
          ),
          0,
        ),
    },
  ],
});

function parts(seed: number): [Tensor, Tensor, NDArray, Tensor] {
  const [logits, boxes, classes, wanted] = inputs.make(seed);
  return [logits, boxes, classes, wanted];
}
