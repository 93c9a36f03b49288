import { type NDArray, sameShape, showShape } from "../../src/tensor";

/** What a manifest says of one tensor. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly kind?: string;
  readonly rtol?: number;
  readonly atol?: number;
  readonly exact?: boolean;
  readonly compare?: boolean;
}

/** Where and by how much a value differs from the reference. */
export interface Mismatch {
  readonly tensor: string;
  readonly index: readonly number[];
  readonly got: number | string;
  readonly expected: number | string;
  readonly maxAbs: number;
  readonly maxRel: number;
  readonly wrong: string;
}

/** null when |got − expected| <= atol + rtol · |expected| everywhere (or equality, where the spec says exact). */
export function compare(
  name: string,
  got: NDArray | undefined,
  expected: NDArray,
  spec: TensorSpec,
): Mismatch | null {
  if (spec.compare === false) return null;
  const whole = (g: string, e: string): Mismatch => ({
    tensor: name,
    index: [],
    got: g,
    expected: e,
    maxAbs: Number.NaN,
    maxRel: Number.NaN,
    wrong: "all",
  });
  if (!got) return whole("nothing", showShape(expected.shape));
  if (!sameShape(got.shape, expected.shape)) return whole(showShape(got.shape), showShape(expected.shape));

  const a = got.flat();
  const b = expected.flat();
  const atol = spec.exact ? 0 : (spec.atol ?? 0);
  const rtol = spec.exact ? 0 : (spec.rtol ?? 0);
  let first = -1;
  let count = 0;
  let maxAbs = 0;
  let maxRel = 0;
  for (let i = 0; i < b.length; i++) {
    if (a[i] === b[i] || (Number.isNaN(a[i]) && Number.isNaN(b[i]))) continue;
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= maxAbs)) maxAbs = difference;
    const relative = difference / Math.abs(b[i]);
    if (!(relative <= maxRel)) maxRel = relative;
    if (Number.isFinite(b[i]) && difference <= atol + rtol * Math.abs(b[i])) continue;
    if (first < 0) first = i;
    count++;
  }
  if (first < 0) return null;
  return {
    tensor: name,
    index: unravel(first, expected.shape),
    got: a[first],
    expected: b[first],
    maxAbs,
    maxRel,
    wrong: `${count} of ${b.length}`,
  };
}

/** The indices of element `at` in row-major order. */
function unravel(at: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = at;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  return index;
}
