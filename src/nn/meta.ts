import { CallSetting, type DType, type NDArray, type Shape, zeros } from "../tensor";

const active = new CallSetting(false);

/**
 * Build a model for its shapes alone: inside `build`, the initialisers of `init` hand out arrays of the right
 * shape that hold one number, repeated. So the parameters of GPT-2 XL are counted in a millisecond and no memory:
 * ```ts
 * meta(() => new GPT({ layers: 48, embedDim: 1600, heads: 25 })).parameterCount()
 * ```
 * A meta model cannot be trained; `loadStateDict` gives it real numbers. PyTorch's "meta" device.
 */
export const meta = <T>(build: () => T): T => active.during("meta", true, build);

/** Whether shapes without memory are wanted now. */
export const isMeta = (): boolean => active.value;

/** Zeros of any shape over the memory of one. */
export const phantom = (shape: Shape, dtype?: DType): NDArray => zeros([], { dtype }).expand(shape);
