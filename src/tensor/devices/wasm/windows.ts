import type { Both, ConvSizes } from "../../kernels";

/** Multiply-adds that are worth waking a thread for. */
export const GRAIN = 50_000;

export const times = ([a, b]: Both): number => a * b;

/** Channels and results of one group, taps of a window, and windows. */
export const counts = ({ groups, channels, outChannels, window, windows }: ConvSizes) => ({
  C: channels / groups,
  O: outChannels / groups,
  T: times(window),
  L: times(windows),
});

/**
 * Whether a group has fewer results than a product of matrices takes at a time, and windows side by side: then each tap is
 * read where it lies (assembly/conv-narrow.ts).
 */
export const isNarrow = (sizes: ConvSizes): boolean => counts(sizes).O < 4 && sizes.stride[1] === 1;
