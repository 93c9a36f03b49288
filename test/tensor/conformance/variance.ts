import fc from "fast-check";
import { expect, it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import { close, doubles, guarded, numbers, places, put, seeds } from "./arrays";

/** A million and a bit: float32 holds these numbers, but not their squares to the digits that differ. */
const far = [1e6, 1e6 + 1, 1e6 + 1, 1e6, 1e6 + 1, 1e6];

/** Variances along the middle of three axes, and their roots. */
export function varianceConformance(make: () => Device): void {
  it("variance and its root: any sizes and divisor", () => {
    const device = make();
    const size = fc.integer({ min: 1, max: 70 });
    const few = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(few, size, few, seeds, places, fc.boolean(), (outer, n, inner, seed, place, root) => {
        const x = numbers(seed, outer * n * inner, true);
        const divisor = Math.max(1, n - 1);
        const want = new Float64Array(outer * inner);
        reference.variance(doubles(x), want, outer, n, inner, divisor, root);
        const { out, check } = guarded(device, place, outer * inner);
        device.kernels.variance(put(device, place, x), out, outer, n, inner, divisor, root);
        close(out, want);
        check();
      }),
    );
  });

  it("variance and its root: far from 0, close together, large and small", () => {
    const device = make();
    for (const n of [6, 18, 768]) {
      for (const [outer, inner] of [
        [3, 1],
        [1, 5],
        [2, 4],
      ]) {
        for (const root of [false, true]) {
          const along = (pattern: Float32Array) =>
            Float32Array.from({ length: outer * n * inner }, (_, at) => pattern[Math.floor(at / inner) % n]);
          const result = (x: Float32Array) => {
            const out = new Float32Array(outer * inner);
            device.kernels.variance(x, out, outer, n, inner, n - 1, root);
            return out;
          };
          const all = (variance: number) =>
            new Float64Array(outer * inner).fill(root ? Math.sqrt(variance) : variance);
          const spread = n / (n - 1);
          close(result(along(repeated(far, n))), all(0.25 * spread), { absolute: 0, relative: 1e-6 });
          for (const size of [1e20, 1e-25, 1]) {
            const variance = size ** 2 * spread;
            const want = root ? variance : Math.fround(variance);
            close(result(along(repeated([size, -size], n))), all(want), { absolute: 0, relative: 1e-6 });
          }
          expect(result(along(new Float32Array(n).fill(7)))).toEqual(Float32Array.from(all(0)));
        }
      }
    }
  });
}

/** `pattern` again and again. */
const repeated = (pattern: readonly number[], length: number) =>
  Float32Array.from({ length }, (_, i) => pattern[i % pattern.length]);
