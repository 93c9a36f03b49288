import { describe, expect, test } from "vitest";
import { tensor } from "../../src/autograd";
import * as nd from "../../src/tensor";
import { array } from "../../src/tensor";

const ints = (values: Parameters<typeof array>[0]) => array(values, { dtype: "int32" });
const list = (x: { toArray(): unknown }) => x.toArray();

describe("types", () => {
  test("integers stay integers where they can", () => {
    const x = ints([1, 2, 3]);
    expect(
      [x.trunc(), x.fmod(2), x.cumprod(0), x.median(), x.tile([2]), x.diag(), x.dot(x)].map((y) => y.dtype),
    ).toEqual(new Array(7).fill("int32"));
    expect([x.tan(), x.log2(), x.atan2(1), x.quantile(0.5), x.histc(2)].map((y) => y.dtype)).toEqual(
      new Array(5).fill("float32"),
    );
    expect(list(ints([-7, 7]).fmod(3))).toEqual([-1, 1]);
    expect(list(ints([8, 1024]).log2())).toEqual([3, 10]);
    expect(list(array([true, false, true]).trunc())).toEqual([1, 0, 1]);
  });

  test("indexAdd and indexPut of whole rows, whatever the strides and the type", () => {
    const picks = Array.from({ length: 41 }, (_, i) => (i * i) % 37);
    for (const dtype of ["float32", "int32"] as const) {
      const [x, source] = [37, 41].map((n) =>
        nd.randn([6, n, 5]).mul(1000).round().to(dtype).permute([1, 2, 0]),
      );
      const [added, put] = [x.toArray(), x.toArray()] as number[][][][];
      picks.forEach((row, i) => {
        for (let j = 0; j < 5; j++) {
          for (let k = 0; k < 6; k++) {
            added[row][j][k] += source.get([i, j, k]);
            put[row][j][k] = source.get([i, j, k]);
          }
        }
      });
      const behind = ints(picks.map((row) => (row % 2 ? row - 37 : row)));
      expect(list(x.indexAdd(0, ints(picks), source))).toEqual(added);
      expect(list(x.indexPut([behind], source, { accumulate: true }))).toEqual(added);
      expect(list(x.indexPut([behind], source))).toEqual(put);
      const along = nd
        .full([41], 0, { dtype: "int32" })
        .add(ints(picks))
        .reshape([41, 1, 1])
        .expand([41, 5, 6]);
      expect(list(x.scatterAdd(0, along, source))).toEqual(added);
      // One index for a part of each row.
      const part = ints(picks).reshape([41, 1, 1]).expand([41, 3, 6]);
      expect(list(x.scatterAdd(0, part, source).slice(":", "3:"))).toEqual(list(x.slice(":", "3:")));
      const outside = ints([3, 37, 40]).reshape([3, 1, 1]).expand([3, 5, 6]);
      expect(() => x.scatterAdd(0, outside, source)).toThrow(
        "scatterAdd: expected indices in [0, 36], got 37 at position [1, 0, 0]",
      );
    }
  });

  test("sums and products of integers never wrap", () => {
    const big = ints([65536, 65536]);
    expect(() => big.cumprod(0)).toThrow("cumprod: expected a number that int32 holds");
    expect(() => ints([2 ** 31 - 1]).indexAdd(0, ints([0]), ints([1]))).toThrow("that int32 holds");
    expect(() => ints([0, 0]).bincount({ weights: ints([2 ** 31 - 1, 1]) })).toThrow(
      "bincount: expected a number",
    );
    expect(
      ints([2 ** 31 - 1])
        .isClose(ints([-(2 ** 31)]))
        .item(),
    ).toBe(0);
    expect(ints([2 ** 24 + 1]).equal(array([2 ** 24]))).toBe(true); // both as float32
  });
});

