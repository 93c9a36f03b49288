import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { array, concat, type NDArray, ones, split, stack, zeros } from "../../src/tensor";
import { elementsOf, indices, iota, nested, scattered, shapes } from "./arrays";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const int = (values: Parameters<typeof array>[0]) => array(values, { dtype: "int32" });
const dot = (a: NDArray, b: NDArray) => a.mul(b).sum().item();
const replace = (index: number[], axis: number, value: number) =>
  index.map((v, a) => (a === axis ? value : v));

describe("gather and scatterAdd", () => {
  /** x of a shape, and an index that is shorter on the other axes. */
  const setups = fc
    .tuple(
      shapes(3, 1).filter((s) => s.length > 0),
      fc.nat(4095),
      fc.nat(2),
      fc.nat(2),
      fc.integer({ min: 0, max: 5 }),
    )
    .map(([shape, seed, pick, shrink, n]) => {
      const axis = pick % shape.length;
      const indexShape = shape.map((s, a) => (a === axis ? n : Math.max(1, s - shrink)));
      const index = scattered(indexShape, seed, "int32").mul(7).remainder(shape[axis]);
      return { shape, seed, axis, index };
    });

  it("gather reads x[…, index, …]", () => {
    fc.assert(
      fc.property(setups, ({ shape, seed, axis, index }) => {
        const x = scattered(shape, seed);
        const y = x.gather(axis - shape.length, index);
        expect(y.shape).toEqual(index.shape);
        for (const at of indices(index.shape))
          expect(y.get(at)).toBe(x.get(replace(at, axis, index.get(at))));
      }),
    );
  });

  it("scatterAdd adds src at […, index, …], a src larger than the index included", () => {
    fc.assert(
      fc.property(setups, fc.nat(1), ({ shape, seed, axis, index }, more) => {
        const x = scattered(shape, seed);
        const src = scattered(
          index.shape.map((n) => n + more),
          seed >> 1,
        );
        const expected = x.contiguous().clone();
        for (const at of indices(index.shape)) {
          const to = replace(at, axis, index.get(at));
          expected.set(to, expected.get(to) + src.get(at));
        }
        expect(x.scatterAdd(axis, index, src).toArray()).toEqual(expected.toArray());
      }),
    );
  });

  it("are adjoint: ⟨gather(x), g⟩ = ⟨x, scatterAdd(0, g)⟩", () => {
    fc.assert(
      fc.property(setups, ({ shape, seed, axis, index }) => {
        const x = scattered(shape, seed);
        const g = scattered(index.shape, seed >> 2).sub(2);
        const back = zeros(shape, { dtype: "float64" }).scatterAdd(axis, index, g);
        expect(dot(x.gather(axis, index), g)).toBe(dot(x, back));
      }),
    );
  });

  it("take indices of any type that holds whole numbers, and scalars", () => {
    expect(
      array([5, 6, 7])
        .gather(0, array([2, 0]))
        .toArray(),
    ).toEqual([7, 5]);
    expect(array(5).gather(0, int(0)).item()).toBe(5);
    expect(
      int([1, 2])
        .scatterAdd(0, int([0]), array([1.9]))
        .toArray(),
    ).toEqual([2, 2]);
  });

  it("say what is wrong", () => {
    const x = iota([2, 3]);
    expect(() => x.gather(1, int([[0, -1]]))).toThrow(
      "gather: expected indices in [0, 2], got -1 at position [0, 1]",
    );
    expect(() => x.gather(1, int([[3]]))).toThrow(
      "gather: expected indices in [0, 2], got 3 at position [0, 0]",
    );
    expect(() => x.gather(1, array([[0.5]]))).toThrow("got 0.5 at position [0, 0]");
    expect(() => x.gather(1, array([[true]]))).toThrow("gather: expected int32 indices, got a bool mask");
    expect(() => x.gather(1, int([0]))).toThrow(
      "gather: expected an index with the axes of (2, 3), none longer except axis 1, got (1,)",
    );
    expect(() => x.gather(1, zeros([3, 1]))).toThrow("none longer except axis 1, got (3, 1)");
    expect(() => x.scatterAdd(0, zeros([1, 2]), ones([1, 1]))).toThrow(
      "scatterAdd: expected src to cover the index, got src (1, 1) for index (1, 2)",
    );
  });
});

