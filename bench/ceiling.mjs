/**
 * What 128-bit SIMD can do at most on this machine: a loop of multiply-adds that touches registers only, on as many
 * threads as asked for. A kernel's share of this ceiling says how much of the arithmetic it gets out of the engine.
 */
import v8 from "node:v8";
import { isMainThread, Worker, workerData } from "node:worker_threads";

/** Sums that do not wait for one another: enough for two multiply-add units of 4 cycles, and all fit in registers. */
const SUMS = 12;
const ITERATIONS = 1_000_000;
const FLOPS = ITERATIONS * SUMS * 4 * 2;
const sums = Array.from({ length: SUMS }, (_, i) => `s${i}`);

/**
 * AssemblyScript. The result depends on every sum, so that the compiler can leave out nothing.
 * @param {(sum: string) => string} step
 */
const source = (step) => `
  export function spin(factor: f32, term: f32): f32 {
    const a = f32x4.splat(factor), b = f32x4.splat(term);
    let ${sums.map((s, i) => `${s} = f32x4.splat(0.${i + 1})`).join(", ")};
    for (let i = 0; i < ${ITERATIONS}; i++) { ${sums.map((s) => `${s} = ${step(s)};`).join(" ")} }
    return f32x4.extract_lane(${sums.reduce((all, s) => `f32x4.add(${all}, ${s})`)}, 0);
  }`;
/** @typedef {{ features: string[], step: (sum: string) => string }} Loop */

/** @type {Loop} */
const fused = { features: ["simd", "relaxed-simd"], step: (s) => `f32x4.relaxed_madd(${s}, a, b)` };
/** @type {Loop} */
const plain = { features: ["simd"], step: (s) => `f32x4.add(f32x4.mul(${s}, a), b)` };

/** @param {Loop} loop */
async function compile({ features, step }) {
  const { default: asc } = await import("assemblyscript/asc");
  const options = { optimizeLevel: 3, noAssert: true, runtime: "stub", enable: features };
  const { binary, error, stderr } = await asc.compileString(source(step), options);
  if (!binary) throw new Error(`ceiling: the loop did not compile: ${error?.message}\n${stderr}`);
  return binary;
}

/** @param {BufferSource} binary */
function loop(binary) {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary));
  const spin = /** @type {(factor: number, term: number) => number} */ (exports.spin);
  return () => spin(0.999, 0.001);
}

/** Rounds begun, and threads that are done with the last. */
const [BEGUN, DONE] = [0, 1];

/** `{ fma, flops, run }`: one `run()` does `flops` operations on all threads together, and returns when all are done. @param {number} threads */
export async function createCeiling(threads, { fma = true } = {}) {
  v8.setFlagsFromString("--experimental-wasm-relaxed-simd"); // As the library does on Node 20.
  let binary = await compile(fused);
  const isFused = fma && WebAssembly.validate(binary);
  if (!isFused) binary = await compile(plain);
  const spin = loop(binary);
  const signals = new Int32Array(new SharedArrayBuffer(8));
  for (let i = 1; i < threads; i++) {
    new Worker(new URL(import.meta.url), { workerData: { binary, signals } }).unref();
  }
  const run = () => {
    Atomics.store(signals, DONE, 0);
    Atomics.add(signals, BEGUN, 1);
    Atomics.notify(signals, BEGUN);
    spin();
    for (let done = Atomics.load(signals, DONE); done < threads - 1; done = Atomics.load(signals, DONE))
      Atomics.wait(signals, DONE, done);
  };
  // The engine compiles the loop well only once it has seen it run for a while.
  for (const start = performance.now(); performance.now() - start < 1500; ) run();
  return { fma: isFused, flops: FLOPS * threads, run };
}

if (!isMainThread) {
  const { binary, signals } = /** @type {{ binary: Uint8Array, signals: Int32Array }} */ (workerData);
  const spin = loop(binary);
  for (let seen = 0; ; ) {
    Atomics.wait(signals, BEGUN, seen);
    seen = Atomics.load(signals, BEGUN);
    spin();
    Atomics.add(signals, DONE, 1);
    Atomics.notify(signals, DONE);
  }
}
