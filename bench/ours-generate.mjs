/**
 * Greedy generation by a GPT that remembers keys and values: a full context from one token. The figure is ms per token.
 *
 *   node bench/ours-generate.mjs 128,4,4,128,65      d, heads, layers, context, vocabulary
 */
import { manualSeed } from "gradschool";
import { GPT } from "gradschool/lectures/gpt";
import { facts } from "./ours.mjs";
import { configuration, contend } from "./peers/measure.mjs";

const config = configuration("128,4,4,128,65");
const [embedDim, numHeads, numLayers, contextLength, vocabSize] = config;

manualSeed(0);
const model = new GPT({ vocabSize, contextLength, embedDim, numHeads, numLayers, tied: false });

const step = () => {
  model.generate([0], { maxNewTokens: contextLength, temperature: 0 });
};
await contend("gradschool", step, { per: contextLength, ...facts(model, config) });