describe("indexSelect", () => {
  it("takes the entries of one axis in the order of the index", () => {
    fc.assert(
      fc.property(shapes(3, 1), shapes(1), fc.nat(4095), (shape, indexShape, seed) => {
        const x = scattered(shape, seed);
        shape.forEach((n, axis) => {
          const index = scattered(indexShape, seed >> 3, "int32")
            .mul(3)
            .remainder(n);
          const y = x.indexSelect(axis, index);
          expect(y.shape).toEqual([...shape.slice(0, axis), index.size, ...shape.slice(axis + 1)]);
          const list = index.reshape([-1]);
          for (const at of indices(y.shape)) {
            const from = [...at.slice(0, axis), list.get([at[axis]]), ...at.slice(axis + 1)];
            expect(y.get(at)).toBe(x.get(from));
          }
        });
      }),
    );
  });
  it("picks out of a view without a copy of all of it", () => {
    const huge = iota([1, 3]).expand([1_000_000_000, 3]); // 12 GB, if it were written out
    expect(huge.indexSelect(0, int([999_999_999, 5])).toArray()).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
    const turned = iota([3, 8]).transpose();
    expect(turned.indexSelect(0, int([6, 1])).toArray()).toEqual([
      [6, 14, 22],
      [1, 9, 17],
    ]);
  });

  it("says what is wrong", () => {
    expect(() => iota([4, 2]).indexSelect(0, int([4]))).toThrow(
      "indexSelect: expected indices in [0, 3], got 4",
    );
    expect(() => iota([]).indexSelect(0, int([0]))).toThrow(
      "indexSelect: a scalar has no axis to select from",
    );
    expect(() => iota([4, 2]).indexSelect(0, int([1, 0, 3, 2, 1, 0]).reshape([2, 3]))).toThrow(
      "indexSelect: expected a list as index, with one axis, got shape (2, 3); flatten() the index",
    );
  });
});

describe("maskedFill", () => {
  it("broadcasts the mask and keeps the type", () => {
    const scores = ones([2, 3, 3]);
    const y = scores.maskedFill(ones([3, 3], { dtype: "bool" }).triu(1), -inf);
    expect(y.select(0, 1).toArray()).toEqual([
      [1, -inf, -inf],
      [1, 1, -inf],
      [1, 1, 1],
    ]);
    expect(scores.sum().item()).toBe(18);
    expect(
      int([1, 2])
        .maskedFill(array([true, false]), 7)
        .toArray(),
    ).toEqual([7, 2]);
    expect(int([1, 2]).maskedFill(array([true, false]), 7).dtype).toBe("int32");
    expect(
      array([true, true])
        .maskedFill(array([true, false]), 0)
        .toArray(),
    ).toEqual([false, true]);
    expect(
      ones([1], { dtype: "float64" })
        .maskedFill(array([true]), 0.1)
        .item(),
    ).toBe(0.1);
  });
  it("wants a bool mask and a value that fits", () => {
    expect(() => ones([2]).maskedFill(ones([2]), 0)).toThrow(
      "maskedFill: expected a bool mask, got float32; compare first, for example mask.eq(0)",
    );
    expect(() => int([1]).maskedFill(array([true]), 0.5)).toThrow("maskedFill: 0.5 does not fit in int32");
    expect(() => int([1]).maskedFill(array([true]), -inf)).toThrow(
      "maskedFill: -Infinity does not fit in int32",
    );
  });
});

