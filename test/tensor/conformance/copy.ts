import fc from "fast-check";
import { expect, it } from "vitest";
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
    for (const dtype of ["int32", "bool"] as const) {
      const ints = device.kernels.alloc(dtype, 131 * 257);
      for (let i = 0; i < ints.length; i++) ints[i] = i % 200;
      const turned = device.kernels.empty(dtype, 131 * 257);
      device.kernels.copy([131, 257], ints, 0, [1, 131], turned, 0, [257, 1]);
      for (let i = 0; i < turned.length; i++)
        if (turned[i] !== ints[Math.floor(i / 257) + (i % 257) * 131]) expect.fail(`${dtype} at ${i}`);
    }
  });

  it("copy: a long line in order, spread out, backwards or of one number, and rows of one number", () => {
    const device = make();
    const n = 20_011;
    for (const dtype of ["float32", "int32", "bool"] as const) {
      const x = device.kernels.alloc(dtype, 2 * n);
      for (let i = 0; i < x.length; i++) x[i] = i % 201;
      for (const [offset, step] of [
        [3, 1],
        [1, 2],
        [n, -1],
        [7, 0],
      ]) {
        const out = device.kernels.alloc(dtype, n + 2);
        device.kernels.copy([n], x, offset, [step], out, 1, [1]);
        for (let i = 0; i < n; i++)
          if (out[i + 1] !== x[offset + i * step]) expect.fail(`${dtype}, step ${step}, at ${i}`);
        expect([out[0], out[n + 1]]).toEqual([0, 0]);
      }
      const rows = device.kernels.alloc(dtype, 130 * 67);
      device.kernels.copy([130, 67], x, 5, [1, 0], rows, 0, [67, 1]);
      for (let i = 0; i < rows.length; i++)
        if (rows[i] !== x[5 + Math.floor(i / 67)]) expect.fail(`${dtype}, rows, at ${i}`);
    }
  });

  it("copy: from one type to another, in the device's memory", () => {
    const device = make();
    const types = ["float32", "int32", "bool"] as const;
    for (const from of types) {
      for (const to of types) {
        const x = device.kernels.alloc(from, 600);
        for (let i = 0; i < 600; i++) x[i] = i % 2;
        const out = device.kernels.empty(to, 600);
        device.kernels.copy([600], x, 0, [1], out, 0, [1]);
        expect(Array.from(out)).toEqual(Array.from(x));
      }
    }
  });
}
