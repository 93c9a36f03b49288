import { zeros } from "../create";
import { kernels } from "../device";
import { isFloat, type Storage } from "../dtype";
import { elements, make, type NDArray } from "../ndarray";
import { strided } from "../strided";
import { asFloats } from "./arrays";

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
  readonly columns: Taps;
  readonly rows: Taps;
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
  const y = zeros([B, C, h, w], { dtype: x.dtype });
  const [from, into] = [planesOf(x), planesOf(y)];
  taps.forEach(({ of, pixel, weight }, b) => {
    kernels().sparseProduct(from(b), H * W, of, pixel, weight, into(b), h * w);
  });
  return [y, { x, grid, columns, rows, taps }];
}

/** The channels of one image. */
function planesOf(x: NDArray): (b: number) => Storage {
  const [data, size] = [elements(x), x.size / x.shape[0]];
  return (b) => data.subarray(b * size, (b + 1) * size);
}

/** Every pixel gets g wᵧ wₓ from all places that it is read at. */
export function gridSampleBackwardInput(g: NDArray, saved: Saved): NDArray {
  const { x, grid, taps } = saved;
  const [, , H, W] = x.shape;
  const points = grid.shape[1] * grid.shape[2];
  const gx = zeros(x.shape, { dtype: x.dtype });
  const [from, into] = [planesOf(g), planesOf(gx)];
  taps.forEach(({ of, pixel, weight }, b) => {
    kernels().sparseProduct(from(b), points, pixel, of, weight, into(b), H * W);
  });
  return gx;
}

/** Every place gets Σ g · pixel · ∂(wᵧ wₓ). */
export function gridSampleBackwardGrid(g: NDArray, saved: Saved): NDArray {
  const { x, grid, columns, rows, taps } = saved;
  const [, , H, W] = x.shape;
  const points = grid.shape[1] * grid.shape[2];
  const [from, pixels] = [planesOf(g), planesOf(x)];
  const gGrid = new Float64Array(grid.size);
  taps.forEach(({ of, pixel }, b) => {
    const sums = new Float64Array(of.length);
    kernels().sparseBackwardValues(from(b), points, pixels(b), H * W, of, pixel, sums);
    eachTap(columns, rows, points, b, (t, p, i, j) => {
      const place = 2 * (b * points + p);
      gGrid[place] += sums[t] * (columns.slope[i] * rows.weight[j]);
      gGrid[place + 1] += sums[t] * (columns.weight[i] * rows.slope[j]);
    });
  });
  return make(strided(gGrid, "float64", grid.shape)).to(isFloat(grid.dtype) ? grid.dtype : "float32");
}

/** What the places of one image read, the same in all of its channels: of which place, which pixel, and its weight. */
interface PixelTaps {
  readonly of: Int32Array;
  readonly pixel: Int32Array;
  readonly weight: Float64Array;
}

function tapsIn(columns: Taps, rows: Taps, W: number, points: number, b: number): PixelTaps {
  const most = points * columns.count * rows.count;
  const [of, pixel, weight] = [new Int32Array(most), new Int32Array(most), new Float64Array(most)];
  const count = eachTap(columns, rows, points, b, (t, p, i, j) => {
    of[t] = p;
    pixel[t] = rows.pixel[j] * W + columns.pixel[i];
    weight[t] = columns.weight[i] * rows.weight[j];
  });
  return { of: of.subarray(0, count), pixel: pixel.subarray(0, count), weight: weight.subarray(0, count) };
}

/** Calls `visit` for the taps of one image that lie in it: number t, of point p, from these taps along both axes. Answers how many. */
function eachTap(
  columns: Taps,
  rows: Taps,
  points: number,
  b: number,
  visit: (t: number, p: number, column: number, row: number) => void,
): number {
  const k = columns.count;
  let t = 0;
  for (let p = 0, at = b * points * k; p < points; p++, at += k) {
    for (let j = at; j < at + k; j++) {
      if (rows.pixel[j] < 0) continue;
      for (let i = at; i < at + k; i++) if (columns.pixel[i] >= 0) visit(t++, p, i, j);
    }
  }
  return t;
}

/** For every place, `count` pixels along one axis (−1: beyond the image), their weights, and how these change with the grid. */
interface Taps {
  readonly count: number;
  readonly pixel: Int32Array;
  readonly weight: Float64Array;
  readonly slope: Float64Array;
}

function tapsOf(places: ArrayLike<number>, axis: 0 | 1, n: number, settings: GridSampleSettings): Taps {
  const { mode, paddingMode, alignCorners } = settings;
  const count = { nearest: 1, bilinear: 2, bicubic: 4 }[mode];
  const length = (places.length / 2) * count;
  const [pixel, weight, slope] = [new Int32Array(length), new Float64Array(length), new Float64Array(length)];
  const put = (at: number, there: number, value: number, change: number) => {
    pixel[at] = there >= 0 && there < n ? there : -1;
    weight[at] = value;
    slope[at] = change;
  };
  for (let i = axis, at = 0; at < length; i += 2, at += count) {
    const place = places[i];
    let position = alignCorners ? ((place + 1) / 2) * (n - 1) : ((place + 1) * n - 1) / 2;
    let speed = alignCorners ? (n - 1) / 2 : n / 2;
    if (mode === "bicubic") {
      const low = Math.floor(position);
      for (let tap = 0; tap < 4; tap++) {
        // Looks beyond the edges from where it is; the others are moved into the image.
        const [value, change] = cubic(position - low + 1 - tap);
        put(at + tap, padded(low - 1 + tap, n, settings)[0], value, change * speed);
      }
      continue;
    }
    if (paddingMode !== "zeros") {
      const [inside, sign] = padded(position, n, settings);
      position = inside;
      speed *= sign;
    }
    if (mode === "nearest") put(at, halfToEven(position), 1, 0);
    else {
      const low = Math.floor(position);
      put(at, low, 1 - (position - low), -speed);
      put(at + 1, low + 1, position - low, speed);
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
