import { addTapSums, windowSums } from "./conv-narrow";
import { F32, VEC } from "./simd";
import { BLOCK_K, BLOCK_M, BLOCK_N, COLS, ROWS, block, corner, gemm, pack, panels, storeCorner, tile, zeros } from "./matmul";
import { WindowsTask, copyFloats, fill, tap } from "./windows";

/**
 * Convolutions as products. Each image is first copied into a frame that holds just what the windows cover, padding
 * included, so that no window hangs over an edge: what window l sees under the tap k = (channel, ky, kx) lies at
 * tapOffset(k) + windowOffset(l), whatever padding, stride and dilation are.
 *
 * Forward packs it straight into the panels of a product weight (O, K) · windows (K, L), which comes out as the image
 * (O, h, w): the columns of windows are never stored. Backward to the weight needs no packing of it at all: four taps are
 * the four rows of a tile.
 */

@unmanaged
export class ConvTask extends WindowsTask {
  /** Forward: the windows of each image's group are cut into so many parts. */
  parts: usize;
  /** Backward to the images: so many channels at a time. */
  most: usize;
}

/**
 * Copies `channels` images (height, width) into frames: the pixel (y, x) goes to (y + top, x + left), unless that is
 * outside; the rest gets 0. `top` and `left` may be negative.
 */
function fillFrames(from: usize, channels: usize, height: usize, width: usize, to: usize, frameH: usize, frameW: usize,
  top: isize, left: isize): void {
  memory.fill(to, 0, channels * frameH * frameW * F32);
  const first = left < 0 ? -left : 0;
  const count = min(<isize>width, <isize>frameW - left) - first;
  if (count <= 0) return;
  for (let c: usize = 0; c < channels; c++) {
    for (let y: isize = 0; y < <isize>height; y++) {
      if (y + top < 0 || y + top >= <isize>frameH) continue;
      const row = to + <usize>((y + top) * <isize>frameW + first + left) * F32;
      copyFloats(from + <usize>(y * <isize>width + first) * F32, row, <usize>count);
    }
    from += height * width * F32;
    to += frameH * frameW * F32;
  }
}

/** The way back: the pixel (y, x) = the frame's (y + top, x + left), 0 outside; here both are at least 0. */
function readFrames(frames: usize, channels: usize, frameH: usize, frameW: usize, to: usize, height: usize,
  width: usize, top: usize, left: usize): void {
  const count = left < frameW ? min(width, frameW - left) : 0;
  for (let c: usize = 0; c < channels; c++) {
    for (let y: usize = 0; y < height; y++) {
      const inside = y + top < frameH ? count : 0;
      memory.copy(to, frames + ((y + top) * frameW + left) * F32, inside * F32);
      memory.fill(to + inside * F32, 0, (width - inside) * F32);
      to += width * F32;
    }
    frames += frameH * frameW * F32;
  }
}

/** Writes where the taps of `channels` frames lie: bytes, as u32, in the order of the weight. */
function writeTaps(to: usize, channels: usize, frame: usize, line: usize, kh: usize, kw: usize, dy: usize, dx: usize): void {
  for (let c: usize = 0; c < channels; c++) {
    for (let ky: usize = 0; ky < kh; ky++) {
      for (let kx: usize = 0; kx < kw; kx++) {
        store<u32>(to, <u32>((c * frame + ky * dy * line + kx * dx) * F32));
        to += 4;
      }
    }
  }
}

