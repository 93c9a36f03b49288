import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { array, full, type NDArray, ones, zeros } from "../../src/tensor";
import { indices, iota, scattered, shapes } from "./arrays";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const int = (values: number[]) => array(values, { dtype: "int32" });

/** The elements of x that fall on each element of the result when `axes` are reduced. */
function groupsOf(x: NDArray, axes: readonly number[]): number[][] {
  const groups = new Map<string, number[]>();
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  for (const index of indices(kept.map((axis) => x.shape[axis]))) groups.set(index.join(), []);
  for (const index of indices(x.shape))
    groups.get(kept.map((axis) => index[axis]).join())!.push(x.get(index));
  return [...groups.values()];
}

const total = (list: number[]) => list.reduce((a, b) => a + b, 0);
const average = (list: number[]) => total(list) / list.length;
const spread = (list: number[], correction: number) =>
  total(list.map((v) => (v - average(list)) ** 2)) / Math.max(0, list.length - correction);

describe("reductions over any axes and strides", () => {
  const setups = fc.tuple(shapes(4), fc.nat(4095), fc.nat(15), fc.boolean());
  const check = (
    reduce: (x: NDArray, axes: number[], keepDims: boolean) => NDArray,
    rule: (list: number[]) => number,
    needsElements = false,
  ) =>
    fc.assert(
      fc.property(setups, ([shape, seed, mask, keepDims]) => {
        const axes = shape.map((_, axis) => axis).filter((axis) => (mask >> axis) & 1);
        const x = scattered(shape, seed).sub(3);
        const expected = groupsOf(x, axes);
        if (needsElements && axes.some((axis) => shape[axis] === 0)) return;
        const y = reduce(
          x,
          axes.map((axis) => (seed & 1 ? axis : axis - shape.length)),
          keepDims,
        );
        const kept = keepDims
          ? shape.map((n, a) => (axes.includes(a) ? 1 : n))
          : shape.filter((_, a) => !axes.includes(a));
        expect(y.shape).toEqual(kept);
        const values = [...y.flat()];
        expected.map(rule).forEach((value, i) => {
          if (Number.isFinite(value)) expect(values[i]).toBeCloseTo(value, 8);
          else expect(values[i]).toBe(value);
        });
      }),
    );

  it("sum", () => check((x, axes, keepDims) => x.sum(axes, { keepDims }), total));
  it("mean", () => check((x, axes, keepDims) => x.mean(axes, { keepDims }), average));
  it("prod", () =>
    check(
      (x, axes, keepDims) => x.div(7).prod(axes, { keepDims }),
      (l) => l.reduce((a, b) => a * (b / 7), 1),
    ));
  it("var", () =>
    check(
      (x, axes, keepDims) => x.var(axes, { keepDims }),
      (list) => spread(list, 1),
    ));
  it("population var", () =>
    check(
      (x, axes, keepDims) => x.var(axes, { keepDims, correction: 0 }),
      (list) => spread(list, 0),
    ));
  it("std", () =>
    check(
      (x, axes, keepDims) => x.std(axes, { keepDims }),
      (list) => Math.sqrt(spread(list, 1)),
    ));
  it("max", () =>
    check(
      (x, axes, keepDims) => x.max(axes, { keepDims }),
      (l) => Math.max(...l),
      true,
    ));
  it("min", () =>
    check(
      (x, axes, keepDims) => x.min(axes, { keepDims }),
      (l) => Math.min(...l),
      true,
    ));
  it("any", () =>
    check(
      (x, axes, keepDims) => x.any(axes, { keepDims }),
      (l) => Number(l.some((v) => v !== 0)),
    ));
  it("all", () =>
    check(
      (x, axes, keepDims) => x.all(axes, { keepDims }),
      (l) => Number(l.every((v) => v !== 0)),
    ));
  it("logsumexp", () =>
    check(
      (x, axes, keepDims) => x.logsumexp(axes, { keepDims }),
      (l) => Math.log(total(l.map(Math.exp))),
    ));
  it.each([2, 1, 3, 0.5])("norm %f", (p) =>
    check(
      (x, axes, keepDims) => x.norm(p, axes, { keepDims }),
      (l) => total(l.map((v) => Math.abs(v) ** p)) ** (1 / p),
    ),
  );

  it("argmax and argmin along one axis, or over everything", () => {
    fc.assert(
      fc.property(shapes(3, 1), fc.nat(4095), (shape, seed) => {
        const x = scattered(shape, seed).remainder(5);
        const all = [...x.flat()];
        expect(x.argmax().item()).toBe(all.indexOf(Math.max(...all)));
        shape.forEach((_, axis) => {
          const groups = groupsOf(x, [axis]);
          expect([...x.argmax(axis).flat()]).toEqual(groups.map((l) => l.indexOf(Math.max(...l))));
          expect([...x.argmin(axis - shape.length).flat()]).toEqual(
            groups.map((l) => l.indexOf(Math.min(...l))),
          );
        });
      }),
    );
  });

  it("cumsum", () => {
    fc.assert(
      fc.property(shapes(3, 1), fc.nat(4095), (shape, seed) => {
        const x = scattered(shape, seed);
        shape.forEach((n, axis) => {
          const last = x.cumsum(axis).select(axis, n - 1);
          expect([...last.flat()]).toEqual([...x.sum(axis).flat()]);
          expect(x.cumsum(axis).select(axis, 0).toArray()).toEqual(x.select(axis, 0).toArray());
        });
      }),
    );
    expect(array([true, true, false]).cumsum(0).toArray()).toEqual([1, 2, 2]);
    expect(iota([]).cumsum(0).item()).toBe(0);
  });
});

