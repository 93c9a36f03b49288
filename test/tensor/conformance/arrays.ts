import fc from "fast-check";
import { expect } from "vitest";
import type { Device } from "../../../src/tensor/device";
import type { Storage } from "../../../src/tensor/dtype";

// Here an `expect` for each number would take longer than the kernels: comparisons are plain, and what differs is told.

/** Where the arrays of a kernel call may lie: where the device puts them, or in ordinary memory. */
export type Place = "device" | "ordinary";
export const places: fc.Arbitrary<Place> = fc.constantFrom("device", "ordinary");
export const seeds = fc.integer({ min: 1, max: 2 ** 30 });

/** Sizes that break loops: none, one, odd, a multiple of every tile, beside one. */
export const sizes = (max: number) =>
  fc.oneof(
    fc.integer({ min: 0, max }),
    fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17).filter((n) => n <= max),
  );

/** Values that break formulas. */
const special = [
  Number.NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1,
  -1,
  0.5,
  2.5,
  88.8,
  -104,
  1e-40,
  3e38,
  -3e38,
  1e10,
  1e-10,
];

/** Uniform numbers in [0, 1) from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `length` float32 numbers, about normal; with `specials`, one in eight is one that breaks formulas. */
export function numbers(seed: number, length: number, specials = false): Float32Array {
  const random = randomFrom(seed);
  const all = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    if (specials && random() < 0.125) all[i] = special[Math.floor(random() * special.length)];
    else all[i] = (random() + random() + random() + random() - 2) * 2;
  }
  return all;
}

/** The same numbers where the device is asked to work; offset by one element so that nothing is aligned. */
export function put(device: Device, place: Place, from: Float32Array): Float32Array {
  if (place === "ordinary") return from.slice();
  const home = (device.kernels.alloc("float32", from.length + 1) as Float32Array).subarray(1);
  home.set(from);
  return home;
}

const GUARD = 8;
const SENTINEL = -12345.5;

interface Guarded<Data> {
  readonly out: Data;
  /** Fails when a kernel wrote past the end of `out` or before its start. */
  check(): void;
}

function between<Data extends Float32Array | Int32Array>(whole: Data, length: number): Guarded<Data> {
  whole.fill(SENTINEL);
  const sentinel = whole[0];
  return {
    out: whole.subarray(GUARD, GUARD + length) as Data,
    check: () => {
      for (let i = 0; i < GUARD; i++) {
        if (whole[i] !== sentinel) expect.fail(`written before its start: ${whole[i]}`);
        const behind = whole[GUARD + length + i];
        if (behind !== sentinel) expect.fail(`written past its end: ${behind}`);
      }
    },
  };
}

/** An output with guards on both sides. */
export function guarded(device: Device, place: Place, length: number): Guarded<Float32Array> {
  const size = length + 2 * GUARD;
  const whole = place === "device" ? device.kernels.alloc("float32", size) : new Float32Array(size);
  return between(whole as Float32Array, length);
}

/** The same of int32. */
export function guardedIntegers(device: Device, place: Place, length: number): Guarded<Int32Array> {
  const size = length + 2 * GUARD;
  const whole = place === "device" ? device.kernels.alloc("int32", size) : new Int32Array(size);
  return between(whole as Int32Array, length);
}

export const doubles = (x: ArrayLike<number>) => new Float64Array(x);

/**
 * `got` is the float32 answer for the float64 `want`: |got − want| ≤ tolerance (absolute + relative · |want|),
 * NaN meets NaN, an infinity itself. A value beyond float32 may be an infinity or the largest number.
 */
export function close(
  got: Storage,
  want: ArrayLike<number>,
  {
    absolute = 1e-6,
    relative = 1e-5,
    scale,
  }: { absolute?: number; relative?: number; scale?: ArrayLike<number> } = {},
): void {
  if (got.length !== want.length) expect.fail(`got ${got.length} numbers, expected ${want.length}`);
  for (let i = 0; i < got.length; i++) {
    const wanted = Math.fround(want[i]);
    if (Object.is(got[i], wanted) || got[i] === wanted) continue;
    const room = absolute + relative * Math.abs(scale ? scale[i] : wanted);
    const ok = Math.abs(got[i] - wanted) <= room || (Math.abs(want[i]) > 3.4e38 && Math.abs(got[i]) > 3.4e38);
    if (!ok) expect.fail(`[${i}]: got ${got[i]}, expected ${wanted} ± ${room}`);
  }
}

/** Every bit as wanted, but for the bits of a NaN and (unless `zeroSign`) the sign of a zero. */
export function exact(got: ArrayLike<number>, want: ArrayLike<number>, zeroSign = true): void {
  if (got.length !== want.length) expect.fail(`got ${got.length} numbers, expected ${want.length}`);
  for (let i = 0; i < got.length; i++) {
    const same = zeroSign
      ? Object.is(got[i], want[i])
      : got[i] === want[i] || (Number.isNaN(got[i]) && Number.isNaN(want[i]));
    if (!same) expect.fail(`[${i}]: got ${got[i]}, expected ${want[i]}`);
  }
}

/** Matrices of `rows` rows of `n`, small or with one long side. */
export const matrices = fc.oneof(
  fc.record({ rows: sizes(20), n: sizes(70) }),
  fc.record({ rows: fc.constantFrom(1, 3, 130), n: fc.constantFrom(1, 33, 515) }),
);
