import fc from "fast-check";
import { it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import { close, doubles, exact, guarded, numbers, places, put, randomFrom, seeds, sizes } from "./arrays";

export function rowsConformance(make: () => Device): void {
  const indexed = fc.record({ tableRows: fc.integer({ min: 1, max: 9 }), count: sizes(30), n: sizes(50) });
  const pick = (seed: number, count: number, tableRows: number) => {
    const random = randomFrom(seed);
    return Int32Array.from({ length: count }, () => Math.floor(random() * tableRows));
  };

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
