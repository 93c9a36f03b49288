import { F32, VEC, splat } from "./simd";
import { BLOCK_K, BLOCK_M, BLOCK_N, COLS, ROWS, block, corner, pack, panels, storeCorner, tile, zeros } from "./matmul";

/**
 * Convolutions as products, without the columns of windows ever being stored. Each image is first copied into a frame
 * that holds just what the windows cover, padding included, so that no window hangs over an edge: the element of window
 * l under the tap k = (channel, ky, kx) lies at tapOffset(k) + windowOffset(l), whatever padding, stride and dilation are.
 *
 * Forward packs it straight into the panels of a product weight (O, K) · windows (K, L), which comes out as the image
 * (O, h, w). Backward to the weight needs no packing of it at all: four taps are the four rows of a tile.
 */

/**
 * Copies `channels` images (height, width) into frames: the pixel (y, x) goes to (y · stepY + top, x · stepX + left),
 * unless that is outside; the rest gets 0. `top` and `left` may be negative.
 */
function fillFrames(from: usize, channels: usize, height: usize, width: usize, to: usize, frameHeight: usize,
  frameWidth: usize, top: isize, left: isize, stepY: isize, stepX: isize): void {
  memory.fill(to, 0, channels * frameHeight * frameWidth * F32);
  // Pixels first to end - 1 of a row, or of the rows, lie inside.
  const firstX = left < 0 ? (-left + stepX - 1) / stepX : 0;
  const endX = min(<isize>width, (<isize>frameWidth - left + stepX - 1) / stepX);
  if (endX <= firstX) return;
  for (let c: usize = 0; c < channels; c++) {
    for (let y: isize = 0; y < <isize>height; y++) {
      const line = y * stepY + top;
      if (line < 0 || line >= <isize>frameHeight) continue;
      const row = from + <usize>(y * <isize>width + firstX) * F32;
      const target = to + <usize>(line * <isize>frameWidth + firstX * stepX + left) * F32;
      const count = <usize>(endX - firstX);
      if (stepX == 1) {
        memory.copy(target, row, count * F32);
      } else {
        for (let x: usize = 0; x < count; x++) store<f32>(target + x * <usize>stepX * F32, load<f32>(row + x * F32));
      }
    }
    from += height * width * F32;
    to += frameHeight * frameWidth * F32;
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
    const y = (first + j) / w;
    const x = first + j - y * w;
    const count = min(COLS, n - j);
    if (stepX == F32 && count == COLS && x + COLS <= w) {
      const from = frames + y * stepY + x * F32;
      for (let p: usize = 0; p < k; p++) {
        const at = from + tap(taps, p);
        v128.store(to + p * 32, v128.load(at));
        v128.store(to + p * 32, v128.load(at, VEC), VEC);
      }
    } else {
      // Window by window; past the last one the first is read again, and what becomes of it is dropped.
      for (let c: usize = 0; c < COLS; c++) {
        const l = c < count ? first + j + c : first + j;
        const row = l / w;
        const from = frames + row * stepY + (l - row * w) * stepX;
        for (let p: usize = 0; p < k; p++) {
          store<f32>(to + p * 32 + c * F32, load<f32>(from + tap(taps, p)));
        }
      }
    }
    to += k * 32;
  }
}

/**
 * out (B, O, h, w) = weight (O, C, kh, kw) over x (B, C, H, W), plus a bias (O) that is not 0, with C and O of one group:
 * of the `groups` of all images, `begin` to `end` are done. In a frame the pixels lie `spread` apart, the first at
 * (top, left), which may be negative; windows are `step` apart. Each piece of `chunk` has `room` bytes of scratch.
 */
