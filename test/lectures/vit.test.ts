import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { tensor } from "../../src/autograd";
import { readFashionFrom } from "../../src/data/fashion";
import { DRAWN_GROUPS, drawnSubgroups, pretrainedViT, readDrawings } from "../../src/lectures/vit";
import { SmallResNet } from "../../src/lectures/vit/resnet";
import { jitter, predict, trainClassifier } from "../../src/lectures/vit/train";
import { Linear } from "../../src/nn";
import { arange, Generator, manualSeed, zeros } from "../../src/tensor";

describe("jitter", () => {
  const image = arange(0, 12).reshape([1, 1, 3, 4]).to("float32");

  it("without options gives the same image, in memory of its own", () => {
    const same = jitter(image, new Generator(1));
    expect(same.toArray()).toEqual(image.toArray());
    same.fill(-1);
    expect(image.get([0, 0, 0, 1])).toBe(1);
  });

  it("moves by whole pixels and fills up with what is outside", () => {
    const seen = new Set<string>();
    const generator = new Generator(2);
    for (let i = 0; i < 60; i++) {
      const moved = jitter(image, generator, { shift: 1, outside: 99 });
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++) {
          const wanted = Array.from({ length: 12 }, (_, n) => {
            const [y, x] = [Math.floor(n / 4) - dy, (n % 4) - dx];
            return y >= 0 && y < 3 && x >= 0 && x < 4 ? 4 * y + x : 99;
          });
          if (`${wanted}` === `${Array.from(moved.flat())}`) seen.add(`${dy} ${dx}`);
        }
    }
    expect(seen.size).toBe(9); // every move came, and nothing else
  });

  it("mirrors half of the images, each by itself", () => {
    const many = image.expand([200, 1, 3, 4]).contiguous();
    const first = jitter(many, new Generator(3), { mirror: true }).slice(":", 0, 0, 0);
    expect([...new Set(first.flat())].sort()).toEqual([0, 3]);
    expect(first.eq(3).sum().item()).toBeGreaterThan(70);
    expect(first.eq(3).sum().item()).toBeLessThan(130);
  });
});

describe("training to tell classes apart", () => {
  it("learns what a line can tell, and says which class each image is", () => {
    manualSeed(1);
    const images = new Generator(4).normal([300, 1, 2, 3]);
    const labels = images.sum([1, 2, 3]).gt(0).to("int32");
    const model = new Linear(6, 2);
    const logits = (x: ReturnType<typeof tensor>) => model.forward(x.flatten(1));
    trainClassifier(model, logits, { images, labels }, { steps: 150, batch: 32, lr: 0.05, seed: 1 });
    expect(predict(model, logits, images).eq(labels).mean().item()).toBeGreaterThan(0.95);
  });

  it("a residual network gives a score for each class", () => {
    expect(new SmallResNet(3, 4, 7).forward(tensor(zeros([2, 3, 32, 32]))).shape).toEqual([2, 7]);
  });
});

describe("the drawings", () => {
  it("keep concepts that are held out away from those to learn from", async () => {
    const styles = ["noto"] as const;
    const [train, heldOut] = [
      await readDrawings({ part: "train", styles }),
      await readDrawings({ part: "held out", styles }),
    ];
    const concepts = new Set(train.emoji.map(({ concept }) => concept));
    expect(heldOut.emoji.filter(({ concept }) => concepts.has(concept))).toEqual([]);
    expect(train.images.shape).toEqual([train.emoji.length, 3, 32, 32]);
    train.emoji.forEach(({ group, subgroup }, i) => {
      expect(DRAWN_GROUPS[train.groups.get([i])]).toBe(group);
      expect(drawnSubgroups()[train.subgroups.get([i])]).toBe(subgroup);
    });
  });

  it("the pretrained ViT reads them, and has a vector for each patch", () => {
    const { model, classes } = pretrainedViT();
    const { logits, lastHiddenState } = model.forward(tensor(zeros([2, 3, 32, 32])));
    expect(logits.shape).toEqual([2, classes.length]);
    expect(lastHiddenState.shape).toEqual([2, 17, 128]);
  });
});

describe("Fashion-MNIST", () => {
  const folder = mkdtempSync(join(tmpdir(), "fashion-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("comes class by class in turn, without the empty pictures, the last thousand of each class as the test", () => {
    const picture = (...first: number[]) => [...first, ...Array(784 - first.length).fill(0)];
    for (let label = 0; label < 10; label++) {
      const data: number[][] = Array.from({ length: 7000 }, () => []);
      for (const i of [1, 2, 4, 6000, 6999]) data[i] = picture(label, i % 251);
      writeFileSync(join(folder, `${label}.json`), JSON.stringify({ data }));
    }
    const train = readFashionFrom(folder, { limit: 25 });
    expect(train.images.shape).toEqual([25, 28, 28]);
    expect(Array.from(train.labels.flat())).toEqual(Array.from({ length: 25 }, (_, i) => i % 10));
    expect(train.images.get([12, 0, 0])).toBeCloseTo(2 / 255, 6);
    expect(train.images.get([12, 0, 1])).toBeCloseTo(2 / 255, 6); // picture 2 of its class, as 0 is empty
    expect(readFashionFrom(folder).labels.shape).toEqual([30]);
    const test = readFashionFrom(folder, { split: "test", limit: 11 });
    expect(test.images.get([0, 0, 1])).toBeCloseTo((6000 % 251) / 255, 6);
    expect(test.images.get([10, 0, 1])).toBeCloseTo((6999 % 251) / 255, 6);
  });
});
