import { describe, expect, it } from "vitest";
import { tensor } from "../../../src/autograd";
import { readScenes } from "../../../src/data";
import {
  averagePrecision,
  boxPicture,
  classIoU,
  denseScenes,
  detect,
  detectorFrom,
  found,
  isHeldOutPair,
  maskPicture,
  meanAveragePrecision,
  meanIoU,
  sceneViT,
  ViTSegmenter,
} from "../../../src/lectures/beyond";
import { array, Generator, type NDArray, zeros } from "../../../src/tensor";

const int32 = (list: number[] | number[][]): NDArray => array(list, { dtype: "int32" });

describe("IoU of classes", () => {
  it("by hand, and NaN for a class that is nowhere", () => {
    const [answers, targets] = [int32([[0, 0, 1, 1, 3]]), int32([[0, 1, 1, 1, 1]])];
    expect(classIoU(answers, targets, 5).toArray()).toEqual([0.5, 0.5, NaN, 0, NaN]);
    expect(meanIoU(answers, targets, 5)).toBeCloseTo(1 / 3, 12);
  });

  it("says what does not fit", () => {
    expect(() => classIoU(int32([1]), int32([1, 2]), 3)).toThrow(
      "answers of the targets' shape (2,), got (1,)",
    );
    expect(() => classIoU(int32([1]), int32([7]), 3)).toThrow("classes 0 … 2, got 7");
  });
});

describe("average precision", () => {
  const box = (x: number) => [x, 0.5, 0.1, 0.2];
  const things = { classes: int32([0, 0, 1]), boxes: array([box(0.2), box(0.6), box(0.4)]) };
  const answer = (list: readonly [kind: number, score: number, x: number][]) => ({
    classes: int32(list.map(([kind]) => kind)),
    scores: array(list.map(([, score]) => score)),
    boxes: array(list.map(([, , x]) => box(x))),
  });

  it("by hand: right, wrong, right", () => {
    const answers = answer([
      [0, 0.7, 0.61],
      [0, 0.9, 0.2],
      [0, 0.8, 0.9],
      [1, 0.3, 0.4],
    ]);
    const each = averagePrecision([answers], [things], 3).toArray() as number[];
    expect(each[0]).toBeCloseTo(0.5 * 1 + (0.5 * 2) / 3, 12);
    expect(each.slice(1)).toEqual([1, NaN]);
    expect(meanAveragePrecision([answers], [things], 3)).toBeCloseTo((each[0] + 1) / 2, 12);
  });

  it("a thing is found once", () => {
    const twice = answer([
      [0, 0.9, 0.2],
      [0, 0.8, 0.2],
      [0, 0.7, 0.6],
    ]);
    const [first] = averagePrecision([twice], [things], 2).toArray() as number[];
    expect(first).toBeCloseTo(0.5 + (0.5 * 2) / 3, 12);
  });

  it("a box must fit as closely as asked for", () => {
    const shifted = answer([[1, 0.9, 0.42]]); // IoU 0.08 / 0.12
    const at = (iou: number) => (averagePrecision([shifted], [things], 2, { iou }).toArray() as number[])[1];
    expect([at(0.6), at(0.7)]).toEqual([1, 0]);
  });

  it("pictures are apart: an answer finds nothing in another", () => {
    const none = { classes: zeros([0], { dtype: "int32" }), boxes: zeros([0, 4]) };
    const empty = { ...none, scores: zeros([0]) };
    const answers = answer([[1, 0.9, 0.4]]);
    expect(meanAveragePrecision([answers, empty], [none, things], 2)).toBe(0);
    expect(meanAveragePrecision([empty, answers], [none, things], 2)).toBe(0.5);
  });

  it("answers are read from logits, without the class of nothing", () => {
    const logits = tensor(
      array([
        [
          [0, 1, 9],
          [2, 0, -9],
        ],
      ]),
    );
    const [{ classes, scores, boxes }] = found(logits, tensor(zeros([1, 2, 4])));
    expect(classes.toArray()).toEqual([1, 0]);
    expect(scores.get([0])).toBeLessThan(0.01);
    expect(scores.get([1])).toBeCloseTo(1 / (1 + Math.exp(-2)), 4);
    expect(boxes.shape).toEqual([2, 4]);
  });
});

