import fc from "fast-check";
import { it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import { close, doubles, exact, guarded, numbers, places, put, seeds, sizes } from "./arrays";

export function batchNormConformance(make: () => Device): void {
  it("batchNorm and batchNormBackward, with and without weight and bias", () => {
    const device = make();
    const shapes = fc.oneof(
      fc.record({
        batch: sizes(9),
        channels: fc.integer({ min: 1, max: 9 }),
        n: fc.integer({ min: 1, max: 40 }),
      }),
      fc.record({
        batch: fc.constantFrom(1, 33),
        channels: fc.constantFrom(1, 17),
        n: fc.constantFrom(1, 65, 259),
      }),
    );
    const affine = fc.record({ weight: fc.boolean(), bias: fc.boolean() });
    fc.assert(
      fc.property(shapes, affine, seeds, places, ({ batch, channels, n }, has, seed, place) => {
        const size = batch * channels * n;
        const x = numbers(seed, size).map((value) => value + 3);
        const weight = has.weight ? numbers(seed + 1, channels) : null;
        const bias = has.bias ? numbers(seed + 2, channels) : null;
        const home = (data: Float32Array) => put(device, place, data);
        const lengths = [size, channels, channels];
        // A channel of one number has no variance: keep 1 / √eps moderate.
        const eps = 1e-3;
        const got = lengths.map((length) => guarded(device, place, length));
        const want = lengths.map((length) => new Float64Array(length));
        reference.batchNorm(
          ...([doubles(x), weight && doubles(weight), bias && doubles(bias), eps] as const),
          ...([want[0], want[1], want[2], channels, n] as const),
        );
        device.kernels.batchNorm(
          ...([home(x), weight && home(weight), bias && home(bias), eps] as const),
          ...([got[0].out, got[1].out, got[2].out, channels, n] as const),
        );
        if (batch > 0) {
          got.forEach(({ out }, i) => {
            close(out, want[i], { absolute: i === 0 ? 2e-5 : 1e-6, relative: 1e-5 });
          });
        }

        const g = numbers(seed + 3, size);
        const [mean, variance] = [Float32Array.from(want[1]), Float32Array.from(want[2])];
        const gotG = lengths.map((length) => guarded(device, place, length));
        const wantG = lengths.map((length) => new Float64Array(length));
        const wanted = <T>(arrays: readonly T[]) =>
          [has.weight ? arrays[1] : null, has.bias ? arrays[2] : null, channels, n] as const;
        reference.batchNormBackward(
          ...([doubles(g), doubles(x), weight && doubles(weight), doubles(mean), doubles(variance)] as const),
          ...([eps, wantG[0], ...wanted(wantG)] as const),
        );
        device.kernels.batchNormBackward(
          ...([home(g), home(x), weight && home(weight), home(mean), home(variance)] as const),
          ...([eps, gotG[0].out, ...wanted(gotG.map(({ out }) => out))] as const),
        );
        close(gotG[0].out, wantG[0], { absolute: 1e-3, relative: 1e-4 });
        if (has.weight) close(gotG[1].out, wantG[1], { absolute: 1e-3, relative: 1e-4 });
        if (has.bias) close(gotG[2].out, wantG[2], { absolute: 1e-3, relative: 1e-4 });
        for (const { check } of [...got, ...gotG]) check();
      }),
      { numRuns: 200 },
    );
  });

  it("batchNorm: numbers far from 0 keep their spread, and a NaN its channel", () => {
    const device = make();
    const x = numbers(1, 4 * 2 * 50).map((value) => value + 10_000);
    x[3] = Number.NaN;
    const [y, mean, variance] = [x.length, 2, 2].map((length) => new Float32Array(length));
    device.kernels.batchNorm(x, null, null, 1e-5, y, mean, variance, 2, 50);
    const want = [x.length, 2, 2].map((length) => new Float64Array(length));
    reference.batchNorm(doubles(x), null, null, 1e-5, want[0], want[1], want[2], 2, 50);
    close(mean, want[1]);
    close(variance, want[2], { relative: 1e-3 });
    close(y, want[0], { absolute: 2e-3 });
  });

  it("batchNorm: float64 keeps its digits", () => {
    const device = make();
    const x = doubles(numbers(7, 3 * 2 * 40));
    const [got, want] = [0, 1].map(() => [x.length, 2, 2].map((length) => new Float64Array(length)));
    reference.batchNorm(x, null, null, 1e-5, want[0], want[1], want[2], 2, 40);
    device.kernels.batchNorm(x, null, null, 1e-5, got[0], got[1], got[2], 2, 40);
    got.forEach((array, i) => {
      exact(array, want[i]);
    });
  });
}