describe("special values", () => {
  it("NaN wins in max and min; argmax finds the first", () => {
    const x = array([1, nan, 5, nan, -3]);
    expect(x.max().item()).toBeNaN();
    expect(x.min().item()).toBeNaN();
    expect(x.argmax().item()).toBe(1);
    expect(x.argmin().item()).toBe(1);
    expect(array([-inf, -inf]).argmax().item()).toBe(0);
    expect(array([3, 7, 7]).argmax().item()).toBe(1);
  });

  it("nothing: sums 0, products 1, means NaN, any false, all true, no largest", () => {
    const none = zeros([2, 0]);
    expect(none.sum(1).toArray()).toEqual([0, 0]);
    expect(none.prod(1).toArray()).toEqual([1, 1]);
    expect(none.mean(1).toArray()).toEqual([nan, nan]);
    expect(none.mean().item()).toBeNaN();
    expect(none.any().item()).toBe(0);
    expect(none.all().item()).toBe(1);
    expect(none.logsumexp(1).toArray()).toEqual([-inf, -inf]);
    expect(none.norm(2, 1).toArray()).toEqual([0, 0]);
    expect(none.sum(0).shape).toEqual([0]);
    expect(none.max(0).shape).toEqual([0]);
    expect(() => none.max(1)).toThrow(
      "max: expected at least one element to choose from, got shape (2, 0) with an empty axis",
    );
    expect(() => none.argmin()).toThrow("argmin: expected at least one element to choose from");
  });

  it("var of one element is NaN with Bessel's correction, 0 without", () => {
    expect(ones([1]).var().item()).toBeNaN();
    expect(ones([1]).var(0, { correction: 0 }).item()).toBe(0);
    expect(zeros([0]).var().item()).toBeNaN();
  });

  it("logsumexp neither overflows nor loses infinities", () => {
    expect(array([1000, 1000]).logsumexp().item()).toBeCloseTo(1000 + Math.log(2), 3);
    expect(array([-inf, -inf]).logsumexp().item()).toBe(-inf);
    expect(array([inf, 0]).logsumexp().item()).toBe(inf);
    expect(array([nan, 0]).logsumexp().item()).toBeNaN();
  });

  it("norms of order 0 and infinity", () => {
    const x = array([3, 0, -4]);
    expect(x.norm().item()).toBe(5);
    expect(x.norm(inf).item()).toBe(4);
    expect(x.norm(-inf).item()).toBe(0);
    expect(x.norm(0).item()).toBe(2);
    expect(int([3, -4]).norm().dtype).toBe("float32");
  });
});

describe("types and precision", () => {
  it("bool and int32 sum to int32, average to float32, and keep their type in max", () => {
    const mask = array([true, false, true]);
    expect(mask.sum().dtype).toBe("int32");
    expect(mask.sum().item()).toBe(2);
    expect(mask.mean().dtype).toBe("float32");
    expect(mask.max().dtype).toBe("bool");
    expect(int([1, 2]).prod().dtype).toBe("int32");
    expect(int([1, 2]).mean().item()).toBe(1.5);
    expect(int([1, 2]).any().dtype).toBe("bool");
  });

  it("long float32 sums do not drift", () => {
    const n = 1_000_000;
    expect(full([n], 0.1).sum().item() / (n * Math.fround(0.1))).toBeCloseTo(1, 5);
    expect(full([n, 2], 0.1).sum(0).get([1]) / (n * Math.fround(0.1))).toBeCloseTo(1, 5);
    expect(full([1000], 1e-3).add(1e4).var().item()).toBeLessThan(1e-6);
  });

  it("a scalar reduces over axis 0 or -1, or over nothing", () => {
    const x = full([], 3);
    expect(x.sum(0).item()).toBe(3);
    expect(x.max(-1).item()).toBe(3);
    expect(x.argmax(0).item()).toBe(0);
    expect(x.sum([], { keepDims: true }).shape).toEqual([]);
    expect(iota([2, 2]).sum([]).shape).toEqual([2, 2]);
  });
});

describe("softmax", () => {
  it("normalises along any axis, over any strides", () => {
    fc.assert(
      fc.property(shapes(3, 1), fc.nat(4095), (shape, seed) => {
        const x = scattered(shape, seed).mul(0.3);
        shape.forEach((_, axis) => {
          const e = x.exp();
          const expected = e.div(e.sum(axis, { keepDims: true }));
          const y = x.softmax(axis);
          [...y.flat()].forEach((v, i) => {
            expect(v).toBeCloseTo(expected.flat()[i], 12);
            expect(x.logSoftmax(axis - shape.length).flat()[i]).toBeCloseTo(Math.log(v), 12);
          });
        });
      }),
      { numRuns: 50 },
    );
  });

  it("is safe for large scores, masked scores, integers, scalars and empty rows", () => {
    expect(array([1e30, 1e30]).softmax().toArray()).toEqual([0.5, 0.5]);
    expect(array([0, -inf]).softmax().toArray()).toEqual([1, 0]);
    expect(array([-inf, -inf]).softmax().toArray()).toEqual([nan, nan]);
    expect(int([2, 2]).softmax().toArray()).toEqual([0.5, 0.5]);
    expect(full([], 3).softmax().item()).toBe(1);
    expect(zeros([2, 0]).softmax().shape).toEqual([2, 0]);
    expect(zeros([0, 2]).logSoftmax(0).shape).toEqual([0, 2]);
  });
});
