import { BLOCK_K, ROWS } from "./matmul";
import { F32, VEC, fma, splat, sumLanes } from "./simd";
import { tap } from "./windows";

/**
 * The products of conv.ts where a group has fewer results than a tile has rows, as in a depthwise convolution: packing
 * would take longer than the product. Windows lie side by side, so each tap is read where it lies.
 */

/** to (O, …) = matrix (O, K) · windows `first` to `end`, plus the bias of a row. Steps in bytes. */
export function windowSums(first: usize, end: usize, frames: usize, taps: usize, K: usize, w: usize, stepY: usize,
  matrix: usize, bias: usize, O: usize, to: usize, pitch: usize): void {
  for (let o: usize = 0; o < O; o++) {
    const start = splat(bias ? load<f32>(bias + o * F32) : 0);
    for (let l = first; l < end; ) {
      const y = l / w;
      const x = l - y * w;
      const n = min(w - x, end - l); // of one line
      let from = frames + y * stepY + x * F32;
      let at = to + l * F32;
      const stop = at + n * F32;
      for (; at + 4 * VEC <= stop; at += 4 * VEC, from += 4 * VEC) {
        let a = start, b = start, c = start, d = start;
        for (let k: usize = 0; k < K; k++) {
          const weight = v128.load32_splat(matrix + k * F32);
          const seen = from + tap(taps, k);
          a = fma(weight, v128.load(seen), a);
          b = fma(weight, v128.load(seen, VEC), b);
          c = fma(weight, v128.load(seen, 2 * VEC), c);
          d = fma(weight, v128.load(seen, 3 * VEC), d);
        }
        v128.store(at, a);
        v128.store(at, b, VEC);
        v128.store(at, c, 2 * VEC);
        v128.store(at, d, 3 * VEC);
      }
      for (; at + VEC <= stop; at += VEC, from += VEC) {
        let a = start;
        for (let k: usize = 0; k < K; k++) a = fma(v128.load32_splat(matrix + k * F32), v128.load(from + tap(taps, k)), a);
        v128.store(at, a);
      }
      for (; at < stop; at += F32, from += F32) {
        let a = start;
        for (let k: usize = 0; k < K; k++) {
          a = fma(v128.load32_splat(matrix + k * F32), v128.load32_zero(from + tap(taps, k)), a);
        }
        store<f32>(at, f32x4.extract_lane(a, 0));
      }
      l += n;
    }
    matrix += K * F32;
    to += pitch;
  }
}

/** to (rows, O) = itself (`add`) or 0, + the windows (h, w) under one tap per row, times g (O, h, w). stepY in bytes. */
export function addTapSums(frames: usize, taps: usize, rows: usize, stepY: usize, g: usize, O: usize, h: usize, w: usize,
  to: usize, add: bool): void {
  const pitch = O * F32;
  const bytes = w * F32;
  const stop = bytes & ~15;
  // So many lines are added up in float32 before they join the sum.
  const down = max(1, BLOCK_K / w);
  for (let first: usize = 0; first < h; first += down) {
    const last = min(h, first + down);
    for (let o: usize = 0; o < O; o++) {
      for (let i: usize = 0; i < rows; i += ROWS) {
        const a0 = tap(taps, i), a1 = tap(taps, min(i + 1, rows - 1)), a2 = tap(taps, min(i + 2, rows - 1));
        const a3 = tap(taps, min(i + 3, rows - 1));
        let s0 = splat(0), s1 = s0, s2 = s0, s3 = s0;
        for (let y = first; y < last; y++) {
          const from = frames + y * stepY;
          const line = g + (o * h + y) * bytes;
          let x: usize = 0;
          for (; x < stop; x += VEC) {
            const v = v128.load(line + x);
            const seen = from + x;
            s0 = fma(v, v128.load(seen + a0), s0);
            s1 = fma(v, v128.load(seen + a1), s1);
            s2 = fma(v, v128.load(seen + a2), s2);
            s3 = fma(v, v128.load(seen + a3), s3);
          }
          for (; x < bytes; x += F32) {
            const v = v128.load32_zero(line + x);
            const seen = from + x;
            s0 = fma(v, v128.load32_zero(seen + a0), s0);
            s1 = fma(v, v128.load32_zero(seen + a1), s1);
            s2 = fma(v, v128.load32_zero(seen + a2), s2);
            s3 = fma(v, v128.load32_zero(seen + a3), s3);
          }
        }
        const at = to + i * pitch + o * F32;
        put(at, s0, add);
        if (i + 1 < rows) put(at + pitch, s1, add);
        if (i + 2 < rows) put(at + 2 * pitch, s2, add);
        if (i + 3 < rows) put(at + 3 * pitch, s3, add);
      }
    }
    add = true;
  }
}

// @ts-ignore: decorator
@inline
function put(at: usize, lanes: v128, add: bool): void {
  store<f32>(at, (add ? load<f32>(at) : 0) + sumLanes(lanes));
}
