import { gemmByBlas } from "./blas";
import { F32, VEC } from "./simd";
import { WindowsTask, copyFloats, fill } from "./windows";

/**
 * Convolutions as products of a BLAS library, which wants matrices with equal steps from row to row. So each image is
 * unrolled along its lines alone: row (channel, kx) of a matrix holds the lines of the image as they are seen under column
 * kx of the window, one after the other, w numbers each. What is seen under line ky of the window is then the same matrix
 * from a later place on, and the convolution is the sum of kh products weight[ky] (O, C·kw) · lines (C·kw, L): a third of
 * the copies that a 3 × 3 window takes unrolled in full.
 *
 * Where windows are more than one line apart, lines seen under ky = 0, step, 2·step … stand together in one band, those
 * under 1, 1 + step … in the next. `full` unrolls windows in full, rows (channel, ky, kx), and makes one product: for
 * windows that share no lines, and for few channels.
 */

/** `weight` is (groups, kh, O, C, kw), or `full` (groups, O, C, kh, kw), and its gradient the same with O last. */
@unmanaged
export class ConvLinesTask extends WindowsTask {
  /** So many channels and lines of windows at a time. */
  channelsAtOnce: usize;
  linesAtOnce: usize;
  full: bool;
}

/** to = every second float from `from` on, n of them; none past the last is read. */
// @ts-ignore: decorator
@inline
function copySecond(from: usize, to: usize, n: usize): void {
  let i: usize = 0;
  for (; i + 5 <= n; i += 4) {
    const at = from + i * 8;
    v128.store(to + i * F32, v128.shuffle<f32>(v128.load(at), v128.load(at, VEC), 0, 2, 4, 6));
  }
  for (; i < n; i++) store<f32>(to + i * F32, load<f32>(from + i * 8));
}

/** to[i][j] = image[y + i·stepY][x + j·stepX] for i < n and j < w, 0 outside of the image (H, W). */
function copyLines(image: usize, H: isize, W: isize, y: isize, stepY: isize, n: usize, x: isize, stepX: isize, w: usize,
  to: usize): void {
  // Of each line, those before `first` and from `last` on are outside.
  const first = <usize>min(<isize>w, x < 0 ? (-x + stepX - 1) / stepX : 0);
  const last = max(first, <usize>min(<isize>w, x < W ? (W - x + stepX - 1) / stepX : 0));
  let i: usize = 0;
  while (i < n) {
    const line = y + <isize>i * stepY;
    if (line < 0 || line >= H) {
      fill(to + i * w * F32, w, 0);
      i++;
      continue;
    }
    const from = image + <usize>(line * W + x + <isize>first * stepX) * F32;
    const at = to + (i * w + first) * F32;
    let lines: usize = 1;
    if (stepX == 1 && stepY == 1 && w == <usize>W && last > first) {
      // Lines as long as the image's follow one another: all at once, then the edges.
      lines = <usize>min(<isize>(n - i), H - line);
      copyFloats(from, at, (lines - 1) * w + last - first);
    } else if (stepX == 1) copyFloats(from, at, last - first);
    else if (stepX == 2) copySecond(from, at, last - first);
    else for (let j: usize = 0; j < last - first; j++) store<f32>(at + j * F32, load<f32>(from + j * <usize>stepX * F32));
    for (const end = i + lines; i < end; i++) {
      const row = to + i * w * F32;
      for (let j: usize = 0; j < first; j++) store<f32>(row + j * F32, 0);
      for (let j = last; j < w; j++) store<f32>(row + j * F32, 0);
    }
  }
}

/** Lines in a band, where `n` lines of windows are seen. */
// @ts-ignore: decorator
@inline
function bandOf(task: ConvLinesTask, n: usize): usize {
  return task.full ? n : n + (task.kh - 1) * task.dy / task.stepY;
}

/** Whether a product may read the images themselves: windows of one number, one for each. */
// @ts-ignore: decorator
@inline
function isUnrolled(task: ConvLinesTask): bool {
  return task.kh * task.kw == 1 && task.stepY * task.stepX == 1 && task.top == 0 && task.left == 0 && task.h == task.H
    && task.w == task.W;
}

/** Bytes from row to row of the matrix. */
// @ts-ignore: decorator
@inline
function pitchOf(task: ConvLinesTask, n: usize): usize {
  if (isUnrolled(task)) return task.H * task.W * F32;
  return (task.full ? n : bandOf(task, n) * min(task.stepY, (task.kh - 1) * task.dy + 1)) * task.w * F32;
}

/** Bytes from the start of a row to what is seen under line ky of the window. */
// @ts-ignore: decorator
@inline
function seenUnder(task: ConvLinesTask, ky: usize, n: usize): usize {
  const at = ky * task.dy;
  const down = at / task.stepY;
  return ((at - down * task.stepY) * bandOf(task, n) + down) * task.w * F32;
}