describe("edges", () => {
  test("of nothing", () => {
    const none = nd.zeros([0, 3]);
    expect(none.chunk(2).map((x) => x.shape)).toEqual([
      [0, 3],
      [0, 3],
    ]);
    expect(none.nonzero().shape).toEqual([0, 2]);
    expect(none.unique().values.shape).toEqual([0]);
    expect(none.unique(0).values.shape).toEqual([0, 3]);
    expect(none.unique(1).values.shape).toEqual([0, 1]); // three columns of nothing are alike
    expect(list(none.unique(1).counts)).toEqual([3]);
    expect(none.tile([2, 2]).shape).toEqual([0, 6]);
    expect(none.equal(nd.zeros([0, 3]))).toBe(true);
    expect(none.maskedSelect(none.gt(0)).shape).toEqual([0]);
    expect(() => none.median()).toThrow("median: expected at least one element to choose from");
    expect(nd.zeros([0]).histc(3).toArray()).toEqual([0, 0, 0]);
    expect(nd.zeros([0], { dtype: "int32" }).bincount({ minLength: 2 }).toArray()).toEqual([0, 0]);
  });

  test("places may be counted from the end, as in PyTorch's index_put", () => {
    const x = nd.arange(0, 6).reshape([2, 3]);
    expect(list(x.indexPut([ints([-1]), ints([0])], 9))).toEqual([
      [0, 1, 2],
      [9, 4, 5],
    ]);
    expect(list(x.indexPut([ints([-2, 0]), ints([-3, -1])], array([7, 8])))).toEqual([
      [7, 1, 8],
      [3, 4, 5],
    ]);
    expect(list(x.indexPut([array([-1, 1])], 10, { accumulate: true }))).toEqual([
      [0, 1, 2],
      [23, 24, 25],
    ]);
  });

  test("of scalars", () => {
    const five = array(5);
    expect(nd.meshgrid([array([1, 2]), five]).map(list)).toEqual([
      [[1], [2]],
      [[5], [5]],
    ]);
    expect(five.nonzero().shape).toEqual([1, 0]);
    expect(five.median().item()).toBe(5);
    expect(list(five.tile([2]))).toEqual([5, 5]);
    expect(list(five.maskedSelect(array(true)))).toEqual([5]);
    expect(five.cumprod(0).item()).toBe(5);
  });

  test("different rows: of views, with NaN, which equals nothing, and −0, which equals 0", () => {
    const rows = array([
      [0, 1],
      [Number.NaN, 1],
      [-0, 1],
      [Number.NaN, 1],
    ]);
    const { values, inverse, counts } = rows.unique(0);
    expect(list(values)).toEqual([
      [0, 1],
      [Number.NaN, 1],
      [Number.NaN, 1],
    ]);
    expect([list(inverse), list(counts)]).toEqual([
      [0, 1, 0, 2],
      [2, 1, 1],
    ]);
    expect(list(rows.transpose().flip(0).unique(-1).counts)).toEqual([2, 1, 1]);
    expect(values.indexSelect(0, inverse).isClose(rows, { equalNan: true }).all().item()).toBe(1);
  });

  test("what is repeated has memory of its own, also repeated once", () => {
    const x = array([[1], [2]]);
    for (const y of [x.tile([1, 1]), x.repeat([1, 3])]) {
      y.fill(9);
      expect(list(x)).toEqual([[1], [2]]);
    }
  });

  test("allclose, equal, NaN and infinities", () => {
    const nan = array([Number.NaN, 1]);
    expect([nan.allclose(nan), nan.allclose(nan, { equalNan: true }), nan.equal(nan)]).toEqual([
      false,
      true,
      false,
    ]);
    expect(array([1]).allclose(1 + 1e-6)).toBe(true);
    expect(array([Number.POSITIVE_INFINITY]).allclose(Number.NEGATIVE_INFINITY)).toBe(false);
    expect(array([1, 1]).equal(array([1]))).toBe(false);
    expect(tensor([1]).allclose(array([1]))).toBe(true);
    expect(nd.lerp(array([0.1]), array([0.7]), 1).equal(array([0.7]))).toBe(true);
    expect(list(array([Number.POSITIVE_INFINITY]).nanToNum())).toEqual([3.4028234663852886e38]);
  });
});

describe("errors", () => {
  const x = array([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  test.each<[() => unknown, string]>([
    [() => x.slice(ints([1])), "slice: expected a bool mask"],
    [() => x.slice(array([true])), "slice: expected a mask of shape (2,) at place 0"],
    [() => x.slice(array([true, false]), array([true, false, true])), "slice: expected one mask at most"],
    [() => x.maskedSelect(x), "maskedSelect: expected a bool mask"],
    [() => x.maskedSelect(tensor([true]) as never), "maskedSelect: expected mask to be an NDArray"],
    [() => x.scatter(1, ints([[3]]), 0), "scatter: expected indices in [0, 2], got 3"],
    [() => ints([1]).scatter(0, ints([0]), 0.5), "scatter: expected a whole number for int32, got 0.5"],
    [() => x.indexPut([ints([2])], 0), "indexPut: expected indices in [-2, 1], got 2"],
    [() => x.indexPut([ints([0, -3])], 0), "indexPut: expected indices in [-2, 1], got -3 at position 1"],
    [() => x.indexPut(ints([2]) as never, 0), "indexPut: expected indices to be a list"],
    [() => x.indexAdd(0, ints([0]), x), "indexAdd: expected a list as index"],
    [() => nd.ones([2]).indexAdd(0, ints([2]), nd.ones([1])), "indexAdd: expected indices in [0, 1], got 2"],
    [() => x.takeAlongDim(ints([0]), 1), "takeAlongDim: expected an index with the 2 axes of (2, 3)"],
    [() => x.unique(2), "unique: axis must be an integer in [-2, 1]"],
    [() => array(5).unique(0), "unique: expected an array with an axis, got shape ()"],
    [() => x.chunk(0), "chunk: expected count to be a whole number >= 1, got 0"],
    [() => x.repeat([2]), "repeat: expected a count for each axis of (2, 3)"],
    [() => x.dot(x), "dot: expected two vectors"],
    [() => x.quantile(1.5), "quantile: expected q, or each of a list of them, in [0, 1]"],
    [() => x.isClose(array([1, 2])), "isClose: shapes (2, 3) and (2,) do not broadcast"],
    [() => array([0.5]).bincount(), "bincount: expected indices in"],
    [() => nd.cdist(x, array([[1]])), "cdist: expected a (…, P, C) and b (…, R, C)"],
    [() => nd.vstack([]), "vstack: expected at least one array"],
    [() => nd.meshgrid([x]), "meshgrid: expected vectors, got"],
    [() => (x as never as Record<string, () => void>).view(), "ours is reshape"],
    [() => (x as never as Record<string, () => void>).split(), "ours is split(x, sizes, axis)"],
  ])("%s", (run, message) => {
    expect(run).toThrow(message);
  });
});
