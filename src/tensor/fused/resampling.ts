import { zeros } from "../create";
import type { NDArray } from "../ndarray";

/** Filters of interpolation: the weight at distance d in pixels, 0 beyond `reach`. */
const filters = {
  nearest: { reach: 0, weight: () => 1 },
  bilinear: { reach: 1, weight: (d: number) => Math.max(0, 1 - Math.abs(d)) },
  bicubic: { reach: 2, weight: (d: number) => cubic(Math.abs(d), -0.75) },
};

function cubic(d: number, a: number): number {
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((d - 5) * d + 8) * d * a - 4 * a : 0;
}

export interface Resampling {
  readonly mode: keyof typeof filters;
  /** Corner pixels keep their values (their centres stay at the ends) instead of the image's edges. */
  readonly alignCorners: boolean;
  /** When shrinking, average over all pixels that one output pixel covers. */
  readonly antialias: boolean;
  /** Input pixels per output pixel. */
  readonly step: number;
}

/** The (out, n) matrix that turns n pixels into `out`. Pixels beyond the edge count as the pixel at the edge. */
export function resampling(
  n: number,
  out: number,
  { step, mode, alignCorners, antialias }: Resampling,
): NDArray {
  const R = zeros([out, n], { dtype: "float64" });
  const put = (i: number, pixel: number, weight: number) => {
    R.data[i * n + Math.min(Math.max(pixel, 0), n - 1)] += weight;
  };
  const { reach } = filters[mode];
  // Input pixels from one output pixel to the next, once the corners are pinned or not.
  const scale = !alignCorners ? step : out > 1 ? (n - 1) / (out - 1) : 0;
  // As PyTorch, which goes by the sizes where they say it all, and by the scale factor elsewhere.
  const same = out === n && (mode !== "bicubic" || antialias);
  for (let i = 0; i < out; i++) {
    if (same) {
      put(i, i, 1);
    } else if (mode === "nearest") {
      put(i, out === 2 * n ? i >> 1 : Math.floor(i * step), 1);
    } else if (antialias) {
      smooth(i, n, mode, scale, put);
    } else {
      let at = alignCorners ? i * scale : (i + 0.5) * scale - 0.5;
      if (mode === "bilinear" && at < 0) at = 0;
      const left = Math.floor(at);
      for (let pixel = left - reach + 1; pixel <= left + reach; pixel++) {
        put(i, pixel, filters[mode].weight(at - pixel));
      }
    }
  }
  return R;
}

/** Antialiased weights: the filter is stretched by the step when shrinking, cut at the edges, and normalised. */
function smooth(
  i: number,
  n: number,
  mode: "bilinear" | "bicubic",
  scale: number,
  put: (i: number, pixel: number, weight: number) => void,
): void {
  const stretch = Math.max(1, scale);
  const weight = mode === "bicubic" ? (d: number) => cubic(Math.abs(d), -0.5) : filters.bilinear.weight;
  const reach = filters[mode].reach * stretch;
  const centre = scale * (i + 0.5);
  const from = Math.max(0, Math.trunc(centre - reach + 0.5));
  const to = Math.min(n, Math.trunc(centre + reach + 0.5));
  const weights = Array.from({ length: to - from }, (_, j) => weight((from + j - centre + 0.5) / stretch));
  const total = weights.reduce((a, b) => a + b, 0);
  weights.forEach((w, j) => {
    put(i, from + j, w / total);
  });
}