describe("concat, stack and split", () => {
  it("split undoes concat, along any axis, over any strides", () => {
    fc.assert(
      fc.property(
        shapes(3),
        fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }),
        fc.nat(4095),
        (rest, sizes, seed) => {
          for (let axis = 0; axis <= rest.length; axis++) {
            const pieces = sizes.map((n, i) =>
              scattered([...rest.slice(0, axis), n, ...rest.slice(axis)], seed >> i),
            );
            const joined = concat(pieces, axis);
            const cut = split(joined, sizes, axis);
            expect(cut.map((x) => x.toArray())).toEqual(pieces.map((x) => x.toArray()));
            expect(cut[0].data).toBe(joined.data);
          }
        },
      ),
    );
  });

  it("stack is concat with a new axis", () => {
    const [a, b] = [iota([2, 3]), iota([2, 3]).add(10)];
    for (const axis of [0, 1, 2, -1]) {
      const s = stack([a, b], axis);
      expect(s.select(axis, 0).toArray()).toEqual(a.toArray());
      expect(s.select(axis, 1).toArray()).toEqual(b.toArray());
    }
    expect(stack([array(1), array(2)]).toArray()).toEqual([1, 2]);
  });

  it("concat promotes; split by one size leaves a smaller last piece", () => {
    expect(concat([array([true]), int([3])]).toArray()).toEqual([1, 3]);
    expect(concat([int([3]), array([0.5])]).dtype).toBe("float32");
    expect(split(iota([7]), 3).map((x) => x.size)).toEqual([3, 3, 1]);
    expect(split(iota([0]), 3).map((x) => x.size)).toEqual([0]);
  });

  it("say what is wrong", () => {
    expect(() => concat([])).toThrow("concat: expected at least one array, got an empty list");
    expect(() => concat([iota([2, 3]), iota([2, 4])])).toThrow(
      "concat: expected sizes to agree except along axis 0, got (2, 3) and (2, 4) at position 1",
    );
    expect(() => concat([array(1)])).toThrow("concat: scalars have no axis to join along; use stack()");
    expect(() => stack([iota([2]), iota([3])])).toThrow(
      "stack: expected equal shapes, got (2,) and (3,) at position 1",
    );
    expect(() => split(iota([4]), [1, 2])).toThrow(
      "split: expected sizes that sum to 4, the length of axis 0, got [1, 2]",
    );
    expect(() => split(iota([4]), 0)).toThrow("split: expected a size >= 1, got 0");
  });
});

describe("pad and roll", () => {
  it("pad surrounds or crops every axis", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.integer({ min: 1, max: 3 }),
            fc.integer({ min: -2, max: 2 }),
            fc.integer({ min: -2, max: 2 }),
          ),
          {
            maxLength: 3,
          },
        ),
        fc.nat(4095),
        (axes, seed) => {
          const shape = axes.map(([n]) => n);
          const result = axes.map(([n, a, b]) => n + a + b);
          const x = scattered(shape, seed);
          const widths = axes.map(([, a, b]) => [a, b] as const);
          if (result.some((n) => n < 0)) {
            expect(() => x.pad(widths)).toThrow("cropping no more than there is");
            return;
          }
          const expected = nested(result, (index) => {
            const from = index.map((i, axis) => i - widths[axis][0]);
            return from.every((i, axis) => i >= 0 && i < shape[axis]) ? x.get(from) : -1;
          });
          expect(x.pad(widths, -1).toArray()).toEqual(expected);
        },
      ),
    );
    expect(
      ones([2, 2])
        .pad([[1, 0]])
        .toArray(),
    ).toEqual([
      [0, 1, 1],
      [0, 1, 1],
    ]);
    expect(() =>
      ones([2]).pad([
        [0, 0],
        [0, 0],
      ]),
    ).toThrow("pad: widths [[0, 0], [0, 0]] do not fit shape (2,)");
  });

  it("roll moves entry i to (i + shift) mod n", () => {
    fc.assert(
      fc.property(shapes(3, 1), fc.nat(4095), fc.integer({ min: -9, max: 9 }), (shape, seed, shift) => {
        const x = scattered(shape, seed);
        shape.forEach((n, axis) => {
          const y = x.roll(shift, axis);
          for (const at of indices(shape)) {
            expect(y.get(replace(at, axis, (((at[axis] + shift) % n) + n) % n))).toBe(x.get(at));
          }
        });
      }),
    );
    const x = iota([2, 3]);
    expect(x.roll(2).flat()).toEqual(Float64Array.of(4, 5, 0, 1, 2, 3));
    expect(x.roll([1, -1], [0, 1]).toArray()).toEqual(x.roll(1, 0).roll(-1, 1).toArray());
    expect(zeros([0, 2]).roll(1, 0).shape).toEqual([0, 2]);
    expect(() => x.roll([1, 2], 0)).toThrow(
      "roll: expected one whole shift per axis, got shifts [1, 2] for axes [0]",
    );
    expect(() => x.roll([1, 2])).toThrow("roll: several shifts need as many axes");
  });
});

