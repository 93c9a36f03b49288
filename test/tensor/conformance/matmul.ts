import fc from "fast-check";
import { expect, it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import type { MatmulSizes } from "../../../src/tensor/kernels";
import { close, doubles, guarded, numbers, type Place, places, put, seeds, sizes } from "./arrays";

const FLAGS = fc.record({
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
  sharedA: fc.boolean(),
  sharedB: fc.boolean(),
});

/**
 * One product on the device, with a bias or without, beside the same in float64; the room for rounding is that of a
 * sum of k terms.
 */
function compare(device: Device, sizes: MatmulSizes, seed: number, place: Place, hasBias = false): void {
  const { batch, m, k, n, sharedA, sharedB } = sizes;
  const a = numbers(seed, (sharedA ? 1 : batch) * m * k);
  const b = numbers(seed + 1, (sharedB ? 1 : batch) * k * n);
  const bias = hasBias ? numbers(seed + 2, n) : null;
  const { out, check } = guarded(device, place, batch * m * n);
  const home = (x: Float32Array) => put(device, place, x);
  device.kernels.matmul(home(a), home(b), out, sizes, bias && home(bias));
  const want = new Float64Array(out.length);
  const scale = new Float64Array(out.length);
  const size = (x: Float32Array) => doubles(x).map(Math.abs);
  reference.matmul(doubles(a), doubles(b), want, sizes, bias && doubles(bias));
  reference.matmul(size(a), size(b), scale, sizes, bias && size(bias));
  close(out, want, { absolute: 1e-30, relative: 6e-8 * (k + 2), scale });
  check();
}

export function matmulConformance(make: () => Device): void {
  it("matmul: any sizes, every transpose, batched and shared", () => {
    const device = make();
    fc.assert(
      fc.property(
        fc.record({ batch: fc.integer({ min: 0, max: 5 }), m: sizes(37), k: sizes(37), n: sizes(37) }),
        FLAGS,
        seeds,
        places,
        fc.boolean(),
        (size, flags, seed, place, hasBias) => compare(device, { ...size, ...flags }, seed, place, hasBias),
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    { batch: 1, m: 1, k: 517, n: 131 },
    { batch: 1, m: 131, k: 1, n: 67 },
    { batch: 1, m: 1, k: 100_019, n: 1 },
    { batch: 3, m: 1, k: 5003, n: 1 },
    { batch: 1, m: 67, k: 519, n: 1 },
    { batch: 1, m: 13, k: 1025, n: 523 },
    { batch: 3, m: 65, k: 70, n: 129 },
    { batch: 16, m: 64, k: 16, n: 64 },
  ])("matmul: large, $batch × ($m, $k) · ($k, $n)", (size) => {
    const device = make();
    const shared = { sharedA: false, sharedB: false };
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const hasBias = transposeA !== transposeB;
        compare(device, { ...size, ...shared, transposeA, transposeB }, 7, "device", hasBias);
      }
    }
    compare(
      device,
      { ...size, sharedA: true, sharedB: false, transposeA: false, transposeB: false },
      7,
      "ordinary",
    );
    compare(
      device,
      { ...size, sharedA: false, sharedB: true, transposeA: false, transposeB: false },
      7,
      "ordinary",
    );
  });

  it("matmul: NaN and infinities reach what they touch and nothing else", () => {
    const device = make();
    const plain = { transposeA: false, transposeB: false, sharedA: false, sharedB: false };
    const a = new Float32Array(9 * 9).fill(1);
    const b = new Float32Array(9 * 9).fill(1);
    a[2 * 9 + 3] = Number.NaN;
    b[5 * 9 + 7] = Infinity;
    const out = new Float32Array(81);
    device.kernels.matmul(a, b, out, { batch: 1, m: 9, k: 9, n: 9, ...plain });
    out.forEach((value, i) => {
      const [row, column] = [Math.floor(i / 9), i % 9];
      expect(value).toBe(row === 2 ? Number.NaN : column === 7 ? Infinity : 9);
    });
  });

  it("matmul: float64 and int32 are exact", () => {
    const device = make();
    const size = {
      batch: 1,
      m: 5,
      k: 6,
      n: 7,
      transposeA: false,
      transposeB: false,
      sharedA: false,
      sharedB: false,
    };
    const a = numbers(3, 30);
    const b = numbers(4, 42);
    const want = new Float64Array(35);
    reference.matmul(doubles(a), doubles(b), want, size);
    const got = new Float64Array(35);
    device.kernels.matmul(doubles(a), doubles(b), got, size);
    expect(got).toEqual(want);
    const ints = new Int32Array(35);
    device.kernels.matmul(new Int32Array(30).fill(3), new Int32Array(42).fill(-2), ints, size);
    expect(ints).toEqual(new Int32Array(35).fill(-36));

    const bias = doubles(numbers(5, 7));
    reference.matmul(doubles(a), doubles(b), want, size, bias);
    device.kernels.matmul(doubles(a), doubles(b), got, size, bias);
    expect(got).toEqual(want);
    device.kernels.matmul(
      ...([new Int32Array(30).fill(3), new Int32Array(42).fill(-2), ints, size] as const),
      Int32Array.from({ length: 7 }, (_, i) => i),
    );
    expect(ints).toEqual(Int32Array.from(ints, (_, i) => (i % 7) - 36));
  });
}