export function conv(begin: usize, end: usize, x: usize, weight: usize, bias: usize, out: usize, scratch: usize,
  room: usize, chunk: usize, groups: usize, C: usize, H: usize, W: usize, O: usize, h: usize, w: usize, kh: usize,
  kw: usize, stepY: usize, stepX: usize, dy: usize, dx: usize, top: isize, left: isize, spreadY: isize,
  spreadX: isize): void {
  let frameH = (h - 1) * stepY + (kh - 1) * dy + 1;
  let frameW = (w - 1) * stepX + (kw - 1) * dx + 1;
  // Without padding the image is its own frame.
  const isFrame = top == 0 && left == 0 && spreadY == 1 && spreadX == 1 && frameH <= H && frameW <= W;
  if (isFrame) {
    frameH = H;
    frameW = W;
  }
  const K = C * kh * kw;
  const L = h * w;
  const taps = scratch + (begin / chunk) * room;
  const frames = taps + ((K * 4 + 15) & ~15);
  writeTaps(taps, C, frameH * frameW, frameW, kh, kw, dy, dx);
  for (let unit = begin; unit < end; unit++) {
    const image = x + unit * C * H * W * F32;
    const group = unit % groups;
    const matrix = weight + group * O * K * F32;
    const to = out + unit * O * L * F32;
    if (!isFrame) fillFrames(image, C, H, W, frames, frameH, frameW, top, left, spreadY, spreadX);
    if (bias) {
      for (let o: usize = 0; o < O; o++) fillRow(to + o * L * F32, L, load<f32>(bias + (group * O + o) * F32));
    }
    for (let j: usize = 0; j < L; j += BLOCK_N) {
      const width = min(BLOCK_N, L - j);
      for (let p: usize = 0; p < K; p += BLOCK_K) {
        const depth = min(BLOCK_K, K - p);
        packWindows(isFrame ? image : frames, taps + p * 4, depth, j, width, w, stepY * frameW * F32, stepX * F32);
        for (let i: usize = 0; i < O; i += BLOCK_M) {
          block(matrix + (i * K + p) * F32, ROWS * K * F32, K * F32, F32, panels(), to + (i * L + j) * F32, L * F32,
            min(BLOCK_M, O - i), width, depth, bias != 0 || p > 0, 0);
        }
      }
    }
  }
}

function fillRow(to: usize, n: usize, value: f32): void {
  const stop = to + (n & ~3) * F32;
  const end = to + n * F32;
  for (; to < stop; to += VEC) v128.store(to, splat(value));
  for (; to < end; to += F32) store<f32>(to, value);
}

/**
 * gw (taps of all channels, O) = the sum over images and windows of x under the tap times g (B, O, h, w); so a group's
 * matrix stands there transposed. Channels `begin` to `end` of all groups' are done; C and O are of one group.
 */
export function convBackwardWeight(begin: usize, end: usize, x: usize, g: usize, gw: usize, scratch: usize,
  room: usize, chunk: usize, batch: usize, groups: usize, C: usize, H: usize, W: usize, O: usize, h: usize, w: usize,
  kh: usize, kw: usize, stepY: usize, stepX: usize, dy: usize, dx: usize, top: isize, left: isize): void {
  let frameH = (h - 1) * stepY + (kh - 1) * dy + 1;
  let frameW = (w - 1) * stepX + (kw - 1) * dx + 1;
  const isFrame = top == 0 && left == 0 && frameH <= H && frameW <= W;
  if (isFrame) {
    frameH = H;
    frameW = W;
  }
  const most = min(C, end - begin);
  const taps = scratch + (begin / chunk) * room;
  const frames = taps + ((most * kh * kw * 4 + 15) & ~15);
  writeTaps(taps, most, frameH * frameW, frameW, kh, kw, dy, dx);
  for (let b: usize = 0; b < batch; b++) {
    for (let first = begin; first < end; ) {
      const group = first / C;
      const count = min(end, (group + 1) * C) - first;
      const image = x + (b * groups * C + first) * H * W * F32;
      if (!isFrame) fillFrames(image, count, H, W, frames, frameH, frameW, top, left, 1, 1);
      addTapProducts(isFrame ? image : frames, taps, count * kh * kw, stepY * frameW * F32, stepX * F32,
        g + (b * groups + group) * O * h * w * F32, O, h, w, gw + first * kh * kw * O * F32, b > 0);
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

// @ts-ignore: decorator
@inline
function tap(taps: usize, i: usize): usize {
  return <usize>load<u32>(taps + i * 4);
}
