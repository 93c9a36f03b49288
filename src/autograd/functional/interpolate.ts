import {
  both,
  checkOptions,
  dims,
  expected,
  expectedKind,
  type NDArray,
  type Pair,
  words,
  zeros,
} from "../../tensor";
import { checkTensor, type Tensor } from "../tensor";

export interface InterpolateOptions {
  /** [height, width] of the result; or give `scaleFactor`. */
  readonly size?: Pair;
  readonly scaleFactor?: Pair;
  readonly mode?: "nearest" | "bilinear" | "bicubic";
  /** Corner pixels keep their values (their centres stay at the ends) instead of the image's edges. */
  readonly alignCorners?: boolean;
  /** When shrinking, average over all pixels that one output pixel covers. */
  readonly antialias?: boolean;
}

/**
 * Images at another size: x (B, C, H, W) → (B, C, h, w). Every mode weighs the pixels of a row, then those of a
 * column, so that it is two products with small matrices, Y = R_h · X · R_wᵀ, and the gradients are theirs.
 * Bicubic takes a = −0.75 (Keys, 1981), as PyTorch.
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  checkTensor("interpolate", x);
  checkOptions(
    "interpolate",
    options,
    "size, scaleFactor",
    {
      size: "any",
      scaleFactor: "any",
      mode: ["nearest", "bilinear", "bicubic"],
      alignCorners: "boolean",
      antialias: "boolean",
    },
    [],
  );

  const { size, scaleFactor, mode = "nearest", alignCorners = false, antialias = false } = options;
  const { H, W } = dims("interpolate", x.shape, "B C H W");
  if ((size === undefined) === (scaleFactor === undefined)) {
    throw expectedKind("interpolate", "size or scaleFactor", words(size === undefined ? "neither" : "both"));
  }
  if (!(mode in filters)) {
    throw expected(
      "interpolate",
      `mode ${Object.keys(filters)
        .map((m) => `"${m}"`)
        .join(", ")}`,
      mode,
    );
  }
  const matrix = (n: number, axis: 0 | 1): NDArray => {
    const out =
      size !== undefined
        ? both("interpolate", size)[axis]
        : Math.floor(n * both("interpolate", scaleFactor as Pair)[axis]);
    if (!Number.isInteger(out) || out < 1) {
      throw expected("interpolate", "a result of at least 1 pixel along each axis", out);
    }
    const step = scaleFactor !== undefined ? 1 / both("interpolate", scaleFactor)[axis] : n / out;
    const weights = resampling(n, out, { step, mode, alignCorners, antialias });
    return weights.to(x.dtype);
  };
  const rows = x.matmul(matrix(W, 1).transpose());
  return rows.transpose().matmul(matrix(H, 0).transpose()).transpose();
}

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

interface Resampling extends Required<Pick<InterpolateOptions, "mode" | "alignCorners" | "antialias">> {
  /** Input pixels per output pixel. */
  readonly step: number;
}

/** The (out, n) matrix that turns n pixels into `out`. Pixels beyond the edge count as the pixel at the edge. */
function resampling(n: number, out: number, { step, mode, alignCorners, antialias }: Resampling): NDArray {
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
