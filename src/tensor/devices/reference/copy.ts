import type { Kernels } from "../../kernels";

/** Strided copies in plain loops. */
export const copy: Kernels["copy"] = (shape, x, offset, strides, out, outOffset, outStrides) => {
  // The innermost axis in a plain loop, the others as an odometer.
  const last = shape.length - 1;
  const n = last < 0 ? 1 : shape[last];
  const [step, outStep] = last < 0 ? [0, 0] : [strides[last], outStrides[last]];
  let rows = 1;
  for (let axis = 0; axis < last; axis++) rows *= shape[axis];
  const index = new Array<number>(Math.max(0, last)).fill(0);
  let from = offset;
  let to = outOffset;
  for (let row = 0; row < rows; row++) {
    if (step === 1 && outStep === 1 && n > 64) out.set(x.subarray(from, from + n), to);
    else for (let i = 0, p = from, q = to; i < n; i++, p += step, q += outStep) out[q] = x[p];
    for (let axis = last - 1; axis >= 0; axis--) {
      from += strides[axis];
      to += outStrides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      to -= outStrides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
};
