import { describe, expect, it } from "vitest";
import { tensor } from "../../src/autograd";
import { collate, padSequences } from "../../src/data";
import * as nd from "../../src/tensor";
import {
  arange,
  array,
  einsum,
  fold2d,
  fromStorage,
  full,
  type Nested,
  oneHot,
  zeros,
} from "../../src/tensor";

const int = (values: Nested) => array(values, { dtype: "int32" });
const [max, min] = [2 ** 31 - 1, -(2 ** 31)];

describe("sums of integers are exact, or an error", () => {
  it("sum, prod and cumsum name the remedy", () => {
    for (const op of ["sum", "prod"] as const) {
      expect(() => int([max, max])[op]()).toThrow(
        `${op}: expected a number that int32 holds (−2147483648 to 2147483647), got`,
      );
      expect(() => int([max, max])[op]()).toThrow('float64 holds it: to("float64")');
      expect(() =>
        int([
          [1, max],
          [1, max],
        ])[op](0),
      ).toThrow("at position 1");
    }
    expect(() => int([1, max, 5]).cumsum(0)).toThrow("cumsum: expected a number that int32 holds");
    expect(int([max, max]).to("float64").sum().item()).toBe(2 * max);
  });

  it("fit where only a sum on the way would not", () => {
    expect(int([max, max, -max, -1]).sum().item()).toBe(max - 1);
    const long = zeros([5_000_000], { dtype: "int32" });
    for (let i = 0; i < 5_000_000; i++) long.data[i] = i < 2_500_000 ? max : -max;
    long.data[0] -= 3;
    expect(long.sum().item()).toBe(-3);
  });

  it("reach both ends of int32", () => {
    expect(
      int([max - 1, 1])
        .sum()
        .item(),
    ).toBe(max);
    expect(
      int([min + 1, -1])
        .sum()
        .item(),
    ).toBe(min);
    expect(int([65536, -32768]).prod().item()).toBe(min);
    expect(int([max, max, max, max, max, 0]).prod().item()).toBe(0);
    expect(
      int([max - 1, 1])
        .cumsum(0)
        .toArray(),
    ).toEqual([max - 1, max]);
    expect(fromStorage(new Uint8Array(300).fill(1)).sum().item()).toBe(300);
  });

  it("mean and var do not go through float32", () => {
    // 16777217 is the first whole number that float32 does not hold.
    expect(int([16777217, -16777216]).mean().item()).toBe(0.5);
    expect(int([max, max]).mean().item()).toBe(Math.fround(max));
    expect(int([100_000_000, 100_000_001]).var().item()).toBe(0.5);
    expect(int([100_000_000, 100_000_001]).std().item()).toBe(Math.fround(Math.sqrt(0.5)));
    expect(int([1, 2]).mean().dtype).toBe("float32");
  });

  it("matmul, einsum and convolutions", () => {
    const a = int([[46341, 0]]);
    expect(() => a.matmul(int([[46341], [0]]))).toThrow("matmul: expected a number that int32 holds");
    expect(() => int([max, -max]).matmul(int([max, max]))).toThrow("matmul: expected integers whose sums");
    expect(
      int([[max, -1]])
        .matmul(int([[1], [1]]))
        .item(),
    ).toBe(max - 1);
    expect(() => einsum("i,i->", int([max, 1]), int([1, 1]))).toThrow("int32 holds");
    expect(
      int([
        [2, 3],
        [4, 5],
      ])
        .matmul(
          int([
            [1, 2],
            [3, 4],
          ]),
        )
        .toArray(),
    ).toEqual([
      [11, 16],
      [19, 28],
    ]);
    const columns = int([[[max], [1], [2], [3]]]);
    expect(fold2d(columns, [2, 2], { kernelSize: 2 }).toArray()).toEqual([
      [
        [
          [max, 1],
          [2, 3],
        ],
      ],
    ]);
    const twice = int([[[max, 1]]]).expand([1, 1, 2]);
    expect(() => fold2d(twice, [1, 1], { kernelSize: 1, stride: 1 })).toThrow();
    const over = int([
      [
        [1, max],
        [2, 1],
      ],
    ]);
    expect(() => fold2d(over, [1, 3], { kernelSize: [1, 2], stride: 1 })).toThrow(
      "fold2d: expected a number",
    );
  });

  it("scatterAdd: also of bools, which do not run round at 256", () => {
    expect(() => int([max]).scatterAdd(0, int([0]), int([1]))).toThrow("scatterAdd: expected a number");
    expect(
      int([max, 5])
        .scatterAdd(0, int([1, 1]), int([2, 3]))
        .toArray(),
    ).toEqual([max, 10]);
    const hits = zeros([1], { dtype: "bool" }).scatterAdd(
      0,
      zeros([256], { dtype: "int32" }),
      full([256], 1),
    );
    expect(hits.toArray()).toEqual([true]);
    expect(
      oneHot(int([2, 0]), 3)
        .sum(0)
        .toArray(),
    ).toEqual([1, 0, 1]);
  });

  it("scatterAdd: exact up to the last that fits, and the same of many as of few", () => {
    // 100 places of 7, of which place 3 gets more than its share.
    const n = 4099;
    const index = int(Array.from({ length: n }, (_, i) => (i % 10 === 0 ? 3 : i % 100)));
    const hits = index.eq(3).sum().item() as number;
    for (const [value, start] of [
      [1, max - hits],
      [-1, min + hits],
      [500_000, max - hits * 500_000],
    ]) {
      const base = full([100], 7, { dtype: "int32" });
      base.data[3] = start;
      const source = full([n], value, { dtype: "int32" });
      expect(base.scatterAdd(0, index, source).data[3]).toBe(value > 0 ? max : min);
      base.data[3] += value > 0 ? 1 : -1;
      expect(() => base.scatterAdd(0, index, source)).toThrow(
        `scatterAdd: expected a number that int32 holds (−2147483648 to 2147483647), got ${value > 0 ? max + 1 : "-2147483649"} at position 3`,
      );
    }
    // A sum on the way that does not fit.
    const there = int([max, 0]).scatterAdd(0, int([0, 0, 1, 0]), int([5, 6, -9, -12]));
    expect(there.toArray()).toEqual([max - 1, -9]);
  });

  it("element by element they wrap, as in PyTorch, with exact low bits", () => {
    const x = [max, min, 100_003, -7];
    expect(int(x).square().toArray()).toEqual(x.map((v) => Math.imul(v, v)));
    expect(int(x).square().toArray()).toEqual(int(x).mul(int(x)).toArray());
    expect(int(x).square().toArray()).toEqual(int(x).pow(2).toArray());
    expect(int([min]).neg().item()).toBe(min);
    expect(int([min]).abs().item()).toBe(min);
    expect(int([max]).add(1).item()).toBe(min);
    expect(int([min]).remainder(-1).item()).toBe(0);
  });
});

