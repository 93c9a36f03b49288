import type { Kernels } from "../../kernels";

/** What is found by counting. */

export const nonzero: Kernels["nonzero"] = (x, shape) => {
  let count = 0;
  for (let i = 0; i < x.length; i++) if (x[i] !== 0) count++;
  const axes = shape.length;
  const out = new Int32Array(count * axes);
  for (let i = 0, p = 0; p < out.length; i++) {
    if (x[i] === 0) continue;
    for (let axis = axes - 1, rest = i; axis >= 0; axis--) {
      out[p + axis] = rest % shape[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    p += axes;
  }
  return out;
};

export const count: Kernels["count"] = (places, out) => {
  out.fill(0);
  for (let i = 0; i < places.length; i++) out[places[i]]++;
};

/** NaN comes last, as in order. */
const isBefore = (a: number, b: number) => (Number.isNaN(b) ? !Number.isNaN(a) : a < b);

export const search: Kernels["search"] = (sorted, n, values, width, right, out) => {
  for (let i = 0; i < values.length; i++) {
    const start = Math.floor(i / width) * n;
    const value = values[i];
    let [low, high] = [0, n];
    while (low < high) {
      const middle = (low + high) >> 1;
      const element = sorted[start + middle];
      if (right ? !isBefore(value, element) : isBefore(element, value)) low = middle + 1;
      else high = middle;
    }
    out[i] = low;
  }
};
