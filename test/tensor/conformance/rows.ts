import fc from "fast-check";
import { expect, it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import { close, doubles, exact, guarded, numbers, places, put, randomFrom, seeds, sizes } from "./arrays";

export function rowsConformance(make: () => Device): void {
  const indexed = fc.record({ tableRows: fc.integer({ min: 1, max: 9 }), count: sizes(30), n: sizes(50) });
  const pick = (seed: number, count: number, tableRows: number) => {
    const random = randomFrom(seed);
    return Int32Array.from({ length: count }, () => Math.floor(random() * tableRows));
  };

  it("gather: from float32, int32 and bool, whatever the places", () => {
    const device = make();
    fc.assert(
      fc.property(indexed, sizes(7), seeds, places, ({ tableRows, count, n }, inner, seed, place) => {
        // x (outer, tableRows, n, inner) with a row of the last axis left out.
        const outer = Int32Array.from({ length: 3 }, (_, i) => 1 + i * tableRows * n * (inner + 1));
        const within = Int32Array.from({ length: n * inner }, (_, j) => j + Math.floor(j / inner));
        const step = n * (inner + 1);
        const indices = pick(seed, 3 * count * within.length, tableRows);
        const size = 1 + 3 * tableRows * step;
        const x = numbers(seed, size, true);
        const want = new Float32Array(indices.length);
        if (indices.length > 0) reference.gather(x, outer, step, within, indices, want);
        const { out, check } = guarded(device, place, indices.length);
        if (indices.length > 0)
          device.kernels.gather(put(device, place, x), outer, step, within, indices, out);
        exact(out, want);
        check();
        for (const dtype of ["int32", "bool"] as const) {
          const y = device.kernels.alloc(dtype, size);
          for (let i = 0; i < size; i++) y[i] = i % 251;
          const picked = device.kernels.alloc(dtype, indices.length);
          const wanted = picked.slice();
          if (indices.length === 0) continue;
          reference.gather(y, outer, step, within, indices, wanted);
          device.kernels.gather(y, outer, step, within, indices, picked);
          exact(Float32Array.from(picked), Float32Array.from(wanted));
        }
      }),
    );
  });

  it.each(["sum", "assign"] as const)(
    "scatter %s: the last of one place, sums in order, places between stay",
    (op) => {
      const device = make();
      const shapes = fc.oneof(
        fc.record({
          lines: sizes(4),
          places: fc.integer({ min: 1, max: 9 }),
          count: sizes(30),
          columns: sizes(41),
        }),
        // Large enough for threads: lines, columns and places are shared.
        fc.constantFrom(
          { lines: 5, places: 300, count: 7001, columns: 3 },
          { lines: 1, places: 70, count: 900, columns: 67 },
          { lines: 1, places: 3001, count: 50_003, columns: 1 },
          { lines: 1, places: 7, count: 20_001, columns: 3 },
        ),
      );
      fc.assert(
        fc.property(shapes, fc.boolean(), fc.boolean(), seeds, (shape, turned, ints, seed) => {
          const { lines, places, count, columns } = shape;
          const size = lines * count * columns;
          if (size === 0) return;
          // Into (lines, places, columns), or with the places outermost, and a gap behind each row.
          const row = columns + 1;
          const step = turned ? lines * row : row;
          const outer = Int32Array.from({ length: lines }, (_, o) => 3 + o * (turned ? row : places * row));
          const inner = Int32Array.from({ length: columns }, (_, j) => j);
          const indices = pick(seed, size, places);
          const dtype = ints ? "int32" : "float32";
          const [x, out] = [size, 3 + lines * places * row + 200].map((length, i) => {
            const data = device.kernels.alloc(dtype, length + 200).subarray(0, length);
            data.set(numbers(seed + i, length).map((v) => (ints ? Math.round(v * 1e9) : v)));
            return data;
          });
          const want = out.slice();
          reference.scatter(op, x, outer, step, inner, indices, want);
          device.kernels.scatter(op, x, outer, step, inner, indices, out);
          exact(out, want);
        }),
        { numRuns: 40 },
      );
      // By hand: (places 0, 1, 2) of one column.
      const out = Float32Array.of(10, 20, 30);
      const lists = [Int32Array.of(0), 1, Int32Array.of(0), Int32Array.of(2, 0, 2)] as const;
      device.kernels.scatter(op, Float32Array.of(1, 2, 4), ...lists, out);
      expect([...out]).toEqual(op === "sum" ? [12, 20, 35] : [2, 20, 4]);
    },
  );

  it("gatherRows", () => {
    const device = make();
    fc.assert(
      fc.property(indexed, seeds, places, ({ tableRows, count, n }, seed, place) => {
        const table = numbers(seed, tableRows * n, true);
        const indices = pick(seed, count, tableRows);
        const want = new Float32Array(count * n);
        reference.gatherRows(table, indices, want, n);
        const { out, check } = guarded(device, place, count * n);
        device.kernels.gatherRows(put(device, place, table), indices, out, n);
        exact(out, want);
        check();
      }),
    );
  });

  it("scatterAddRows: repeated rows add up", () => {
    const device = make();
    fc.assert(
      fc.property(indexed, seeds, places, ({ tableRows, count, n }, seed, place) => {
        const table = numbers(seed, tableRows * n);
        const x = numbers(seed + 1, count * n);
        const indices = pick(seed, count, tableRows);
        const want = doubles(table);
        reference.scatterAddRows(want, indices, doubles(x), n);
        const { out, check } = guarded(device, place, tableRows * n);
        out.set(table);
        device.kernels.scatterAddRows(out, indices, put(device, place, x), n);
        close(out, want, { absolute: 1e-5 });
        check();
      }),
    );
  });
}
