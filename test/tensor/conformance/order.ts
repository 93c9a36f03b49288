import fc from "fast-check";
import { it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import type { Storage } from "../../../src/tensor/dtype";
import { exact, guardedIntegers, numbers, places, put, randomFrom, seeds, sizes } from "./arrays";

/** Rows of every kind: of any numbers, of few different ones, of equals alone, in order, in reverse, close together. */
const kinds = ["any", "few", "equal", "rising", "falling", "close"] as const;

function row(kind: (typeof kinds)[number], seed: number, length: number): Float32Array {
  const any = numbers(seed, length, true);
  if (kind === "any") return any;
  if (kind === "few") return any.map((value) => (Number.isFinite(value) ? Math.sign(value) * 0.5 : value));
  if (kind === "equal") return any.fill(-2.5);
  // Numbers whose bits differ in the last digits alone.
  if (kind === "close") return Float32Array.from(any, (_, i) => 1 + ((i * 7) % 5) * 2 ** -23);
  return Float32Array.from(any, (_, i) => (kind === "rising" ? i : -i) / 7);
}

export function orderConformance(make: () => Device): void {
  const asked = fc.record({
    rows: fc.constantFrom(1, 2, 3, 30),
    n: fc.oneof(sizes(17), fc.constantFrom(39, 40, 41, 42, 100, 300)),
    first: fc.double({ min: 0, max: 1, noNaN: true }),
    count: fc.double({ min: 0, max: 1, noNaN: true }),
    from: fc.constantFrom("all", "the first", "one", "some", "the last"),
    kind: fc.constantFrom(...kinds),
    descending: fc.boolean(),
  });

  it("order: of floats, integers and bools; all places, the first, the last, one, or some between", () => {
    const device = make();
    fc.assert(
      fc.property(asked, seeds, places, ({ rows, n, from, kind, descending, ...share }, seed, place) => {
        if (n === 0) return;
        const some = 1 + Math.floor(share.count * (n - 1));
        const count = { all: n, one: 1, "the first": Math.min(n, 10), some, "the last": some }[from];
        const start = Math.floor(share.first * (n - count));
        const first = { all: 0, one: start, "the first": 0, some: start, "the last": n - count }[from];
        const floats = row(kind, seed, rows * n);
        const random = randomFrom(seed);
        const whole = device.kernels.alloc("int32", rows * n);
        const bools = device.kernels.alloc("bool", rows * n);
        for (let i = 0; i < rows * n; i++) {
          const ends = [-(2 ** 31), 2 ** 31 - 1, 0, -1];
          whole[i] = random() < 0.1 ? ends[i % 4] : (kind === "few" ? 5 : 2 ** 20) * (random() - 0.5);
          bools[i] = random() < 0.5 ? 1 : 0;
        }
        for (const x of [put(device, place, floats), whole, bools] as Storage[]) {
          const want = new Int32Array(rows * count);
          reference.order(x, want, n, first, count, descending);
          const { out, check } = guardedIntegers(device, place, rows * count);
          device.kernels.order(x, out, n, first, count, descending);
          exact(out, want);
          check();
        }
      }),
    );
  });

  it("order: rows so long that their digits are wider", () => {
    const device = make();
    for (const descending of [false, true]) {
      const x = numbers(5, 2 * 4099, true).map((value, i) => (i % 3 ? value : Math.round(value)));
      for (const [first, count] of [
        [0, 4099],
        [7, 3000],
        [2049, 1],
      ]) {
        const [out, want] = [new Int32Array(2 * count), new Int32Array(2 * count)];
        reference.order(x, want, 4099, first, count, descending);
        device.kernels.order(x, out, 4099, first, count, descending);
        exact(out, want);
      }
    }
  });
}
