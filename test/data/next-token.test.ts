import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CharTokenizer, DataLoader, encodeDocuments, NextTokenDataset } from "../../src/data";
import { Generator } from "../../src/tensor";

const ids = [5, 8, 2, 9, 4, 7, 1, 3];

describe("NextTokenDataset", () => {
  it("shifts targets by one", () => {
    const dataset = new NextTokenDataset(ids, { blockSize: 3 });
    expect(dataset.length).toBe(2);
    const { inputs, targets } = dataset.get(1);
    expect([inputs.dtype, targets.dtype]).toEqual(["int32", "int32"]);
    expect(inputs.toArray()).toEqual([9, 4, 7]);
    expect(targets.toArray()).toEqual([4, 7, 1]);
  });

  it("predicts every token once without stride, all windows with stride 1", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 40 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 8 }),
        (n, blockSize, stride) => {
          fc.pre(n > blockSize);
          const sequence = Array.from({ length: n }, (_, i) => i);
          const dataset = new NextTokenDataset(sequence, { blockSize, stride });
          const last = (dataset.length - 1) * stride + blockSize;
          expect(last).toBeLessThan(n);
          expect(last + stride).toBeGreaterThanOrEqual(n); // one more would not fit
          for (let i = 0; i < dataset.length; i++) {
            const { inputs, targets } = dataset.get(i);
            expect(inputs.toArray()).toEqual(sequence.slice(i * stride, i * stride + blockSize));
            expect(targets.toArray()).toEqual(sequence.slice(i * stride + 1, i * stride + blockSize + 1));
          }
        },
      ),
    );
  });

  it("goes through a loader", () => {
    const dataset = new NextTokenDataset(Int32Array.from(ids), { blockSize: 4, stride: 1 });
    const [{ inputs, targets }] = [
      ...new DataLoader(dataset, { batchSize: 4, shuffle: true, seed: 0 }),
    ] as const;
    expect(inputs.shape).toEqual([4, 4]);
    expect(targets.shape).toEqual([4, 4]);
  });

  it("draws random windows, the first and the last among them", () => {
    const dataset = new NextTokenDataset(ids, { blockSize: 3 });
    const draw = () => dataset.randomBatch(200, new Generator(1));
    const { inputs, targets } = draw();
    expect(inputs.shape).toEqual([200, 3]);
    expect(draw().inputs.toArray()).toEqual(inputs.toArray());
    const firsts = new Set(inputs.select(1, 0).toArray() as number[]);
    expect(firsts).toEqual(new Set([5, 8, 2, 9, 4]));
    expect(targets.narrow(1, 0, 2).toArray()).toEqual(inputs.narrow(1, 1, 2).toArray());
  });

  it("says what is too small", () => {
    expect(() => new NextTokenDataset([1, 2, 3], { blockSize: 3 })).toThrow(
      "expected more than blockSize = 3 ids (a window and its last target), got 3",
    );
    expect(() => new NextTokenDataset(ids, { blockSize: 0 })).toThrow(
      "expected a blockSize of 1 or more, got 0",
    );
    expect(() => new NextTokenDataset(ids, { blockSize: 2, stride: 0 })).toThrow(
      "expected a stride of 1 or more",
    );
    expect(() => new NextTokenDataset(ids, { blockSize: 3 }).get(2)).toThrow(
      "expected an index from 0 to 1, got 2",
    );
  });
});

describe("encodeDocuments", () => {
  const chars = CharTokenizer.train("ab", { specialTokens: ["<bos>", "<eos>"] });

  it("separates documents", () => {
    const texts = ["ab", "", "b"];
    expect([...encodeDocuments(chars, texts)]).toEqual([2, 3, 3]);
    expect([...encodeDocuments(chars, texts, { bos: "<bos>", eos: "<eos>" })]).toEqual([
      0, 2, 3, 1, 0, 1, 0, 3, 1,
    ]);
  });

  it("names a separator the tokenizer does not have", () => {
    expect(() => encodeDocuments(chars, ["a"], { eos: "</s>" })).toThrow(
      'expected eos to be a special token of the tokenizer (it has <bos>, <eos>), got "</s>"',
    );
  });
});