describe("a number that does not fit a type is an error", () => {
  const nan = Number.NaN;
  it.each<[string, () => unknown]>([
    ["array", () => int([1, 3e9])],
    ["array", () => int([[1], [nan]])],
    ["array", () => array([1e300])],
    ["array", () => tensor([3e9], { dtype: "int32" })],
    ["full", () => full([2], 3e9, { dtype: "int32" })],
    ["full", () => full([2], 1e300)],
    ["fill", () => int([1]).fill(-3e9)],
    [
      "fill",
      () =>
        int([[1, 2]])
          .transpose()
          .select(1, 0)
          .fill(Number.POSITIVE_INFINITY),
    ],
    ["set", () => int([1]).set([0], 2 ** 31)],
    ["arange", () => arange(2 ** 31, 2 ** 31 + 3)],
    ["arange", () => arange(1e9, 4e9, 1e9)],
    ["linspace", () => nd.linspace(0, 3e9, 3, { dtype: "int32" })],
    ["maskedFill", () => array([1]).maskedFill(array([true]), 1e300)],
    ["pad", () => int([1]).pad([[1, 0]], 3e9)],
    ["to", () => array([3e9]).to("int32")],
    ["to", () => array([1, nan]).to("int32")],
    ["to", () => array([[-2147483649]], { dtype: "float64" }).to("int32")],
    ["assign", () => int([1]).assign(array([3e9]))],
    ["collate", () => collate([new Uint32Array([4e9])] as never)],
    ["padSequences", () => padSequences([[1, 3e9]])],
    ["padSequences", () => padSequences([[1], [1, 2]], { value: nan })],
  ])("%s", (op, run) => {
    expect(run).toThrow(new RegExp(`^(${op}|fill): expected a number that (int32|float32) holds .*, got `));
  });

  it("says where it stands, and what holds it", () => {
    expect(() =>
      int([
        [1, 2],
        [3, 3e9],
      ]),
    ).toThrow(
      "array: expected a number that int32 holds (−2147483648 to 2147483647), got 3000000000 at position [1, 1]; float64 holds it",
    );
    expect(() => array([nan]).to("int32")).toThrow("got NaN at position 0; floats hold it");
  });

  it("fits: fractions are dropped, infinities are floats, ends are reached", () => {
    expect(int([max, min, 2.9, -2.9]).toArray()).toEqual([max, min, 2, -2]);
    expect(array([2147483647.9, -2147483648.9], { dtype: "float64" }).to("int32").toArray()).toEqual([
      max,
      min,
    ]);
    expect(array([Number.POSITIVE_INFINITY, nan]).toArray()).toEqual([Number.POSITIVE_INFINITY, nan]);
    expect(array([3.4e38]).item()).toBe(Math.fround(3.4e38));
    expect(arange(2 ** 31, 2 ** 31 + 3, 1, { dtype: "float64" }).toArray()).toEqual([
      2 ** 31,
      2 ** 31 + 1,
      2 ** 31 + 2,
    ]);
    expect(array([1]).add(1e300).item()).toBe(Number.POSITIVE_INFINITY); // arithmetic overflows, as in PyTorch
  });

  it("a bool holds 0 and 1, whatever comes", () => {
    expect(arange(0, 3, 1, { dtype: "bool" }).to("int32").toArray()).toEqual([0, 1, 1]);
    expect(nd.linspace(0, 0.5, 2, { dtype: "bool" }).toArray()).toEqual([false, true]);
    expect(array([0.2, 0]).to("bool").toArray()).toEqual([true, false]);
    expect(
      array([true])
        .pad([[1, 1]], 7)
        .to("int32")
        .toArray(),
    ).toEqual([1, 1, 1]);
    expect(
      new nd.Generator(1).integers([9], { low: 2, high: 9, dtype: "bool" }).to("int32").max().item(),
    ).toBe(1);
    expect(() => fromStorage(Uint8Array.of(1, 2))).toThrow("fromStorage: expected bytes 0 and 1");
  });
});
