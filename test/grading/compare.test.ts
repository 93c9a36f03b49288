import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareValues } from "../../src/grading";
import { reshaped, transformed } from "../../src/grading/causes";
import { array, Generator, type NDArray } from "../../src/tensor";

const tolerance = { absolute: 1e-5, relative: 1e-4 };
const sizes = new Map([
  ["T", 5],
  ["D", 16],
]);
const x = new Generator(5).normal([5, 5]);
const cause = (slip: (x: NDArray) => NDArray, of = x) => transformed(slip(of), of, tolerance, sizes);

describe("likely causes", () => {
  it.each<[string, (x: NDArray) => NDArray, string]>([
    ["sign", (x) => x.neg(), "every sign is the wrong way round"],
    ["transpose", (x) => x.transpose(), "rows and columns are exchanged"],
    ["√D", (x) => x.mul(4), "every value is 4 times what is wanted, which is √D (D = 16): did you scale?"],
    ["1/√D", (x) => x.div(4), "every value is 0.25 times what is wanted, which is 1/√D (D = 16)"],
    ["other factor", (x) => x.mul(1.7), "every value is 1.7 times what is wanted"],
    ["addend", (x) => x.add(3), "every value is 3 too large"],
    ["logarithm forgotten", (x) => x.exp(), "the logarithm of this is what is wanted"],
    ["exponential forgotten", (x) => x.log(), "this is the logarithm"],
    ["later", (x) => x.roll(1, 0), "along axis 0 everything is shifted by one, one place too late"],
    ["earlier", (x) => x.roll(-1, 1), "along axis 1 everything is shifted by one, one place too early"],
    ["backwards", (x) => x.flip(1), "axis 1 runs backwards"],
  ])("%s", (name, slip, says) => {
    expect(cause(slip, name.startsWith("exponential") ? x.exp() : x)).toContain(says);
  });

  it("sees a missing softmax, and rows without their sum", () => {
    const p = x.softmax();
    expect(transformed(x, p, tolerance, sizes)).toContain("a softmax over the last axis is missing");
    const rows = p.mul(x.sum(-1, { keepDims: true }).exp());
    expect(transformed(rows, p, tolerance, sizes)).toContain("rows do not sum to 1");
  });

  it("sees an inverted mask", () => {
    const mask = x.gt(0);
    expect(transformed(mask.logicalNot(), mask, tolerance, sizes)).toContain("true and false are exchanged");
  });

  it("does not guess", () => {
    expect(transformed(new Generator(6).normal([5, 5]), x, tolerance, sizes)).toBeNull();
    expect(reshaped([3, 4], [5, 6])).toBeNull();
  });

  it("explains shapes", () => {
    expect(reshaped([4, 3], [3, 4])).toContain("swapped");
    expect(reshaped([3, 5], [3, 4])).toContain("axis 1 is one too long");
    expect(reshaped([3, 4], [3, 4, 1])).toContain("is missing");
    expect(reshaped([4], [3, 4])).toContain("the batch axis was lost");
  });
});

describe("compareValues", () => {
  it("finds nothing between equal contents in any container", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer(), { minLength: 2, maxLength: 2 }), { minLength: 1 }),
        (rows) => {
          expect(compareValues(rows, structuredClone(rows))).toBeNull();
          expect(
            compareValues(
              rows.map((row) => Float64Array.from(row)) as unknown,
              rows.map((row) => [...row]) as unknown,
            )?.message ?? null,
          ).toBeNull();
        },
      ),
    );
  });

  it("names the place in records, lists and strings", () => {
    const expected = { ids: [[1, 2, 3], [4]], name: "a", scores: [0.5, 1] };
    const but = (change: object) => compareValues({ ...expected, ...change }, expected)?.message;
    expect(but({})).toBeUndefined();
    expect(but({ ids: [[1, 2, 3], [5]] })).toBe("ids[1][0] is 5, expected 4");
    expect(but({ ids: [[1, 2, 3]] })).toBe("ids has length 1, expected 2");
    expect(but({ name: "b" })).toBe('name is the string "b", expected the string "a"');
    expect(but({ scores: [0.5, Number.NaN] })).toBe("scores[1] is NaN, expected 1");
    expect(compareValues({}, expected)?.message).toBe('the result has no field "ids", it is an object {  }');
  });

  it("looks into records that stand in a list", () => {
    const expected = [
      { ids: [2, 0], logProb: -1.5 },
      { ids: [1], logProb: -2 },
    ];
    const but = (change: object) =>
      compareValues([expected[0], { ...expected[1], ...change }], expected)?.message;
    expect(but({})).toBeUndefined();
    expect(but({ logProb: -3 })).toBe("result[1].logProb is -3, expected -2");
    expect(but({ ids: [7] })).toBe("result[1].ids[0] is 7, expected 1");
    expect(compareValues([{ a: 1 }], [{ b: 1 }])?.message).toContain('[0] has no field "b"');
    expect(compareValues([null, {}], [{}, null])?.message).toBeDefined();
  });
});

describe("infinite values", () => {
  const inf = Number.POSITIVE_INFINITY;
  it.each([
    [0, -inf],
    [0, inf],
    [inf, -inf],
    [Number.NaN, inf],
    [inf, 5],
    [1e38, inf],
  ])("%d is not near %d", (got, expected) => {
    expect(compareValues(array([got, 1]), array([expected, 1]))).not.toBeNull();
  });
  it("are near to themselves", () => {
    expect(compareValues(array([inf, -inf]), array([inf, -inf]))).toBeNull();
  });
});
