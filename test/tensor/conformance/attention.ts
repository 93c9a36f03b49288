import fc from "fast-check";
import { it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import type { AttentionSizes } from "../../../src/tensor/kernels";
import {
  close,
  doubles,
  exact,
  guarded,
  numbers,
  type Place,
  places,
  put,
  randomFrom,
  seeds,
  sizes,
} from "./arrays";

/** Which axes of the mask (B, H, T, S) are there; along the others it repeats. null: no mask. */
type MaskAxes = readonly [boolean, boolean, boolean] | null;

interface Case {
  readonly sizes: Omit<AttentionSizes, "maskStrides" | "scale">;
  readonly maskAxes: MaskAxes;
  readonly isKept: boolean;
}

/** An additive mask: one in four entries is −∞, one row in four throughout. */
function maskOf({ batch, heads, queries, keys }: Case["sizes"], axes: readonly boolean[], seed: number) {
  const lead = [batch, heads, queries].map((n, i) => (axes[i] ? n : 1));
  const rows = lead[0] * lead[1] * lead[2];
  const random = randomFrom(seed);
  const mask = numbers(seed + 1, rows * keys);
  for (let r = 0; r < rows; r++) {
    const isBlind = random() < 0.25;
    for (let s = 0; s < keys; s++) if (isBlind || random() < 0.25) mask[r * keys + s] = -Infinity;
  }
  const strides = [lead[1] * lead[2] * keys, lead[2] * keys, keys];
  const maskStrides = strides.map((stride, i) => (axes[i] ? stride : 0)) as [number, number, number];
  return { mask, maskStrides };
}

/** Forward and backward on the device, beside the same in float64. */
function compare(device: Device, { sizes, maskAxes, isKept }: Case, seed: number, place: Place): void {
  const { batch: B, heads: H, queries: T, keys: S, width: C, valueWidth: D, isCausal } = sizes;
  const { mask, maskStrides } = maskAxes
    ? maskOf(sizes, maskAxes, seed)
    : { mask: null, maskStrides: [0, 0, 0] as const };
  const all: AttentionSizes = { ...sizes, maskStrides, scale: 0.7 / Math.sqrt(C || 1) };
  const q = numbers(seed + 2, B * T * H * C);
  const k = numbers(seed + 3, B * S * H * C);
  const v = numbers(seed + 4, B * S * H * D);
  const g = numbers(seed + 5, B * T * H * D);
  const home = (x: Float32Array) => put(device, place, x);

  const want = [new Float64Array(B * T * H * D), new Float64Array(B * H * T * S)];
  reference.attention(doubles(q), doubles(k), doubles(v), mask && doubles(mask), want[0], want[1], all);
  const out = guarded(device, place, B * T * H * D);
  const weights = guarded(device, place, B * H * T * S);
  const [dq, dk, dv] = [home(q), home(k), home(v)];
  device.kernels.attention(dq, dk, dv, mask && home(mask), out.out, isKept ? weights.out : null, all);
  close(out.out, want[0], { absolute: 1e-5 });
  out.check();
  weights.check();
  if (!isKept) return;

  // The weights of keys that a causal query may not see are nobody's business.
  const seen = (x: ArrayLike<number>) =>
    Float64Array.from(x, (value, i) => (isCausal && i % S > Math.floor(i / S) % T ? 0 : value));
  close(seen(weights.out), seen(want[1]), { absolute: 1e-6 });

  const grads = [q.length, k.length, v.length].map((length) => guarded(device, place, length));
  const wantG = grads.map(({ out }) => new Float64Array(out.length));
  const kept = doubles(weights.out);
  reference.attentionBackward(
    ...([doubles(g), doubles(q), doubles(k), doubles(v), kept] as const),
    ...([wantG[0], wantG[1], wantG[2], all] as const),
  );
  device.kernels.attentionBackward(
    ...([home(g), dq, dk, dv, weights.out] as const),
    ...([grads[0].out, grads[1].out, grads[2].out, all] as const),
  );
  grads.forEach((grad, i) => {
    close(grad.out, wantG[i], { absolute: 1e-4 });
    grad.check();
  });
}

export function attentionConformance(make: () => Device): void {
  const maskAxes = fc.option(fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), { nil: null });

  it("attention and attentionBackward: any sizes, causal or not, any mask, weights kept or not", () => {
    const device = make();
    const cases = fc.record({
      sizes: fc.record({
        batch: sizes(4),
        heads: fc.integer({ min: 1, max: 5 }),
        queries: sizes(20),
        keys: sizes(20),
        width: sizes(9),
        valueWidth: sizes(9),
        isCausal: fc.boolean(),
      }),
      maskAxes,
      isKept: fc.boolean(),
    });
    fc.assert(
      fc.property(cases, seeds, places, (all, seed, place) => compare(device, all, seed, place)),
      { numRuns: 300 },
    );
  });

  it("attention: several blocks of queries, more keys than queries and fewer", () => {
    const device = make();
    for (const [T, S] of [
      [64, 64],
      [65, 63],
      [131, 67],
      [67, 131],
      [130, 1],
      [1, 130],
    ]) {
      for (const isCausal of [false, true]) {
        const size = { batch: 2, heads: 3, queries: T, keys: S, width: 5, valueWidth: 7, isCausal };
        compare(device, { sizes: size, maskAxes: null, isKept: true }, T, "device");
        compare(device, { sizes: size, maskAxes: [true, false, true], isKept: true }, S, "ordinary");
        compare(device, { sizes: size, maskAxes: null, isKept: false }, T + S, "device");
      }
    }
  });

  it("attention: a query that the mask leaves nothing gets zeros, and gives nobody a gradient", () => {
    const device = make();
    const size = { batch: 1, heads: 1, queries: 3, keys: 33, width: 4, valueWidth: 5, isCausal: false };
    const all: AttentionSizes = { ...size, scale: 1, maskStrides: [0, 0, 33] };
    const mask = new Float32Array(99).fill(-Infinity, 33, 66);
    const [q, k, v, g] = [12, 132, 165, 15].map((n, i) => numbers(i + 1, n));
    const [out, weights] = [new Float32Array(15).fill(1), new Float32Array(99).fill(1)];
    device.kernels.attention(q, k, v, mask, out, weights, all);
    exact(out.subarray(5, 10), new Float32Array(5), false);
    exact(weights.subarray(33, 66), new Float32Array(33), false);
    const [gq, gk, gv] = [q, k, v].map((x) => new Float32Array(x.length));
    g.fill(0, 0, 5).fill(0, 10);
    device.kernels.attentionBackward(g, q, k, v, weights, gq, gk, gv, all);
    for (const grad of [gq, gk, gv]) exact(grad, new Float32Array(grad.length), false);
  });

  it("attention: a NaN stays in its sequence and head; float64 keeps its digits", () => {
    const device = make();
    const size = { batch: 2, heads: 2, queries: 9, keys: 9, width: 8, valueWidth: 8, isCausal: false };
    const all: AttentionSizes = { ...size, scale: 0.3, maskStrides: [0, 0, 0] };
    const [q, k, v] = [1, 2, 3].map((seed) => numbers(seed, 2 * 9 * 2 * 8));
    k[8 + 3] = Number.NaN; // sequence 0, key 0, head 1
    const out = new Float32Array(q.length);
    device.kernels.attention(q, k, v, null, out, null, all);
    out.forEach((value, i) => {
      const isTouched = i < 9 * 16 && Math.floor(i / 8) % 2 === 1;
      if (Number.isNaN(value) !== isTouched) throw new Error(`[${i}]: got ${value}`);
    });
    const [want, got] = [new Float64Array(q.length), new Float64Array(q.length)];
    reference.attention(doubles(q), doubles(q), doubles(v), null, want, null, all);
    device.kernels.attention(doubles(q), doubles(q), doubles(v), null, got, null, all);
    exact(got, want);
  });
}
