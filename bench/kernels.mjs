/**
 * The kernels of every device that runs here, side by side.
 *
 *   npm run build && node bench/kernels.mjs [matmul | rows | all]
 *
 * The devices take turns within each line (A B C, A B C, ...) and each figure is a median, so that whatever else the
 * machine does hits all alike. Ratios are to wasm on one thread.
 */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { reference } = require("../dist/tensor/devices/reference.js");
const { createWasm } = require("../dist/tensor/devices/wasm/index.js");
const { createGpu } = require("../dist/tensor/devices/gpu/index.js");

const ROUNDS = 9;
const MILLISECONDS_PER_TURN = 40;

const wasm1 = createWasm(reference, { threads: 1 });
const wasm = createWasm(reference);
const gpu = createGpu(wasm.kernels);
const devices = {
  "wasm, 1 thread": wasm1,
  [`wasm, ${wasm.info().threads} threads`]: wasm,
  [`gpu (${gpu.info().mode})`]: gpu,
  reference: { kernels: reference },
};

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];

/** Milliseconds per call of each device's `prepare(kernels)()`, the devices taking turns. */
function race(prepare) {
  const runs = Object.entries(devices).map(([name, { kernels }]) => ({
    name,
    run: prepare(kernels),
    times: [],
  }));
  for (const { run } of runs) run();
  for (let round = 0; round < ROUNDS; round++) {
    for (const { run, times } of runs) {
      const start = performance.now();
      let calls = 0;
      do {
        run();
        calls++;
      } while (performance.now() - start < MILLISECONDS_PER_TURN);
      times.push((performance.now() - start) / calls);
    }
  }
  return runs.map(({ name, times }) => ({ name, ms: median(times) }));
}

/** One line: the amount of work per call, in `unit` per second, and the ratio to the first device. */
function line(label, work, unit, prepare) {
  const results = race(prepare);
  const cells = results.map(({ name, ms }) => {
    const rate = work / ms / 1e6;
    const ratio = results[0].ms / ms;
    return `${name} ${rate.toFixed(rate < 10 ? 2 : 1)} ${unit} (${ratio.toFixed(2)}×)`;
  });
  console.log(`${label.padEnd(28)} ${cells.join("   ")}`);
}

const filled = (kernels, n) => kernels.alloc("float32", n).map(Math.sin);
const home = (kernels, n) => {
  const x = kernels.alloc("float32", n);
  x.set(filled(kernels, n));
  return x;
};
const PLAIN = { batch: 1, transposeA: false, transposeB: false, sharedA: false, sharedB: false };

function matmul() {
  for (const [m, k, n] of [
    [64, 64, 64],
    [128, 128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [1, 512, 2048],
  ]) {
    line(`matmul ${m} × ${k} × ${n}`, 2 * m * k * n, "GFLOP/s", (kernels) => {
      const [a, b, out] = [home(kernels, m * k), home(kernels, k * n), kernels.alloc("float32", m * n)];
      return () => kernels.matmul(a, b, out, { ...PLAIN, m, k, n });
    });
  }
}

function rows() {
  const [count, n] = [2048, 64];
  const size = count * n;
  const two = (f) => (kernels) => {
    const [x, out] = [home(kernels, size), kernels.alloc("float32", size)];
    return () => f(kernels, x, out);
  };
  line(`copy ${size}`, 8 * size, "GB/s", (kernels) => {
    const [x, out] = [home(kernels, size), kernels.alloc("float32", size)];
    return () => out.set(x);
  });
  line(
    `add ${size}`,
    12 * size,
    "GB/s",
    two((kernels, x, out) => kernels.binary("add", x, 1, x, 1, out)),
  );
  line(
    `exp ${size}`,
    8 * size,
    "GB/s",
    two((kernels, x, out) => kernels.unary("exp", x, out)),
  );
  line(
    `gelu ${size}`,
    8 * size,
    "GB/s",
    two((kernels, x, out) => kernels.unary("gelu", x, out)),
  );
  line(
    `softmax ${count} × ${n}`,
    8 * size,
    "GB/s",
    two((kernels, x, out) => kernels.softmax(x, out, count, n)),
  );
  line(`layerNorm ${count} × ${n}`, 8 * size, "GB/s", (kernels) => {
    const [x, out] = [home(kernels, size), kernels.alloc("float32", size)];
    const [w, mean, rstd] = [
      home(kernels, n),
      kernels.alloc("float32", count),
      kernels.alloc("float32", count),
    ];
    return () => kernels.layerNorm(x, w, w, 1e-5, out, mean, rstd, count, n);
  });
}

const wanted = process.argv[2] ?? "all";
console.log(JSON.stringify(wasm.info()));
if (wanted !== "rows") matmul();
if (wanted !== "matmul") rows();
