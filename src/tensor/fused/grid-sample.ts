import { zeros } from "../create";
import { isFloat } from "../dtype";
import { elements, make, type NDArray } from "../ndarray";
import { strided } from "../strided";
import { asFloats, floats } from "./arrays";

export interface GridSampleSettings {
  readonly mode: "bilinear" | "nearest" | "bicubic";
  /** What lies beyond the image: 0, the pixel at the edge, or the image mirrored at its edges. */
  readonly paddingMode: "zeros" | "border" | "reflection";
  /** Whether ±1 are the centres of the corner pixels, or the edges of the image. */
  readonly alignCorners: boolean;
}

interface Saved {
  readonly x: NDArray;
  readonly grid: NDArray;
  /** For each image. */
  readonly taps: readonly PixelTaps[];
}

/** x (B, C, H, W) read at grid (B, h, w, 2): each pixel of the result is Σ wᵧ wₓ · pixel over those around its place. */
export function gridSample(
  given: NDArray,
  grid: NDArray,
  settings: GridSampleSettings,
): [y: NDArray, saved: Saved] {
  const x = asFloats(given);
  const [B, C, H, W] = x.shape;
  const [, h, w] = grid.shape;
  const places = elements(grid);
  const [columns, rows] = [tapsOf(places, 0, W, settings), tapsOf(places, 1, H, settings)];
  const taps = Array.from({ length: B }, (_, b) => tapsIn(columns, rows, W, h * w, b));
  const pixels = elements(x);
  const y = new Float64Array(B * C * h * w);
  const [points, cells] = [h * w, H * W];
  for (let b = 0; b < B; b++) {
    const { of, pixel, weight } = taps[b];
    for (let c = 0; c < C; c++) {
      const [out, plane] = [(b * C + c) * points, (b * C + c) * cells];
      for (let t = 0; t < of.length; t++) y[out + of[t]] += pixels[plane + pixel[t]] * weight[t];
    }
  }
  return [make(strided(y, "float64", [B, C, h, w])).to(x.dtype), { x, grid, taps }];
}

/** Every pixel gets g wᵧ wₓ from all places that it is read at. */
export function gridSampleBackwardInput(g: NDArray, saved: Saved): NDArray {
  const { x, grid, taps } = saved;
  const [B, C, H, W] = x.shape;
  const from = elements(g);
  const gx = zeros(x.shape, { dtype: x.dtype });
  const into = floats(gx);
  const [points, cells] = [grid.shape[1] * grid.shape[2], H * W];
  for (let b = 0; b < B; b++) {
    const { of, pixel, weight } = taps[b];
    for (let c = 0; c < C; c++) {
      const [out, plane] = [(b * C + c) * points, (b * C + c) * cells];
      for (let t = 0; t < of.length; t++) into[plane + pixel[t]] += from[out + of[t]] * weight[t];
    }
  }
  return gx;
}

/** Every place gets Σ g · pixel · ∂(wᵧ wₓ). */
export function gridSampleBackwardGrid(g: NDArray, saved: Saved): NDArray {
  const { x, grid, taps } = saved;
  const [B, C, H, W] = x.shape;
  const [from, pixels] = [elements(g), elements(x)];
  const gGrid = new Float64Array(grid.size);
  const [points, cells] = [grid.shape[1] * grid.shape[2], H * W];
  for (let b = 0; b < B; b++) {
    const { of, pixel, slopeX, slopeY } = taps[b];
    const sums = new Float64Array(of.length);
    for (let c = 0; c < C; c++) {
      const [out, plane] = [(b * C + c) * points, (b * C + c) * cells];
      for (let t = 0; t < of.length; t++) sums[t] += from[out + of[t]] * pixels[plane + pixel[t]];
    }
    for (let t = 0; t < of.length; t++) {
      const p = 2 * (b * points + of[t]);
      gGrid[p] += sums[t] * slopeX[t];
      gGrid[p + 1] += sums[t] * slopeY[t];
    }
  }
  return make(strided(gGrid, "float64", grid.shape)).to(isFloat(grid.dtype) ? grid.dtype : "float32");
}

/** What the places of one image read, the same in all of its channels: of which place, which pixel, its weight and slopes. */
interface PixelTaps {
  readonly of: Int32Array;
  readonly pixel: Int32Array;
  readonly weight: Float64Array;
  readonly slopeX: Float64Array;
  readonly slopeY: Float64Array;
}

