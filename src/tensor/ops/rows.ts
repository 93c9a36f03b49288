import { kernels } from "../device";
import { toFloat } from "../dtype";
import type { Floats } from "../kernels";
import { normalizeAxis, sizeOf } from "../shape";
import { flat, type Strided, strided } from "../strided";
import { cast } from "./elementwise";
import { transpose } from "./views";

/** softmax or logSoftmax along an axis, through the row kernels; float32 for integers. Row-major result. */
export function alongRows(op: "softmax" | "logSoftmax", x: Strided, axis: number): Strided {
  const at = normalizeAxis(op, axis, x.shape.length);
  const last = Math.max(0, x.shape.length - 1);
  if (at !== last) {
    const swapped = transpose(alongRows(op, transpose(x, at, last), last), at, last);
    return strided(flat(swapped), swapped.dtype, x.shape);
  }
  const dtype = toFloat(x.dtype);
  const out = kernels().empty(dtype, sizeOf(x.shape)) as Floats;
  const n = x.shape[last] ?? 1;
  if (out.length > 0) kernels()[op](flat(cast(x, dtype)) as Floats, out, out.length / n, n);
  return strided(out, dtype, x.shape);
}
