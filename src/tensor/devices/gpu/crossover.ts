/** Milliseconds that one amount of work takes on GPU.js and on the device behind it. */
export interface Timing {
  readonly work: number;
  readonly gpu: number;
  readonly fallback: number;
}

/**
 * The work from which on GPU.js is faster, or Infinity: two timings give a line for each, overhead + rate · work, and
 * this is where the lines meet.
 */
export function crossover(small: Timing, large: Timing): number {
  const rate = (way: "gpu" | "fallback") =>
    Math.max(0, (large[way] - small[way]) / (large.work - small.work));
  const gain = rate("fallback") - rate("gpu");
  const isFaster = large.gpu < large.fallback;
  if (gain <= 0) return isFaster ? large.work : Number.POSITIVE_INFINITY;
  const meet = Math.max(0, small.work + (small.gpu - small.fallback) / gain);
  return isFaster ? Math.min(meet, large.work) : meet;
}

/** Times both ways at an amount of work, taking turns; the best of three, as the first call compiles. */
export function time(work: number, gpu: () => void, fallback: () => void): Timing {
  const best = { gpu: Number.POSITIVE_INFINITY, fallback: Number.POSITIVE_INFINITY };
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    gpu();
    const between = performance.now();
    fallback();
    best.gpu = Math.min(best.gpu, between - start);
    best.fallback = Math.min(best.fallback, performance.now() - between);
  }
  return { work, ...best };
}
