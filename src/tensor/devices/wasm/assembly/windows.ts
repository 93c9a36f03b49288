import { F32, VEC, splat } from "./simd";
import { Task } from "./task";

/**
 * x (B, C, H, W), weight (O, C, kh, kw), out (B, O, h, w), each the array or its gradient; C and O are of one group. In a
 * frame the image begins at (top, left), which may be negative; windows are a step apart, taps dy and dx.
 */
@unmanaged
export class WindowsTask extends Task {
  x: usize;
  weight: usize;
  bias: usize;
  out: usize;
  /** Of `room` bytes for each piece. */
  scratch: usize;
  room: usize;
  batch: usize;
  groups: usize;
  C: usize;
  H: usize;
  W: usize;
  O: usize;
  h: usize;
  w: usize;
  kh: usize;
  kw: usize;
  stepY: usize;
  stepX: usize;
  dy: usize;
  dx: usize;
  top: isize;
  left: isize;
}

/** n floats from `to` on become `value`. */
// @ts-ignore: decorator
@inline
export function fill(to: usize, n: usize, value: f32): void {
  const stop = to + (n & ~3) * F32;
  const end = to + n * F32;
  for (; to < stop; to += VEC) v128.store(to, splat(value));
  for (; to < end; to += F32) store<f32>(to, value);
}

/** to = from, n floats. */
// @ts-ignore: decorator
@inline
export function copyFloats(from: usize, to: usize, n: usize): void {
  const stop = to + (n & ~3) * F32;
  const end = to + n * F32;
  for (; to < stop; to += VEC, from += VEC) v128.store(to, v128.load(from));
  for (; to < end; to += F32, from += F32) store<f32>(to, load<f32>(from));
}

/** Where tap i lies, in bytes from the window's first. */
// @ts-ignore: decorator
@inline
export function tap(taps: usize, i: usize): usize {
  return <usize>load<u32>(taps + i * 4);
}
