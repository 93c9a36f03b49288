/** The few words of SIMD that every kernel speaks: four float32 lanes, pointers in bytes. */

/** Bytes in a float32 and in a vector of four. */
export const F32: usize = 4;
export const VEC: usize = 16;

/** a · b + c, in one rounding where the engine has relaxed SIMD. The branch is settled at compile time. */
// @ts-ignore: decorator
@inline
export function fma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

// @ts-ignore: decorator
@inline
export function splat(x: f32): v128 {
  return f32x4.splat(x);
}