describe("scenes with masks and boxes", () => {
  it("keep some pairs of kinds for the test, and boxes tell where masks are", async () => {
    const source = await readScenes();
    const random = new Generator(3);
    const specs = Array.from({ length: 200 }, () => source.spec(random, { groups: 2 }));
    const held = specs.filter((spec) => isHeldOutPair(source.kinds, spec));
    expect(held.length).toBeGreaterThan(20);
    expect(held.length).toBeLessThan(80);
    const { images, masks, objects } = denseScenes(source, 5, { seed: 4, heldOut: true });
    expect(images.min().item()).toBeGreaterThanOrEqual(-1);
    const [x, y, w, h] = objects[0].boxes.select(0, 0).mul(32).toArray() as number[];
    const inside = masks
      .select(0, 0)
      .narrow(0, y - h / 2, h)
      .narrow(1, x - w / 2, w);
    expect(inside.max().item()).toBe(objects[0].classes.get([0]) + 1);
    expect(maskPicture(masks.select(0, 0)).shape).toEqual([3, 32, 32]);
    const drawn = boxPicture(images.select(0, 0).add(1).div(2), objects[0], { scale: 2 });
    expect(drawn.shape).toEqual([3, 64, 64]);
  });
});

describe("ViTSegmenter", () => {
  const config = {
    ...{ hidden_size: 12, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 8 },
    ...{ image_size: [8, 12], patch_size: 4 },
  };
  it.each(["linear", "tokens"] as const)("says of every pixel what it is, with the head %s", (head) => {
    const model = new ViTSegmenter(config, { head, classes: 5 });
    const images = tensor(new Generator(1).normal([2, 3, 8, 12]));
    const labels = new Generator(2).integers([2, 8, 12], { low: 0, high: 5 }).to("int32");
    const { logits, loss } = model.forward(images, { labels });
    expect(logits.shape).toEqual([2, 5, 8, 12]);
    loss?.backward();
    const still = model
      .namedParameters()
      .filter(([name, p]) => p.grad === null && !name.includes("detectionTokens"));
    expect(still.map(([name]) => name)).toEqual([]);
  });
});

describe("detectors on scenes", () => {
  it.each(["patches", "tokens"] as const)(
    "start from a segmenter's body, ask by %s, and learn from things",
    async (asks) => {
      const source = await readScenes();
      const segmenter = new ViTSegmenter(sceneViT, { head: "linear", classes: 9 });
      const model = detectorFrom(segmenter, 8, asks);
      const [mine, theirs] = [model, segmenter].map((m) => m.vit.blocks[0].attention.query.weight.data);
      expect(mine.allclose(theirs)).toBe(true);
      const places = (m: typeof model | typeof segmenter) => m.vit.embeddings.positions.data.narrow(0, 0, 65);
      expect(places(model).allclose(places(segmenter))).toBe(true);
      const scenes = denseScenes(source, 2, { seed: 5 });
      const { loss, losses } = model.forward(tensor(scenes.images), { labels: scenes.objects });
      loss?.backward();
      expect(losses?.matches[0].size).toBe(scenes.objects[0].classes.size);
      expect(model.boxPredictor.layers[2].weight.grad?.abs().max().item()).toBeGreaterThan(0);
      const [first] = detect(model, scenes);
      expect(first.boxes.shape).toEqual([asks === "patches" ? 64 : 8, 4]);
      if (asks === "tokens") return;
      // Before anything is learned, boxes lie about where their patches do.
      const centre = first.boxes.select(0, 63).toArray() as number[];
      for (const part of centre.slice(0, 2)) expect(Math.abs(part - 7.5 / 8)).toBeLessThan(0.1);
    },
  );
});
