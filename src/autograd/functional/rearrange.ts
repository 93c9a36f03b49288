import { check, expected, fromStorage, normalizeAxis, refusal, showShape, words } from "../../tensor";
import { checkTensor, type Tensor } from "../tensor";

/** Rearrangements that repeat or interleave elements, written with the primitive ones. */

/** Every element of one axis `repeats` times in a row. */
export function repeatInterleave(x: Tensor, repeats: number, axis: number): Tensor {
  checkTensor("repeatInterleave", x);
  check("repeatInterleave", "repeats", repeats, "number");
  check("repeatInterleave", "axis", axis, "number");

  const at = normalizeAxis("repeatInterleave", axis, x.ndim);
  const [before, after] = [x.shape.slice(0, at), x.shape.slice(at + 1)];
  const n = x.shape[at];
  return x
    .unsqueeze(at + 1)
    .expand([...before, n, repeats, ...after])
    .reshape([...before, n * repeats, ...after]);
}

/** Windows of `size` along one axis, one every `step`: (…, n, …) → (…, windows, …, size), as torch.Tensor.unfold. */
export function slidingWindows(x: Tensor, axis: number, size: number, step: number): Tensor {
  checkTensor("slidingWindows", x);
  check("slidingWindows", "axis", axis, "number");
  check("slidingWindows", "size", size, "number");
  check("slidingWindows", "step", step, "number");

  const at = normalizeAxis("slidingWindows", axis, x.ndim);
  const windows = Math.floor((x.shape[at] - size) / step) + 1;
  if (!(size >= 0 && step > 0 && windows > 0)) {
    throw expected(
      "slidingWindows",
      `0 <= size <= ${x.shape[at]} and step > 0`,
      words(`size ${size}, step ${step}`),
    );
  }
  const index = Int32Array.from(
    { length: windows * size },
    (_, i) => Math.floor(i / size) * step + (i % size),
  );
  const picked = x.indexSelect(at, fromStorage(index));
  const split = picked.reshape([...x.shape.slice(0, at), windows, size, ...x.shape.slice(at + 1)]);
  const order = split.shape.map((_, i) => i).filter((i) => i !== at + 1);
  return split.permute([...order, at + 1]);
}

/** (B, C r², H, W) → (B, C, r H, r W): channels become pixels (Shi et al., 2016). */
export function pixelShuffle(x: Tensor, r: number): Tensor {
  checkTensor("pixelShuffle", x);
  check("pixelShuffle", "r", r, "number");

  const [B, C, H, W] = x.shape;
  if (x.ndim !== 4 || C % (r * r) !== 0) {
    throw expected("pixelShuffle", `(B, C, H, W) with C divisible by ${r * r}`, words(showShape(x.shape)));
  }
  const c = C / (r * r);
  return x
    .reshape([B, c, r, r, H, W])
    .permute([0, 1, 4, 2, 5, 3])
    .reshape([B, c, H * r, W * r]);
}

type Widths = readonly (readonly [before: number, after: number])[];

/** Pad every axis with its mirror image, the edge not repeated; widths [before, after] per axis. */
export const reflectionPad = (x: Tensor, widths: Widths): Tensor => {
  checkTensor("reflectionPad", x);
  check("reflectionPad", "widths", widths, "list");
  return padFrom("reflectionPad", x, widths, (i, n) => (i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i));
};

/** Pad every axis with its edge elements; widths [before, after] per axis. */
export const replicationPad = (x: Tensor, widths: Widths): Tensor => {
  checkTensor("replicationPad", x);
  check("replicationPad", "widths", widths, "list");
  return padFrom("replicationPad", x, widths, (i, n) => Math.min(Math.max(i, 0), n - 1));
};

/** Every axis gathered from position `source(i, n)`, i from −before to n + after − 1. */
function padFrom(op: string, x: Tensor, widths: Widths, source: (i: number, n: number) => number): Tensor {
  if (widths.length !== x.ndim) {
    throw expected(op, `[before, after] for each axis of ${showShape(x.shape)}`, widths.length);
  }
  const isWidth = (n: unknown) => Number.isInteger(n) && (n as number) >= 0 && (n as number) < 2 ** 24;
  for (const [axis, pair] of widths.entries()) {
    check(op, `widths[${axis}]`, pair, "list");
    if (pair.length !== 2 || !pair.every(isWidth))
      throw expected(op, `widths[${axis}] to be two whole numbers >= 0 (below 2 ** 24)`, pair);
  }
  let y = x;
  for (const [axis, [before, after]] of widths.entries()) {
    if (before === 0 && after === 0) continue;
    const n = x.shape[axis];
    const index = Int32Array.from({ length: n + before + after }, (_, i) => source(i - before, n));
    if (n === 0 || index.some((i) => i < 0 || i >= n)) {
      throw refusal(op, `axis ${axis} of size ${n} is too short for padding [${before}, ${after}]`);
    }
    y = y.indexSelect(axis, fromStorage(index));
  }
  return y;
}
