/**
 * A long loop of training steps of a small GPT: what memory it holds, and whether it slows down. Prints one JSON line.
 *
 *   node bench/ours-memory.mjs sync|await [steps]
 */
import { AdamW, clipGradNorm, manualSeed, nd } from "gradschool";
import { GPT } from "gradschool/lectures/gpt";
import { median } from "./peers/measure.mjs";

const awaits = process.argv[2] === "await";
const steps = Number(process.argv[3] ?? 10_000);
const [d, heads, layers, B, T, V] = [64, 4, 2, 16, 32, 65];
const WARM_UP = 400;
const SOME = 100;
const marks = [100, 1000, 2500, 5000, 10_000].filter((mark) => mark < steps);

manualSeed(0);
const model = new GPT({
  vocabSize: V,
  contextLength: T,
  embedDim: d,
  numHeads: heads,
  numLayers: layers,
  tied: false,
});
const optimizer = new AdamW(model.parameters(), { lr: 1e-3 });
const times = new Float64Array(steps);
/** @type {Record<number, number>} */
const resident = {};

function step() {
  const ids = nd.randint(0, V, [B, T]);
  const targets = nd.randint(0, V, [B, T]);
  const loss = /** @type {import("gradschool").Tensor} */ (model.forward(ids, { targets }).loss);
  optimizer.zeroGrad();
  loss.backward();
  clipGradNorm(model.parameters(), 1);
  optimizer.step();
  return loss.item();
}

for (let i = 0; i < steps; i++) {
  const start = performance.now();
  step();
  if (awaits) await new Promise(setImmediate);
  times[i] = performance.now() - start;
  if (marks.includes(i + 1) || i + 1 === steps)
    resident[i + 1] = Math.round(process.memoryUsage.rss() / 2 ** 20);
}

const warm = Math.min(WARM_UP, Math.floor(steps / 2));
const first_ms = median(times.slice(warm, warm + SOME));
const last_ms = median(times.slice(-SOME));
const peak_mib = Math.round(process.resourceUsage().maxRSS / 2 ** 10);
console.log(
  JSON.stringify({ resident_mib: resident, peak_mib, first_ms, last_ms, ratio: last_ms / first_ms }),
);
process.exit(0);
