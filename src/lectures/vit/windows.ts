import { checkTensor, type Tensor } from "../../autograd";
import { arange, check, dims, type NDArray, where, zeros } from "../../tensor";

/** Swin's windows: where attention may look, and how far apart two places are. */

/** (B, H, W, C) → (B·windows, w, w, C), windows in row-major order; H and W divisible by w. */
export function windowPartition(x: Tensor, w: number): Tensor {
  const { B, H, W, C } = dims("windowPartition", x.shape, "B H W C");
  return x
    .reshape([B, H / w, w, W / w, w, C])
    .permute([0, 1, 3, 2, 4, 5])
    .reshape([-1, w, w, C]);
}

/** The way back: (B·windows, w, w, C) → (B, H, W, C). */
export function windowReverse(windows: Tensor, w: number, H: number, W: number): Tensor {
  checkTensor("windowReverse", windows);
  const { C } = dims("windowReverse", windows.shape, "N w w C");
  return windows
    .reshape([-1, H / w, W / w, w, w, C])
    .permute([0, 1, 3, 2, 4, 5])
    .reshape([-1, H, W, C]);
}

/**
 * For each pair of places in a w × w window the row of the bias table, (w², w²), int32: their offset (Δrow, Δcolumn),
 * each in −(w − 1) … w − 1, counted row by row.
 */
export function relativePositionIndex(w: number): NDArray {
  check("relativePositionIndex", "w", w, "size");
  const place = arange(0, w * w);
  const row = place.div(w).floor().to("int32");
  const column = place.remainder(w);
  const apart = (x: NDArray) =>
    x
      .unsqueeze(1)
      .sub(x.unsqueeze(0))
      .add(w - 1);
  return apart(row)
    .mul(2 * w - 1)
    .add(apart(column));
}

/**
 * What to add to the scores of windows that were shifted by rolling the image: −100 between places that only the
 * rolling brought together, (windows, w², w²).
 */
export function shiftMask(H: number, W: number, w: number, shift: number): NDArray {
  check("shiftMask", "H", H, "number");
  check("shiftMask", "W", W, "number");
  check("shiftMask", "w", w, "number");
  check("shiftMask", "shift", shift, "number");

  // The image rolled by `shift` has three bands along each axis; places of different bands are strangers.
  const band = (n: number) => {
    const at = arange(0, n);
    return at
      .ge(n - w)
      .to("int32")
      .add(at.ge(n - shift).to("int32"));
  };
  const region = band(H).mul(3).unsqueeze(1).add(band(W).unsqueeze(0));
  const windows = region
    .reshape([H / w, w, W / w, w])
    .permute([0, 2, 1, 3])
    .reshape([-1, w * w]);
  const strangers = windows.unsqueeze(1).ne(windows.unsqueeze(2));
  return where(strangers, -100, zeros([]));
}
