import { type Axes, frozenCopy, type NDArray, type Shape, type SliceSpec } from "../../tensor";
import { Placed } from "../backward";
import type { OneGradient } from "./with-pullback";

// Views move elements, and their gradients move back. Where a view leaves elements out, these get 0.

/** The same elements in the same order: x̄ is g in the shape of x. */
const inShape = (x: NDArray, y: NDArray): OneGradient => [y, (g) => [g.reshape(x.shape)]];

export const reshape = (x: NDArray, shape: Shape): OneGradient => inShape(x, x.reshape(shape));
export const flatten = (x: NDArray, start: number, end: number): OneGradient =>
  inShape(x, x.flatten(start, end));
export const squeeze = (x: NDArray, axes?: Axes): OneGradient => inShape(x, x.squeeze(axes));
export const unsqueeze = (x: NDArray, axis: number): OneGradient => inShape(x, x.unsqueeze(axis));

/** A copy: x̄ = g; backward() converts it to the type of x. */
export const copy = (_x: NDArray, y: NDArray): OneGradient => [y, (g) => [g]];

/** Repeated elements: x̄ sums over the repeats, which is how backward() undoes broadcasting. */
export const expand = (x: NDArray, shape: Shape): OneGradient => [x.expand(shape), (g) => [g]];

export const transpose = (x: NDArray, axis0: number, axis1: number): OneGradient => [
  x.transpose(axis0, axis1),
  (g) => [g.transpose(axis0, axis1)],
];

export const permute = (x: NDArray, axes: readonly number[]): OneGradient => {
  const y = x.permute(axes);
  const inverse = new Array<number>(x.ndim);
  axes.forEach((axis, i) => {
    inverse[axis < 0 ? axis + x.ndim : axis] = i;
  });
  return [y, (g) => [g.permute(inverse)]];
};

export const flip = (x: NDArray, given: Axes): OneGradient => {
  const axes = frozenCopy(given);
  return [x.flip(axes), (g) => [g.flip(axes)]];
};

/** A part of x: g goes back to its place among zeros. */
const part = (x: NDArray, view: (x: NDArray) => NDArray): OneGradient => [
  view(x),
  (g) => [new Placed(g, view)],
];

export const slice = (x: NDArray, specs: readonly SliceSpec[]): OneGradient =>
  part(x, (x) => x.slice(...specs));
export const narrow = (x: NDArray, axis: number, start: number, length: number): OneGradient =>
  part(x, (x) => x.narrow(axis, start, length));
export const select = (x: NDArray, axis: number, index: number): OneGradient =>
  part(x, (x) => x.select(axis, index));
export const diagonal = (x: NDArray, offset: number, axis0: number, axis1: number): OneGradient =>
  part(x, (x) => x.diagonal(offset, axis0, axis1));

export const roll = (x: NDArray, shifts: Axes, along?: Axes): OneGradient => {
  const y = x.roll(shifts, along);
  const back = typeof shifts === "number" ? -shifts : shifts.map((shift) => -shift);
  const axes = frozenCopy(along);
  return [y, (g) => [g.roll(back, axes)]];
};

/** What was padded around x is cut off again, what was cropped is 0. */
export const pad = (
  x: NDArray,
  widths: readonly (readonly [number, number])[],
  value: number,
): OneGradient => {
  const y = x.pad(widths, value);
  const crop = widths.map(([before, after]) => [-before, -after] as const);
  return [y, (g) => [g.pad(crop)]];
};