/** Windows first … first + n under k taps, packed as matmul.ts packs a block (k, n) of B. Steps in bytes. */
function packWindows(frames: usize, taps: usize, k: usize, first: usize, n: usize, w: usize, stepY: usize,
  stepX: usize): void {
  let to = panels();
  for (let j: usize = 0; j < n; j += COLS) {
    const l = first + j;
    const last = first + min(n, j + COLS) - 1;
    const start = frames + windowAt(l, w, stepY, stepX);
    if (stepX == F32 && last == l + COLS - 1 && l % w + COLS <= w) {
      for (let p: usize = 0; p < k; p++) {
        const at = start + tap(taps, p);
        v128.store(to, v128.load(at));
        v128.store(to, v128.load(at, VEC), VEC);
        to += 32;
      }
    } else {
      packOdd(start, frames + windowAt(min(l + 1, last), w, stepY, stepX), frames + windowAt(min(l + 2, last), w, stepY, stepX),
        frames + windowAt(min(l + 3, last), w, stepY, stepX), taps, k, to);
      packOdd(frames + windowAt(min(l + 4, last), w, stepY, stepX), frames + windowAt(min(l + 5, last), w, stepY, stepX),
        frames + windowAt(min(l + 6, last), w, stepY, stepX), frames + windowAt(min(l + 7, last), w, stepY, stepX), taps, k,
        to + VEC);
      to += k * 32;
    }
  }
}

/** Where window l lies in a frame. */
// @ts-ignore: decorator
@inline
function windowAt(l: usize, w: usize, stepY: usize, stepX: usize): usize {
  const y = l / w;
  return y * stepY + (l - y * w) * stepX;
}

/** Half a panel of windows that do not follow one another. */
function packOdd(a: usize, b: usize, c: usize, d: usize, taps: usize, k: usize, to: usize): void {
  for (let p: usize = 0; p < k; p++) {
    const at = tap(taps, p);
    let v = v128.load32_splat(a + at);
    v = v128.load32_lane(b + at, v, 1);
    v = v128.load32_lane(c + at, v, 2);
    v128.store(to, v128.load32_lane(d + at, v, 3));
    to += 32;
  }
}

/** out = weight over x, plus a bias (O). Of the parts of all images' groups, `begin` to `end` are done. */
export function conv(task: ConvTask, begin: usize, end: usize): void {
  const x = task.x, weight = task.weight, bias = task.bias, out = task.out, parts = task.parts;
  const groups = task.groups, C = task.C, H = task.H, W = task.W, O = task.O, h = task.h, w = task.w;
  const kh = task.kh, kw = task.kw, stepY = task.stepY, stepX = task.stepX, dy = task.dy, dx = task.dx;
  const top = task.top, left = task.left;
  let frameH = (h - 1) * stepY + (kh - 1) * dy + 1;
  let frameW = (w - 1) * stepX + (kw - 1) * dx + 1;
  // Without padding the image is its own frame.
  const isFrame = top == 0 && left == 0 && frameH <= H && frameW <= W;
  if (isFrame) {
    frameH = H;
    frameW = W;
  }
  const K = C * kh * kw;
  const L = h * w;
  const part = ((L + parts - 1) / parts + COLS - 1) & ~(COLS - 1);
  const taps = task.scratch + (begin / task.chunk) * task.room;
  const frames = taps + ((K * 4 + 15) & ~15);
  writeTaps(taps, C, frameH * frameW, frameW, kh, kw, dy, dx);
  for (let i = begin; i < end; i++) {
    const unit = i / parts;
    const first = (i - unit * parts) * part;
    const image = x + unit * C * H * W * F32;
    if (!isFrame && (i == begin || first == 0)) fillFrames(image, C, H, W, frames, frameH, frameW, top, left);
    const group = unit % groups;
    const seen = isFrame ? image : frames;
    const last = min(L, first + part);
    const matrix = weight + group * O * K * F32;
    const start = bias ? bias + group * O * F32 : 0;
    const to = out + unit * O * L * F32;
    const lineStep = stepY * frameW * F32;
    if (O < ROWS && stepX == 1) windowSums(first, last, seen, taps, K, w, lineStep, matrix, start, O, to, L * F32);
    else windowProducts(first, last, seen, taps, K, w, lineStep, stepX * F32, matrix, start, O, to, L * F32);
  }
}

