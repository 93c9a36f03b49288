/**
 * What scripts/engines.mjs runs on every Node: the built library trains a small GPT in one synchronous loop. One line of JSON
 * says the losses, what the device found, and how much memory it took.
 */
const { AdamW, clipGradNorm, device, manualSeed, nd } = require("gradschool");
const { GPT } = require("gradschool/lectures/gpt");

const STEPS = 30;
/** Made and dropped, in a loop that never returns to the event loop: 3 GiB in all, where the heap has 0.75. */
const ARRAYS = 3000;
const [B, T, V] = [4, 16, 65];

manualSeed(0);
const model = new GPT({
  vocabSize: V,
  contextLength: T,
  embedDim: 32,
  numHeads: 4,
  numLayers: 2,
  tied: false,
});
const optimizer = new AdamW(model.parameters(), { lr: 3e-3 });
const ids = nd.randint(0, V, [B, T]);
const targets = nd.randint(0, V, [B, T]);

function step() {
  const { loss } = model.forward(ids, { targets });
  optimizer.zeroGrad();
  loss.backward();
  clipGradNorm(model.parameters(), 1);
  optimizer.step();
  return loss.item();
}

const losses = Array.from({ length: STEPS }, step);
const kept = nd.full([1000], 7);
let sum = 0;
for (let i = 0; i < ARRAYS; i++) sum += nd.full([512, 512], i).sum().item() / 512 ** 2;

console.log(
  JSON.stringify({
    losses,
    sum,
    kept: kept.sum().item(),
    device: device().name,
    ...device().info(),
    residentMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);
process.exit(0); // the threads need not be waited for
