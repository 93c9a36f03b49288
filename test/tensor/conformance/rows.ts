import fc from "fast-check";
import { expect, it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import {
  close,
  doubles,
  exact,
  guarded,
  numbers,
  type Place,
  places,
  put,
  randomFrom,
  seeds,
  sizes,
} from "./arrays";

/** Matrices of `rows` rows of `n`, small or with one long side. */
const matrices = fc.oneof(
  fc.record({ rows: sizes(20), n: sizes(70) }),
  fc.record({ rows: fc.constantFrom(1, 3, 130), n: fc.constantFrom(1, 33, 515) }),
);

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

export function normConformance(make: () => Device): void {
  const affine = fc.record({ weight: fc.boolean(), bias: fc.boolean() });

  it("layerNorm and layerNormBackward, with and without weight and bias", () => {
    const device = make();
    fc.assert(
      fc.property(matrices, affine, seeds, places, ({ rows, n }, has, seed, place) => {
        const x = numbers(seed, rows * n).map((value) => value + 3);
        const weight = has.weight ? numbers(seed + 1, n) : null;
        const bias = has.bias ? numbers(seed + 2, n) : null;
        const home = (data: Float32Array | null) => data && put(device, place, data);
        const wide = (data: Float32Array | null) => data && doubles(data);
        const [y, mean, rstd] = [rows * n, rows, rows].map((length) => guarded(device, place, length));
        const want = [rows * n, rows, rows].map((length) => new Float64Array(length));
        // A row of one number has no variance: keep 1 / √eps moderate.
        const eps = 1e-3;
        reference.layerNorm(doubles(x), wide(weight), wide(bias), eps, want[0], want[1], want[2], rows, n);
        device.kernels.layerNorm(
          ...([
            put(device, place, x),
            home(weight),
            home(bias),
            eps,
            y.out,
            mean.out,
            rstd.out,
            rows,
            n,
          ] as const),
        );
        close(y.out, want[0], { absolute: 2e-5 });
        close(mean.out, want[1]);
        close(rstd.out, want[2], { relative: 1e-4 });

        const g = numbers(seed + 3, rows * n);
        const [gx, gWeight, gBias] = [rows * n, n, n].map((length) => guarded(device, place, length));
        const wantG = [rows * n, n, n].map((length) => new Float64Array(length));
        const kept = [Float32Array.from(want[1]), Float32Array.from(want[2])];
        reference.layerNormBackward(
          ...([doubles(g), doubles(x), wide(weight), doubles(kept[0]), doubles(kept[1])] as const),
          ...([wantG[0], has.weight ? wantG[1] : null, has.bias ? wantG[2] : null, rows, n] as const),
        );
        device.kernels.layerNormBackward(
          ...([put(device, place, g), put(device, place, x), home(weight)] as const),
          ...([put(device, place, kept[0]), put(device, place, kept[1]), gx.out] as const),
          ...([has.weight ? gWeight.out : null, has.bias ? gBias.out : null, rows, n] as const),
        );
        close(gx.out, wantG[0], { absolute: 1e-3, relative: 1e-4 });
        if (has.weight) close(gWeight.out, wantG[1], { absolute: 1e-4, relative: 1e-4 });
        if (has.bias) close(gBias.out, wantG[2], { absolute: 1e-4, relative: 1e-4 });
        for (const array of [y, mean, rstd, gx, gWeight, gBias]) array.check();
      }),
    );
  });
}

export function rowIndexConformance(make: () => Device): void {
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

export function adamConformance(make: () => Device): void {
  it.each([true, false])("adam: three steps, decoupled weight decay %s", (decoupled) => {
    const device = make();
    const run = (length: number, seed: number, place: Place) => {
      const grads = [1, 2, 3].map((step) => numbers(seed + step, length));
      const start = numbers(seed, length);
      const want = [doubles(start), new Float64Array(length), new Float64Array(length)];
      const got = [start, want[1], want[2]].map((from) => {
        const array = guarded(device, place, length);
        array.out.set(from);
        return array;
      });
      grads.forEach((grad, i) => {
        const settings = {
          step: i + 1,
          lr: 0.01,
          beta1: 0.9,
          beta2: 0.99,
          eps: 1e-8,
          weightDecay: 0.1,
          decoupled,
        };
        reference.adam(want[0], doubles(grad), want[1], want[2], settings);
        device.kernels.adam(got[0].out, put(device, place, grad), got[1].out, got[2].out, settings);
      });
      got.forEach((array, i) => {
        close(array.out, want[i]);
        array.check();
      });
    };
    fc.assert(fc.property(sizes(150), seeds, places, run));
  });
}
