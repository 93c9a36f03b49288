import { crossEntropy, noGrad, type Tensor } from "../../autograd";
import type { Pretrained, Pretraining } from "../../data";
import { AdamW, clipGradNorm, cosineWithWarmup, LRScheduler } from "../../nn";
import { Generator, manualSeed, type NDArray } from "../../tensor";
import { brownDocuments, brownTokenizer, textRows } from "./brown-text";
import { maskTokens } from "./exercises/mask-tokens";
import { BertForMaskedLM } from "./heads";
import type { BertConfig } from "./model";
import { startSmall } from "./start";

/** The lecture's BERT: what its notebook trains for two minutes, and this file for longer. */
export const smallBert = {
  vocab_size: 2500,
  hidden_size: 96,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  intermediate_size: 384,
  max_position_embeddings: 64,
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
} as const satisfies BertConfig;

const T = smallBert.max_position_embeddings;
/** Short rows first, as the paper did it: nine tenths of its steps on 128 tokens, the rest on 512. */
const phases = [
  { share: 0.8, length: 32, batch: 64 },
  { share: 0.2, length: T, batch: 32 },
];
const options = { mask: 4, firstWord: 5, vocabSize: smallBert.vocab_size, share: 0.15 };

/** The loss over the hidden words alone; scores are computed for no other place, which saves six sevenths of them. */
function lossOf(model: BertForMaskedLM, rows: NDArray, random: Generator): Tensor {
  const { inputs, labels } = maskTokens(rows, options, random);
  const places = labels.flatten().ne(-100).nonzero().squeeze(1);
  const { lastHiddenState } = model.bert.forward(inputs, { attentionMask: inputs.ne(0).to("int32") });
  const hidden = lastHiddenState.flatten(0, 1).indexSelect(0, places);
  return crossEntropy(model.words.forward(hidden), labels.flatten().indexSelect(0, places));
}

/** Mean loss on 256 rows of documents that were not trained on, with the same holes every time. */
function heldOutLoss(model: BertForMaskedLM): number {
  const { train, test } = brownDocuments();
  const rows = textRows(brownTokenizer(train), test, T);
  const random = new Generator(5);
  model.eval();
  const losses = Array.from({ length: 8 }, (_, i) =>
    noGrad(() => lossOf(model, rows.narrow(0, 32 * i, 32), random)).item(),
  );
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

export const pretraining: Pretraining = {
  says: "A BERT of three layers that fills gaps in English",
  data: "The Brown Corpus, 1961: nine tenths of its documents; the metric is measured on the rest",
  steps: 3_000,
  train(steps, log) {
    const { train } = brownDocuments();
    const tokenizer = brownTokenizer(train);
    const rows = phases.map(({ length }) => textRows(tokenizer, train, length));
    manualSeed(1);
    const model = new BertForMaskedLM(smallBert);
    startSmall(model);
    const optimizer = new AdamW(model.parameters(), { lr: 2e-3, betas: [0.9, 0.98], weightDecay: 0.01 });
    const schedule = cosineWithWarmup({ warmupSteps: Math.ceil(steps / 20), totalSteps: steps });
    const scheduler = new LRScheduler(optimizer, schedule);
    const random = new Generator(1);
    for (let step = 1; step <= steps; step++) {
      const phase = step <= phases[0].share * steps ? 0 : 1;
      const text = rows[phase];
      const places = random.integers([phases[phase].batch], { high: text.shape[0] });
      const loss = lossOf(model, text.indexSelect(0, places), random);
      optimizer.zeroGrad();
      loss.backward();
      clipGradNorm(model.parameters(), 1);
      optimizer.step();
      scheduler.step();
      if (step % 500 === 0) log(`step ${step}: ${loss.item().toFixed(3)} nats`);
    }
    const vocabulary = Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.idToToken(id)!);
    return { tensors: model.stateDict(), config: { ...smallBert, vocabulary } };
  },
  measure({ tensors }: Pretrained) {
    const model = new BertForMaskedLM(smallBert);
    model.loadStateDict(tensors);
    return { name: "loss of hidden words, held-out documents", value: heldOutLoss(model), unit: "nats" };
  },
};
