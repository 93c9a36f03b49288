import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { array, eye, type SliceSpec, zeros } from "../../src/tensor";
import { elementsOf, indices, iota, nested, scattered, shapes } from "./arrays";

/** Python's range(*slice(start, stop, step).indices(n)). */
function pythonRange(n: number, start: number | null, stop: number | null, step: number): number[] {
  const clamp = (v: number) =>
    step > 0 ? Math.min(Math.max(v < 0 ? v + n : v, 0), n) : Math.min(Math.max(v < 0 ? v + n : v, -1), n - 1);
  const first = start === null ? (step > 0 ? 0 : n - 1) : clamp(start);
  const last = stop === null ? (step > 0 ? n : -1) : clamp(stop);
  const out: number[] = [];
  for (let i = first; step > 0 ? i < last : i > last; i += step) out.push(i);
  return out;
}

describe("slice", () => {
  const bound = fc.option(fc.integer({ min: -7, max: 7 }));
  it("is Python's slice for every start, stop and step", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5 }),
        bound,
        bound,
        fc.option(fc.constantFrom(-3, -2, -1, 1, 2, 3)),
        (n, start, stop, step) => {
          const spec = `${start ?? ""}:${stop ?? ""}${step === null ? "" : `:${step}`}` as SliceSpec;
          const expected = pythonRange(n, start, stop, step ?? 1);
          expect(iota([n]).slice(spec).toArray()).toEqual(expected);
          const rows = iota([2, n, 3]).slice(":", spec, 1);
          expect(rows.toArray()).toEqual([0, 1].map((i) => expected.map((j) => (i * n + j) * 3 + 1)));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("drops indexed axes, lets ... stand for the others, and shares memory", () => {
    const x = iota([2, 3, 4, 5]);
    expect(x.slice(1).shape).toEqual([3, 4, 5]);
    expect(x.slice("...", -1).shape).toEqual([2, 3, 4]);
    expect(x.slice(0, "...", "1:3").shape).toEqual([3, 4, 2]);
    expect(x.slice("...").shape).toEqual([2, 3, 4, 5]);
    expect(x.slice(1, 2, 3, 4).item()).toBe(119);
    x.slice("...", 0, 0).fill(-1);
    expect(x.get([1, 2, 0, 0])).toBe(-1);
  });

  it("says what is wrong", () => {
    const x = iota([2, 3]);
    expect(() => x.slice(2)).toThrow("slice: index 2 is outside axis 0 of size 2");
    expect(() => x.slice(":", -4)).toThrow("slice: index -4 is outside axis 1 of size 3");
    expect(() => x.slice(0, 0, 0)).toThrow("slice: 3 specs for shape (2, 3) of 2 axes; leave out 1");
    expect(() => x.slice("...", "...")).toThrow(
      'slice: at most one "..." can stand for the other axes, got 2',
    );
    expect(() => x.slice("::0")).toThrow('with step ≠ 0 such as "1:", ":-1", "::2", got "::0"');
    expect(() => x.slice("a:b" as SliceSpec)).toThrow('got "a:b"');
  });
});

