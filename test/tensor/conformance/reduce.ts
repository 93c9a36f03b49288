import fc from "fast-check";
import { expect, it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import type { ReduceOp, ScanOp } from "../../../src/tensor/kernels";
import {
  close,
  doubles,
  exact,
  guarded,
  guardedIntegers,
  numbers,
  places,
  put,
  randomFrom,
  seeds,
  sizes,
} from "./arrays";

export function reduceConformance(make: () => Device): void {
  it.each<ReduceOp>(["sum", "sumOfSquares", "norm", "prod", "max", "min"])("reduce %s", (op) => {
    const device = make();
    fc.assert(
      fc.property(
        sizes(7),
        sizes(300),
        sizes(23),
        seeds,
        places,
        fc.boolean(),
        (outer, n, inner, seed, place, odd) => {
          const x = numbers(seed, outer * n * inner, odd && op !== "sum" && op !== "prod");
          const want = new Float64Array(outer * inner);
          const scale = new Float64Array(outer * inner);
          reference.reduce(op, doubles(x), want, outer, n, inner);
          reference.reduce(op, doubles(x).map(Math.abs), scale, outer, n, inner);
          const { out, check } = guarded(device, place, outer * inner);
          device.kernels.reduce(op, put(device, place, x), out, outer, n, inner);
          if (op === "max" || op === "min") exact(out, Float32Array.from(want), false);
          else close(out, want, { absolute: 1e-30, relative: op === "sum" ? 2e-6 : 1e-5, scale });
          check();
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each(["max", "min"] as const)(
    "reduce %s of bools, wherever they begin, one of them unlike the others",
    (op) => {
      const device = make();
      const shapes = fc.oneof(
        fc.record({
          outer: sizes(7),
          n: fc.integer({ min: 1, max: 700 }),
          inner: fc.constantFrom(1, 1, 1, 3),
        }),
        fc.constant({ outer: 9, n: 70_001, inner: 1 }), // lines that threads share
      );
      fc.assert(
        fc.property(shapes, fc.nat(3), fc.nat(), places, ({ outer, n, inner }, start, odd, place) => {
          const size = outer * n * inner;
          const usual = op === "max" ? 0 : 1;
          const whole =
            place === "device"
              ? (device.kernels.alloc("bool", size + 600) as Uint8Array)
              : new Uint8Array(size + 600);
          whole.fill(1 - usual);
          const x = whole.subarray(start, start + size).fill(usual);
          if (size > 0) x[odd % size] = 1 - usual;
          const out = new Uint8Array(outer * inner + 6).fill(7);
          const want = out.slice();
          reference.reduce(op, x, want.subarray(3, outer * inner + 3), outer, n, inner);
          device.kernels.reduce(op, x, out.subarray(3, outer * inner + 3), outer, n, inner);
          expect(out).toEqual(want);
          expect(want.filter((v) => v === 1 - usual).length).toBe(size > 0 ? 1 : 0);
        }),
        { numRuns: 20 },
      );
    },
  );

  it("reduce sum: 0.1 a million times, along either axis, within 1e-5", () => {
    const device = make();
    const x = (device.kernels.alloc("float32", 1_000_000) as Float32Array).fill(0.1);
    const out = new Float32Array(4);
    device.kernels.reduce("sum", x, out.subarray(0, 1), 1, 1_000_000, 1);
    expect(Math.abs(out[0] - 100_000)).toBeLessThan(1);
    device.kernels.reduce("sum", x, out, 1, 250_000, 4);
    for (const value of out) expect(Math.abs(value - 25_000)).toBeLessThan(0.25);
  });

  it.each<ReduceOp>(["sum", "norm", "prod", "max", "min"])(
    "reduce %s: few results of many numbers, which are made of parts",
    (op) => {
      const device = make();
      for (const [outer, n, inner] of [
        [1, 100_003, 1],
        [3, 30_011, 1],
        [2, 20_001, 5],
        [1, 9_001, 16],
      ]) {
        const size = outer * n * inner;
        // Products near 1, with the largest and the smallest number in the last part.
        const x = numbers(size, size).map((v) => (op === "prod" ? 1 + v * 1e-4 : v));
        x[size - 1 - 2 * inner] = op === "prod" ? 1.5 : 9;
        x[size - 1 - 3 * inner] = op === "prod" ? 0.75 : -9;
        const want = new Float64Array(outer * inner);
        reference.reduce(op, doubles(x), want, outer, n, inner);
        const { out, check } = guarded(device, "device", outer * inner);
        device.kernels.reduce(op, put(device, "device", x), out, outer, n, inner);
        if (op === "max" || op === "min") exact(out, Float32Array.from(want), false);
        else close(out, want, { absolute: op === "sum" ? 2e-3 : 1e-30, relative: 1e-6 });
        check();
        if (op !== "max" && op !== "min") continue;
        x[size - 1 - 5 * inner] = Number.NaN;
        device.kernels.reduce(op, put(device, "device", x), out, outer, n, inner);
        expect(out[outer * inner - 1]).toBeNaN();
      }
    },
  );

  it.each(["max", "min"] as const)("reduce %s: NaN wins wherever it stands, and 0 is above −0", (op) => {
    const device = make();
    const out = device.kernels.alloc("float32", 1) as Float32Array;
    for (const n of [64, 77]) {
      for (let at = 0; at < n; at += 5) {
        const x = new Float32Array(n).fill(op === "max" ? -0 : 0);
        x[at] = -x[at];
        device.kernels.reduce(op, put(device, "device", x), out, 1, n, 1);
        expect(out[0]).toBe(op === "max" ? 0 : -0);
        x[at] = Number.NaN;
        device.kernels.reduce(op, put(device, "device", x), out, 1, n, 1);
        expect(out[0]).toBeNaN();
      }
    }
  });

  it.each<ScanOp>(["sum", "prod"])("scan %s, along either axis", (op) => {
    const device = make();
    fc.assert(
      fc.property(sizes(7), sizes(60), sizes(41), seeds, places, (outer, n, inner, seed, place) => {
        const x = numbers(seed, outer * n * inner);
        const want = new Float64Array(x.length);
        reference.scan(op, doubles(x), want, outer, n, inner);
        const { out, check } = guarded(device, place, x.length);
        device.kernels.scan(op, put(device, place, x), out, outer, n, inner);
        exact(out, Float32Array.from(want));
        check();
      }),
    );
  });

  it.each(["max", "min"] as const)("argReduce %s: the first of equals, NaN wins", (op) => {
    const device = make();
    fc.assert(
      fc.property(
        sizes(5),
        fc.integer({ min: 1, max: 50 }),
        sizes(40),
        seeds,
        places,
        (outer, n, inner, seed, place) => {
          const x = numbers(seed, outer * n * inner, true).map((value) => Math.round(value));
          const want = new Int32Array(outer * inner);
          reference.argReduce(op, x, want, outer, n, inner);
          const out = device.kernels.alloc("int32", outer * inner) as Int32Array;
          device.kernels.argReduce(op, put(device, place, x), out, outer, n, inner);
          expect(out).toEqual(want);
        },
      ),
    );
  });

  it.each(["max", "min"] as const)(
    "scanExtreme %s: the last of equals, the last NaN from the first on",
    (op) => {
      const device = make();
      fc.assert(
        fc.property(sizes(9), sizes(60), sizes(41), seeds, places, (outer, n, inner, seed, place) => {
          const x = numbers(seed, outer * n * inner, true).map((value) => Math.round(value));
          if (seed % 2) for (let i = 0; i < x.length; i++) if (Number.isNaN(x[i])) x[i] = -0;
          const want = new Float32Array(x.length);
          const wanted = new Int32Array(x.length);
          reference.scanExtreme(op, x, want, wanted, outer, n, inner);
          const { out, check } = guarded(device, place, x.length);
          const stands = guardedIntegers(device, place, x.length);
          device.kernels.scanExtreme(op, put(device, place, x), out, stands.out, outer, n, inner);
          exact(out, want);
          exact(stands.out, wanted);
          check();
          stands.check();
        }),
      );
    },
  );

  it.each(["max", "min", "sum", "prod"] as const)("reduce %s of integers, to both ends of int32", (op) => {
    const device = make();
    fc.assert(
      fc.property(
        sizes(7),
        fc.integer({ min: 1, max: 90 }),
        sizes(23),
        seeds,
        places,
        (outer, n, inner, seed, place) => {
          const random = randomFrom(seed);
          const x = device.kernels.alloc("int32", outer * n * inner);
          // Near each other beyond what float32 tells apart; all of one sign, or not.
          const base = [-(2 ** 31) + 50, 2 ** 31 - 50, 0][seed % 3];
          for (let i = 0; i < x.length; i++) x[i] = base + Math.floor(100 * random()) - 50;
          const want = new Int32Array(outer * inner);
          reference.reduce(op, x, want, outer, n, inner);
          const { out, check } = guardedIntegers(device, place, outer * inner);
          device.kernels.reduce(op, x, out, outer, n, inner);
          exact(out, want);
          check();
          const [total, wanted] = [new Float64Array(outer * inner), new Float64Array(outer * inner)];
          reference.reduce(op, x, wanted, outer, n, inner);
          device.kernels.reduce(op, x, total, outer, n, inner);
          exact(total, wanted);
        },
      ),
    );
  });
}
