import { kernels } from "../device";
import type { NDArray } from "../ndarray";
import { sizeOf } from "../shape";
import { asFloats, floats, floatsOrNull, unwritten } from "./arrays";

interface Saved {
  readonly x: NDArray;
  readonly weight: NDArray | undefined;
  readonly bias: NDArray | undefined;
  readonly eps: number;
  /** Of the batch, per channel; the variance biased. */
  readonly mean: NDArray;
  readonly variance: NDArray;
}

/** x (N, C, …) by the mean and the biased variance of every channel: y = (x − mean) / √(variance + eps) ⊙ weight + bias. */
export function batchNorm(
  given: NDArray,
  eps: number,
  weight?: NDArray,
  bias?: NDArray,
): [y: NDArray, saved: Saved] {
  const x = asFloats(given);
  const [w, b] = [weight?.to(x.dtype).contiguous(), bias?.to(x.dtype).contiguous()];
  const [C, n] = [x.shape[1], sizeOf(x.shape.slice(2))];
  const y = unwritten(x.dtype, x.shape);
  const [mean, variance] = [unwritten(x.dtype, [C]), unwritten(x.dtype, [C])];
  const [fw, fb] = [floatsOrNull(w), floatsOrNull(b)];
  kernels().batchNorm(floats(x), fw, fb, eps, floats(y), floats(mean), floats(variance), C, n);
  return [y, { x, weight: w, bias: b, eps, mean, variance }];
}

/** x̄ = weight / √(variance + eps) ⊙ (g − mean g − x̂ mean(g ⊙ x̂)), and the sums per channel of g ⊙ x̂ and of g. */
export function batchNormBackward(
  g: NDArray,
  { x, weight, bias, eps, mean, variance }: Saved,
): [gx: NDArray, gWeight: NDArray | undefined, gBias: NDArray | undefined] {
  const gx = unwritten(x.dtype, x.shape);
  const gWeight = weight && unwritten(x.dtype, weight.shape);
  const gBias = bias && unwritten(x.dtype, bias.shape);
  kernels().batchNormBackward(
    floats(g.to(x.dtype)),
    floats(x),
    floatsOrNull(weight),
    floats(mean),
    floats(variance),
    eps,
    floats(gx),
    floatsOrNull(gWeight),
    floatsOrNull(gBias),
    x.shape[1],
    sizeOf(x.shape.slice(2)),
  );
  return [gx, gWeight, gBias];
}
