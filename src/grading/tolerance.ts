/** |got − expected| ≤ absolute + relative · |expected| */
export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

/** For float32 that took another way to the same number. */
export const FLOAT32_TOLERANCE: Tolerance = { absolute: 1e-5, relative: 1e-4 };

/** Whether two numbers count as one; NaN and the infinities are equal to themselves. */
export function near(got: number, expected: number, { absolute, relative }: Tolerance): boolean {
  if (Object.is(got, expected) || got === expected) return true;
  // A share of ∞ would be ∞, and everything near it.
  return Number.isFinite(expected) && Math.abs(got - expected) <= absolute + relative * Math.abs(expected);
}
