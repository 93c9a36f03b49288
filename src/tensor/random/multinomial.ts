import { expected, refusal, words } from "../expected";
import { log } from "./normal";
import type { Xoshiro } from "./xoshiro";

/** `n` indices drawn with chances proportional to the weights. */
export function multinomialRow(
  source: Xoshiro,
  weights: ArrayLike<number>,
  n: number,
  replacement: boolean,
): ArrayLike<number> {
  const cumulative = new Float64Array(weights.length);
  let total = 0;
  let possible = 0;
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i];
    if (!(w >= 0 && w < Number.POSITIVE_INFINITY)) {
      throw expected("multinomial", "finite probs >= 0", words(`${w} at index ${i}`));
    }
    if (w > 0) possible++;
    cumulative[i] = total += w;
  }
  if (possible === 0) throw expected("multinomial", "a positive prob in every row", words("zeros"));
  if (replacement || n === 1) return Array.from({ length: n }, () => pick(source, cumulative, total));
  if (n > possible) {
    throw refusal(
      "multinomial",
      `cannot draw ${n} different indices from ${possible} positive probs`,
      "pass replacement: true or a smaller n",
    );
  }
  return race(source, weights).subarray(0, n);
}

/** The first index whose cumulative weight exceeds a random share of the total; a zero weight is never hit. */
function pick(source: Xoshiro, cumulative: Float64Array, total: number): number {
  const target = Math.min(source.double() * total, total * (1 - Number.EPSILON / 2));
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle] > target) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * All indices of positive weight in the order of drawing without replacement: each gets an exponential arrival
 * time with its weight as rate, and the earliest comes first (Efraimidis & Spirakis 2006).
 */
function race(source: Xoshiro, weights: ArrayLike<number>): Int32Array {
  const times = Float64Array.from(weights, (w) => -log(source.openDouble()) / w);
  const runners = Int32Array.from(weights, (_, i) => i).filter((i) => weights[i] > 0);
  return runners.sort((i, j) => times[i] - times[j] || i - j);
}