describe("tril and triu", () => {
  it("keep one side of diagonal k, in every matrix of a batch", () => {
    fc.assert(
      fc.property(
        fc.nat(2),
        fc.nat(4),
        fc.nat(4),
        fc.integer({ min: -6, max: 6 }),
        fc.nat(4095),
        (b, m, n, k, seed) => {
          const x = scattered([b, m, n], seed).add(1);
          const expected = (keep: (i: number, j: number) => boolean) =>
            nested([b, m, n], ([l, i, j]) => (keep(i, j) ? x.get([l, i, j]) : 0));
          expect(x.tril(k).toArray()).toEqual(expected((i, j) => j - i <= k));
          expect(x.triu(k).toArray()).toEqual(expected((i, j) => j - i >= k));
        },
      ),
    );
    expect(() => iota([3]).tril()).toThrow("tril: expected at least 2 axes, got shape (3,)");
  });
});

describe("sort and topk", () => {
  const values = fc.constantFrom(0, -0, 1, -1, 2, 3, nan, inf, -inf);

  it("sort is stable with NaN as the largest; indices lead back", () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 8 }), fc.boolean(), (list, descending) => {
        const x = array(list, { dtype: "float64" });
        const rank = (v: number) => (Number.isNaN(v) ? 9 : v === inf ? 8 : v === -inf ? -8 : v);
        const order = list
          .map((_, i) => i)
          .sort((i, j) => (rank(list[i]) - rank(list[j])) * (descending ? -1 : 1) || i - j);
        const sorted = x.sort(0, { descending });
        expect([...sorted.indices.flat()]).toEqual(order);
        expect([...sorted.values.flat()]).toEqual(order.map((i) => list[i]));
        for (let k = 0; k <= list.length; k++) {
          const top = x.topk(k, 0, { largest: descending });
          expect([...top.indices.flat()]).toEqual(order.slice(0, k));
          expect([...top.values.flat()]).toEqual(order.slice(0, k).map((i) => list[i]));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("work along any axis, over any strides", () => {
    fc.assert(
      fc.property(shapes(3, 1), fc.nat(4095), (shape, seed) => {
        const x = scattered(shape, seed).mul(5).remainder(7);
        shape.forEach((n, axis) => {
          const { values, indices: order } = x.sort(axis - shape.length);
          expect(values.toArray()).toEqual(x.gather(axis, order).toArray());
          for (let i = 1; i < n; i++) {
            expect(
              values
                .select(axis, i)
                .ge(values.select(axis, i - 1))
                .all()
                .item(),
            ).toBe(1);
          }
          const top = x.topk(1, axis);
          expect(elementsOf(top.values)).toEqual(elementsOf(x.max(axis, { keepDims: true })));
          expect(elementsOf(top.indices)).toEqual(elementsOf(x.argmax(axis, { keepDims: true })));
        });
      }),
    );
    expect(array(3).sort().values.item()).toBe(3);
    expect(array(3).topk(1).indices.item()).toBe(0);
    expect(zeros([2, 0]).sort().values.shape).toEqual([2, 0]);
    expect(() => iota([2, 3]).topk(4)).toThrow("topk: expected k in [0, 3] for axis 1 of (2, 3), got 4");
  });
});
