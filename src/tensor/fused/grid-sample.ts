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
  readonly columns: Taps;
  readonly rows: Taps;
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
  const saved = { x, grid, columns: tapsOf(places, 0, W, settings), rows: tapsOf(places, 1, H, settings) };
  const { columns, rows } = saved;
  const pixels = elements(x);
  const y = new Float64Array(B * C * h * w);
  eachTap(saved, (out, pixel, i, j) => {
    y[out] += pixels[pixel] * columns.weight[i] * rows.weight[j];
  });
  return [make(strided(y, "float64", [B, C, h, w])).to(x.dtype), saved];
}

/** Every pixel gets g wᵧ wₓ from all places that it is read at. */
export function gridSampleBackwardInput(g: NDArray, saved: Saved): NDArray {
  const { x, columns, rows } = saved;
  const from = elements(g);
  const gx = zeros(x.shape, { dtype: x.dtype });
  const into = floats(gx);
  eachTap(saved, (out, pixel, i, j) => {
    into[pixel] += from[out] * columns.weight[i] * rows.weight[j];
  });
  return gx;
}

/** Every place gets Σ g · pixel · ∂(wᵧ wₓ). */
export function gridSampleBackwardGrid(g: NDArray, saved: Saved): NDArray {
  const { x, grid, columns, rows } = saved;
  const [from, pixels] = [elements(g), elements(x)];
  const gGrid = new Float64Array(grid.size);
  eachTap(saved, (out, pixel, i, j) => {
    const p = Math.floor(i / columns.count) * 2;
    const ofPixel = from[out] * pixels[pixel];
    gGrid[p] += ofPixel * columns.slope[i] * rows.weight[j];
    gGrid[p + 1] += ofPixel * columns.weight[i] * rows.slope[j];
  });
  return make(strided(gGrid, "float64", grid.shape)).to(isFloat(grid.dtype) ? grid.dtype : "float32");
}

/** Calls `visit` for every pixel that every pixel of the result is made from. */
function eachTap(
  { x, grid, columns, rows }: Saved,
  visit: (out: number, pixel: number, column: number, row: number) => void,
): void {
  const [B, C, H, W] = x.shape;
  const points = grid.shape[1] * grid.shape[2];
  const k = columns.count;
  for (let b = 0; b < B; b++) {
    for (let c = 0; c < C; c++) {
      const plane = (b * C + c) * H * W;
      for (let p = 0; p < points; p++) {
        const at = (b * points + p) * k;
        for (let j = at; j < at + k; j++) {
          if (rows.pixel[j] < 0) continue;
          const line = plane + rows.pixel[j] * W;
          for (let i = at; i < at + k; i++) {
            if (columns.pixel[i] >= 0) visit((b * C + c) * points + p, line + columns.pixel[i], i, j);
          }
        }
      }
    }
  }
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
