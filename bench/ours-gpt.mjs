/**
 * One AdamW step of a pre-norm GPT in gradschool, written with its ordinary layers: forward, cross-entropy, backward,
 * clip, update.
 *
 *   node bench/ours-gpt.mjs 64,4,2,16,32,65      d, heads, layers, batch, T, vocabulary
 */
import { AdamW, clipGradNorm, manualSeed, nd } from "gradschool";
import { GPT } from "gradschool/lectures/gpt";
import { facts } from "./ours.mjs";
import { configuration, contend } from "./peers/measure.mjs";

const config = configuration("64,4,2,16,32,65");
const [embedDim, numHeads, numLayers, B, contextLength, vocabSize] = config;

manualSeed(0);
const model = new GPT({ vocabSize, contextLength, embedDim, numHeads, numLayers, tied: false });
const optimizer = new AdamW(model.parameters(), { lr: 1e-3 });
const ids = nd.randint(0, vocabSize, [B, contextLength]);
const targets = nd.randint(0, vocabSize, [B, contextLength]);

function step() {
  const loss = /** @type {import("gradschool").Tensor} */ (model.forward(ids, { targets }).loss);
  optimizer.zeroGrad();
  loss.backward();
  clipGradNorm(model.parameters(), 1);
  optimizer.step();
  loss.item();
}
await contend("gradschool", step, facts(model, config));
