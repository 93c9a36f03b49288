import { check, checkOptions, dims } from "../../tensor";
import { checkTensor, type Tensor } from "../tensor";
import { avgPool2d, maxPool2d } from "./pool";

export interface Pool1dOptions {
  /** The window's size unless given: windows side by side. */
  readonly stride?: number;
  readonly padding?: number;
  /** Let a last window hang over the edge. */
  readonly ceilMode?: boolean;
}

const optionKinds = { stride: "size", padding: "count", ceilMode: "boolean" } as const;

/** Largest element of every window: x (B, C, L) → (B, C, L'), or (C, L) → (C, L'). As maxPool2d. */
export function maxPool1d(
  x: Tensor,
  kernelSize: number,
  options: Pool1dOptions & { readonly dilation?: number } = {},
): Tensor {
  checkOptions("maxPool1d", options, "stride: 2", { ...optionKinds, dilation: "size" });
  const { dilation = 1, ...rest } = options;
  return alongOneAxis("maxPool1d", x, kernelSize, rest, (x, window, given) =>
    maxPool2d(x, window, { ...given, dilation: [1, dilation] }),
  );
}

/** Mean of every window: x (B, C, L) → (B, C, L'), or (C, L) → (C, L'). As avgPool2d. */
export function avgPool1d(
  x: Tensor,
  kernelSize: number,
  options: Pool1dOptions & { readonly countIncludePad?: boolean } = {},
): Tensor {
  checkOptions("avgPool1d", options, "stride: 2", { ...optionKinds, countIncludePad: "boolean" });
  const { countIncludePad, ...rest } = options;
  return alongOneAxis("avgPool1d", x, kernelSize, rest, (x, window, given) =>
    avgPool2d(x, window, { ...given, countIncludePad }),
  );
}

type Window = readonly [1, number];

/** Sequences as images one pixel high. */
function alongOneAxis(
  op: string,
  x: Tensor,
  kernelSize: number,
  { stride = kernelSize, padding = 0, ceilMode = false }: Pool1dOptions,
  pool: (
    x: Tensor,
    window: Window,
    given: { stride: Window; padding: readonly [0, number]; ceilMode: boolean },
  ) => Tensor,
): Tensor {
  checkTensor(op, x);
  check(op, "kernelSize", kernelSize, "size");
  if (x.ndim !== 2) dims(op, x.shape, "B C L");
  return pool(x.unsqueeze(-2), [1, kernelSize], {
    stride: [1, stride],
    padding: [0, padding],
    ceilMode,
  }).squeeze(-2);
}
