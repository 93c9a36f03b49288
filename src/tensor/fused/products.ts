import { elements, type NDArray } from "../ndarray";
import { normalizeAxis, sizeOf } from "../shape";

/** For every run of n elements, in place of each the product of the others: a copy. Zeros do no harm. */
export function productsOfOthers(x: NDArray, n: number): NDArray {
  const out = x.clone();
  const { data } = out;
  const before = new Float64Array(n);
  for (let start = 0; start < data.length; start += n) {
    let product = 1;
    for (let i = 0; i < n; i++) {
      before[i] = product;
      product *= data[start + i];
    }
    product = 1;
    for (let i = n - 1; i >= 0; i--) {
      const own = data[start + i];
      data[start + i] = before[i] * product;
      product *= own;
    }
  }
  return out;
}

/**
 * Through y = x.cumprod(axis): x̄_j = Π_{k<j} x_k · s_j with s_j = g_j + x_{j+1} s_{j+1}, which divides by nothing, so that
 * zeros do no harm.
 */
export function cumprodBackward(g: NDArray, x: NDArray, y: NDArray, axis: number): NDArray {
  const at = normalizeAxis("cumprod", axis, x.ndim);
  const n = x.shape[at] ?? 1;
  const inner = sizeOf(x.shape.slice(at + 1));
  const [values, products] = [elements(x), elements(y)];
  const out = g.to(x.dtype).clone();
  const { data } = out;
  for (let start = 0; start < data.length; start += n * inner) {
    for (let j = start; j < start + inner; j++) {
      let later = 0;
      for (let i = n - 1; i >= 0; i--) {
        const p = j + i * inner;
        const sum = data[p] + later;
        data[p] = i === 0 ? sum : products[p - inner] * sum;
        later = values[p] * sum;
      }
    }
  }
  return out;
}
