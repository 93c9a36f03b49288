import {
  both,
  checkOptions,
  dims,
  expected,
  expectedKind,
  type NDArray,
  type Pair,
  resampling,
  words,
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
