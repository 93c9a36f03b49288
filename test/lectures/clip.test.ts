import { describe, expect, it } from "vitest";
import { noGrad } from "../../src/autograd";
import { readScenes } from "../../src/data";
import {
  CaptionWords,
  CBOWTower,
  type LockedData,
  locked,
  principalPlane,
  ResNetTower,
  ScenePairs,
  scenePairs,
  sceneWords,
  TransformerTower,
  TwoTowers,
} from "../../src/lectures/clip";
import { emojiSplit } from "../../src/lectures/clip/emoji-pairs";
import { pixelCosines, recalls, retrieval, wordOrder } from "../../src/lectures/clip/retrieval";
import { isHeldOut } from "../../src/lectures/clip/scene-pairs";
import { trainTowers } from "../../src/lectures/clip/train";
import { arange, array, Generator, manualSeed } from "../../src/tensor";

const pairs = await scenePairs(["noto"]);
const words = sceneWords(pairs.sources[0]);

describe("scenes with captions", () => {
  it("training never shows a held-out pair of things, the test nothing else", () => {
    const [train, test] = [
      pairs.some(200, new Generator(1)),
      pairs.some(60, new Generator(1), { heldOut: true }),
    ];
    expect(train.scenes.some(isHeldOut)).toBe(false);
    expect(test.scenes.every(isHeldOut)).toBe(true);
    expect(new Set(test.texts).size).toBe(60);
    const [scene] = test.scenes;
    expect(isHeldOut({ ...scene, groups: [...scene.groups].reverse() })).toBe(true);
  });

  it("hold out about an eighth", async () => {
    const source = await readScenes();
    const generator = new Generator(4);
    const specs = Array.from({ length: 4000 }, () => source.spec(generator, { groups: 2 }));
    const share = specs.filter(isHeldOut).length / specs.length;
    expect(share).toBeGreaterThan(0.09);
    expect(share).toBeLessThan(0.16);
  });

  it("says so when there are not so many captions", () => {
    expect(() => pairs.some(5000, new Generator(1), { single: true })).toThrow(
      /ScenePairs.some: expected count to be about \d+ at most: captions do not repeat, got 5000/,
    );
    expect(() => pairs.some(3, new Generator(1), { single: true, heldOut: true })).toThrow(
      "ScenePairs.some: expected heldOut or single, not both",
    );
    expect(() => pairs.some(3, new Generator(1), { heldout: true } as object)).toThrow("heldOut");
    expect(() => new ScenePairs([])).toThrow("at least one source of scenes");
  });

  it("every word of a caption is known", () => {
    const { ids } = words.encode([...pairs.some(300, new Generator(9), { light: true }).texts]);
    expect(ids.eq(1).sum().item()).toBe(0);
    expect(words.encode(["a zebra"]).ids.toArray()).toEqual([[2, expect.any(Number), 1, 3]]);
    expect(words.encode(Array(130_000).fill("a")).ids.shape).toEqual([130_000, 3]);
    expect(() => new CaptionWords(["a", 1] as string[], 4)).toThrow(
      "CaptionWords: expected each text to be a string, got 1",
    );
  });
});

describe("towers", () => {
  it("the end of the text stands for it, whatever padding follows; a bag of words has no order", () => {
    manualSeed(1);
    const transformer = new TransformerTower(words, 16, 1).eval() as TransformerTower;
    const bag = new CBOWTower(words, 16).eval() as CBOWTower;
    const order = [
      "a cat left of a dog",
      "a dog left of a cat",
      "three police cars above two yellow balloons",
    ];
    for (const tower of [transformer, bag]) {
      const together = noGrad(() => tower.forward(tower.encode(order))).data;
      const alone = noGrad(() => tower.forward(tower.encode(order.slice(0, 1)))).data;
      expect(together.narrow(0, 0, 1).sub(alone).abs().max().item()).toBeLessThan(1e-5);
    }
    const difference = (tower: CBOWTower | TransformerTower) => {
      const x = noGrad(() => tower.forward(tower.encode(order))).data;
      return x.select(0, 0).sub(x.select(0, 1)).abs().max().item();
    };
    expect(difference(bag)).toBeLessThan(1e-6);
    expect(difference(transformer)).toBeGreaterThan(1e-3);
  });

  it("learn: in thirty steps the loss of few pairs falls", () => {
    manualSeed(2);
    const model = new TwoTowers(new ResNetTower({ widths: [8, 16] }), new CBOWTower(words, 32), 16);
    const few = pairs.some(24, new Generator(3));
    const losses: number[] = [];
    trainTowers(model, { steps: 30, lr: 5e-3, batch: () => few, after: (_, loss) => losses.push(loss) });
    expect(losses[0]).toBeGreaterThan(2);
    expect(losses[29]).toBeLessThan(losses[0] / 3);
    const { toText, toImage } = retrieval(model, few);
    expect(toText[2]).toBeGreaterThan(10 / 24);
    expect(toImage[2]).toBeGreaterThan(10 / 24);
    const swapped = few.texts.map((text) => text.split(" ").reverse().join(" "));
    expect(wordOrder(model, few.images, few.texts, swapped)).toBe(0.5); // the same bags
  });
});