describe("views over any strides", () => {
  const setups = fc.tuple(shapes(4), fc.nat(4095));

  it("scattered arrays hold what they should (the test of the tests)", () => {
    fc.assert(
      fc.property(setups, ([shape, seed]) => {
        const x = scattered(shape, seed);
        expect(x.shape).toEqual(shape);
        expect(elementsOf(x)).toEqual([...iota(shape).flat()]);
        expect([...x.flat()]).toEqual([...iota(shape).flat()]);
        expect(x.contiguous().toArray()).toEqual(iota(shape).toArray());
      }),
    );
  });

  it("reshape keeps row-major order, as a view whenever the strides allow", () => {
    fc.assert(
      fc.property(setups, fc.nat(1000), ([shape, seed], pick) => {
        const x = scattered(shape, seed);
        const divisors = [...Array(x.size + 1).keys()].filter((d) => d > 0 && x.size % d === 0);
        const m = divisors[pick % divisors.length] ?? 1;
        for (const target of [[x.size], x.size ? [m, -1] : [0, 3], x.size ? [1, m, 1, x.size / m] : [2, 0]]) {
          const y = x.reshape(target);
          expect([...y.flat()]).toEqual([...iota(shape).flat()]);
        }
        // Splitting an axis and merging it again never needs a copy.
        const split = x.reshape(shape.flatMap((n) => [n, 1]));
        expect(split.data).toBe(x.data);
        expect(split.reshape(shape).data).toBe(x.data);
      }),
    );
    expect(iota([4, 6]).narrow(1, 0, 3).reshape([2, 2, 3]).strides).toEqual([12, 6, 1]);
    expect(iota([2, 3]).transpose().reshape([6]).toArray()).toEqual([0, 3, 1, 4, 2, 5]);
  });

  it("permute, transpose, flip, select, narrow, unsqueeze and squeeze move indices, not elements", () => {
    fc.assert(
      fc.property(shapes(4, 1), fc.nat(4095), (shape, seed) => {
        const x = scattered(shape, seed);
        const ndim = shape.length;
        const order = shape.map((_, a) => a).reverse();
        const p = x.permute(order);
        for (const index of indices(shape)) expect(p.get([...index].reverse())).toBe(x.get(index));
        if (ndim === 0) return;
        const axis = seed % ndim;
        const n = shape[axis];
        const at = (index: number[], i: number) => index.map((v, a) => (a === axis ? i : v));
        for (const index of indices(shape)) {
          expect(x.flip(axis).get(index)).toBe(x.get(at(index, n - 1 - index[axis])));
          expect(x.select(axis - ndim, -1).get(index.filter((_, a) => a !== axis))).toBe(
            x.get(at(index, n - 1)),
          );
        }
        const tail = x.narrow(axis, -1, 1);
        expect(elementsOf(tail)).toEqual(elementsOf(x.select(axis, n - 1)));
        expect(x.unsqueeze(axis).shape).toEqual([...shape.slice(0, axis), 1, ...shape.slice(axis)]);
        expect(x.unsqueeze(axis).squeeze(axis).toArray()).toEqual(x.toArray());
      }),
    );
  });

  it("expand repeats axes of size 1 and new leading axes, without copying", () => {
    const x = scattered([3, 1], 77);
    const y = x.expand([2, 3, 4]);
    expect(y.data).toBe(x.data);
    expect(y.toArray()).toEqual(nested([2, 3, 4], ([, i]) => i));
    expect(x.expand([-1, 4]).shape).toEqual([3, 4]);
    expect(iota([]).expand([2, 2]).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(iota([1, 2]).expand([0, 2]).shape).toEqual([0, 2]);
    expect(() => x.expand([2, 4])).toThrow("expand: shapes (3, 1) and (2, 4) do not broadcast");
    expect(() => iota([3]).expand([])).toThrow("expand: (3,) does not expand to ()");
    expect(() => iota([2, 3]).expand([1, 3])).toThrow("only axes of size 1 can be repeated");
    expect(() => x.expand([-1, 3, 1])).toThrow("a shape is an array of sizes >= 0");
  });

  it("diagonal takes (i, i + offset) of any two axes", () => {
    const x = iota([3, 2, 4]);
    for (let offset = -4; offset <= 5; offset++) {
      const d = x.diagonal(offset, 0, 2);
      const pairs = [...Array(3).keys()].filter((i) => i + offset >= 0 && i + offset < 4);
      expect(d.shape).toEqual([2, pairs.length]);
      expect(d.toArray()).toEqual([0, 1].map((j) => pairs.map((i) => x.get([i, j, i + offset]))));
    }
    expect(eye(3).diagonal().toArray()).toEqual([1, 1, 1]);
    expect(() => iota([3]).diagonal()).toThrow("diagonal: axis must be");
    expect(() => iota([3, 3]).diagonal(0, 1, -1)).toThrow(
      "diagonal: expected two different axes of shape (3, 3)",
    );
  });

  it("flatten and squeeze", () => {
    const x = iota([2, 1, 3, 4]);
    expect(x.flatten().shape).toEqual([24]);
    expect(x.flatten(1).shape).toEqual([2, 12]);
    expect(x.flatten(-2).shape).toEqual([2, 1, 12]);
    expect(iota([]).flatten().shape).toEqual([1]);
    expect(x.squeeze().shape).toEqual([2, 3, 4]);
    expect(x.squeeze(0).shape).toEqual([2, 1, 3, 4]);
    expect(x.squeeze([1, 2]).shape).toEqual([2, 3, 4]);
    expect(() => x.flatten(2, 1)).toThrow("flatten: startAxis 2 comes after endAxis 1 in shape (2, 1, 3, 4)");
  });
});

describe("writing in place", () => {
  it("assign broadcasts, converts, and writes through views of any strides", () => {
    fc.assert(
      fc.property(shapes(3, 1), fc.nat(4095), fc.nat(4095), (shape, s, t) => {
        const x = scattered(shape, s).fill(-1);
        x.assign(scattered(shape, t, "int32"));
        expect(elementsOf(x)).toEqual([...iota(shape).flat()]);
      }),
    );
    const x = zeros([2, 3]);
    x.select(1, 1).assign(array([5, 6]));
    x.narrow(1, 2, 1).fill(9);
    expect(x.toArray()).toEqual([
      [0, 5, 9],
      [0, 6, 9],
    ]);
    expect(x.assign(array([1, 2, 3])).toArray()).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    expect(() => x.assign(iota([4]))).toThrow("assign: shapes (4,) and (2, 3) do not broadcast");
  });

  it("survives a source in its own memory", () => {
    const x = iota([5]);
    expect(x.assign(x.flip(0)).toArray()).toEqual([4, 3, 2, 1, 0]);
    const square = iota([3, 3]);
    const transposed = square.transpose().toArray();
    expect(square.assign(square.transpose()).toArray()).toEqual(transposed);
  });

  it("keeps bool at 0 and 1", () => {
    const x = zeros([3], { dtype: "bool" }).assign(array([0.5, 0, 256]));
    expect(x.toArray()).toEqual([true, false, true]);
    expect([...x.flat()]).toEqual([1, 0, 1]);
    expect([...zeros([2], { dtype: "bool" }).fill(7).flat()]).toEqual([1, 1]);
    x.set([1], 4);
    expect(x.get([1])).toBe(1);
  });
});

describe("errors of axes and shapes", () => {
  const x = iota([2, 3, 4]);
  it.each<[string, () => unknown, string]>([
    ["axis", () => x.sum(3), "sum: axis must be an integer in [-3, 2] for 3 dimensions, got 3"],
    ["fraction", () => x.sum(0.5), "sum: axis must be an integer"],
    ["twice", () => x.sum([0, -3]), "sum: axes must differ, got [0, -3]"],
    [
      "reshape",
      () => x.reshape([5, -1]),
      "reshape: expected a shape of 24 elements (at most one -1), got (5, -1) of 5·n",
    ],
    [
      "reshape size",
      () => x.reshape([5, 5]),
      "reshape: expected a shape of 24 elements (at most one -1), got (5, 5) of 25",
    ],
    [
      "two holes",
      () => x.reshape([-1, -1]),
      "reshape: expected a shape of 24 elements (at most one -1), got (-1, -1)",
    ],
    [
      "permute",
      () => x.permute([0, 1]),
      "permute: expected each of the 3 axes of (2, 3, 4) once, got [0, 1]",
    ],
    ["permute twice", () => x.permute([0, 1, 1]), "permute: expected each of the 3 axes"],
    ["transpose", () => iota([3]).transpose(), "transpose: expected at least 2 axes, got shape (3,)"],
    ["narrow", () => x.narrow(1, 2, 2), "narrow: 2 entries from 2 do not fit in axis 1 of shape (2, 3, 4)"],
    ["select", () => x.select(0, 2), "select: index 2 is outside axis 0 of size 2"],
    ["select scalar", () => iota([]).select(0, 0), "select: a scalar has no axis to select from"],
    ["unsqueeze", () => x.unsqueeze(4), "unsqueeze: axis must be an integer in [-4, 3]"],
    ["item", () => x.item(), "item: expected exactly one element, got shape (2, 3, 4)"],
    ["get", () => x.get([0, 0]), "get: expected 3 indices for shape (2, 3, 4), got 2"],
    ["set", () => x.set([0, 3, 0], 1), "set: index 3 is outside axis 1 of size 3"],
  ])("%s", (_, run, message) => expect(run).toThrow(message));
});
