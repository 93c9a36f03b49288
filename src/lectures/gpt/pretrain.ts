import { ByteLevelBPE, type Metric, type Pretrained, type Pretraining, pretrained } from "../../data";
import { manualSeed } from "../../tensor";
import { evenly, fiction, fictionTokenizer, otherProse, windowsOf } from "./fiction";
import { GPT, type GPTOptions } from "./model";
import { lossOn, train } from "./train";

/** Options of the model, and its vocabulary. */
interface Config {
  readonly model: GPTOptions;
  readonly vocab: readonly string[];
  readonly merges: readonly (readonly [string, string])[];
}

const SPECIAL = ["<bos>", "<eos>"];

/** The lecture's longer-trained GPT, ready to write: `const { model, tokenizer, card } = pretrainedGPT();` */
export function pretrainedGPT(): { model: GPT; tokenizer: ByteLevelBPE; card: string } {
  const checkpoint = pretrained("gpt");
  return { ...assemble(checkpoint), card: checkpoint.card };
}

function assemble({ config, tensors }: Pretrained): { model: GPT; tokenizer: ByteLevelBPE } {
  const { model: options, vocab, merges } = config as Config;
  const model = new GPT(options);
  model.loadStateDict(tensors);
  const ids = new Map(vocab.map((token, id) => [token, id]));
  return { model, tokenizer: new ByteLevelBPE(ids, merges, { specialTokens: SPECIAL }) };
}

const T = 64;

/** The same tokenizer and held-out books as in the notebook, so that losses compare. */
export const pretraining: Pretraining = {
  says: "A GPT of 5 layers, vectors of 192 numbers and 6 heads, that looks back on 64 tokens; for `pretrainedGPT()` of the GPT lecture.",
  data: "the Brown Corpus, all genres, without the books of fiction that the lecture sets aside for validation (5 %); 2,048 byte pairs learned from its fiction",
  steps: 2400,
  train(steps, log) {
    const text = fiction();
    const tokenizer = fictionTokenizer(text.train);
    const data = windowsOf(tokenizer, [...text.train, ...otherProse()], T);
    const validation = evenly(windowsOf(tokenizer, text.validation, T), 64);
    manualSeed(7);
    const { vocabSize } = tokenizer;
    const options = { vocabSize, contextLength: T, embedDim: 192, numHeads: 6, numLayers: 5 };
    const model = new GPT(options);
    log(`${data.ids.length} tokens`);
    const after = (done: number, loss: number) => {
      if (done % 100 === 0 || done === steps)
        log(
          `step ${done}: ${loss.toFixed(3)}, on held-out books ${lossOn(model, validation).toFixed(3)} nats`,
        );
    };
    train(model, data, { steps, batch: 32, lr: 2e-3, seed: 7, after });
    const vocab = Array.from({ length: vocabSize }, (_, id) => tokenizer.idToToken(id));
    const config = { model: options, vocab, merges: tokenizer.merges.pairs };
    return { tensors: model.stateDict(), config };
  },
  measure(checkpoint): Metric {
    const { model, tokenizer } = assemble(checkpoint);
    const windows = evenly(windowsOf(tokenizer, fiction().validation, T), 64);
    return { name: "loss on 64 windows of held-out fiction", value: lossOn(model, windows), unit: "nats" };
  },
};
