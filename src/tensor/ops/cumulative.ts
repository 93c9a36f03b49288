import { kernels } from "../device";
import { normalizeAxis, sizeOf } from "../shape";
import { flat, type Strided, strided } from "../strided";

/** Calls `row` with the start and the step of every row along an axis of n entries. */
function eachRow(x: Strided, at: number, row: (start: number, step: number) => void): number {
  const n = x.shape[at] ?? 1;
  const inner = sizeOf(x.shape.slice(at + 1));
  const size = sizeOf(x.shape);
  for (let start = 0; start < size; start += n * inner) {
    for (let j = start; j < start + inner; j++) row(j, inner);
  }
  return n;
}

/** Running maximum or minimum along one axis and where it stands, the last of equals; NaN stays. */
export function cumExtreme(
  op: "cummax" | "cummin",
  x: Strided,
  axis: number,
): { values: Strided; indices: Strided } {
  const at = normalizeAxis(op, axis, x.shape.length);
  const n = x.shape[at] ?? 1;
  const input = flat(x);
  const out = kernels().empty(x.dtype, input.length);
  const places = kernels().empty("int32", input.length);
  const sign = op === "cummax" ? 1 : -1;
  eachRow(x, at, (start, step) => {
    let best = input[start];
    let place = 0;
    for (let i = 0; i < n; i++) {
      const value = input[start + i * step];
      if (Number.isNaN(value) || sign * value >= sign * best) [best, place] = [value, i];
      out[start + i * step] = best;
      places[start + i * step] = place;
    }
  });
  return { values: strided(out, x.dtype, x.shape), indices: strided(places, "int32", x.shape) };
}
