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
