import fc from "fast-check";
import { expect, it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import type { BinaryOp, CompareOp } from "../../../src/tensor/kernels";
import { close, exact, guarded, numbers, places, put, seeds, sizes } from "./arrays";

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
}
