import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readMnist } from "../../src/data";
import { readIdx } from "../../src/data/idx";
import { loadPackage, packageFolder } from "../../src/data/packages";

describe("readMnist", () => {
  it("reads what MNIST is known to hold", () => {
    const { images, labels } = readMnist();
    expect(images.shape).toEqual([60_000, 28, 28]);
    expect(labels.shape).toEqual([60_000]);
    expect([images.dtype, labels.dtype]).toEqual(["float32", "int32"]);
    expect([images.min().item(), images.max().item()]).toEqual([0, 1]);
    expect(images.mean().item()).toBeCloseTo(0.1307, 4); // as the literature normalises it
    const counts = Array.from({ length: 10 }, (_, digit) => labels.eq(digit).sum().item());
    expect(counts).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
  });

  it("reads a piece of a split, the same digits as in the whole", () => {
    const few = readMnist({ split: "test", start: 3, limit: 4 });
    const more = readMnist({ split: "test", limit: 10 });
    expect(Array.from(more.labels.flat())).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    expect(Array.from(few.labels.flat())).toEqual([0, 4, 1, 4]);
    expect(few.images.flat()).toEqual(more.images.slice("3:7").flat());
    expect(readMnist({ split: "test", start: 9_998 }).labels.shape).toEqual([2]);
  });

  it("refuses what is not there", () => {
    expect(() => readMnist({ split: "validation" as "test" })).toThrow('split "train" or "test"');
    expect(() => readMnist({ limit: 0 })).toThrow("limit to be a whole number >= 1, got 0");
    expect(() => readMnist({ split: "test", start: 10_000 })).toThrow("expected a start below 10000");
  });
});

describe("readIdx", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "idx-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = (bytes: number[]) => {
    const name = path.join(folder, `${bytes.length}-${bytes[2]}`);
    writeFileSync(name, Uint8Array.from(bytes));
    return name;
  };
  const good = [0, 0, 8, 2, 0, 0, 0, 3, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6];

  it("reads items from the middle", () => {
    expect(readIdx(file(good))).toEqual({ shape: [3, 2], bytes: Uint8Array.of(1, 2, 3, 4, 5, 6) });
    expect(readIdx(file(good), 1, 1)).toEqual({ shape: [1, 2], bytes: Uint8Array.of(3, 4) });
    expect(readIdx(file(good), 2, 9)).toEqual({ shape: [1, 2], bytes: Uint8Array.of(5, 6) });
    expect(readIdx(file(good), 7)).toEqual({ shape: [0, 2], bytes: new Uint8Array() });
  });

  it("names a file that is damaged or is something else", () => {
    expect(() => readIdx(file(good.slice(0, -1)))).toThrow("expected 18 bytes, as its header says, got 17");
    expect(() => readIdx(file([...good, 7]))).toThrow("expected 18 bytes, as its header says, got 19");
    expect(() => readIdx(file(good.with(2, 13)))).toThrow("expected an IDX file of unsigned bytes");
    expect(() => readIdx(file([0, 0, 8, 2, 0]))).toThrow("expected 8 bytes from byte 4 on, got 1");
    expect(() => readIdx(file([]))).toThrow("expected 4 bytes from byte 0 on, got 0");
  });
});

describe("a package with data", () => {
  it("that is not installed is asked for by name", () => {
    const words =
      "readX: expected the npm package no-such-data, which is not installed; run `npm install no-such-data`";
    expect(() => packageFolder("readX", "no-such-data")).toThrow(words);
    expect(() => loadPackage("readX", "no-such-data")).toThrow(words);
  });
});
