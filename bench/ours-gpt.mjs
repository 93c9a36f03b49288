/**
 * One AdamW step of a pre-norm GPT in gradschool, written with its ordinary layers: forward, cross-entropy, backward,
 * clip, update. Prints one JSON line with the median in ms.
 *
 *   node bench/ours-gpt.mjs 64,4,2,16,32,65 [steps]      d, heads, layers, batch, T, vocabulary
 */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { AdamW, clipGradNorm, device, manualSeed, nd } = require("gradschool");
const { GPT } = require("gradschool/lectures/gpt");

const config = (process.argv[2] ?? "64,4,2,16,32,65").split(",").map(Number);
const steps = Number(process.argv[3] ?? 60);
const [embedDim, numHeads, numLayers, B, contextLength, vocabSize] = config;

manualSeed(0);
const model = new GPT({ vocabSize, contextLength, embedDim, numHeads, numLayers, tied: false });
const optimizer = new AdamW(model.parameters(), { lr: 1e-3 });
const ids = nd.randint(0, vocabSize, [B, contextLength]);
const targets = nd.randint(0, vocabSize, [B, contextLength]);
const times = [];
for (let step = 0; step < steps; step++) {
  const start = performance.now();
  const { loss } = model.forward(ids, { targets });
  optimizer.zeroGrad();
  loss.backward();
  clipGradNorm(model.parameters(), 1);
  optimizer.step();
  loss.item();
  times.push(performance.now() - start);
}
const warm = times.slice(Math.min(10, steps >> 1)).sort((a, b) => a - b);
const { threads, fma } = device().info();
const ms = +warm[warm.length >> 1].toFixed(2);
console.log(JSON.stringify({ peer: "gradschool", config, ms, threads, fma }));
process.exit(0);
