import fc from "fast-check";
import { expect, it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import type { BinaryOp, CompareOp } from "../../../src/tensor/kernels";
import { exact, guarded, guardedIntegers, type Place, places, randomFrom, seeds, sizes } from "./arrays";

const [MOST, LEAST] = [2 ** 31 - 1, -(2 ** 31)];
/** Ends of int32, halves of it, and numbers that float32 does not hold. */
const ODD = [MOST, LEAST, MOST - 1, LEAST + 1, 65_536, -65_537, 46_341, 16_777_217, -1, 0, 1];

/** Whole numbers, one in four of which is odd. */
function integers(seed: number, length: number, below = 1000): Int32Array {
  const random = randomFrom(seed);
  return Int32Array.from({ length }, () =>
    random() < 0.25 ? ODD[Math.floor(random() * ODD.length)] : Math.floor((2 * random() - 1) * below),
  );
}

/** The same numbers where the device is asked to work, offset by one element. */
function put(device: Device, place: Place, from: Int32Array): Int32Array {
  if (place === "ordinary") return from.slice();
  const home = (device.kernels.alloc("int32", from.length + 200) as Int32Array).subarray(1, from.length + 1);
  home.set(from);
  return home;
}

const divisors = (n: number) => Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
/** An operand of the broadcasting rule for `n` results. */
const operand = (n: number) =>
  fc
    .constantFrom(...divisors(n))
    .chain((inner) =>
      fc.record({ inner: fc.constant(inner), length: fc.constantFrom(...divisors(n / inner)) }),
    );
const operands = fc
  .oneof(fc.constantFrom(1, 36, 60, 128, 210, 40_000), fc.integer({ min: 1, max: 130 }))
  .chain((n) => fc.record({ n: fc.constant(n), a: operand(n), b: operand(n) }));

/** What kernels do with int32. */
export function integersConformance(make: () => Device): void {
  it.each<BinaryOp>(["add", "sub", "mul", "maximum", "minimum", "remainder", "pow"])(
    "binary %s of int32: every pattern of broadcasting, wraps",
    (op) => {
      const device = make();
      fc.assert(
        fc.property(operands, seeds, places, ({ n, a, b }, seed, place) => {
          const x = integers(seed, a.length);
          const y = integers(seed + 1, b.length).map((v) => (op === "pow" ? v & 15 : v || 3));
          const want = new Int32Array(n);
          reference.binary(op, x, a.inner, y, b.inner, want);
          const { out, check } = guardedIntegers(device, place, n);
          device.kernels.binary(op, put(device, place, x), a.inner, put(device, place, y), b.inner, out);
          exact(out, want);
          check();
        }),
        { numRuns: 60 },
      );
    },
  );

  it.each<CompareOp>(["eq", "ne", "lt", "le", "gt", "ge", "close"])(
    "compare %s of int32: every pattern of broadcasting, neighbours that float32 does not tell apart",
    (op) => {
      const device = make();
      fc.assert(
        fc.property(operands, seeds, places, ({ n, a, b }, seed, place) => {
          const x = integers(seed, a.length);
          const y = integers(seed + 1, b.length, 2 ** 31).map((v, i) =>
            i % 2 ? x[i % x.length] + (i % 3) - 1 : v,
          );
          const want = new Uint8Array(n);
          reference.compare(op, x, a.inner, y, b.inner, want, [0.125, 0]);
          const whole = device.kernels.alloc("bool", n + 600).fill(7);
          const out = whole.subarray(3, n + 3) as Uint8Array;
          const [left, right] = [put(device, place, x), put(device, place, y)];
          device.kernels.compare(op, left, a.inner, right, b.inner, out, [0.125, 0]);
          exact(out, want);
          expect([...whole.subarray(0, 3), ...whole.subarray(n + 3, n + 6)]).toEqual(Array(6).fill(7));
        }),
        { numRuns: 60 },
      );
    },
  );

  it.each(["sum", "max", "min"] as const)("reduce %s of int32, exact along any axis", (op) => {
    const device = make();
    const check = ([outer, n, inner]: readonly [number, number, number], seed: number, place: Place) => {
      const x = integers(seed, outer * n * inner, 2 ** 31);
      if (op !== "sum" && x.length > 0) {
        // The one that counts comes last.
        x.forEach((v, i) => {
          x[i] = v >> 1;
        });
        x[x.length - 1] = op === "max" ? MOST : LEAST;
      }
      const results = outer * inner;
      const want = op === "sum" ? new Float64Array(results) : new Int32Array(results);
      reference.reduce(op, x, want, outer, n, inner);
      if (op === "sum") {
        const whole = new Float64Array(results + 2).fill(0.5);
        device.kernels.reduce(op, put(device, place, x), whole.subarray(1, results + 1), outer, n, inner);
        exact(whole, [0.5, ...want, 0.5]);
      } else {
        const { out, check } = guardedIntegers(device, place, results);
        device.kernels.reduce(op, put(device, place, x), out, outer, n, inner);
        exact(out, want);
        check();
      }
    };
    fc.assert(
      fc.property(fc.tuple(sizes(5), fc.integer({ min: 1, max: 90 }), sizes(41)), seeds, places, check),
      { numRuns: 60 },
    );
    // In parts, the last of which is shorter.
    check([1, 100_003, 1], 1, "device");
    check([3, 30_011, 1], 2, "ordinary");
    check([2, 20_001, 5], 3, "device");
    check([1, 9001, 17], 4, "device");
    if (op !== "sum") return;
    // Beyond what float64 counts one by one on the way, and back.
    const n = 9_000_001;
    const x = device.kernels.alloc("int32", n) as Int32Array;
    x.fill(MOST, 0, n >> 1).fill(-MOST, n >> 1, n - 1);
    x[n - 1] = 5;
    const out = new Float64Array(1);
    device.kernels.reduce(op, x, out, 1, n, 1);
    expect(out[0]).toBe(5);
  });

  it("copy: int32, float32 and bool become each other, in any order of the axes", () => {
    const device = make();
    const fractions = [-2.9, -0.5, 2147483520, -2147483648, 16_777_218.0, 0.999, 7.5];
    const pairs = [
      ["float32", "int32"],
      ["int32", "float32"],
      ["bool", "int32"],
      ["bool", "float32"],
    ] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...pairs),
        fc.oneof(
          fc.tuple(sizes(9), sizes(13), sizes(70)),
          fc.constantFrom<[number, number, number]>([1, 1, 20_011]),
        ),
        fc.constantFrom([0, 1, 2], [2, 0, 1], [1, 2, 0], [2, 1, 0]),
        fc.integer({ min: -1, max: 2 }),
        seeds,
        ([from, to], shape, order, still, seed) => {
          const size = shape[0] * shape[1] * shape[2];
          const strides = [0, 0, 0];
          let step = 1;
          for (const axis of order) {
            strides[axis] = axis === still ? 0 : step;
            step *= shape[axis];
          }
          const x = device.kernels.alloc(from, size + 603);
          const random = randomFrom(seed);
          for (let i = 0; i < x.length; i++) {
            const odd = from === "float32" ? fractions : ODD;
            x[i] = from === "bool" ? Number(random() < 0.5) : odd[Math.floor(random() * odd.length)];
          }
          const plain = [shape[1] * shape[2], shape[2], 1];
          const want = to === "int32" ? new Int32Array(size) : new Float32Array(size);
          reference.copy(shape, x, 3, strides, want, 0, plain);
          const { out, check } = (to === "int32" ? guardedIntegers : guarded)(device, "device", size + 200);
          device.kernels.copy(shape, x, 3, strides, out, 0, plain);
          exact(out.subarray(0, size), want, false);
          const rest = out.slice(size);
          exact(rest, rest.fill(rest[0]));
          check();
        },
      ),
      { numRuns: 200 },
    );
  });

  it("where: int32, with one number for all", () => {
    const device = make();
    fc.assert(
      fc.property(sizes(300), fc.boolean(), fc.boolean(), seeds, places, (n, one, other, seed, place) => {
        const [x, y] = [integers(seed, one ? 1 : n), integers(seed + 1, other ? 1 : n)];
        const condition = Uint8Array.from(integers(seed + 2, n), (v) => Number(v > 0));
        const want = new Int32Array(n);
        reference.where(condition, x, y, want);
        const { out, check } = guardedIntegers(device, place, n);
        device.kernels.where(condition, put(device, place, x), put(device, place, y), out);
        exact(out, want);
        check();
      }),
    );
  });
}
