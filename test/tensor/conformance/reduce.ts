import fc from "fast-check";
import { expect, it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import type { ReduceOp } from "../../../src/tensor/kernels";
import { close, doubles, exact, guarded, numbers, places, put, seeds, sizes } from "./arrays";

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

  it("reduce sum: 0.1 a million times, along either axis, within 1e-5", () => {
    const device = make();
    const x = (device.kernels.alloc("float32", 1_000_000) as Float32Array).fill(0.1);
    const out = new Float32Array(4);
    device.kernels.reduce("sum", x, out.subarray(0, 1), 1, 1_000_000, 1);
    expect(Math.abs(out[0] - 100_000)).toBeLessThan(1);
    device.kernels.reduce("sum", x, out, 1, 250_000, 4);
    for (const value of out) expect(Math.abs(value - 25_000)).toBeLessThan(0.25);
  });

  it.each(["max", "min"] as const)("argReduce %s: the first of equals, NaN wins", (op) => {
    const device = make();
    fc.assert(
      fc.property(
        sizes(5),
        fc.integer({ min: 1, max: 50 }),
        sizes(9),
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
}
