/** Modes of GPU.js against our wasm device, taking turns: the same in Node and in a page. */

const ROUNDS = 7;
/** A turn lasts about this long; a contender whose next size would take longer than `LONGEST` a call is left out. */
const TURN = 30;
const LONGEST = 1000;

const PLAIN = { batch: 1, transposeA: false, transposeB: false, sharedA: false, sharedB: false };

/** @typedef {import("../../dist/tensor/kernels.js").Kernels} Kernels */
/** @typedef {import("../../dist/tensor/kernels.js").Floats} Floats */
/** What a device offers here; GPU.js counts the calls that it handed back. @typedef {{ kernels: Kernels, info(): object }} Contender */
/** @typedef {{ name: string, ms: number, rate: number, ratio: number }} Result */
/** @typedef {{ task: string, n: number, unit: string, results: Result[] }} Line */
/** @typedef {"matmul" | "softmax"} TaskName */
/** @typedef {[a: Floats, b: Floats, out: Floats]} Arrays */
/** @typedef {{ work(n: number): number, unit: string, prepare(kernels: Kernels, arrays: Arrays, n: number): () => void }} Task */

const median = (/** @type {readonly number[]} */ list) => [...list].sort((a, b) => a - b)[list.length >> 1];

/** Milliseconds a call, for about `TURN` ms. @param {() => void} call */
function turn(call) {
  const start = performance.now();
  let calls = 0;
  do {
    call();
    calls++;
  } while (performance.now() - start < TURN);
  return (performance.now() - start) / calls;
}

/** The work per call, how it grows with n, and the call itself. @type {Record<TaskName, Task>} */
const tasks = {
  matmul: {
    work: (n) => 2 * n ** 3,
    unit: "GFLOP/s",
    prepare: (kernels, [a, b, out], n) => {
      const sizes = { ...PLAIN, m: n, k: n, n };
      return () => kernels.matmul(a, b, out, sizes);
    },
  },
  softmax: {
    work: (n) => 8 * n ** 2,
    unit: "GB/s",
    prepare:
      (kernels, [a, , out], n) =>
      () =>
        kernels.softmax(a, out, n, n),
  },
};

/**
 * Lines `{ task, n, unit, results: [{ name, ms, rate, ratio }] }`, one by one; ratio: how many times our wasm device's time.
 * `contenders`: name -> device, ours first; arrays lie in our heap, which GPU.js reads as any other. A device that hands a
 * call back to us has no result at that size.
 * @param {TaskName} task
 * @param {readonly number[]} sizes
 * @param {Readonly<Record<string, Contender>>} contenders
 * @returns {Generator<Line>}
 */
export function* race(task, sizes, contenders) {
  const { work, unit, prepare } = tasks[task];
  const ours = Object.values(contenders)[0].kernels;
  /** @type {Record<string, number>} */
  const last = {};
  let before = 0;
  for (const n of sizes) {
    /** @param {number} seed */
    const filled = (seed) => {
      const x = /** @type {Floats} */ (ours.alloc("float32", n * n));
      for (let i = 0; i < x.length; i++) x[i] = Math.sin(i * 0.37 + seed);
      return x;
    };
    /** @type {Arrays} */
    const arrays = [filled(0), filled(1), filled(2)];
    const growth = before ? work(n) / work(before) : 1;
    const running = Object.entries(contenders)
      .filter(([name]) => (last[name] ?? 0) * growth <= LONGEST)
      .map(([name, { kernels, info }]) => {
        const fellBack = () => /** @type {{ callsFellBack?: number }} */ (info()).callsFellBack;
        const before = fellBack();
        const failed = () => fellBack() !== before;
        return { name, call: prepare(kernels, arrays, n), times: /** @type {number[]} */ ([]), failed };
      });
    for (const { call } of running) call(); // GPU.js compiles at the first call of each size
    for (let round = 0; round < ROUNDS; round++) {
      for (const { name, call, times } of running) {
        if (times.length >= 3 && (last[name] ?? 0) * growth > LONGEST / 8) continue;
        times.push(turn(call));
      }
    }
    const results = running
      .filter(({ failed }) => !failed())
      .map(({ name, times }) => ({ name, ms: median(times) }));
    for (const { name, ms } of results) last[name] = ms;
    for (const name of Object.keys(contenders)) {
      if (!results.some((result) => result.name === name))
        last[name] = (last[name] ?? 0) * growth || Number.POSITIVE_INFINITY;
    }
    before = n;
    for (const x of arrays) ours.free(x);
    yield {
      task,
      n,
      unit,
      results: results.map(({ name, ms }) => ({
        name,
        ms: +ms.toPrecision(3),
        rate: +(work(n) / ms / 1e6).toPrecision(3),
        ratio: +(ms / results[0].ms).toPrecision(3),
      })),
    };
  }
}
