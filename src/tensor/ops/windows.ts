import { expected, expectedKind, refusal, words } from "../expected";
import { isList } from "../is-a";
import type { Both } from "../kernels";

/** A number for both axes of an image, or [vertical, horizontal]. */
export type Pair = number | readonly [number, number];

/** A number for both axes of an image, written out. */
export function both(op: string, pair: Pair): Both {
  if (typeof pair === "number") return [pair, pair];
  if (isList(pair) && pair.length === 2) return [pair[0], pair[1]];
  throw expectedKind(op, "a number or [vertical, horizontal]", pair);
}

/** Windows that slide along one axis: `window` cells each, `dilation` apart, with `padding` zeros on each side. */
export interface Sliding {
  readonly window: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

/** Throws unless such windows can be. */
export function checkSliding(op: string, { window, stride, padding, dilation }: Sliding): void {
  const whole = [window, stride, dilation, padding].every(Number.isInteger);
  if (whole && Math.min(window, stride, dilation) >= 1 && padding >= 0) return;
  throw expected(
    op,
    "kernelSize, stride and dilation >= 1 and padding >= 0",
    words(`${window}, ${stride}, ${dilation} and ${padding}`),
  );
}

/** How many of these windows there are along an axis of `size`. Throws where none fits. */
export function countWindows(op: string, size: number, sliding: Sliding): number {
  checkSliding(op, sliding);
  const { window, stride, padding, dilation } = sliding;
  const reach = dilation * (window - 1) + 1;
  const windows = Math.floor((size + 2 * padding - reach) / stride) + 1;
  if (windows >= 1) return windows;
  throw noneFits(op, reach, size, padding);
}

/** The error where not one window fits. */
export const noneFits = (op: string, reach: number, size: number, padding: number): RangeError =>
  refusal(op, `a window of ${reach} does not fit in ${size} with ${padding} of padding on each side`);
