import { kernels } from "../device";
import type { AdamSettings } from "../kernels";
import type { NDArray } from "../ndarray";
import { incrementVersion } from "../version";
import { floats } from "./arrays";

/** One step of Adam or AdamW in place on the weight and on the averages m and v, whose elements lie in row-major order. */
export function adamStep(weight: NDArray, g: NDArray, m: NDArray, v: NDArray, settings: AdamSettings): void {
  kernels().adam(floats(weight), floats(g), floats(m), floats(v), settings);
  incrementVersion(weight);
}
