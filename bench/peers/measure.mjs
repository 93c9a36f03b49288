/**
 * The rule by which every contender is measured, ours and the peers alike; measure.py beside it is the same in Python.
 *
 * Warm up for 1.5 s and 10 steps, then measure for 2 s and 10 steps; a contender so slow that this takes too long warms
 * up for 6 s and measures for 15 s, but 3 steps at least. Counted by time because JIT compilers need hundreds of small
 * steps before they are at their best. The figure is the median step.
 */
export const rule = {
  warmUp: { seconds: 1.5, steps: 10, patience: 6, fewest: 1 },
  measured: { seconds: 2, steps: 10, patience: 15, fewest: 3 },
};

/** @typedef {() => unknown} Step What is measured; it may return a promise. */

/**
 * The times in ms of the steps of one phase.
 * @param {Step} step
 * @param {{ seconds: number, steps: number, patience: number, fewest: number }} phase
 * @param {() => number} now
 */
async function phase(step, { seconds, steps, patience, fewest }, now) {
  /** @type {number[]} */
  const times = [];
  const begin = now();
  for (let start = begin; ; ) {
    const wait = step();
    if (wait instanceof Promise) await wait;
    const end = now();
    times.push(end - start);
    start = end;
    const elapsed = (end - begin) / 1000;
    if (elapsed >= seconds && times.length >= steps) return times;
    if (elapsed >= patience && times.length >= fewest) return times;
  }
}

/** Milliseconds a call, of as many as fill `least`. @param {() => unknown} run @param {number} least */
export function turn(run, least) {
  const start = performance.now();
  for (let calls = 1; ; calls++) {
    run();
    const ms = performance.now() - start;
    if (ms >= least) return ms / calls;
  }
}

/** @param {Iterable<number>} list */
export function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** { ms, steps }: the median step, of so many. @param {Step} step @param {() => number} now */
export async function measure(step, now = () => performance.now()) {
  await phase(step, rule.warmUp, now);
  const times = await phase(step, rule.measured, now);
  return { ms: median(times), steps: times.length };
}

/**
 * The whole life of a contender: measure `step`, print one JSON line with the median in ms and the `facts`, and exit.
 * A step that makes many things (tokens) is counted per thing: `per`.
 * @param {string} peer
 * @param {Step} step
 * @param {{ per?: number } & Record<string, unknown>} about
 * @returns {Promise<never>}
 */
export async function contend(peer, step, { per = 1, ...facts }) {
  const { ms, steps } = await measure(step);
  console.log(JSON.stringify({ peer, ms: +(ms / per).toPrecision(5), steps, ...facts }));
  process.exit(0);
}

/** The configuration on the command line, "64,4,2" as numbers. @param {string} standard */
export const configuration = (standard) => (process.argv[2] ?? standard).split(",").map(Number);
