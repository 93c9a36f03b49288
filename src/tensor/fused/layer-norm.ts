import { kernels } from "../device";
import type { NDArray } from "../ndarray";
import { asFloats, floats, floatsOrNull, unwritten } from "./arrays";

/** What the way back through a norm wants to know of the way there. */
interface Saved {
  readonly x: NDArray;
  readonly weight: NDArray | undefined;
  readonly bias: NDArray | undefined;
  readonly mean: NDArray;
  readonly rstd: NDArray;
}

/** y = (x − mean) · rstd ⊙ weight + bias over rows of the last n elements, rstd = 1/√(variance + eps). */
export function layerNorm(
  given: NDArray,
  n: number,
  eps: number,
  weight?: NDArray,
  bias?: NDArray,
): [y: NDArray, saved: Saved] {
  const x = asFloats(given);
  const [w, b] = [weight?.to(x.dtype).contiguous(), bias?.to(x.dtype).contiguous()];
  const rows = x.size / Math.max(1, n);
  const y = unwritten(x.dtype, x.shape);
  const [mean, rstd] = [unwritten(x.dtype, [rows]), unwritten(x.dtype, [rows])];
  const [fw, fb] = [floatsOrNull(w), floatsOrNull(b)];
  kernels().layerNorm(floats(x), fw, fb, eps, floats(y), floats(mean), floats(rstd), rows, n);
  return [y, { x, weight: w, bias: b, mean, rstd }];
}

/** x̄ = rstd (ŷ − mean ŷ − x̂ mean(ŷ ⊙ x̂)) with ŷ = g ⊙ weight, and the sums over rows of g ⊙ x̂ and of g for weight and bias. */
export function layerNormBackward(
  g: NDArray,
  n: number,
  { x, weight, bias, mean, rstd }: Saved,
): [gx: NDArray, gWeight: NDArray | undefined, gBias: NDArray | undefined] {
  const gx = unwritten(x.dtype, x.shape);
  const gWeight = weight && unwritten(x.dtype, weight.shape);
  const gBias = bias && unwritten(x.dtype, bias.shape);
  kernels().layerNormBackward(
    floats(g),
    floats(x),
    floatsOrNull(weight),
    floats(mean),
    floats(rstd),
    floats(gx),
    floatsOrNull(gWeight),
    floatsOrNull(gBias),
    mean.size,
    n,
  );
  return [gx, gWeight, gBias];
}