/** Unrolls `channels` images for the windows of the lines y … y + n. */
function unroll(task: ConvLinesTask, image: usize, channels: usize, y: usize, n: usize, to: usize): void {
  const H = task.H, W = task.W, w = task.w, kh = task.kh, kw = task.kw, stepY = task.stepY, stepX = task.stepX;
  const dy = task.dy, dx = task.dx, full = task.full;
  const band = bandOf(task, n);
  const pitch = pitchOf(task, n);
  const above = <isize>(y * stepY) - task.top;
  for (let c: usize = 0; c < channels; c++) {
    for (let ky: usize = 0; ky < kh; ky++) {
      const residue = ky * dy % stepY;
      // The first line under this one starts its band, which holds those that follow.
      let isFirst = true;
      for (let before: usize = 0; before < ky; before++) isFirst = isFirst && before * dy % stepY != residue;
      if (!full && !isFirst) continue;
      for (let kx: usize = 0; kx < kw; kx++) {
        const row = to + (full ? (c * kh + ky) * kw + kx : c * kw + kx) * pitch;
        copyLines(image, H, W, above + <isize>(full ? ky * dy : residue), stepY, band, <isize>(kx * dx) - task.left, stepX, w,
          full ? row : row + residue * band * w * F32);
      }
    }
    image += H * W * F32;
  }
}

/** The matrix of `channels` images for the windows of the lines y … y + n: unrolled into `room`, or where they lie. */
// @ts-ignore: decorator
@inline
function matrixOf(task: ConvLinesTask, image: usize, channels: usize, y: usize, n: usize, room: usize): usize {
  if (isUnrolled(task)) return image + y * task.w * F32;
  unroll(task, image, channels, y, n, room);
  return room;
}

/** out = weight over x, plus a bias (O). Lines of windows of all images' groups, `begin` to `end`, are done. */
export function convLines(task: ConvLinesTask, begin: usize, end: usize): void {
  const C = task.C, O = task.O, h = task.h, w = task.w, kh = task.kh, kw = task.kw, groups = task.groups;
  const plane = task.H * task.W * F32;
  const L = h * w;
  const products: usize = task.full ? 1 : kh;
  const depth = task.full ? kh * kw : kw;
  const room = task.scratch + (begin / task.chunk) * task.room;
  for (let line = begin; line < end; ) {
    const unit = line / h;
    const y = line - unit * h;
    const n = min(min(task.linesAtOnce, h - y), end - line);
    const group = unit % groups;
    const to = task.out + (unit * O * L + y * w) * F32;
    const pitch = pitchOf(task, n);
    if (task.bias) {
      for (let o: usize = 0; o < O; o++) fill(to + o * L * F32, n * w, load<f32>(task.bias + (group * O + o) * F32));
    }
    for (let c: usize = 0; c < C; c += task.channelsAtOnce) {
      const channels = min(task.channelsAtOnce, C - c);
      const lines = matrixOf(task, task.x + (unit * C + c) * plane, channels, y, n, room);
      for (let ky: usize = 0; ky < products; ky++) {
        const weight = task.weight + (((group * products + ky) * O * C + c) * depth) * F32;
        gemmByBlas(weight, C * depth * F32, false, lines + seenUnder(task, ky, n), pitch, false, to, L * F32, O, n * w,
          channels * depth, task.bias != 0 || c > 0 || ky > 0);
      }
    }
    line += n;
  }
}

/** The gradient of the weight, each group's with O last. Channels `begin` to `end` of all groups' are done. */
export function convLinesBackwardWeight(task: ConvLinesTask, begin: usize, end: usize): void {
  const C = task.C, O = task.O, h = task.h, w = task.w, kh = task.kh, kw = task.kw, groups = task.groups;
  const plane = task.H * task.W * F32;
  const L = h * w;
  const products: usize = task.full ? 1 : kh;
  const depth = task.full ? kh * kw : kw;
  const room = task.scratch + (begin / task.chunk) * task.room;
  for (let b: usize = 0; b < task.batch; b++) {
    for (let first = begin; first < end; ) {
      const group = first / C;
      const c = first - group * C;
      const channels = min(task.channelsAtOnce, min(end, (group + 1) * C) - first);
      for (let y: usize = 0; y < h; y += task.linesAtOnce) {
        const n = min(task.linesAtOnce, h - y);
        const pitch = pitchOf(task, n);
        const lines = matrixOf(task, task.x + (b * groups * C + first) * plane, channels, y, n, room);
        const g = task.out + ((b * groups + group) * O * L + y * w) * F32;
        for (let ky: usize = 0; ky < products; ky++) {
          const to = task.weight + ((group * products + ky) * C + c) * depth * O * F32;
          gemmByBlas(lines + seenUnder(task, ky, n), pitch, false, g, L * F32, true, to, O * F32, channels * depth, O, n * w,
            b > 0 || y > 0);
        }
      }
      first += channels;
    }
  }
}