describe("a locked text tower", () => {
  const rows = (N: number, F: number) => new Generator(N * F).normal([N, F]);
  const named = (list: string) => list.split(" ").map((en) => ({ label: { en } }));
  const data = {
    train: named("cat dog bus"),
    heldOut: named("cow car"),
    features: [rows(3, 6), rows(3, 6)],
    testTrained: rows(3, 6),
    testNew: rows(2, 6),
    trainTexts: rows(3, 5),
    newTexts: rows(2, 5),
  } as unknown as LockedData;

  it("learns from as few names as there are, in the width of their vectors", () => {
    for (const text of ["locked MiniLM", "from scratch"] as const)
      expect(locked(data, text, { steps: 2 })).toMatchObject({ text, names: 3, newCount: 2 });
  });

  it("says what does not belong together", () => {
    const wrong = (change: object) => () => locked({ ...data, ...change }, "locked MiniLM", { steps: 1 });
    expect(wrong({ newTexts: rows(2, 4) })).toThrow("locked: expected newTexts (2, 5), a row for each name");
    expect(wrong({ testNew: rows(3, 6) })).toThrow("locked: expected testNew (2, 6), a row for each name");
    expect(wrong({ features: [rows(3, 6), rows(3, 7)] })).toThrow("locked: expected features[1] (3, 6)");
    expect(wrong({ features: [] })).toThrow("features of at least one style");
    expect(wrong({ heldOut: [{}] })).toThrow("locked: expected each name to be a string");
  });
});

describe("measures", () => {
  it("recall counts those that are better", () => {
    const scores = array([
      [0.9, 0.1, 0.5],
      [0.3, 0.2, 0.8],
    ]);
    expect(recalls(scores, array([0, 1], { dtype: "int32" }))).toEqual([0.5, 1, 1]);
    expect(recalls(scores, array([2, 2], { dtype: "int32" }))[0]).toBe(0.5);
  });

  it("a picture is most like itself, also when it is darker", () => {
    const { images } = pairs.some(20, new Generator(6));
    const scores = pixelCosines(images.mul(0.5).add(0.1), images);
    expect(scores.argmax(1).toArray()).toEqual(arange(0, 20).toArray());
  });

  it("the plane holds the directions that differ most", () => {
    const random = new Generator(7);
    const [u, v] = [random.normal([50]).mul(9), random.normal([50]).mul(4)];
    const points = random.normal([50, 6]).mul(0.01);
    points.select(1, 2).assign(u);
    points.select(1, 5).assign(v);
    const { x, y } = principalPlane(points)(points);
    const spread = (values: typeof x) => values.square().mean().sqrt().item();
    expect(spread(x)).toBeCloseTo(spread(u.sub(u.mean())), 0);
    expect(spread(y)).toBeCloseTo(spread(v.sub(v.mean())), 0);
  });

  it("the lecture's emoji: a tenth of the concepts is held out", () => {
    const { train, heldOut } = emojiSplit();
    expect(train.length + heldOut.length).toBe(1594 - 573);
    expect(heldOut.length).toBe(102);
    const concepts = new Set(train.map(({ concept }) => concept));
    expect(heldOut.some(({ concept }) => concepts.has(concept))).toBe(false);
  });
});
