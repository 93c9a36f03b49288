import {
  check,
  expected,
  NDArray,
  normalizeAxis,
  refusal,
  showShape,
  unwritten,
  words,
  zeros,
} from "../../tensor";
import { record } from "../record";
import { checkTensor, type Tensor } from "../tensor";

/** Rearrangements that repeat or interleave elements. */

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
  if (![size, step].every(Number.isInteger) || !(size >= 0 && step > 0 && windows > 0)) {
    throw expected(
      "slidingWindows",
      `whole numbers 0 <= size <= ${x.shape[at]} and step > 0`,
      words(`size ${size}, step ${step}`),
    );
  }
  return record(
    "slidingWindows",
    [x],
    (x) => [
      windowsOf(x, at, { size, step, first: 0, count: windows }).clone(),
      (g) => [
        () => {
          const gx = zeros(x.shape, { dtype: g.dtype });
          // Of so many neighbours one at a time, so that those added at once do not overlap.
          const apart = Math.ceil(size / step);
          for (let first = 0; first < Math.min(apart, windows); first++) {
            const count = Math.ceil((windows - first) / apart);
            const into = windowsOf(gx, at, { size, step: step * apart, first: first * step, count });
            const from = windowsOf(g, at, { size: 1, step: apart, first, count }).squeeze(-1);
            into.assign(first === 0 ? from : into.add(from));
          }
          return gx;
        },
      ],
    ],
    { keepsGrads: false },
  );
}

/** A view of windows along one axis, which becomes the axis of windows; their elements are a new last axis. */
function windowsOf(
  x: NDArray,
  axis: number,
  { size, step, first, count }: { size: number; step: number; first: number; count: number },
): NDArray {
  const { data, dtype, shape, strides, offset } = x;
  const along = strides[axis];
  return new NDArray({
    data,
    dtype,
    shape: [...shape.map((n, i) => (i === axis ? count : n)), size],
    strides: [...strides.map((stride, i) => (i === axis ? step * along : stride)), along],
    offset: offset + first * along,
  });
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
  const apart = [B, c, H, r, W, r];
  return record(
    "pixelShuffle",
    [x],
    (x) => {
      const y = unwritten(x.dtype, [B, c, H * r, W * r]);
      const [from, into] = [x.reshape([B, c, r, r, H, W]), y.reshape(apart)];
      // Each place in the r × r pixels by itself: its lines are long, those of all together are of r numbers.
      for (let i = 0; i < r; i++)
        for (let j = 0; j < r; j++) into.select(5, j).select(3, i).assign(from.select(2, i).select(2, j));
      return [y, (g) => [() => g.reshape(apart).permute([0, 1, 3, 5, 2, 4]).reshape([B, C, H, W])]];
    },
    { keepsGrads: false },
  );
}

type Widths = readonly (readonly [before: number, after: number])[];

/** Pad every axis with its mirror image, the edge not repeated; widths [before, after] per axis. */
export const reflectionPad = (x: Tensor, widths: Widths): Tensor => framed("reflectionPad", x, widths, true);

/** Pad every axis with its edge elements; widths [before, after] per axis. */
export const replicationPad = (x: Tensor, widths: Widths): Tensor =>
  framed("replicationPad", x, widths, false);

/** x in a frame made of itself. A strip of the frame is as wide as the ones before it made the array, so corners come by themselves. */
function framed(op: string, x: Tensor, widths: Widths, mirrors: boolean): Tensor {
  checkTensor(op, x);
  check(op, "widths", widths, "list");
  if (widths.length !== x.ndim) {
    throw expected(op, `[before, after] for each axis of ${showShape(x.shape)}`, widths.length);
  }
  const isWidth = (n: unknown) => Number.isInteger(n) && (n as number) >= 0 && (n as number) < 2 ** 24;
  for (const [axis, pair] of widths.entries()) {
    check(op, `widths[${axis}]`, pair, "list");
    if (pair.length !== 2 || !pair.every(isWidth))
      throw expected(op, `widths[${axis}] to be two whole numbers >= 0 (below 2 ** 24)`, pair);
    const [n, widest] = [x.shape[axis], Math.max(...pair)];
    if (widest > 0 && (n === 0 || (mirrors && widest >= n)))
      throw refusal(op, `axis ${axis} of size ${n} is too short for padding [${pair[0]}, ${pair[1]}]`);
  }
  if (widths.every(([before, after]) => before === 0 && after === 0)) return x;
  const own = widths.map(([before, after]) => [before, after] as const);
  return record(
    op,
    [x],
    (x) => {
      const y = unwritten(
        x.dtype,
        x.shape.map((n, axis) => own[axis][0] + n + own[axis][1]),
      );
      inside(y, own).assign(x);
      for (const { strip, inner, axis } of strips(y, own, mirrors))
        strip.assign(mirrors ? inner.flip(axis) : inner);
      return [y, (g) => [() => unframed(g, own, mirrors)]];
    },
    { keepsGrads: false },
  );
}

/** What is in the frame goes back where it came from. */
function unframed(g: NDArray, widths: Widths, mirrors: boolean): NDArray {
  const whole = g.clone();
  for (const { strip, inner, axis } of strips(whole, widths, mirrors).reverse())
    inner.assign(inner.add(mirrors ? strip.flip(axis) : strip.sum(axis, { keepDims: true })));
  return inside(whole, widths).contiguous();
}

/** The view without its frame, or (`first`) without what is in front and behind along the axes from there on. */
function inside(y: NDArray, widths: Widths, first = 0): NDArray {
  return widths.reduce(
    (x, [before, after], axis) =>
      axis < first || before + after === 0 ? x : x.narrow(axis, before, x.shape[axis] - before - after),
    y,
  );
}

/** Views of the strips of a frame, in the order in which they are made, each with what it is made of. */
function strips(
  y: NDArray,
  widths: Widths,
  mirrors: boolean,
): { strip: NDArray; inner: NDArray; axis: number }[] {
  const found: { strip: NDArray; inner: NDArray; axis: number }[] = [];
  for (const [axis, [before, after]] of widths.entries()) {
    if (before + after === 0) continue;
    const x = inside(y, widths, axis + 1); // frames along later axes come later
    const end = x.shape[axis] - after;
    const add = (start: number, width: number, mirror: number, edge: number) => {
      if (width === 0) return;
      const inner = mirrors ? x.narrow(axis, mirror, width) : x.narrow(axis, edge, 1);
      found.push({ strip: x.narrow(axis, start, width), inner, axis });
    };
    add(0, before, before + 1, before);
    add(end, after, end - 1 - after, end - 1);
  }
  return found;
}
