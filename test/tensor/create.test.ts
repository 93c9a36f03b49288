import { describe, expect, it } from "vitest";
import {
  arange,
  array,
  dims,
  empty,
  eye,
  fromStorage,
  full,
  linspace,
  type Nested,
  oneHot,
  ones,
  onesLike,
  zeros,
  zerosLike,
} from "../../src/tensor";

describe("array", () => {
  it("reads nested lists: float32, bool for booleans, or what is asked for", () => {
    expect(
      array([
        [1, 2],
        [3, 4],
      ]).shape,
    ).toEqual([2, 2]);
    expect(array([1, 2]).dtype).toBe("float32");
    expect(array([[true], [false]]).dtype).toBe("bool");
    expect(array([1, 2], { dtype: "int32" }).dtype).toBe("int32");
    expect(array([0, 5], { dtype: "bool" }).toArray()).toEqual([false, true]);
    expect(array([true, 2]).toArray()).toEqual([1, 2]);
    expect(array(3).shape).toEqual([]);
    expect(array([]).shape).toEqual([0]);
    expect(array([[], []]).shape).toEqual([2, 0]);
  });

  it("goes back by toArray", () => {
    for (const list of [5, [], [[]], [1, 2], [[1], [2]], [[[1, 2]], [[3, 4]]], [true, false]] as Nested[]) {
      expect(array(list).toArray()).toEqual(list);
    }
  });

  it("says where a list is ragged or holds something else", () => {
    expect(() => array([[1, 2], [3]])).toThrow(
      "array: ragged list, expected 2 entries at [1], got a list of 1",
    );
    expect(() => array([[1], 2])).toThrow("array: ragged list, expected 1 entries at [1], got 2");
    expect(() => array([1, [2]])).toThrow("array: expected a number or boolean at [1], got a list of 1");
    expect(() => array(["a"] as unknown as Nested)).toThrow(
      'array: expected a number or boolean at [0], got "a"',
    );
  });
});

describe("fromStorage", () => {
  it("shares memory", () => {
    const data = new Int32Array([1, 2, 3, 4]);
    const x = fromStorage(data, [2, 2]);
    x.set([1, 1], 9);
    expect(data[3]).toBe(9);
    expect(x.data).toBe(data);
    expect(fromStorage(new Uint8Array([0, 1])).toArray()).toEqual([false, true]);
    expect(() => fromStorage(data, [3])).toThrow("fromStorage: expected 3 elements for shape (3,), got 4");
  });
});

describe("filled arrays", () => {
  it("zeros, ones, full and the like of another", () => {
    expect(zeros([2]).toArray()).toEqual([0, 0]);
    expect(ones([], { dtype: "int32" }).item()).toBe(1);
    expect(full([2, 1], 0.5).toArray()).toEqual([[0.5], [0.5]]);
    expect(full([1], 3, { dtype: "bool" }).toArray()).toEqual([true]);
    expect(onesLike(zeros([2], { dtype: "float64" })).dtype).toBe("float64");
    expect(zerosLike(ones([2]), { dtype: "int32" }).toArray()).toEqual([0, 0]);
    expect(() => empty([2.5])).toThrow("empty: a shape is an array of sizes >= 0 such as [2, 3], got (2.5,)");
    expect(() => zeros(3 as unknown as number[])).toThrow(
      "a shape is an array of sizes >= 0 such as [2, 3], got 3",
    );
  });

  it("arange counts without its end", () => {
    expect(arange(0, 5).toArray()).toEqual([0, 1, 2, 3, 4]);
    expect(arange(0, 5).dtype).toBe("int32");
    expect(arange(5, 0, -2).toArray()).toEqual([5, 3, 1]);
    expect(arange(0, 1, 0.1).shape).toEqual([10]);
    expect(arange(0, 1, 0.25, { dtype: "float64" }).toArray()).toEqual([0, 0.25, 0.5, 0.75]);
    expect(arange(2, 2).shape).toEqual([0]);
    expect(arange(-(2 ** 31), 2 ** 31, 2 ** 30).toArray()).toEqual([-(2 ** 31), -(2 ** 30), 0, 2 ** 30]);
    expect(arange(2 ** 31 - 1, -(2 ** 31), -3e9).toArray()).toEqual([2147483647, -852516353]);
    expect(arange(-1, 1, 0.5, { dtype: "bool" }).toArray()).toEqual([true, true, false, true]);
    expect(arange(0, 3, 0.5, { dtype: "int32" }).toArray()).toEqual([0, 0, 1, 1, 2, 2]);
    const many = arange(7, 7 + 3 * 5000, 3).flat();
    expect(many.every((value, i) => value === 7 + 3 * i)).toBe(true);
    expect(linspace(-1, 1, 3, { dtype: "bool" }).toArray()).toEqual([true, false, true]);
    expect(linspace(0, 3, 1).toArray()).toEqual([0]);
    for (const bad of [
      [0, 5, -1],
      [0, 5, 0],
      [0, Number.POSITIVE_INFINITY, 1],
    ]) {
      expect(() => arange(bad[0], bad[1], bad[2])).toThrow(
        "arange: expected finite bounds and a step that leads from the first to the second, got 0, ",
      );
    }
  });

  it("linspace holds both ends exactly", () => {
    expect(linspace(0, 1, 5).toArray()).toEqual([0, 0.25, 0.5, 0.75, 1]);
    const x = linspace(0.1, 0.7, 7, { dtype: "float64" });
    expect([x.get([0]), x.get([6])]).toEqual([0.1, 0.7]);
    expect(linspace(3, 9, 1).toArray()).toEqual([3]);
    expect(linspace(3, 9, 0).shape).toEqual([0]);
  });

  it("eye and oneHot", () => {
    expect(eye(2, 3).toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    const y = oneHot(array([[2], [0]]), 3);
    expect(y.toArray()).toEqual([[[0, 0, 1]], [[1, 0, 0]]]);
    expect(y.dtype).toBe("int32");
    expect(() => oneHot(array([3]), 3)).toThrow("oneHot: expected indices in [0, 2], got 3 at position 0");
  });
});

describe("dims", () => {
  it("names the axes of a shape and checks them", () => {
    const { B, T, C } = dims("attention", [2, 3, 4], "B T C");
    expect([B, T, C]).toEqual([2, 3, 4]);
    expect(dims("square", [3, 3], "N N").N).toBe(3);
    expect(() => dims("attention", [2, 3], "B T C")).toThrow(
      "attention: expected 3 axes (B, T, C), got shape (2, 3)",
    );
    expect(() => dims("square", [3, 4], "N N")).toThrow(
      "square: expected axis 1 of (N, N) to be 3, got 4 in shape (3, 4)",
    );
    expect(() => dims("rgb", [8, 4], "B 3")).toThrow(
      "rgb: expected axis 1 of (B, 3) to be 3, got 4 in shape (8, 4)",
    );
  });
});
