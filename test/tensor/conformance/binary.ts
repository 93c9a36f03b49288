import fc from "fast-check";
import { expect, it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import type { BinaryOp, CompareOp } from "../../../src/tensor/kernels";
import { close, exact, guarded, numbers, places, put, randomFrom, seeds, sizes } from "./arrays";

const EXACT: BinaryOp[] = ["add", "sub", "mul", "div", "maximum", "minimum", "fmod", "prelu"];
/** Of logits beside shares of 1. */
const LOGISTIC: BinaryOp[] = ["logisticLoss", "logisticSlope"];
const BINARY: BinaryOp[] = [
  ...EXACT,
  ...LOGISTIC,
  "pow",
  "remainder",
  "atan2",
  "logaddexp",
  "lerp",
  "huber",
  "huberSlope",
];
const COMPARE: CompareOp[] = ["eq", "ne", "lt", "le", "gt", "ge", "close"];
/** The weight of lerp, the threshold of huber, and the relative error of close; then the absolute one. */
const PARAMETERS = [0.75, 0.125];

/** An operand of the broadcasting rule for `n` results: its inner and its length. */
const operand = (n: number) =>
  fc
    .constantFrom(...divisors(n))
    .chain((inner) =>
      fc.record({ inner: fc.constant(inner), length: fc.constantFrom(...divisors(n / inner)) }),
    );
const divisors = (n: number) => Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);

export function binaryConformance(make: () => Device): void {
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
          const wild = specials && op !== "lerp"; // which overflows where b − a does, as PyTorch's
          const x = numbers(seed, a.length, wild);
          const y = LOGISTIC.includes(op)
            ? Float32Array.from({ length: b.length }, randomFrom(seed))
            : numbers(seed + 1, b.length, wild);
          const want = new Float32Array(n);
          reference.binary(op, x, a.inner, y, b.inner, want, PARAMETERS);
          const { out, check } = guarded(device, place, n);
          const [left, right] = [put(device, place, x), put(device, place, y)];
          device.kernels.binary(op, left, a.inner, right, b.inner, out, PARAMETERS);
          if (EXACT.includes(op)) exact(out, want);
          else close(out, want);
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

  it.each(COMPARE)("compare %s: every pattern of broadcasting, equals, special values", (op) => {
    const device = make();
    fc.assert(
      fc.property(
        fc
          .oneof(fc.constantFrom(1, 12, 36, 60, 128, 210, 256), fc.integer({ min: 1, max: 130 }))
          .chain((n) => fc.record({ n: fc.constant(n), a: operand(n), b: operand(n) })),
        seeds,
        places,
        ({ n, a, b }, seed, place) => {
          const x = numbers(seed, a.length, true);
          const y = numbers(seed + 1, b.length, true).map((value, i) =>
            i % 3 === 0 ? x[i % x.length] : value,
          );
          const want = new Uint8Array(n);
          reference.compare(op, x, a.inner, y, b.inner, want, PARAMETERS);
          const out = new Uint8Array(n + 8).fill(7);
          const inside = out.subarray(3, n + 3);
          const [left, right] = [put(device, place, x), put(device, place, y)];
          device.kernels.compare(op, left, a.inner, right, b.inner, inside, PARAMETERS);
          expect(inside).toEqual(want);
          expect([...out.subarray(0, 3), ...out.subarray(n + 3)]).toEqual(Array(8).fill(7));
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each(["mul", "maximum", ...COMPARE] as const)(
    "%s of bools, wherever they begin, and beside one",
    (op) => {
      const device = make();
      const isCompare = (op: BinaryOp | CompareOp): op is CompareOp => COMPARE.includes(op as CompareOp);
      fc.assert(
        fc.property(
          sizes(70),
          seeds,
          fc.nat(3),
          fc.nat(3),
          fc.nat(3),
          fc.boolean(),
          (n, seed, i, j, k, isOne) => {
            const bits = (from: number, n: number, seed: number) =>
              Uint8Array.from(numbers(seed, n + from, false), (value) => Number(value > 0)).subarray(from);
            const [x, y] = [bits(i, n, seed), bits(j, isOne ? 1 : n, seed + 1)];
            const want = new Uint8Array(n);
            const all = new Uint8Array(n + k + 5).fill(7);
            const out = all.subarray(k, n + k);
            for (const [kernels, to] of [
              [reference, want],
              [device.kernels, out],
            ] as const) {
              if (isCompare(op)) kernels.compare(op, x, 1, y, 1, to, PARAMETERS);
              else kernels.binary(op, x, 1, y, 1, to);
            }
            expect(out).toEqual(want);
            expect([...all.subarray(0, k), ...all.subarray(n + k)]).toEqual(Array(k + 5).fill(7));
          },
        ),
      );
    },
  );
}
