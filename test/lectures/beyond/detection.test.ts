import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Tensor, tensor } from "../../../src/autograd";
import {
  assign,
  boxIoU,
  centresOf,
  cornersOf,
  detectionLoss,
  generalizedBoxIoU,
  matchingCost,
  YolosForObjectDetection,
} from "../../../src/lectures/beyond";
import { array, Generator, type NDArray, zeros } from "../../../src/tensor";

type Rows = readonly (readonly number[])[];

interface LossCase {
  readonly options: Readonly<Record<string, number>>;
  readonly logits: readonly Rows[];
  readonly boxes: readonly Rows[];
  readonly objects: readonly { classes: number[]; boxes: Rows }[];
  readonly loss: number;
  readonly classes: number;
  readonly box: number;
  readonly giou: number;
  readonly gradLogits: readonly Rows[];
  readonly gradBoxes: readonly Rows[];
}

const read = (): LossCase[] =>
  JSON.parse(readFileSync(new URL("./detection-loss.json", import.meta.url), "utf8")).cases;

const float64 = { dtype: "float64" } as const;
const objectsOf = ({ objects }: LossCase) =>
  objects.map(({ classes, boxes }) => ({
    classes: array(classes, { dtype: "int32" }),
    boxes: boxes.length > 0 ? array(boxes, float64) : zeros([0, 4], float64),
  }));

/** The least sum over all ways to give each column a row of its own (or each row a column). */
function bruteForce(cost: Rows): number {
  const [D, n] = [cost.length, cost[0].length];
  const at = (i: number, j: number) => (n <= D ? cost[j][i] : cost[i][j]);
  const [few, many] = [Math.min(D, n), Math.max(D, n)];
  const best = (i: number, used: number): number => {
    if (i === few) return 0;
    let least = Number.POSITIVE_INFINITY;
    for (let j = 0; j < many; j++)
      if (!(used & (1 << j))) least = Math.min(least, at(i, j) + best(i + 1, used | (1 << j)));
    return least;
  };
  return best(0, 0);
}

const sumOf = (cost: NDArray, taken: NDArray): number =>
  Array.from(taken.flat()).reduce((sum, q, j) => (q === -1 ? sum : sum + cost.slice(q, j).item()), 0);

describe("assign", () => {
  it("finds the least sum, as trying everything does", () => {
    const random = new Generator(5);
    for (let trial = 0; trial < 120; trial++) {
      const [D, n] = Array.from(random.integers([2], { low: 1, high: 7 }).flat());
      const rough = trial % 3 === 0; // many ties
      const cost = rough
        ? random.integers([D, n], { low: -2, high: 3 }).to("float64")
        : random.normal([D, n], float64);
      const taken = assign(cost);
      const rows = Array.from(taken.flat()).filter((q) => q !== -1);
      expect(new Set(rows).size).toBe(Math.min(D, n));
      expect(rows).toHaveLength(Math.min(D, n));
      expect(sumOf(cost, taken)).toBeCloseTo(bruteForce(cost.toArray() as number[][]), 9);
    }
  });

  it("takes no cheap one where that makes the whole dearer", () => {
    expect(
      assign(
        tensor([
          [1, 2],
          [1, 9],
          [9, 9],
        ]),
      ).toArray(),
    ).toEqual([1, 0]);
  });

  it("leaves things without a query, and queries without a thing", () => {
    expect(assign(array([[5, 1, 3]])).toArray()).toEqual([-1, 0, -1]);
    expect(assign(zeros([4, 0])).shape).toEqual([0]);
    expect(assign(zeros([0, 3])).toArray()).toEqual([-1, -1, -1]);
  });

  it("uses what is no number last", () => {
    expect(
      assign(
        array([
          [Number.NaN, 7],
          [100, Number.NaN],
        ]),
      ).toArray(),
    ).toEqual([1, 0]);
    expect(assign(array([[Number.POSITIVE_INFINITY], [1e30]])).toArray()).toEqual([1]);
    expect(assign(array([[Number.NEGATIVE_INFINITY], [3]])).toArray()).toEqual([1]);
  });
});

