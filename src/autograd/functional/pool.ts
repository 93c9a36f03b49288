import {
  adaptivePool,
  averagePool,
  averagePoolBackward,
  checkOptions,
  maxPool,
  maxPoolBackward,
  type Pair,
  type PoolGrid,
  type PoolWindows as PoolOptions,
  slidingPool,
} from "../../tensor";
import { record } from "../record";
import { checkTensor, type Tensor } from "../tensor";

export type { PoolOptions };

/** Of what kind they are, the windows say. */
const OPTIONS = { stride: "any", padding: "any", ceilMode: "boolean" } as const;
const MAX_OPTIONS = { ...OPTIONS, dilation: "any" } as const;
const AVERAGE_OPTIONS = { ...OPTIONS, countIncludePad: "boolean" } as const;

/**
 * Largest element of every window: x (B, C, H, W) → (B, C, H', W'). The first of equal elements takes the
 * gradient. All pools take one image alone too, (C, H, W).
 */
export function maxPool2d(
  x: Tensor,
  kernelSize: Pair,
  given: PoolOptions & { dilation?: Pair } = {},
): Tensor {
  checkTensor("maxPool2d", x);
  checkOptions("maxPool2d", given, "stride: 2", MAX_OPTIONS);
  const { dilation = 1, ...options } = given;
  if (x.ndim === 3) return maxPool2d(x.unsqueeze(0), kernelSize, given).squeeze(0);
  const grid = slidingPool("maxPool2d", x.shape, kernelSize, options, { dilation });
  return record(
    "maxPool2d",
    [x],
    (x) => {
      const [y, source] = maxPool(x, grid);
      return [y, (g) => [maxPoolBackward(g, source, grid)]];
    },
    { keepsGrads: false },
  );
}

/** Mean of every window: x (B, C, H, W) → (B, C, H', W'). Padding counts as zeros unless `countIncludePad` is false. */
export function avgPool2d(
  x: Tensor,
  kernelSize: Pair,
  given: PoolOptions & { countIncludePad?: boolean } = {},
): Tensor {
  checkTensor("avgPool2d", x);
  checkOptions("avgPool2d", given, "stride: 2", AVERAGE_OPTIONS);
  const { countIncludePad: countPadding = true, ...options } = given;
  if (x.ndim === 3) return avgPool2d(x.unsqueeze(0), kernelSize, given).squeeze(0);
  return averages("avgPool2d", x, slidingPool("avgPool2d", x.shape, kernelSize, options, { countPadding }));
}

/** Mean over windows [⌊i H / h⌋, ⌈(i + 1) H / h⌉): x (B, C, H, W) → (B, C, h, w) for `size` [h, w]. */
export function adaptiveAvgPool2d(x: Tensor, size: Pair): Tensor {
  checkTensor("adaptiveAvgPool2d", x);
  if (x.ndim === 3) return adaptiveAvgPool2d(x.unsqueeze(0), size).squeeze(0);
  return averages("adaptiveAvgPool2d", x, adaptivePool("adaptiveAvgPool2d", x.shape, size));
}

/** y = Σ window / size;  x̄ of each cell: Σ over its windows of ȳ / size. */
const averages = (op: string, x: Tensor, grid: PoolGrid): Tensor =>
  record(op, [x], (x) => [averagePool(x, grid), (g) => [averagePoolBackward(g, grid)]], {
    keepsGrads: false,
  });
