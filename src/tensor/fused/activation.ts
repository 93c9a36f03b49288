import { kernels } from "../device";
import type { ActivationOp } from "../kernels";
import type { NDArray } from "../ndarray";
import { parametersIn } from "../ops/elementwise";
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
