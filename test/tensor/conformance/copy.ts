import fc from "fast-check";
import { it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { exact, guarded, numbers, places, put, randomFrom, seeds, sizes } from "./arrays";

/** Row-major strides of `shape` with its axes stored in the order `order`. */
function stridesIn(order: readonly number[], shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (const axis of [...order].reverse()) {
    strides[axis] = step;
    step *= shape[axis];
  }
  return strides;
}

/** A random order of 0 … n − 1. */
function shuffled(n: number, seed: number): number[] {
  const random = randomFrom(seed);
  return Array.from({ length: n }, (_, i) => ({ i, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ i }) => i);
}

export function copyConformance(make: () => Device): void {
  const shapes = fc.array(sizes(9), { minLength: 0, maxLength: 5 });

  it("copy: from any order of axes to any other, flipped and repeated axes too", () => {
    const device = make();
    fc.assert(
      fc.property(
        shapes,
        seeds,
        places,
        fc.integer({ min: -1, max: 4 }),
        fc.boolean(),
        (shape, seed, place, odd, flip) => {
          const size = shape.reduce((a, b) => a * b, 1);
          const from = stridesIn(shuffled(shape.length, seed), shape);
          const to = stridesIn(shuffled(shape.length, seed + 1), shape);
          let offset = 0;
          if (size > 0 && odd >= 0 && odd < shape.length) {
            if (flip) offset = (shape[odd] - 1) * from[odd];
            from[odd] = flip ? -from[odd] : 0;
          }
          const x = numbers(seed, size + 3, true);
          const want = new Float32Array(size);
          const index = shape.map(() => 0);
          for (let i = 0; i < size; i++) {
            const at = (strides: number[]) =>
              strides.reduce((sum, step, axis) => sum + step * index[axis], 0);
            want[at(to)] = x[2 + offset + at(from)];
            for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--)
              index[axis] = 0;
          }
          const { out, check } = guarded(device, place, size);
          device.kernels.copy(shape, put(device, place, x), 2 + offset, from, out, 0, to);
          exact(out, want);
          check();
        },
      ),
      { numRuns: 400 },
    );
  });

  it("copy: a large transpose, and int32", () => {
    const device = make();
    const x = put(device, "device", numbers(1, 131 * 257));
    const { out, check } = guarded(device, "device", 131 * 257);
    device.kernels.copy([131, 257], x, 0, [1, 131], out, 0, [257, 1]);
    exact(
      out,
      Float32Array.from(out, (_, i) => x[Math.floor(i / 257) + (i % 257) * 131]),
    );
    check();
    const ints = new Int32Array(64);
    device.kernels.copy(
      [8, 8],
      Int32Array.from(ints, (_, i) => i),
      0,
      [1, 8],
      ints,
      0,
      [8, 1],
    );
    exact(
      ints,
      Int32Array.from(ints, (_, i) => Math.floor(i / 8) + (i % 8) * 8),
    );
  });
}
