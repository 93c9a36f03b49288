import { type DType, type NDArray, type Shape, survivesHalt, zeros } from "../tensor";

let active = false;
survivesHalt(
  () => active,
  (was) => {
    active = was;
  },
);

/**
 * Build a model for its shapes alone: inside `build`, the initialisers of `init` hand out arrays of the right
 * shape that hold one number, repeated. So the parameters of GPT-2 XL are counted in a millisecond and no memory:
 * ```ts
 * meta(() => new GPT({ layers: 48, embedDim: 1600, heads: 25 })).parameterCount()
 * ```
 * A meta model cannot be trained; `loadStateDict` gives it real numbers. PyTorch's "meta" device.
 */
export function meta<T>(build: () => T): T {
  const before = active;
  active = true;
  try {
    return build();
  } finally {
    active = before;
  }
}

/** Whether shapes without memory are wanted now. */
export const isMeta = (): boolean => active;

/** Zeros of any shape over the memory of one. */
export const phantom = (shape: Shape, dtype?: DType): NDArray => zeros([], { dtype }).expand(shape);
