import fc from "fast-check";
import { expect, it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import type { ActivationOp, BinaryOp, CompareOp, ReduceOp, UnaryOp } from "../../../src/tensor/kernels";
import { close, doubles, exact, guarded, numbers, places, put, seeds, sizes } from "./arrays";

/** Ops whose float32 result is the rounded exact one. */
const EXACT: UnaryOp[] = [
  "neg",
  "abs",
  "sign",
  "square",
  "reciprocal",
  "sqrt",
  "relu",
  "floor",
  "ceil",
  "round",
];
const ROUNDED: UnaryOp[] = [
  ...(["rsqrt", "exp", "expm1", "log", "log1p", "sin", "cos", "tanh", "sigmoid", "erf"] as const),
  ...(["silu", "gelu", "geluTanh", "quickGelu"] as const),
];
const ACTIVATIONS: ActivationOp[] = ["relu", "silu", "gelu", "geluTanh", "quickGelu", "tanh", "sigmoid"];
const BINARY: BinaryOp[] = ["add", "sub", "mul", "div", "maximum", "minimum", "pow", "remainder"];
const COMPARE: CompareOp[] = ["eq", "ne", "lt", "le", "gt", "ge"];

/** An operand of the broadcasting rule for `n` results: its inner and its length. */
const operand = (n: number) =>
  fc
    .constantFrom(...divisors(n))
    .chain((inner) =>
      fc.record({ inner: fc.constant(inner), length: fc.constantFrom(...divisors(n / inner)) }),
    );
const divisors = (n: number) => Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);

export function elementwiseConformance(make: () => Device): void {
  it.each([...EXACT, ...ROUNDED])("unary %s", (op) => {
    const device = make();
    fc.assert(
      fc.property(sizes(200), seeds, places, fc.boolean(), (n, seed, place, specials) => {
        // sin and cos of a huge number differ by its rounding alone.
        const x = numbers(seed, n, specials && op !== "sin" && op !== "cos");
        const want = new Float64Array(n);
        reference.unary(op, doubles(x), want);
        const { out, check } = guarded(device, place, n);
        device.kernels.unary(op, put(device, place, x), out);
        if (EXACT.includes(op)) exact(out, Float32Array.from(want));
        else close(out, want);
        check();
      }),
    );
  });

  it.each(ACTIVATIONS)("activationBackward %s", (op) => {
    const device = make();
    fc.assert(
      fc.property(sizes(200), seeds, places, (n, seed, place) => {
        const x = numbers(seed, n).map((value, i) => (i % 7 === 3 ? value * 30 : value));
        const g = numbers(seed + 1, n);
        const want = new Float64Array(n);
        reference.activationBackward(op, doubles(x), doubles(g), want);
        const { out, check } = guarded(device, place, n);
        device.kernels.activationBackward(op, put(device, place, x), put(device, place, g), out);
        close(out, want, { absolute: 3e-6 });
        check();
      }),
    );
  });

  it.each(BINARY)("binary %s: every pattern of broadcasting, special values", (op) => {
    const device = make();
    fc.assert(
      fc.property(
        fc
          .oneof(fc.constantFrom(1, 12, 36, 60, 128, 210, 256), fc.integer({ min: 1, max: 130 }))
          .chain((n) => fc.record({ n: fc.constant(n), a: operand(n), b: operand(n) })),
        seeds,
        places,
        fc.boolean(),
        ({ n, a, b }, seed, place, specials) => {
          const x = numbers(seed, a.length, specials);
          const y = numbers(seed + 1, b.length, specials);
          const want = new Float32Array(n);
          reference.binary(op, x, a.inner, y, b.inner, want);
          const { out, check } = guarded(device, place, n);
          device.kernels.binary(op, put(device, place, x), a.inner, put(device, place, y), b.inner, out);
          if (op === "pow" || op === "remainder") close(out, want);
          else exact(out, want);
          check();
        },
      ),
      { numRuns: 200 },
    );
  });

  it("binary: no elements, and a power of two", () => {
    const device = make();
    device.kernels.binary("add", new Float32Array(0), 1, new Float32Array(1), 1, new Float32Array(0));
    const x = numbers(5, 77, true);
    const out = new Float32Array(77);
    device.kernels.binary("pow", x, 1, Float32Array.of(2), 1, out);
    exact(
      out,
      x.map((value) => value * value),
    );
  });

  it.each(COMPARE)("compare %s", (op) => {
    const device = make();
    fc.assert(
      fc.property(sizes(100), seeds, places, (n, seed, place) => {
        const x = numbers(seed, n, true);
        const y = numbers(seed + 1, n, true).map((value, i) => (i % 3 === 0 ? x[i] : value));
        const want = new Uint8Array(n);
        reference.compare(op, x, 1, y, 1, want);
        const out = device.kernels.alloc("bool", n) as Uint8Array;
        device.kernels.compare(op, put(device, place, x), 1, put(device, place, y), 1, out);
        expect(out).toEqual(want);
      }),
    );
  });

  it("float64, int32 and bool keep their own arithmetic", () => {
    const device = make();
    const x = doubles(numbers(1, 99)).map((value) => value + 1e-12);
    const [out, want] = [new Float64Array(99), new Float64Array(99)];
    device.kernels.unary("exp", x, out);
    reference.unary("exp", x, want);
    expect(out).toEqual(want);
    device.kernels.binary("add", x, 1, want, 1, out);
    expect(out).toEqual(x.map((value, i) => value + want[i]));
    const ints = new Int32Array(64).fill(2 ** 30);
    device.kernels.binary("sub", ints, 1, Int32Array.of(1), 1, ints);
    expect(ints).toEqual(new Int32Array(64).fill(2 ** 30 - 1));
    const total = new Int32Array(1);
    device.kernels.reduce("sum", new Uint8Array(100).fill(1), total, 1, 100, 1);
    expect(total[0]).toBe(100);
  });
}

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