/** to (O, …) = matrix (O, K) · windows `first` to `end`, plus the bias of a row. Steps in bytes. */
function windowProducts(first: usize, end: usize, frames: usize, taps: usize, K: usize, w: usize, stepY: usize,
  stepX: usize, matrix: usize, bias: usize, O: usize, to: usize, pitch: usize): void {
  for (let j = first; j < end; j += BLOCK_N) {
    const width = min(BLOCK_N, end - j);
    if (bias) {
      for (let o: usize = 0; o < O; o++) fill(to + o * pitch + j * F32, width, load<f32>(bias + o * F32));
    }
    for (let p: usize = 0; p < K; p += BLOCK_K) {
      const depth = min(BLOCK_K, K - p);
      packWindows(frames, taps + p * 4, depth, j, width, w, stepY, stepX);
      for (let i: usize = 0; i < O; i += BLOCK_M) {
        block(matrix + (i * K + p) * F32, ROWS * K * F32, K * F32, F32, panels(), to + i * pitch + j * F32, pitch,
          min(BLOCK_M, O - i), width, depth, bias != 0 || p > 0, 0);
      }
    }
  }
}

/**
 * The gradient of x: what that of out gives back through the weight. The columns weightᵀ · g are computed for a few
 * channels at a time, and added where their windows lie in a frame, whose middle is gx. Images' channels `begin` to `end`
 * are done. (top, left) is not negative.
 */
export function convBackwardInput(task: ConvTask, begin: usize, end: usize): void {
  const gx = task.x, weight = task.weight, g = task.out, most = task.most;
  const groups = task.groups, C = task.C, H = task.H, W = task.W, O = task.O, h = task.h, w = task.w;
  const kh = task.kh, kw = task.kw, stepY = task.stepY, stepX = task.stepX, dy = task.dy, dx = task.dx;
  const top = <usize>task.top, left = <usize>task.left;
  const frameH = (h - 1) * stepY + (kh - 1) * dy + 1;
  const frameW = (w - 1) * stepX + (kw - 1) * dx + 1;
  const T = kh * kw;
  const L = h * w;
  const taps = task.scratch + (begin / task.chunk) * task.room;
  const frames = taps + ((most * T * 4 + 15) & ~15);
  const columns = frames + ((most * frameH * frameW * F32 + 15) & ~15);
  writeTaps(taps, most, frameH * frameW, frameW, kh, kw, dy, dx);
  for (let first = begin; first < end; ) {
    const unit = first / C;
    const channel = first - unit * C;
    const count = min(min(most, C - channel), end - first);
    const rows = count * T;
    const matrix = weight + ((unit % groups) * O * C + channel) * T * F32;
    gemm(matrix, F32, C * T * F32, g + unit * O * L * F32, L * F32, F32, columns, L * F32, rows, L, O, false, 0);
    memory.fill(frames, 0, count * frameH * frameW * F32);
    for (let k: usize = 0; k < rows; k++) {
      for (let y: usize = 0; y < h; y++) {
        addSpread(columns + (k * L + y * w) * F32, frames + tap(taps, k) + y * stepY * frameW * F32, w, stepX);
      }
    }
    readFrames(frames, count, frameH, frameW, gx + first * H * W * F32, H, W, top, left);
    first += count;
  }
}

/** to[i · step] += from[i] for i < n. */
// @ts-ignore: decorator
@inline
function addSpread(from: usize, to: usize, n: usize, step: usize): void {
  let i: usize = 0;
  if (step == 1) {
    for (; i + 4 <= n; i += 4) {
      const at = to + i * F32;
      v128.store(at, f32x4.add(v128.load(at), v128.load(from + i * F32)));
    }
  }
  for (; i < n; i++) {
    const at = to + i * step * F32;
    store<f32>(at, load<f32>(at) + load<f32>(from + i * F32));
  }
}

/**
 * The gradient of the weight, transposed in each group (taps of all channels, O): the sum over images and windows of x
 * under the tap times the gradient of out. Channels `begin` to `end` of all groups' are done.
 */
