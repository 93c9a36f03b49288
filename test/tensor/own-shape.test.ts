import { manualSeed, nd, tensor } from "gradschool";
import { describe, expect, it } from "vitest";

/** A list as a program without types may change it. */
const list = (numbers: readonly number[]) => numbers as number[];

describe("a shape belongs to its array", () => {
  const makers: [string, (shape: number[]) => nd.NDArray][] = [
    ["zeros", (shape) => nd.zeros(shape)],
    ["ones", (shape) => nd.ones(shape)],
    ["full", (shape) => nd.full(shape, 2)],
    ["empty", (shape) => nd.empty(shape)],
    ["fromStorage", (shape) => nd.fromStorage(new Float32Array(6), shape)],
    ["rand", (shape) => nd.rand(shape)],
    ["randn", (shape) => nd.randn(shape)],
    ["randint", (shape) => nd.randint(0, 9, shape)],
    ["bernoulli", (shape) => new nd.Generator(0).bernoulli(shape)],
    ["reshape", (shape) => nd.arange(0, 6).reshape(shape)],
    ["reshape to its own", (shape) => nd.ones([2, 3]).reshape(shape)],
    ["expand", (shape) => nd.ones([1, 3]).expand(shape)],
    ["expand to its own", (shape) => nd.ones([2, 3]).expand(shape)],
    ["Tensor.reshape", (shape) => tensor([1, 2, 3, 4, 5, 6]).reshape(shape).data],
    ["new NDArray", (shape) => new nd.NDArray({ ...raw(), shape })],
  ];
  const raw = () => ({ data: new Float32Array(6), dtype: "float32" as const, strides: [3, 1], offset: 0 });

  it.each(makers)("%s does not keep the caller's list", (_, make) => {
    manualSeed(0);
    const shape = [2, 3];
    const x = make(shape);
    shape[0] = 5;
    shape.push(7);
    expect(x.shape).toEqual([2, 3]);
    expect(x.size).toBe(6);
    expect(x.add(1).toArray()).toHaveLength(2);
  });

  it("strides given to the constructor are copied too", () => {
    const strides = [3, 1];
    const x = new nd.NDArray({ ...raw(), data: Float32Array.of(0, 1, 2, 3, 4, 5), shape: [2, 3], strides });
    strides[0] = 0;
    expect(x.strides).toEqual([3, 1]);
    expect(x.toArray()).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
  });

  const a = nd.arange(0, 6).reshape([2, 3]);
  const arrays: [string, nd.NDArray][] = [
    ["an array", nd.ones([2, 3])],
    ["a result", a.add(1)],
    ["a transpose", a.transpose()],
    ["a slice", a.slice("1:")],
    ["a broadcast", a.unsqueeze(0).expand([4, 2, 3])],
    ["a reduction", a.sum(0)],
    ["a product", a.to("float32").matmul(a.to("float32").transpose())],
    ["a scalar", nd.full([], 1)],
    ["a concat", nd.concat([a, a])],
    ["a flip", a.flip(0)],
  ];
  it.each(arrays)("shape and strides of %s cannot be changed", (_, x) => {
    const before = { shape: [...x.shape], strides: [...x.strides], text: x.toString() };
    for (const own of [list(x.shape), list(x.strides), list(tensor(x).shape)]) {
      expect(Object.isFrozen(own)).toBe(true);
      expect(() => own.push(9)).toThrow(TypeError);
      expect(() => {
        own[0] = 9;
      }).toThrow(TypeError);
      expect(() => own.reverse().sort().splice(0, 1, 4)).toThrow(TypeError);
    }
    expect({ shape: [...x.shape], strides: [...x.strides], text: x.toString() }).toEqual(before);
  });

  it("equal shapes are told by one list, with no -0 in it", () => {
    expect(nd.ones([2, 3]).shape).toBe(nd.zeros([2, 3]).shape);
    expect(nd.ones([1]).expand([3]).flip(0).strides).toEqual([0]);
  });

  it("a program that makes ever new shapes keeps no more than some of them", () => {
    for (let n = 1; n <= 25_000; n++) expect(nd.empty([n, 0]).shape[0]).toBe(n);
  });
});
