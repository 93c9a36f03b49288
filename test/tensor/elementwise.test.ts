import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { array, type DType, full, type NDArray, where } from "../../src/tensor";
import { elementsOf, indices, iota, scattered } from "./arrays";
import recorded from "./fixtures/promotion.json";

const int = (values: number[]) => array(values, { dtype: "int32" });
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe("types and values of mixed arithmetic, as recorded from PyTorch", () => {
  interface Row {
    readonly op: string;
    readonly left: readonly unknown[];
    readonly right: number | readonly unknown[];
    readonly result: { readonly dtype: string; readonly values: readonly unknown[] } | null;
  }
  type Op = "add" | "sub" | "mul" | "div" | "pow" | "remainder" | "maximum" | "minimum" | "eq" | "lt";
  const make = ([dtype, values]: readonly unknown[]) => array(values as number[], { dtype: dtype as DType });

  it.each((recorded as Row[]).filter((row) => row.result))(
    "$op $left $right",
    ({ op, left, right, result }) => {
      const got = make(left)[op as Op](typeof right === "number" ? right : make(right));
      expect(got.dtype).toBe(result!.dtype);
      const digits = got.dtype === "float64" ? 14 : 6;
      [...got.flat()].forEach((value, i) => {
        const expected = result!.values[i];
        if (expected === "nan") expect(value).toBeNaN();
        else expect(value).toBeCloseTo(expected as number, digits);
      });
    },
  );

  it("where PyTorch refuses, bools count as numbers", () => {
    const mask = array([true, false]);
    expect(mask.sub(array([true, true])).toArray()).toEqual([0, -1]);
    expect(array([1.5, 2]).sub(mask).toArray()).toEqual([0.5, 2]);
  });
});

describe("broadcasting", () => {
  /** Two shapes that broadcast: axes of one shape, some dropped at the front, some shrunk to 1. */
  const pairs = fc.tuple(
    fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }),
    fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 8, maxLength: 8 }),
    fc.nat(4095),
    fc.nat(4095),
  );
  const shrink = (shape: number[], marks: number[], drop: boolean) => {
    const result = shape.map((n, axis) => (marks[axis] === 0 ? 1 : n));
    return drop ? result.slice(Math.min(marks[7], shape.length)) : result;
  };
  const read = (x: NDArray, index: number[]) =>
    x.get(index.slice(index.length - x.ndim).map((i, axis) => (x.shape[axis] === 1 ? 0 : i)));

  it("binary ops, comparisons and where pair elements as the rule says, over any strides", () => {
    fc.assert(
      fc.property(pairs, ([shape, marks, s, t]) => {
        const a = scattered(shrink(shape, marks.slice(0, 4).concat(marks.slice(4)), false), s);
        const b = scattered(shrink(shape, marks.slice(4).concat(marks.slice(4)), true), t);
        const ndim = Math.max(a.ndim, b.ndim);
        const size = (x: NDArray, axis: number) => x.shape[axis - ndim + x.ndim] ?? 1;
        const result = Array.from({ length: ndim }, (_, axis) => Math.max(size(a, axis), size(b, axis)));
        const expected = (f: (x: number, y: number) => number) =>
          indices(result).map((index) => f(read(a, index), read(b, index)));
        expect(a.sub(b).shape).toEqual(result);
        expect([...a.sub(b).flat()]).toEqual(expected((x, y) => x - y));
        expect([...b.sub(a).flat()]).toEqual(expected((x, y) => y - x));
        expect([...a.lt(b).flat()]).toEqual(expected((x, y) => Number(x < y)));
        expect(elementsOf(where(a.gt(1), b, a))).toEqual(expected((x, y) => (x > 1 ? y : x)));
        expect(elementsOf(where(b.gt(1), a, -1))).toEqual(expected((x, y) => (y > 1 ? x : -1)));
      }),
      { numRuns: 300 },
    );
  });

  it("a repeated view counts as its copy, whichever axes repeat, on either side", () => {
    const shape = [3, 2, 4, 5];
    for (const dtype of ["float32", "float64", "int32", "bool"] as const) {
      const other = scattered(shape, 1234).remainder(7).to(dtype);
      for (let marks = 0; marks < 16; marks++) {
        const once = shape.map((n, axis) => ((marks >> axis) & 1 ? 1 : n));
        const x = scattered(once, 977 * marks, "float32")
          .remainder(5)
          .to(dtype)
          .expand(shape);
        const copy = x.clone();
        for (const mixed of [other, other.to("float32"), x]) {
          expect(x.mul(mixed).equal(copy.mul(mixed))).toBe(true);
          expect(mixed.sub(x).equal(mixed.sub(copy))).toBe(true);
          expect(mixed.lt(x).equal(mixed.lt(copy))).toBe(true);
        }
        expect(x.add(2).equal(copy.add(2))).toBe(true);
        expect(x.add(2).shape).toEqual(shape);
      }
    }
  });

  it("empty axes meet axes of size 1", () => {
    expect(iota([0, 3]).add(iota([3])).shape).toEqual([0, 3]);
    expect(iota([0]).mul(iota([2, 1])).shape).toEqual([2, 0]);
    expect(iota([]).add(iota([])).shape).toEqual([]);
  });

  it("says which axis does not fit, and how to mend a column", () => {
    const x = iota([2, 3]);
    expect(() => x.add(iota([4]))).toThrow(
      "add: shapes (2, 3) and (4,) do not broadcast: axis -1 has sizes 3 and 4, expected equal sizes or a 1",
    );
    expect(() => x.mul(iota([2]))).toThrow("did you mean to unsqueeze(-1) the second?");
    expect(() => iota([2]).mul(x)).toThrow("did you mean to unsqueeze(-1) the first?");
    expect(() => where(iota([2]), x, 0)).toThrow("where: shapes (2,) and (2, 3) do not broadcast");
  });
});

