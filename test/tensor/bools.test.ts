import { describe, expect, it } from "vitest";
import { nd } from "../../src";

/** Bools are looked at many at a time: every length, every start in memory, every place of the one that decides. */
describe("many bools at once", () => {
  const of = (bits: readonly number[]) => nd.array(bits, { dtype: "bool" });
  const lengths = Array.from({ length: 14 }, (_, n) => n);

  it("any and all find the one that decides wherever it is", () => {
    for (const n of lengths)
      for (let start = 0; start < 5; start++)
        for (let place = -1; place < n; place++) {
          const around = new Array<number>(start).fill(1);
          const one = Array.from({ length: n }, (_, i) => Number(i === place));
          const part = (list: readonly number[], edge: number) =>
            of([...around.map(() => edge), ...list, edge, edge, edge]).narrow(0, start, n);
          expect([n, start, place, part(one, 1).any().item()]).toEqual([n, start, place, Number(place >= 0)]);
          const zero = one.map((bit) => 1 - bit);
          expect([n, start, place, part(zero, 0).all().item()]).toEqual([n, start, place, Number(place < 0)]);
        }
  });

  it("any and all of rows do not look beyond them", () => {
    const rows = nd.ones([5, 7], { dtype: "bool" });
    rows.set([3, 6], 0);
    expect(rows.all(1).toArray()).toEqual([true, true, true, false, true]);
    expect(rows.logicalNot().any(1).toArray()).toEqual([false, false, false, true, false]);
  });

  it("logicalNot turns each, of views and large arrays too", () => {
    for (const n of lengths)
      for (let start = 0; start < 5; start++) {
        const bits = Array.from({ length: n + start }, (_, i) => Number((i * i) % 3 === 1));
        const not = of(bits).narrow(0, start, n).logicalNot();
        expect([...not.flat()]).toEqual(bits.slice(start).map((bit) => 1 - bit));
      }
    const large = nd.randn([301, 203]).gt(0);
    expect(large.logicalNot().equal(large.eq(0))).toBe(true);
    expect(large.transpose().logicalNot().equal(large.eq(0).transpose())).toBe(true);
    expect(nd.array([2, 0, -1]).logicalNot().toArray()).toEqual([false, true, false]);
    expect(of([1]).reshape([]).logicalNot().toArray()).toBe(false);
  });

  it("equal sees a difference in any place", () => {
    const x = nd.randn([40, 41]);
    for (const at of [0, 1, 839, 1638, 1639]) {
      const y = x.clone();
      y.reshape([1640]).set([at], 9);
      expect(x.equal(y)).toBe(false);
    }
    expect(x.equal(x.clone())).toBe(true);
  });
});