function tapsIn(columns: Taps, rows: Taps, W: number, points: number, b: number): PixelTaps {
  const k = columns.count;
  const most = points * k * k;
  const [of, pixel] = [new Int32Array(most), new Int32Array(most)];
  const [weight, slopeX, slopeY] = [0, 1, 2].map(() => new Float64Array(most));
  let count = 0;
  for (let p = 0; p < points; p++) {
    const at = (b * points + p) * k;
    for (let j = at; j < at + k; j++) {
      if (rows.pixel[j] < 0) continue;
      for (let i = at; i < at + k; i++) {
        if (columns.pixel[i] < 0) continue;
        of[count] = p;
        pixel[count] = rows.pixel[j] * W + columns.pixel[i];
        weight[count] = columns.weight[i] * rows.weight[j];
        slopeX[count] = columns.slope[i] * rows.weight[j];
        slopeY[count] = columns.weight[i] * rows.slope[j];
        count++;
      }
    }
  }
  const made = <List extends Int32Array | Float64Array>(list: List) => list.subarray(0, count) as List;
  return {
    of: made(of),
    pixel: made(pixel),
    weight: made(weight),
    slopeX: made(slopeX),
    slopeY: made(slopeY),
  };
}

/** For every place, `count` pixels along one axis (−1: beyond the image), their weights, and how these change with the grid. */
interface Taps {
  readonly count: number;
  readonly pixel: Int32Array;
  readonly weight: Float64Array;
  readonly slope: Float64Array;
}

function tapsOf(places: ArrayLike<number>, axis: 0 | 1, n: number, settings: GridSampleSettings): Taps {
  const { mode, alignCorners } = settings;
  const count = { nearest: 1, bilinear: 2, bicubic: 4 }[mode];
  const length = (places.length / 2) * count;
  const [pixel, weight, slope] = [new Int32Array(length), new Float64Array(length), new Float64Array(length)];
  for (let i = 0, at = 0; at < length; i++, at += count) {
    const place = places[2 * i + axis];
    let position = alignCorners ? ((place + 1) / 2) * (n - 1) : ((place + 1) * n - 1) / 2;
    let speed = alignCorners ? (n - 1) / 2 : n / 2;
    if (mode !== "bicubic") {
      // Bicubic looks beyond the edges from where it is; the others are moved into the image.
      const [inside, sign] = padded(position, n, settings);
      position = inside;
      speed *= sign;
    }
    const low = mode === "nearest" ? halfToEven(position) : Math.floor(position);
    const part = position - low;
    for (let tap = 0; tap < count; tap++) {
      const first = mode === "bicubic" ? low - 1 : low;
      const there = mode === "bicubic" ? padded(first + tap, n, settings)[0] : first + tap;
      pixel[at + tap] = there >= 0 && there < n ? there : -1;
      const [value, change] =
        mode === "nearest"
          ? [1, 0]
          : mode === "bilinear"
            ? tap
              ? [part, 1]
              : [1 - part, -1]
            : cubic(part + 1 - tap);
      weight[at + tap] = value;
      slope[at + tap] = change * speed;
    }
  }
  return { count, pixel, weight, slope };
}

/** Where a position counts as, and how fast that moves with it: 1, −1 where it is mirrored, 0 where it is stopped. */
function padded(
  position: number,
  n: number,
  { paddingMode, alignCorners }: GridSampleSettings,
): [number, number] {
  if (paddingMode === "zeros") return [position, 1];
  let sign = 1;
  if (paddingMode === "reflection") {
    const [low, span] = alignCorners ? [0, n - 1] : [-0.5, n];
    if (span === 0) return [0, 0];
    const away = Math.abs(position - low);
    const isOdd = Math.floor(away / span) % 2 !== 0;
    sign = (position < low ? -1 : 1) * (isOdd ? -1 : 1);
    position = low + (isOdd ? span - (away % span) : away % span);
  }
  if (position <= 0) return [0, 0];
  return position >= n - 1 ? [n - 1, 0] : [position, sign];
}

function halfToEven(x: number): number {
  const low = Math.floor(x);
  const part = x - low;
  return part < 0.5 || (part === 0.5 && low % 2 === 0) ? low : low + 1;
}

/** Keys' filter at the signed distance `d`, and its derivative there. */
function cubic(d: number): [value: number, slope: number] {
  const a = -0.75;
  const t = Math.abs(d);
  const sign = Math.sign(d);
  if (t <= 1) return [((a + 2) * t - (a + 3)) * t * t + 1, sign * (3 * (a + 2) * t - 2 * (a + 3)) * t];
  return [((t - 5) * t + 8) * t * a - 4 * a, sign * a * ((3 * t - 10) * t + 8)];
}
