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
