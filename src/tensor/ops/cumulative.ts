import { kernels } from "../device";
import { normalizeAxis, sizeOf } from "../shape";
import { flat, type Strided, strided } from "../strided";

/** Running maximum or minimum along one axis and where it stands, the last of equals; NaN stays. */
export function cumExtreme(
  op: "cummax" | "cummin",
  x: Strided,
  axis: number,
): { values: Strided; indices: Strided } {
  const at = normalizeAxis(op, axis, x.shape.length);
  const input = flat(x);
  const out = kernels().empty(x.dtype, input.length);
  const places = kernels().empty("int32", input.length) as Int32Array;
  const [outer, inner] = [sizeOf(x.shape.slice(0, at)), sizeOf(x.shape.slice(at + 1))];
  kernels().scanExtreme(op === "cummax" ? "max" : "min", input, out, places, outer, x.shape[at] ?? 1, inner);
  return { values: strided(out, x.dtype, x.shape), indices: strided(places, "int32", x.shape) };
}
