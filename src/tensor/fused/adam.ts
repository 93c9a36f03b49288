import { kernels } from "../device";
import type { AdamStep } from "../kernels";
import type { NDArray } from "../ndarray";
import { incrementVersion } from "../version";
import { floats } from "./arrays";

/** One step of Adam or AdamW in place on the weight and on the averages m and v, whose elements lie in row-major order. */
export function adamStep(weight: NDArray, g: NDArray, m: NDArray, v: NDArray, step: AdamStep): void {
  kernels().adam(floats(weight), floats(g), floats(m), floats(v), step);
  incrementVersion(weight);
}
