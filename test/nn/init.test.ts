import { describe, expect, test } from "vitest";
import { init, meta } from "../../src/nn";
import { eye, Generator } from "../../src/tensor";

const shape = [60, 50, 2, 3]; // fanIn 300, fanOut 360
const options = () => ({ generator: new Generator(2), dtype: "float64" as const });

describe("spread", () => {
  test.each([
    ["xavierUniform", init.xavierUniform(shape, options()), Math.sqrt(6 / 660)],
    ["xavierUniform, gain 2", init.xavierUniform(shape, { gain: 2, ...options() }), 2 * Math.sqrt(6 / 660)],
    ["kaimingUniform", init.kaimingUniform(shape, options()), Math.sqrt(6 / 300)],
    [
      "kaimingUniform, fan out",
      init.kaimingUniform(shape, { mode: "fanOut", ...options() }),
      Math.sqrt(6 / 360),
    ],
    [
      "kaimingUniform, a √5",
      init.kaimingUniform(shape, { a: Math.sqrt(5), ...options() }),
      1 / Math.sqrt(300),
    ],
    ["uniform", init.uniform([60, 300], { low: -3, high: 3, ...options() }), 3],
  ])("%s fills ±bound evenly", (_, w, bound) => {
    const largest = w.abs().max().item();
    expect(largest).toBeLessThanOrEqual(bound);
    expect(largest).toBeGreaterThan(0.999 * bound);
    expect(w.std().item() / (bound / Math.sqrt(3))).toBeCloseTo(1, 1);
  });

  test.each([
    ["xavierNormal", init.xavierNormal(shape, options()), Math.sqrt(2 / 660)],
    ["kaimingNormal", init.kaimingNormal(shape, options()), Math.sqrt(2 / 300)],
    ["normal", init.normal([60, 300], { mean: 5, std: 0.5, ...options() }), 0.5],
  ])("%s has its standard deviation", (_, w, std) => {
    expect(w.std().item() / std).toBeCloseTo(1, 1);
  });

  test.each([[[5, 9]], [[9, 5]], [[7, 7]], [[6, 2, 3, 4]]])("orthogonal %j keeps lengths", (shape) => {
    const w = init.orthogonal(shape, { gain: 3, ...options() }).reshape([shape[0], -1]);
    const isWide = w.shape[0] < w.shape[1];
    const products = isWide ? w.matmul(w.transpose()) : w.transpose().matmul(w);
    const identity = eye(products.shape[0], products.shape[0], { dtype: "float64" }).mul(9);
    expect(products.sub(identity).abs().max().item()).toBeLessThan(1e-12);
    expect(init.orthogonal(shape).dtype).toBe("float32");
  });

  test("orthogonal is drawn evenly: no entry, and no sign, is preferred", () => {
    const generator = new Generator(4);
    let sum = 0;
    for (let i = 0; i < 400; i++) sum += init.orthogonal([3, 3], { generator }).get([0, 0]);
    expect(Math.abs(sum / 400)).toBeLessThan(0.1); // of std 0.58 / 20
    expect(() => init.orthogonal([3])).toThrow("orthogonal: expected a weight with at least 2 axes");
    expect(meta(() => init.orthogonal([3, 4])).shape).toEqual([3, 4]);
  });

  test("truncatedNormal stays inside", () => {
    const w = init.truncatedNormal([1000], { mean: 1, low: 0, high: 1.5, ...options() });
    expect(w.min().item()).toBeGreaterThanOrEqual(0);
    expect(w.max().item()).toBeLessThanOrEqual(1.5);
  });

  test("constants", () => {
    expect(init.constant([2], 7).toArray()).toEqual([7, 7]);
    expect(init.ones([2], { dtype: "float64" }).dtype).toBe("float64");
  });
});

test("the same generator gives the same numbers, another others", () => {
  const draw = (seed: number) => init.normal([4], { generator: new Generator(seed) }).toArray();
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test("a vector has no fans", () => {
  expect(() => init.xavierUniform([3])).toThrow(
    "xavierUniform: expected a weight with at least 2 axes (out, in), got (3,)",
  );
});

test("inside meta, shapes without memory, and no random numbers used up", () => {
  const generator = new Generator(3);
  const w = meta(() => init.normal([1000, 1000], { generator }));
  expect([w.shape, w.data.length]).toEqual([[1000, 1000], 1]);
  expect(generator.normal([2]).toArray()).toEqual(new Generator(3).normal([2]).toArray());
});
