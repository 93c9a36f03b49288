import fc from "fast-check";
import { expect, it } from "vitest";
import { nd } from "../../src";
import { placesOfKth } from "../../src/tensor/ops/order";
import { strided } from "../../src/tensor/strided";

const odd = [
  0,
  -0,
  Number.NaN,
  -Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  1e-45,
  -1e-45,
  3e38,
];

const orderOf = (row: Float32Array | Int32Array, descending = false) => {
  const dtype = row instanceof Int32Array ? "int32" : "float32";
  return nd
    .array([...row], { dtype })
    .sort(0, { descending })
    .indices.flat();
};

/** As the definition has it: by comparing, equals by their places, NaN last. */
function compared(row: ArrayLike<number>, descending: boolean): number[] {
  const rank = (a: number, b: number) =>
    Number.isNaN(a) || Number.isNaN(b) ? Number(Number.isNaN(a)) - Number(Number.isNaN(b)) : a - b || 0;
  const sign = (a: number, b: number) => (a === b ? 0 : rank(a, b));
  return Array.from(row, (_, i) => i).sort(
    (i, j) => (descending ? sign(row[j], row[i]) : sign(row[i], row[j])) || i - j,
  );
}

it("numbers of every size and sign, equals, −0, infinities, NaN, in both directions", () => {
  const value = fc.oneof(
    fc.constantFrom(...odd),
    fc.integer({ min: -5, max: 5 }),
    fc.float({ noNaN: true }),
    fc.float({ min: -1, max: 1 }),
  );
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 400 }), fc.boolean(), (list, descending) => {
      const row = Float32Array.from(list);
      expect([...orderOf(row, descending)]).toEqual(compared(row, descending));
    }),
  );
});

it("integers, to both ends of int32", () => {
  const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer());
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 400 }), fc.boolean(), (list, descending) => {
      const row = Int32Array.from(list);
      expect([...orderOf(row, descending)]).toEqual(compared(row, descending));
    }),
  );
});

it("long rows, whose digits are wider; equal elements alone", () => {
  const row = nd.randn([5000]).mul(1e3).data as Float32Array;
  expect([...orderOf(row)]).toEqual(compared(row, false));
  expect([...orderOf(new Float32Array(300).fill(2.5), true)]).toEqual([...Array(300).keys()]);
});

it("sort and unique give the same along a long axis as along a short one", () => {
  const x = nd.randn([300, 2]).mul(3).round();
  const { values, indices } = x.sort(0);
  for (const column of [0, 1]) {
    const list = x.select(1, column).toArray() as number[];
    expect(indices.select(1, column).toArray()).toEqual(compared(list, false));
    expect(values.select(1, column).toArray()).toEqual(compared(list, false).map((i) => list[i]));
  }
  const { values: different, counts } = x.unique();
  expect(different.toArray()).toEqual([...new Set(x.flat())].map((v) => v + 0).sort((a, b) => a - b));
  expect(counts.sum().item()).toBe(600);
});

it("the kth of a row is where a stable sort has it, also of equals, of rows in order and of those that part badly", () => {
  const placeOf = (row: Float32Array | Int32Array, k: number) => {
    const dtype = row instanceof Float32Array ? "float32" : "int32";
    return placesOfKth(strided(row, dtype, [row.length]), 0, k).data[0];
  };
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 99 }),
      fc.nat(98),
      (list, k) => {
        const at = k % list.length;
        for (const row of [Int32Array.from(list), Float32Array.from(list, (x) => x / 3)])
          expect(placeOf(row, at)).toBe(orderOf(row)[at]);
      },
    ),
  );
  const shapes: ((i: number) => number)[] = [
    (i) => i,
    (i) => -i,
    (i) => Math.abs(i - 500),
    (i) => i % 2,
    () => 7,
  ];
  for (const shape of shapes) {
    const row = Float32Array.from({ length: 1001 }, (_, i) => shape(i));
    const order = orderOf(row);
    for (const k of [0, 1, 499, 500, 501, 999, 1000]) expect(placeOf(row, k)).toBe(order[k]);
  }
});

it("unique: −0 is 0, as it came first; each NaN is one of its own", () => {
  const x = nd.array([Number.NaN, 1, -0, Number.NaN, 0, 1]);
  const { values, inverse, counts } = x.unique();
  expect(values.toArray()).toEqual([-0, 1, Number.NaN, Number.NaN]);
  expect(inverse.toArray()).toEqual([2, 1, 0, 3, 0, 1]);
  expect(counts.toArray()).toEqual([2, 2, 1, 1]);
});

it("the median of rows: of a row with NaN the last NaN, at the place where it stands, along either axis", () => {
  const x = nd.randn([5, 41]);
  x.set([3, 7], Number.NaN);
  x.set([3, 20], Number.NaN);
  for (const [y, axis] of [
    [x, 1],
    [x.transpose(), 0],
  ] as const) {
    const places = placesOfKth(strided(y.contiguous().data, "float32", y.shape), axis, 20);
    expect(places.data[3]).toBe(20);
    const medians = y.median(axis).toArray() as number[];
    for (const row of [0, 1, 2, 4]) expect(medians[row]).toBe(x.select(0, row).sort().values.get([20]));
    expect(medians[3]).toBeNaN();
  }
});

it("one wrong index among thousands is found, and the ends of the range are right", () => {
  const x = nd.randn([50]);
  const index = nd.randint(0, 50, [5000]);
  index.set([0], 49);
  index.set([1], 0);
  expect(x.indexSelect(0, index).size).toBe(5000);
  for (const odd of [-1, 50, -(2 ** 31), 2 ** 31 - 1]) {
    const wrong = index.clone();
    wrong.set([4001], odd);
    expect(() => x.indexSelect(0, wrong)).toThrow(`indices in [0, 49], got ${odd} at position 4001`);
  }
});

it("histc: the ends of its own range, integers, and what is not finite among many", () => {
  const x = nd.arange(0, 5000);
  expect(x.histc(5).toArray()).toEqual([1000, 1000, 1000, 1000, 1000]);
  const floats = x.to("float32").neg();
  expect(floats.histc(2).toArray()).toEqual([2500, 2500]);
  for (const odd of [Number.NaN, Number.NEGATIVE_INFINITY]) {
    floats.set([77], odd);
    expect(() => floats.histc(2)).toThrow(
      `histc: expected finite elements, from which the range follows, got ${odd}`,
    );
  }
});

it("histc: elements of any size", () => {
  // So large that one more is the same number.
  for (const one of [1e30, -1e30, 1e8, 3]) {
    for (const dtype of ["float32", "float64"] as const)
      expect(nd.array([one], { dtype }).histc(4).toArray()).toEqual([0, 0, 1, 0]);
  }
  // A range larger than any number.
  expect(nd.array([-1.7e308, 0, 1.7e308], { dtype: "float64" }).histc(3).toArray()).toEqual([1, 1, 1]);
  expect(nd.array([0, 5e-324], { dtype: "float64" }).histc(2).toArray()).toEqual([1, 1]);
});
