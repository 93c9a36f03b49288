import fc from "fast-check";
import { expect, it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import type { PoolSizes } from "../../../src/tensor/kernels";
import { close, doubles, exact, guarded, numbers, places, put, randomFrom, seeds, sizes } from "./arrays";

/** Spans over `n` cells: windows anywhere, overlapping or not, some without a cell. */
function spansOf(seed: number, n: number, count: number, step: number): Int32Array {
  const random = randomFrom(seed);
  const spans = new Int32Array(4 * count);
  for (let i = 0; i < count; i++) {
    const start = Math.floor(random() * n);
    const end = start + Math.ceil(random() * (n - start) - 0.1);
    spans.set([start, end, step, Math.max(1, end - start) + Math.floor(random() * 2)], 4 * i);
  }
  return spans;
}

export function poolingConformance(make: () => Device): void {
  const cases = fc
    .record({
      planes: sizes(9),
      height: fc.integer({ min: 1, max: 20 }),
      width: fc.integer({ min: 1, max: 40 }),
      count: fc.tuple(sizes(9), sizes(9)),
      step: fc.integer({ min: 1, max: 3 }),
      seed: seeds,
    })
    .map(({ planes, height, width, count, step, seed }) => ({
      seed,
      length: planes * height * width,
      windows: planes * count[0] * count[1],
      sizesOf: (step: number): PoolSizes => ({
        ...{ planes, height, width },
        rows: spansOf(seed, height, count[0], step),
        columns: spansOf(seed + 1, width, count[1], step),
      }),
      step,
    }));

  it("maxPool and maxPoolBackward: any windows, NaN too", () => {
    const device = make();
    fc.assert(
      fc.property(cases, places, fc.boolean(), (pool, place, specials) => {
        const all = pool.sizesOf(pool.step);
        const x = numbers(pool.seed, pool.length, specials).map((v) => Math.round(4 * v) / 4);
        const want = new Float64Array(pool.windows);
        const wantSource = new Int32Array(pool.windows);
        reference.maxPool(doubles(x), want, wantSource, all);
        const out = guarded(device, place, pool.windows);
        const source = new Int32Array(pool.windows);
        device.kernels.maxPool(put(device, place, x), out.out, source, all);
        exact(out.out, want);
        expect(source).toEqual(wantSource);
        out.check();

        const g = numbers(pool.seed + 2, pool.windows);
        const wantG = new Float64Array(pool.length);
        reference.maxPoolBackward(doubles(g), source, wantG, all);
        const gx = guarded(device, place, pool.length);
        device.kernels.maxPoolBackward(put(device, place, g), source, gx.out, all);
        close(gx.out, wantG, { absolute: 2e-5 });
        gx.check();
      }),
      { numRuns: 200 },
    );
  });

  it("averagePool and averagePoolBackward: any windows", () => {
    const device = make();
    fc.assert(
      fc.property(cases, places, (pool, place) => {
        const all = pool.sizesOf(1);
        const x = numbers(pool.seed, pool.length);
        const want = new Float64Array(pool.windows);
        reference.averagePool(doubles(x), want, all);
        const out = guarded(device, place, pool.windows);
        device.kernels.averagePool(put(device, place, x), out.out, all);
        close(out.out, want, { absolute: 5e-6 });
        out.check();

        const g = numbers(pool.seed + 2, pool.windows);
        const wantG = new Float64Array(pool.length);
        reference.averagePoolBackward(doubles(g), wantG, all);
        const gx = guarded(device, place, pool.length);
        device.kernels.averagePoolBackward(put(device, place, g), gx.out, all);
        close(gx.out, wantG, { absolute: 2e-5 });
        gx.check();
      }),
      { numRuns: 200 },
    );
  });

  it("pools: other types keep their own arithmetic", () => {
    const device = make();
    const spans = Int32Array.of(0, 2, 1, 2, 1, 3, 1, 2);
    const all: PoolSizes = { planes: 1, height: 3, width: 3, rows: spans, columns: spans };
    const x = Int32Array.from({ length: 9 }, (_, i) => i * 2 ** 27);
    const [out, source] = [new Int32Array(4), new Int32Array(4)];
    device.kernels.maxPool(x, out, source, all);
    expect([...source]).toEqual([4, 5, 7, 8]);
    expect([...out]).toEqual([4, 5, 7, 8].map((i) => i * 2 ** 27));
    const mean = new Float64Array(4);
    device.kernels.averagePool(
      Float64Array.from(x, (v) => v + 0.25),
      mean,
      all,
    );
    expect([...mean]).toEqual([2, 3, 5, 6].map((i) => i * 2 ** 27 + 0.25));
  });
}