export function convBackwardWeight(task: ConvTask, begin: usize, end: usize): void {
  const x = task.x, gw = task.weight, g = task.out, batch = task.batch;
  const groups = task.groups, C = task.C, H = task.H, W = task.W, O = task.O, h = task.h, w = task.w;
  const kh = task.kh, kw = task.kw, stepY = task.stepY, stepX = task.stepX, dy = task.dy, dx = task.dx;
  const top = task.top, left = task.left;
  let frameH = (h - 1) * stepY + (kh - 1) * dy + 1;
  let frameW = (w - 1) * stepX + (kw - 1) * dx + 1;
  const isFrame = top == 0 && left == 0 && frameH <= H && frameW <= W;
  if (isFrame) {
    frameH = H;
    frameW = W;
  }
  const most = min(C, end - begin);
  const taps = task.scratch + (begin / task.chunk) * task.room;
  const frames = taps + ((most * kh * kw * 4 + 15) & ~15);
  writeTaps(taps, most, frameH * frameW, frameW, kh, kw, dy, dx);
  for (let b: usize = 0; b < batch; b++) {
    for (let first = begin; first < end; ) {
      const group = first / C;
      const count = min(end, (group + 1) * C) - first;
      const image = x + (b * groups * C + first) * H * W * F32;
      if (!isFrame) fillFrames(image, count, H, W, frames, frameH, frameW, top, left);
      const seen = isFrame ? image : frames;
      const rows = count * kh * kw;
      const from = g + (b * groups + group) * O * h * w * F32;
      const to = gw + first * kh * kw * O * F32;
      const lineStep = stepY * frameW * F32;
      if (O < ROWS && stepX == 1) addTapSums(seen, taps, rows, lineStep, from, O, h, w, to, b > 0);
      else addTapProducts(seen, taps, rows, lineStep, stepX * F32, from, O, h, w, to, b > 0);
      first += count;
    }
  }
}

/** to (rows, O) = itself (`add`) or 0, + the windows (h, w) under one tap per row, times g (O, h, w). Steps in bytes. */
function addTapProducts(frames: usize, taps: usize, rows: usize, stepY: usize, stepX: usize, g: usize, O: usize,
  h: usize, w: usize, to: usize, add: bool): void {
  const L = h * w;
  const pitch = O * F32;
  // Whole lines of windows, or parts of one, so that a panel of g stays in the first-level cache.
  const across = min(w, BLOCK_K);
  const down = BLOCK_K / across;
  for (let y: usize = 0; y < h; y += down) {
    const lines = min(down, h - y);
    for (let x: usize = 0; x < w; x += across) {
      const width = min(across, w - x);
      const depth = lines * width;
      const from = frames + y * stepY + x * stepX;
      for (let j: usize = 0; j < O; j += BLOCK_N) {
        const columns = min(BLOCK_N, O - j);
        pack(g + (j * L + y * w + x) * F32, F32, L * F32, depth, columns, panels());
        for (let c: usize = 0; c < columns; c += COLS) {
          const panel = panels() + c * depth * F32;
          const count = min(COLS, columns - c);
          for (let i: usize = 0; i < rows; i += ROWS) {
            const height = min(ROWS, rows - i);
            const a0 = from + tap(taps, i);
            const a1 = from + tap(taps, min(i + 1, rows - 1));
            const a2 = from + tap(taps, min(i + 2, rows - 1));
            const a3 = from + tap(taps, min(i + 3, rows - 1));
            const at = to + i * pitch + (j + c) * F32;
            const skip = stepY - width * stepX;
            if (height == ROWS && count == COLS) {
              tile(a0, a1, a2, a3, stepX, lines, skip, panel, width, add ? at : zeros(), add ? pitch : 0, at, pitch);
            } else {
              tile(a0, a1, a2, a3, stepX, lines, skip, panel, width, zeros(), 0, corner(), COLS * F32);
              storeCorner(height, count, at, pitch, add, 0);
            }
          }
        }
      }
      add = true;
    }
  }
}
