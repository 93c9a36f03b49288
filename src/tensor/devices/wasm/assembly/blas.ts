import { F32 } from "./simd";

/**
 * Products by a BLAS library that the host has loaded beside this memory: C (m, n) = op(A) · op(B) + beta · C, row-major,
 * leading dimensions in elements. A host without one imports a function that is never called.
 */
// @ts-ignore: decorator
@external("env", "sgemm")
declare function sgemm(transposeA: bool, transposeB: bool, m: usize, n: usize, k: usize, a: usize, lda: usize,
  b: usize, ldb: usize, beta: f32, c: usize, ldc: usize): void;

/** Products of fewer multiply-adds cost less here than the way out and back; 0 where there is no library. */
let smallest: usize = 0;

/** From now on the library does products of at least so many multiply-adds. */
export function useBlas(multiplyAdds: usize): void {
  smallest = multiplyAdds;
}

/** Whether products of this size go to the library. */
// @ts-ignore: decorator
@inline
export function isForBlas(m: usize, n: usize, k: usize): bool {
  return smallest != 0 && m * n * k >= smallest;
}

/**
 * The product of `matmul.ts`, with its strides in bytes: `add` adds to C. Answers false, with nothing done, where the
 * layout is none that the library knows (neither rows nor columns contiguous).
 */
export function blasGemm(a: usize, aRow: usize, aCol: usize, b: usize, bRow: usize, bCol: usize, c: usize, cRow: usize,
  m: usize, n: usize, k: usize, add: bool): bool {
  const plainA = aCol == F32 && aRow >= k * F32;
  const plainB = bCol == F32 && bRow >= n * F32;
  if (!plainA && !(aRow == F32 && aCol >= m * F32)) return false;
  if (!plainB && !(bRow == F32 && bCol >= k * F32)) return false;
  gemmByBlas(a, plainA ? aRow : aCol, !plainA, b, plainB ? bRow : bCol, !plainB, c, cRow, m, n, k, add);
  return true;
}

/** C (m, n) = op(A) · op(B), or that added to C. The rows of each as it is stored are contiguous, so many bytes apart. */
export function gemmByBlas(a: usize, aRow: usize, transposeA: bool, b: usize, bRow: usize, transposeB: bool, c: usize,
  cRow: usize, m: usize, n: usize, k: usize, add: bool): void {
  sgemm(transposeA, transposeB, m, n, k, a, aRow / F32, b, bRow / F32, <f32>(add ? 1 : 0), c, cRow / F32);
}
