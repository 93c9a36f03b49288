import type { Storage } from "../../dtype";
import type { Kernels, ReduceOp } from "../../kernels";

/** Reductions in plain loops: one result after the other. Sums run in float64. */

/** How a value joins what is there so far, and what there is before the first. */
const joins: Record<
  Exclude<ReduceOp, "norm">,
  { start: number; join: (total: number, value: number) => number }
> = {
  sum: { start: 0, join: (total, value) => total + value },
  sumOfSquares: { start: 0, join: (total, value) => total + value * value },
  prod: { start: 1, join: (total, value) => total * value },
  max: { start: Number.NEGATIVE_INFINITY, join: Math.max },
  min: { start: Number.POSITIVE_INFINITY, join: Math.min },
};

/** In 32 bits, where a double would lose the low ones. */
const intoInt32 = { start: 1, join: Math.imul };

/** Of integers, where a double may overflow before a 0 comes. */
const ofIntegers = {
  start: 1,
  join: (total: number, value: number) => (value === 0 ? 0 : total && total * value),
};

function joining(op: Exclude<ReduceOp, "norm">, x: Storage, out: Storage) {
  if (op !== "prod") return joins[op];
  if (out instanceof Int32Array) return intoInt32;
  return x instanceof Int32Array ? ofIntegers : joins.prod;
}

export const reduce: Kernels["reduce"] = (op, x, out, outer, n, inner) => {
  if (op === "norm") {
    eachLine(outer, n, inner, (i, at) => {
      const [total, scale] = squares(x, at, n, inner, 0);
      out[i] = Math.sqrt(total) * scale;
    });
    return;
  }
  if (op === "sum" && x instanceof Int32Array && !(out instanceof Int32Array)) {
    sumIntegers(x, out, outer, n, inner);
    return;
  }
  const { start, join } = joining(op, x, out);
  eachLine(outer, n, inner, (i, first) => {
    let total = start;
    for (let k = 0, at = first; k < n; k++, at += inner) total = join(total, x[at]);
    out[i] = total;
  });
};

/** In two halves of 16 bits, so that no sum on the way is too large to be exact. */
function sumIntegers(x: Int32Array, out: Storage, outer: number, n: number, inner: number): void {
  eachLine(outer, n, inner, (i, first) => {
    let high = 0;
    let low = 0;
    for (let k = 0, at = first; k < n; k++, at += inner) {
      high += x[at] >> 16;
      low += x[at] & 0xffff;
    }
    out[i] = high * 65536 + low;
  });
}

/** Calls `visit` for every result with where its first number lies; the others follow `inner` apart. */
export function eachLine(
  outer: number,
  n: number,
  inner: number,
  visit: (i: number, first: number) => void,
): void {
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < inner; j++) visit(o * inner + j, o * n * inner + j);
  }
}

/**
 * Σ (x − centre)² / scale², and the scale: 1, unless the squares would overflow or vanish; then a power of two, which
 * changes no digit.
 */
export function squares(
  x: Storage,
  first: number,
  n: number,
  step: number,
  centre: number,
): [number, number] {
  let total = 0;
  for (let k = 0, at = first; k < n; k++, at += step) total += (x[at] - centre) ** 2;
  if (total > 1e-280 && total < Number.POSITIVE_INFINITY) return [total, 1];
  let largest = 0;
  for (let k = 0, at = first; k < n; k++, at += step) largest = Math.max(largest, Math.abs(x[at] - centre));
  if (!(largest > 0 && largest < Number.POSITIVE_INFINITY)) return [total, 1];
  const scale = 2 ** Math.floor(Math.log2(largest));
  total = 0;
  for (let k = 0, at = first; k < n; k++, at += step) total += ((x[at] - centre) / scale) ** 2;
  return [total, scale];
}

const isBetter = {
  max: (x: number, best: number) => x > best || (Number.isNaN(x) && !Number.isNaN(best)),
  min: (x: number, best: number) => x < best || (Number.isNaN(x) && !Number.isNaN(best)),
};

export const argReduce: Kernels["argReduce"] = (op, x, out, outer, n, inner) => {
  const better = isBetter[op];
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < inner; j++) {
      const first = o * n * inner + j;
      let best = 0;
      for (let i = 1; i < n; i++) if (better(x[first + i * inner], x[first + best * inner])) best = i;
      out[o * inner + j] = best;
    }
  }
};

export const scan: Kernels["scan"] = (op, x, out, outer, n, inner) => {
  eachLine(outer, n, inner, (_, first) => {
    const end = first + n * inner;
    if (op === "sum") for (let at = first, sum = 0; at < end; at += inner) out[at] = sum += x[at];
    else for (let at = first, product = 1; at < end; at += inner) out[at] = product *= x[at];
  });
};

export const scanExtreme: Kernels["scanExtreme"] = (op, x, out, places, outer, n, inner) => {
  const sign = op === "max" ? 1 : -1;
  eachLine(outer, n, inner, (_, first) => {
    let best = x[first];
    let place = 0;
    for (let i = 0, at = first; i < n; i++, at += inner) {
      if (Number.isNaN(x[at]) || sign * x[at] >= sign * best) [best, place] = [x[at], i];
      out[at] = best;
      places[at] = place;
    }
  });
};
