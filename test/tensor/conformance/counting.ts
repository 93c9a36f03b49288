import fc from "fast-check";
import { expect, it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import { exact, guardedIntegers, places, randomFrom, seeds } from "./arrays";

export function countingConformance(make: () => Device): void {
  const shapes = fc.oneof(
    fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 0, maxLength: 5 }),
    fc.constantFrom([64], [65], [100_003], [3, 40_000], [300, 301], [70_000, 1], [7, 50, 3, 41]),
  );

  it("nonzero: the indices along each axis, however many are true", () => {
    const device = make();
    fc.assert(
      fc.property(shapes, fc.constantFrom(0, 0.001, 0.5, 0.99, 1), seeds, (shape, share, seed) => {
        const random = randomFrom(seed);
        const size = shape.reduce((a, b) => a * b, 1);
        const mask = device.kernels.alloc("bool", size) as Uint8Array;
        for (let i = 0; i < size; i++) mask[i] = random() < share ? 1 : 0;
        exact(device.kernels.nonzero(mask, shape), reference.nonzero(mask, shape));
      }),
    );
    // By hand, as the reference is asked above.
    expect([...device.kernels.nonzero(Uint8Array.of(0, 1, 0, 0, 1, 1), [1, 2, 3])]).toEqual(
      [
        [0, 0, 1],
        [0, 1, 1],
        [0, 1, 2],
      ].flat(),
    );
  });

  it("count: how often each place comes, few of many and many of few", () => {
    const device = make();
    fc.assert(
      fc.property(
        fc.constantFrom(0, 1, 50, 2100, 70_001),
        fc.constantFrom(1, 2, 7, 1000, 50_000),
        seeds,
        places,
        (size, length, seed, place) => {
          const random = randomFrom(seed);
          const x = device.kernels.alloc("int32", size) as Int32Array;
          for (let i = 0; i < size; i++) x[i] = Math.floor(random() ** 2 * length);
          const want = new Int32Array(length);
          reference.count(x, want);
          const { out, check } = guardedIntegers(device, place, length);
          device.kernels.count(x, out);
          exact(out, want);
          check();
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each([false, true])(
    "search, right %s: equals, both zeros, infinities, NaN, one row or many",
    (right) => {
      const device = make();
      fc.assert(
        fc.property(
          fc.oneof(
            fc.tuple(
              fc.integer({ min: 0, max: 40 }),
              fc.constantFrom([1, 1], [1, 45], [7, 3], [5, 61], [1, 5001]),
            ),
            fc.constantFrom([2049, [1, 45]], [1000, [3, 40]]),
          ),
          fc.constantFrom("float32", "int32", "mixed"),
          seeds,
          places,
          ([n, [rows, width]], type, seed, place) => {
            const random = randomFrom(seed);
            const odd = [Number.NaN, Infinity, -Infinity, 0, -0];
            const one = (isFloat: boolean) => {
              if (isFloat && random() < 0.2) return odd[Math.floor(random() * odd.length)];
              return isFloat ? Math.floor((random() - 0.5) * n) / 2 : Math.floor((random() - 0.5) * n);
            };
            const home = (isFloat: boolean, length: number) => {
              const dtype = isFloat ? "float32" : "int32";
              const plain = isFloat ? new Float32Array(length) : new Int32Array(length);
              return place === "device"
                ? device.kernels.alloc(dtype, length + 200).subarray(0, length)
                : plain;
            };
            const sorted = home(type !== "int32", rows * n);
            for (let r = 0; r < rows; r++) {
              const row = Float32Array.from({ length: n }, () => one(type !== "int32")).sort();
              sorted.set(row, r * n); // typed arrays put −0 before 0, which are equals here, and NaN last
            }
            const values = home(type === "float32", rows * width);
            for (let i = 0; i < values.length; i++) values[i] = one(type === "float32");
            const want = Int32Array.from(values, (v, i) => {
              const first = Math.floor(i / width) * n;
              let count = 0;
              for (let at = first; at < first + n; at++) {
                const e = sorted[at];
                if (Number.isNaN(v) ? right || !Number.isNaN(e) : e < v || (right && e === v)) count++;
              }
              return count;
            });
            const { out, check } = guardedIntegers(device, place, values.length);
            device.kernels.search(sorted, n, values, width, right, out);
            exact(out, want);
            check();
          },
        ),
        { numRuns: 60 },
      );
    },
  );
}
