/**
 * C (m, n) = op(A) · op(B) + beta · C, row-major; a, b, c are addresses in the module's memory, leading dimensions count
 * elements. See assembly/blas.ts.
 */
export type Sgemm = (
  transposeA: number,
  transposeB: number,
  m: number,
  n: number,
  k: number,
  a: number,
  lda: number,
  b: number,
  ldb: number,
  beta: number,
  c: number,
  ldc: number,
) => void;

/** Matrix products by a library outside of WebAssembly, which works on the module's memory in place. */
export interface Products<Library = unknown> {
  /** What `bind` needs; it is sent to the worker threads. */
  readonly library: Library;
  /** Makes the product for one thread. Must be self-contained: worker threads get it as text. */
  bind(require: (id: string) => unknown, memory: WebAssembly.Memory, library: Library): Sgemm;
  /** Products of fewer multiply-adds stay in WebAssembly. */
  readonly smallest: number;
}