describe("integers", () => {
  const max = 2 ** 31 - 1;
  it("wrap around, with exact low bits", () => {
    expect(int([max]).add(1).item()).toBe(-(2 ** 31));
    expect(int([100_000]).mul(100_000).item()).toBe(1410065408);
    expect(
      int([max])
        .mul(int([max]))
        .item(),
    ).toBe(1);
    expect(int([3]).pow(40).item()).toBe(689956897);
  });

  it("divide into floats, and have no remainder by 0", () => {
    const quotient = int([1, -1, 0]).div(0);
    expect(quotient.dtype).toBe("float32");
    expect(quotient.toArray()).toEqual([inf, -inf, nan]);
    expect(
      int([-7, 7, -7, 7])
        .remainder(int([3, -3, -3, 3]))
        .toArray(),
    ).toEqual([2, -2, -1, 1]);
    expect(() => int([7]).remainder(0)).toThrow(
      "remainder: integers have no remainder by 0; floats give NaN",
    );
    expect(() => int([7, 8]).remainder(int([1, 0]))).toThrow("remainder: integers have no remainder by 0");
    expect(array([7, -7]).remainder(0).toArray()).toEqual([nan, nan]);
  });

  it("to negative powers: refused for a number, truncated for an array, as PyTorch", () => {
    expect(() => int([2]).pow(-1)).toThrow("pow: an integer to the power -1 is a fraction in general");
    expect(
      int([2, 1, -1, -1, 0])
        .pow(int([-1, -1, -3, -2, -1]))
        .toArray(),
    ).toEqual([0, 1, -1, 1, 0]);
    expect(array([2]).pow(-1).item()).toBe(0.5);
  });

  it("compare exactly with numbers that they cannot hold", () => {
    expect(int([1, max]).lt(3e9).toArray()).toEqual([true, true]);
    expect(
      int([max, max - 1])
        .gt(max - 0.5)
        .toArray(),
    ).toEqual([true, false]);
    expect(int([1]).lt(inf).item()).toBe(1);
    expect(int([1]).add(3e9).dtype).toBe("float32");
  });

  it("are what floats become by dropping the fraction", () => {
    expect(array([2.7, -2.7]).to("int32").toArray()).toEqual([2, -2]);
    expect(array([0.1, 0, -0, nan]).to("bool").toArray()).toEqual([true, false, false, true]);
    const many = array([0.1, 0, -0, nan, 1e-45, -3, 0]).repeat([50]);
    for (const x of [many, many.to("float64"), many.unsqueeze(1).expand([350, 2]).select(1, 1)])
      expect(x.to("bool").slice("0:7").toArray()).toEqual([true, false, false, true, true, true, false]);
    expect(many.to("bool").sum().item()).toBe(200);
    for (const odd of [nan, -(2 ** 31) - 256, 2 ** 31, Number.POSITIVE_INFINITY]) {
      const whole = array([2 ** 31 - 128, -(2 ** 31), -0.5, 7.9]).repeat([100]);
      expect(whole.to("int32").slice("396:").toArray()).toEqual([2 ** 31 - 128, -(2 ** 31), 0, 7]);
      whole.set([321], odd);
      expect(() => whole.to("int32")).toThrow("at position 321");
    }
  });
});

