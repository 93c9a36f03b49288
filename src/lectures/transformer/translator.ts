import type { Tensor } from "../../autograd";
import {
  Decoder,
  Dropout,
  Embedding,
  Encoder,
  LearnedPositionalEncoding,
  Linear,
  Module,
  type TransformerOptions,
} from "../../nn";
import { type NDArray, randn } from "../../tensor";

export interface TranslatorOptions extends TransformerOptions {
  readonly sourceSize: number;
  readonly targetSize: number;
  readonly embedDim?: number;
  readonly numHeads?: number;
  /** Blocks of the encoder, and of the decoder. */
  readonly numLayers?: number;
  /** Tokens of the longest source and target. */
  readonly maxLength?: number;
}

/**
 * The encoder–decoder of "Attention is all you need" (Vaswani et al., 2017), with learned positions and the norm first.
 * What the lecture's notebook builds from the student's functions, here from the library's layers.
 */
export class Translator extends Module {
  readonly sourceEmbedding: Embedding;
  readonly targetEmbedding: Embedding;
  readonly sourcePlaces: LearnedPositionalEncoding;
  readonly targetPlaces: LearnedPositionalEncoding;
  readonly encoder: Encoder;
  readonly decoder: Decoder;
  readonly output: Linear;
  readonly dropout: Dropout;

  constructor({ sourceSize, targetSize, ...options }: TranslatorOptions) {
    super();
    const { embedDim = 64, numHeads = 4, numLayers = 2, maxLength = 32, dropout = 0, ...block } = options;
    this.sourceEmbedding = new Embedding(sourceSize, embedDim);
    this.targetEmbedding = new Embedding(targetSize, embedDim);
    this.sourcePlaces = new LearnedPositionalEncoding(maxLength, embedDim);
    this.targetPlaces = new LearnedPositionalEncoding(maxLength, embedDim);
    this.encoder = new Encoder(embedDim, numHeads, numLayers, block);
    this.decoder = new Decoder(embedDim, numHeads, numLayers, { ...block, crossAttention: true });
    this.output = new Linear(embedDim, targetSize);
    this.dropout = new Dropout(dropout);
    for (const { weight } of [
      this.sourceEmbedding,
      this.targetEmbedding,
      this.sourcePlaces,
      this.targetPlaces,
    ])
      weight.data.assign(randn(weight.shape).mul(0.1));
  }

  /** ids (B, S), real (B, S) true at real tokens → memory (B, S, C) */
  encode(ids: NDArray, real: NDArray): Tensor {
    const x = this.sourcePlaces.forward(this.sourceEmbedding.forward(ids));
    return this.encoder.forward(this.dropout.forward(x), { keyPaddingMask: real });
  }

  /** What is written (B, T), memory (B, S, C) → scores of the next token (B, T, V) */
  decode(written: NDArray, memory: Tensor, real: NDArray): Tensor {
    const y = this.targetPlaces.forward(this.targetEmbedding.forward(written));
    return this.output.forward(
      this.decoder.forward(this.dropout.forward(y), { memory, memoryKeyPaddingMask: real }),
    );
  }

  forward(ids: NDArray, real: NDArray, written: NDArray): Tensor {
    return this.decode(written, this.encode(ids, real), real);
  }
}
