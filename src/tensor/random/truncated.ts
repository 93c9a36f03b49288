import { log, normalQuantile } from "./normal";
import type { Xoshiro } from "./xoshiro";

/**
 * A standard normal number, given that it lies in [low, high], exact however far out that is: rejection from
 * the proposal that fits (Robert 1995, doi:10.1007/BF00143942). At least about half of the proposals are
 * accepted in every case. Acceptance compares logarithms, so that no exponential is needed.
 */
export function truncatedNormal(source: Xoshiro, low: number, high: number): number {
  if (high <= 0) return -inside(source, -high, -low);
  return inside(source, low, high);
}

/** For high > 0: the interval holds 0, or lies in the upper tail. */
function inside(source: Xoshiro, low: number, high: number): number {
  if (low > 0) {
    const rate = (low + Math.sqrt(low * low + 4)) / 2;
    if ((high - low) * rate > 1) return tail(source, low, high, rate);
  } else if (high - low > 2.5) {
    for (;;) {
      const z = normalQuantile(source.openDouble());
      if (z >= low && z <= high) return z;
    }
  }
  // Narrow: a uniform number, accepted by its density relative to the largest in the interval.
  const top = Math.max(0, low);
  for (;;) {
    const z = low + (high - low) * source.double();
    if (2 * log(source.openDouble()) < (top - z) * (top + z)) return z;
  }
}

/** Far from 0 the normal tail is close to an exponential with this rate. */
function tail(source: Xoshiro, low: number, high: number, rate: number): number {
  for (;;) {
    const z = low - log(source.openDouble()) / rate;
    const off = z - rate;
    if (z <= high && 2 * log(source.openDouble()) < -off * off) return z;
  }
}
