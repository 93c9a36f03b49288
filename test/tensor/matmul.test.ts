import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { array, ones, zeros } from "../../src/tensor";
import { reference } from "../../src/tensor/devices/reference";
import { createWasm } from "../../src/tensor/devices/wasm";
import { indices, iota, scattered } from "./arrays";
import { doubles, numbers } from "./conformance/arrays";

describe("matmul", () => {
  it("sums products over the inner axis, with broadcast batches and any strides, empty sizes too", () => {
    const size = fc.integer({ min: 0, max: 3 });
    const batch = fc.array(fc.constantFrom<[number, number]>([1, 1], [2, 2], [1, 3], [3, 1], [1, 0]), {
      maxLength: 2,
    });
    fc.assert(
      fc.property(
        size,
        size,
        size,
        batch,
        fc.nat(2),
        fc.nat(4095),
        fc.nat(4095),
        (m, k, n, lead, drop, s, t) => {
          const a = scattered([...lead.map(([i]) => i), m, k], s);
          const b = scattered([...lead.map(([, j]) => j).slice(drop), k, n], t);
          const dropped = lead.map(([i, j], axis) => [i, axis < drop ? 1 : j]);
          const full = dropped.map(([i, j]) => (i === 1 ? j : i));
          const y = a.matmul(b);
          expect(y.shape).toEqual([...full, m, n]);
          for (const index of indices(y.shape)) {
            const outer = index.slice(0, -2);
            const [i, j] = index.slice(-2);
            const left = outer.map((v, axis) => (dropped[axis][0] === 1 ? 0 : v));
            const right = outer.map((v, axis) => (dropped[axis][1] === 1 ? 0 : v)).slice(drop);
            let sum = 0;
            for (let p = 0; p < k; p++) sum += a.get([...left, i, p]) * b.get([...right, p, j]);
            expect(y.get(index)).toBe(sum);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("reads a transposed view where it lies", () => {
    const a = iota([3, 4]);
    const b = iota([5, 4]);
    expect(a.matmul(b.transpose()).toArray()).toEqual(a.matmul(b.transpose().contiguous()).toArray());
    const q = iota([2, 3, 4, 5]).permute([0, 2, 1, 3]);
    const k = iota([2, 6, 4, 5]).permute([0, 2, 3, 1]);
    expect(q.matmul(k).toArray()).toEqual(q.contiguous().matmul(k.contiguous()).toArray());
  });

  it("takes vectors as a row or a column", () => {
    const v = array([1, 2, 3]);
    const w = iota([3, 2], "float32");
    expect(v.matmul(v).item()).toBe(14);
    expect(v.matmul(v).shape).toEqual([]);
    expect(v.matmul(w).toArray()).toEqual([16, 22]);
    expect(w.transpose().matmul(v).toArray()).toEqual([16, 22]);
    expect(ones([4, 2, 3]).matmul(v).shape).toEqual([4, 2]);
    expect(v.matmul(ones([4, 3, 2])).shape).toEqual([4, 2]);
  });

  it("promotes: integers stay integers, float64 wins", () => {
    const i = array([[2]], { dtype: "int32" });
    expect(i.matmul(i).dtype).toBe("int32");
    expect(
      array([[true]])
        .matmul(i)
        .item(),
    ).toBe(2);
    expect(i.matmul(ones([1, 1])).dtype).toBe("float32");
    expect(ones([1, 1]).matmul(ones([1, 1], { dtype: "float64" })).dtype).toBe("float64");
  });

  it("propagates NaN and infinities", () => {
    const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
    expect(
      array([[0, 1]])
        .matmul(array([[nan], [1]]))
        .item(),
    ).toBeNaN();
    expect(
      array([[0, 1]])
        .matmul(array([[inf], [1]]))
        .item(),
    ).toBeNaN();
  });

  it("says which sizes differ, with a hint only when it is true", () => {
    const message = (run: () => unknown) => {
      try {
        run();
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(message(() => zeros([2, 3]).matmul(zeros([5, 3])))).toBe(
      "matmul: inner sizes differ, (2, 3) · (5, 3); did you mean b.transpose()?",
    );
    expect(message(() => zeros([3, 2]).matmul(zeros([3, 5])))).toBe(
      "matmul: inner sizes differ, (3, 2) · (3, 5); did you mean a.transpose()?",
    );
    expect(message(() => zeros([2, 3]).matmul(zeros([4, 5])))).toBe(
      "matmul: inner sizes differ, (2, 3) · (4, 5)",
    );
    expect(message(() => zeros([2, 3]).matmul(zeros([2])))).toBe(
      "matmul: inner sizes differ, (2, 3) · (2,); did you mean a.transpose()?",
    );
    expect(message(() => zeros([]).matmul(zeros([2])))).toBe(
      "matmul: expected at least 1 axis on both sides, got () · (2,); use mul() for scalars",
    );
    expect(message(() => zeros([2, 1, 1]).matmul(zeros([3, 1, 1])))).toContain(
      "matmul: shapes (2,) and (3,) do not broadcast",
    );
  });
});

describe("a product of two vectors on the wasm device", () => {
  it.each([100, 100_019])("of %i: terms that float32 does not hold cancel, or add up", (k) => {
    const { kernels } = createWasm(reference, { threads: 1 });
    const [x, y] = [numbers(5, k), numbers(6, k)];
    const size = {
      batch: 1,
      m: 1,
      k,
      n: 1,
      transposeA: false,
      transposeB: false,
      sharedA: false,
      sharedB: false,
    };
    const product = (scale: number) => {
      const [a, b] = [x, y].map((numbers) => numbers.map((value) => value * scale));
      const [out, want] = [new Float32Array(1), new Float64Array(1)];
      kernels.matmul(a, b, out, size);
      reference.matmul(doubles(a), doubles(b), want, size);
      return [out[0], want[0]];
    };
    const [small, wantSmall] = product(1e-21); // terms of 1e-42, of which float32 has two digits
    expect(small).toBe(Math.fround(wantSmall));
    x.set([1e25, 1e25], 17);
    y.set([1e25, -1e25], 17); // 1e50 − 1e50
    const [sum, want] = product(1);
    expect(Math.abs(sum - want)).toBeLessThan(1e-5 * Math.sqrt(k));
  });
});
