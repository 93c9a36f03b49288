import { kernels } from "../device";
import { toFloat } from "../dtype";
import type { Floats } from "../kernels";
import { normalizeAxis, sizeOf } from "../shape";
import { flat, type Strided, strided } from "../strided";
import { cast, giveBack } from "./elementwise";
import { transpose } from "./views";

type Forward = "softmax" | "logSoftmax";
type Backward = "softmaxBackward" | "logSoftmaxBackward";

/** softmax or logSoftmax along an axis; float32 for integers. Row-major result. */
export function softmax(op: Forward, x: Strided, axis: number): Strided {
  const y = alongRows(op, axis, cast(x, toFloat(x.dtype)));
  const result = strided(flat(y), y.dtype, y.shape);
  giveBack(y.data, result);
  return result;
}

/** A row kernel along an axis: forward on x, backward on the output and its gradient. Another axis is swapped with the last. */
export function alongRows(op: Forward, axis: number, x: Strided): Strided;
export function alongRows(op: Backward, axis: number, y: Strided, g: Strided): Strided;
export function alongRows(op: Forward | Backward, axis: number, x: Strided, g?: Strided): Strided {
  const at = normalizeAxis(op, axis, x.shape.length);
  const last = Math.max(0, x.shape.length - 1);
  const toLast = (y: Strided) => (at === last ? y : transpose(y, at, last));
  const rows = toLast(x);
  const n = rows.shape[last] ?? 1;
  const out = kernels().empty(x.dtype, sizeOf(x.shape)) as Floats;
  const input = flat(rows) as Floats;
  if (out.length > 0) {
    if (g) {
      const gradient = flat(toLast(g)) as Floats;
      kernels()[op as Backward](input, gradient, out, out.length / n, n);
      giveBack(gradient, g);
    } else kernels()[op as Forward](input, out, out.length / n, n);
  }
  giveBack(input, x);
  return toLast(strided(out, x.dtype, rows.shape));
}
