import { expected, words } from "./expected";
import { showShape } from "./shape";
import type { Strided } from "./strided";

/** Throws if writing into `x` would write one place several times, in the name of `op`. */
export function checkNoOverlap(op: string, x: Strided): void {
  if (!overlaps(x)) return;
  throw expected(
    op,
    "an array with a place of its own for every element",
    words(`${showShape(x.shape)} of which several share one, as after expand()`),
    "write into a clone(), or into the array that was expanded",
  );
}

/** Whether two elements lie in one place. */
function overlaps({ shape, strides }: Strided): boolean {
  const axes: { n: number; step: number }[] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    if (shape[axis] === 0) return false;
    if (shape[axis] > 1) axes.push({ n: shape[axis], step: Math.abs(strides[axis]) });
  }
  axes.sort((a, b) => a.step - b.step);
  let reach = 0;
  for (const { n, step } of axes) {
    // Strides that no view has, but the constructor takes, may interleave; those count as overlapping.
    if (step <= reach) return true;
    reach += (n - 1) * step;
  }
  return false;
}
