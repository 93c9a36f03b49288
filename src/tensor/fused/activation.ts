import { kernels } from "../device";
import type { ActivationOp } from "../kernels";
import { make, type NDArray, stridedOf } from "../ndarray";
import { binary, parametersIn } from "../ops/elementwise";
import { floats, unwritten } from "./arrays";

/** g ⊙ op′(x), from the input x of the activation; relu's selects. */
export function activationBackward(
  op: ActivationOp,
  x: NDArray,
  g: NDArray,
  ...parameters: number[]
): NDArray {
  const gx = unwritten(x.dtype, x.shape);
  kernels().activationBackward(
    op,
    floats(x),
    floats(g.to(x.dtype)),
    floats(gx),
    parametersIn(x.dtype, parameters),
  );
  return gx;
}

/** x where x > 0, else weight · x; the weight broadcasts. */
export const prelu = (x: NDArray, weight: NDArray): NDArray =>
  make(binary("prelu", stridedOf(x), stridedOf(weight)));
