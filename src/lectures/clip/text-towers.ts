import { type Tensor, tensor } from "../../autograd";
import type { ByteLevelBPE } from "../../data";
import { Embedding, MLP, Module } from "../../nn";
import { arange, check, checkAll, checkMethods, dims, expected } from "../../tensor";
import { type GPT, pretrainedGPT } from "../gpt";
import { CLIPTextTower } from "./model";
import { type CaptionWords, END, padded, type TextBatch } from "./words";

/** A text encoder: it cuts texts into tokens, and makes of them (B, width). */
export interface TextTower extends Module {
  readonly width: number;
  encode(texts: readonly string[]): TextBatch;
  forward(batch: TextBatch): Tensor;
}

const checkWords = (op: string, words: CaptionWords): void =>
  checkMethods(op, "words as sceneWords() gives them", words, ["encode"]);

function checkBatch(op: string, batch: TextBatch): TextBatch {
  check(op, "a batch", batch, "object", "encode(texts) makes it");
  const { ids, mask } = batch;
  checkAll(op, { ids: [ids, "array"], mask: [mask, "array"] });
  dims(op, ids.shape, "B T");
  dims(op, mask.shape, "B T");
  if (`${ids.shape}` !== `${mask.shape}`) throw expected(op, "ids and mask of one shape", mask);
  return batch;
}

/** Continuous bag of words: the mean of the words' vectors, and a small MLP. It cannot tell "a left of b" from "b left of a". */
export class CBOWTower extends Module implements TextTower {
  readonly table: Embedding;
  readonly mlp: MLP;

  constructor(
    readonly words: CaptionWords,
    readonly width = 128,
  ) {
    super();
    checkWords("CBOWTower", words);
    this.table = new Embedding(words.size, width);
    this.mlp = new MLP(width, 2 * width);
  }

  encode(texts: readonly string[]): TextBatch {
    return this.words.encode(texts);
  }

  forward(batch: TextBatch): Tensor {
    const { ids, mask } = checkBatch("CBOWTower", batch);
    const weights = tensor(mask.to("float32")).unsqueeze(-1);
    const mean = this.table.forward(ids).mul(weights).sum(1).div(weights.sum(1));
    return mean.add(this.mlp.forward(mean));
  }
}

/** CLIP's own text encoder, smaller: a causal transformer, read at the end of the text. */
export class TransformerTower extends Module implements TextTower {
  readonly model: CLIPTextTower;

  constructor(
    readonly words: CaptionWords,
    readonly width = 128,
    layers = 2,
  ) {
    super();
    checkWords("TransformerTower", words);
    checkAll("TransformerTower", { width: [width, "size"], layers: [layers, "count"] });
    this.model = new CLIPTextTower({
      hidden_size: width,
      intermediate_size: 2 * width,
      num_hidden_layers: layers,
      num_attention_heads: 4,
      hidden_act: "quick_gelu",
      layer_norm_eps: 1e-5,
      vocab_size: words.size,
      max_position_embeddings: words.length + 2,
      eos_token_id: END,
    });
  }

  encode(texts: readonly string[]): TextBatch {
    return this.words.encode(texts);
  }

  forward(batch: TextBatch): Tensor {
    const { ids, mask } = checkBatch("TransformerTower", batch);
    return this.model.forward(ids, mask).pooled;
  }
}

/** The GPT of lecture 05, read at the last token of the text: it comes with what it has learned of English. */
export class GPTTower extends Module implements TextTower {
  readonly gpt: GPT;
  readonly tokenizer: ByteLevelBPE;
  readonly width: number;

  constructor(given: { model: GPT; tokenizer: ByteLevelBPE } = pretrainedGPT()) {
    super();
    check("GPTTower", "given", given, "object", "pretrainedGPT() gives it");
    const { model: gpt, tokenizer } = given;
    checkMethods("GPTTower", "a GPT as model", gpt, ["generate"]);
    checkMethods("GPTTower", "its tokenizer", tokenizer, ["encode", "tokenToId"]);
    this.gpt = gpt;
    this.tokenizer = tokenizer;
    this.width = gpt.options.embedDim;
  }

  encode(texts: readonly string[]): TextBatch {
    check("GPTTower.encode", "texts", texts, "texts");
    if (texts.length === 0) throw expected("GPTTower.encode", "at least one text", texts);
    const end = this.tokenizer.tokenToId("<eos>") as number;
    const start = this.tokenizer.tokenToId("<bos>") as number;
    return padded(
      texts.map((text) => [start, ...this.tokenizer.encode(text), end]),
      end,
    );
  }

  forward(batch: TextBatch): Tensor {
    const { ids, mask } = checkBatch("GPTTower", batch);
    const [B, T] = ids.shape;
    const x = this.gpt.tokens.forward(ids).add(this.gpt.positions.forward(arange(0, T)));
    const h = this.gpt.decoder.forward(x); // (B, T, C)
    const last = mask.sum(1).sub(1); // the place of <eos>
    return h.flatten(0, 1).indexSelect(0, arange(0, B).mul(T).add(last).to("int32"));
  }
}
