import fc from "fast-check";
import { expect, it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import { close, doubles, guarded, matrices, numbers, places, put, seeds } from "./arrays";

export function softmaxConformance(make: () => Device): void {
  it.each(["softmax", "logSoftmax"] as const)("%s", (kernel) => {
    const device = make();
    fc.assert(
      fc.property(matrices, seeds, places, fc.constantFrom(1, 100), ({ rows, n }, seed, place, spread) => {
        const x = numbers(seed, rows * n).map((value) => value * spread);
        const want = new Float64Array(rows * n);
        reference[kernel](doubles(x), want, rows, n);
        const { out, check } = guarded(device, place, rows * n);
        device.kernels[kernel](put(device, place, x), out, rows, n);
        close(out, want, { absolute: kernel === "softmax" ? 1e-6 : 1e-5 * spread });
        check();
      }),
    );
  });

  it.each(["softmaxBackward", "logSoftmaxBackward"] as const)("%s", (kernel) => {
    const device = make();
    fc.assert(
      fc.property(matrices, seeds, places, ({ rows, n }, seed, place) => {
        const y = new Float32Array(rows * n);
        reference[kernel === "softmaxBackward" ? "softmax" : "logSoftmax"](
          numbers(seed, rows * n),
          y,
          rows,
          n,
        );
        const g = numbers(seed + 1, rows * n);
        const want = new Float64Array(rows * n);
        reference[kernel](doubles(y), doubles(g), want, rows, n);
        const { out, check } = guarded(device, place, rows * n);
        device.kernels[kernel](put(device, place, y), put(device, place, g), out, rows, n);
        close(out, want, { absolute: 2e-5 });
        check();
      }),
    );
  });

  it.each([4, 5, 67])("softmax: masked entries get 0, a row of −∞ or with NaN gives NaN (n = %i)", (n) => {
    const device = make();
    const x = numbers(9, 4 * n);
    x.fill(Number.NEGATIVE_INFINITY, 1, n - 1); // all but the ends
    x.fill(Number.NEGATIVE_INFINITY, n, 2 * n);
    x[2 * n + n - 1] = Number.NaN;
    const [y, log] = [new Float32Array(4 * n), new Float32Array(4 * n)];
    device.kernels.softmax(x, y, 4, n);
    device.kernels.logSoftmax(x, log, 4, n);
    expect(y[0] + y[n - 1]).toBeCloseTo(1, 6);
    expect(Array.from(y.subarray(1, n - 1))).toEqual(Array(n - 2).fill(0));
    expect(Array.from(log.subarray(1, n - 1))).toEqual(Array(n - 2).fill(Number.NEGATIVE_INFINITY));
    for (const out of [y, log]) {
      expect(out.subarray(n, 3 * n).every(Number.isNaN)).toBe(true);
      expect(out.subarray(3 * n).some(Number.isNaN)).toBe(false);
    }
  });
}