describe("special values", () => {
  const odd = array([nan, -inf, -1, 0, 1, inf], { dtype: "float64" });
  it("NaN wins in maximum, minimum and clamp", () => {
    expect(odd.maximum(0).toArray()).toEqual([nan, 0, 0, 0, 1, inf]);
    expect(full([6], 2, { dtype: "float64" }).minimum(odd).toArray()).toEqual([nan, -inf, -1, 0, 1, 2]);
    expect(odd.clamp(-0.5, 0.5).toArray()).toEqual([nan, -0.5, -0.5, 0, 0.5, 0.5]);
    expect(odd.clamp(-inf, 0).toArray()).toEqual([nan, -inf, -1, 0, 0, 0]);
    expect(odd.clamp(0).toArray()).toEqual([nan, 0, 0, 0, 1, inf]);
    expect(array([1, 5]).clamp(4, 2).toArray()).toEqual([2, 2]);
    expect(int([1, 5]).clamp(0, 2.5).toArray()).toEqual([1, 2.5]);
  });

  it("comparisons with NaN are false, except ne", () => {
    for (const op of ["eq", "lt", "le", "gt", "ge"] as const) expect(odd[op](odd).get([0])).toBe(0);
    expect(odd.ne(odd).toArray()).toEqual([true, false, false, false, false, false]);
    expect(odd.isNaN().toArray()).toEqual([true, false, false, false, false, false]);
    expect(odd.isFinite().toArray()).toEqual([false, false, true, true, true, false]);
  });

  it("functions at their limits", () => {
    expect(odd.exp().toArray()).toEqual([nan, 0, Math.exp(-1), 1, Math.E, inf]);
    expect(odd.sigmoid().toArray()).toEqual([
      nan,
      0,
      expect.closeTo(0.2689414213699951),
      0.5,
      expect.anything(),
      1,
    ]);
    expect(odd.relu().toArray()).toEqual([nan, 0, 0, 0, 1, inf]);
    expect(odd.log().toArray()).toEqual([nan, nan, nan, -inf, 0, inf]);
    expect(array([0.5, 1.5, 2.5, -0.5, -1.5]).round().toArray()).toEqual([0, 2, 2, -0, -2]);
    expect(odd.pow(0).toArray()).toEqual([1, 1, 1, 1, 1, 1]);
    expect(array([1, -1]).pow(inf).toArray()).toEqual([1, 1]);
    const wide = array([-inf, -3, 0.5, 2.4, 2.6, inf], { dtype: "float64" }).erf().toArray() as number[];
    // mpmath, 16 digits
    const erf = [-1, -0.9999779095030014, 0.5204998778130465, 0.999311486103355, 0.9997639655834707, 1];
    expect(Math.max(...wide.map((y, i) => Math.abs(y - erf[i])))).toBeLessThan(3e-16);
  });

  it("integers pass through the ops that keep them, and become float32 in the others", () => {
    for (const op of ["neg", "abs", "sign", "square", "relu", "floor", "ceil", "round"] as const) {
      expect(int([-2, 3])[op]().dtype).toBe("int32");
    }
    for (const op of ["exp", "sqrt", "sigmoid", "tanh", "reciprocal"] as const) {
      expect(int([2])[op]().dtype).toBe("float32");
    }
  });
});

describe("logic", () => {
  it("and, or, not on anything that is 0 or not", () => {
    const a = array([0, 0, 2, -1]);
    const b = int([0, 3, 0, 4]);
    expect(a.logicalAnd(b).toArray()).toEqual([false, false, false, true]);
    expect(a.logicalOr(b).toArray()).toEqual([false, true, true, true]);
    expect(a.logicalNot().toArray()).toEqual([true, true, false, false]);
    expect(
      array([true, true])
        .add(array([true, false]))
        .toArray(),
    ).toEqual([true, true]);
  });
});

describe("where", () => {
  it("promotes its two values", () => {
    const c = array([true, false]);
    expect(where(c, 1, 0).dtype).toBe("int32");
    expect(where(c, 1, 0.5).toArray()).toEqual([1, 0.5]);
    expect(where(c, int([1, 2]), -inf).toArray()).toEqual([1, -inf]);
    expect(where(c, int([1, 2]), array([0.5, 0.5], { dtype: "float64" })).dtype).toBe("float64");
    expect(where(iota([2, 1]), iota([3]), 9).toArray()).toEqual([
      [9, 9, 9],
      [0, 1, 2],
    ]);
  });
});
