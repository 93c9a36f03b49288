import fc from "fast-check";
import { it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import { close, doubles, exact, guarded, numbers, places, put, randomFrom, seeds, sizes } from "./arrays";

/** A class for every row; one row in four has none. */
function classesOf(seed: number, rows: number, n: number): Int32Array {
  const random = randomFrom(seed);
  return Int32Array.from({ length: rows }, () => (random() < 0.25 ? -1 : Math.floor(random() * n)));
}

export function crossEntropyConformance(make: () => Device): void {
  it("crossEntropy and crossEntropyBackward: large logits, rows without a class", () => {
    const device = make();
    const matrices = fc.oneof(
      fc.record({ rows: sizes(20), n: fc.integer({ min: 1, max: 70 }) }),
      fc.record({ rows: fc.constantFrom(1, 3, 130), n: fc.constantFrom(1, 33, 515) }),
    );
    fc.assert(
      fc.property(matrices, seeds, places, fc.constantFrom(1, 50), ({ rows, n }, seed, place, spread) => {
        const x = numbers(seed, rows * n).map((value) => Math.max(-100, Math.min(100, value * spread)));
        const classes = classesOf(seed, rows, n);
        const g = numbers(seed + 1, rows);
        const home = (data: Float32Array) => put(device, place, data);
        const want = [0, 1, 2].map(() => new Float64Array(rows));
        reference.crossEntropy(doubles(x), classes, want[0], want[1], want[2], n);
        const got = [0, 1, 2].map(() => guarded(device, place, rows));
        device.kernels.crossEntropy(home(x), classes, got[0].out, got[1].out, got[2].out, n);
        got.forEach(({ out, check }, i) => {
          close(out, want[i], { absolute: 1e-5 });
          check();
        });

        const [max, logSum] = [Float32Array.from(want[1]), Float32Array.from(want[2])];
        const wantG = new Float64Array(rows * n);
        reference.crossEntropyBackward(
          doubles(x),
          classes,
          doubles(max),
          doubles(logSum),
          doubles(g),
          wantG,
          n,
        );
        const gx = guarded(device, place, rows * n);
        device.kernels.crossEntropyBackward(home(x), classes, home(max), home(logSum), home(g), gx.out, n);
        close(gx.out, wantG, { absolute: 2e-6 });
        gx.check();
      }),
      { numRuns: 200 },
    );
  });

  it("crossEntropy: a certain row costs nothing, a masked class nothing either, float64 keeps its digits", () => {
    const device = make();
    const n = 37;
    const x = new Float32Array(2 * n).fill(-Infinity, 1, n);
    const [loss, max, logSum] = [0, 1, 2].map(() => new Float32Array(2));
    device.kernels.crossEntropy(x, Int32Array.of(0, 5), loss, max, logSum, n);
    close(loss, [0, Math.log(n)]);
    const gx = new Float32Array(2 * n);
    device.kernels.crossEntropyBackward(x, Int32Array.of(0, 5), max, logSum, Float32Array.of(1, 2), gx, n);
    close(
      gx,
      Array.from(gx, (_, i) => (i < n ? 0 : 2 / n - (i === n + 5 ? 2 : 0))),
    );

    const wide = doubles(numbers(4, 3 * n));
    const classes = Int32Array.of(0, -1, n - 1);
    const [want, got] = [0, 1].map(() => [0, 1, 2].map(() => new Float64Array(3)));
    reference.crossEntropy(wide, classes, want[0], want[1], want[2], n);
    device.kernels.crossEntropy(wide, classes, got[0], got[1], got[2], n);
    got.forEach((array, i) => {
      exact(array, want[i]);
    });
  });
}