describe("boxes", () => {
  const a = tensor([
    [0, 0, 2, 2],
    [0, 0, 3, 1],
  ]);
  const b = tensor([
    [1, 1, 3, 3],
    [5, 0, 6, 1],
    [0, 0, 3, 1],
  ]);

  it("IoU by hand", () => {
    const third = 2 / (4 + 3 - 2);
    expect(
      boxIoU(a, b).data.allclose(
        array([
          [1 / 7, 0, third],
          [0, 0, 1],
        ]),
      ),
    ).toBe(true);
  });

  it("generalised IoU by hand", () => {
    const [first] = generalizedBoxIoU(a, b).toArray() as number[][];
    expect(first[0]).toBeCloseTo(1 / 7 - 2 / 9, 5);
    expect(first[1]).toBeCloseTo(0 - 7 / 12, 5);
  });

  it("centre and size, and back", () => {
    expect(centresOf(b).select(0, 0).toArray()).toEqual([2, 2, 2, 2]);
    expect(cornersOf(centresOf(b)).data.allclose(b.data)).toBe(true);
  });
});

describe("the detection loss", () => {
  it.each(read().map((c, i) => [i, c] as const))("is transformers', case %i", (_, c) => {
    const logits = tensor(array(c.logits, float64), { requiresGrad: true });
    const boxes = tensor(array(c.boxes, float64), { requiresGrad: true });
    const o = c.options;
    const got = detectionLoss(logits, boxes, objectsOf(c), {
      classCost: o.class_cost,
      boxCost: o.bbox_cost,
      giouCost: o.giou_cost,
      boxWeight: o.bbox_loss_coefficient,
      giouWeight: o.giou_loss_coefficient,
      nothingWeight: o.eos_coefficient,
    });
    expect(got.loss.item()).toBeCloseTo(c.loss, 7);
    expect(got.classes.item()).toBeCloseTo(c.classes, 7);
    expect(got.boxes.item()).toBeCloseTo(c.box, 7);
    expect(got.giou.item()).toBeCloseTo(c.giou, 7);
    got.loss.backward();
    const near = (x: Tensor, wanted: readonly Rows[]) =>
      expect(x.grad?.sub(array(wanted, float64)).abs().max().item()).toBeLessThan(1e-7);
    near(logits, c.gradLogits);
    if (got.boxes.item() > 0) near(boxes, c.gradBoxes);
  });

  it("comes from the model with its configuration's weights", () => {
    const config = {
      ...{ hidden_size: 12, num_hidden_layers: 2, num_attention_heads: 2, intermediate_size: 8 },
      ...{ image_size: [8, 12], patch_size: 4, num_detection_tokens: 3, num_labels: 2 },
      ...{ bbox_loss_coefficient: 1, giou_loss_coefficient: 7, eos_coefficient: 0.5, giou_cost: 0 },
    };
    const model = new YolosForObjectDetection(config).eval();
    const images = tensor(new Generator(2).normal([2, 3, 8, 12]));
    const things = {
      classes: array([1, 0], { dtype: "int32" }),
      boxes: array([
        [0.5, 0.5, 0.2, 0.3],
        [0.2, 0.7, 0.1, 0.1],
      ]),
    };
    const { loss, logits, boxes } = model.forward(images, { labels: [things, things] });
    const options = { boxWeight: 1, giouWeight: 7, nothingWeight: 0.5, giouCost: 0 };
    const same = detectionLoss(logits, boxes, [things, things], options);
    expect(loss?.item()).toBe(same.loss.item());
    expect(same.loss.item()).not.toBe(detectionLoss(logits, boxes, [things, things]).loss.item());
  });

  it("says what is wrong with the things", () => {
    const logits = tensor(zeros([3, 5]));
    const boxes = tensor(zeros([3, 4]));
    const things = (one: number) => ({ classes: array([one], { dtype: "int32" }), boxes: zeros([1, 4]) });
    expect(() => matchingCost(logits, boxes, things(4))).toThrow(
      "matchingCost: expected classes 0 … 3, got 4",
    );
    expect(() => detectionLoss(logits.unsqueeze(0), boxes.unsqueeze(0), [])).toThrow(
      "the objects of each of the 1 pictures",
    );
  });
});
