import { embedding, type Indices, type Tensor } from "../autograd";
import { checkOptions, expected } from "../tensor";
import { checkSizes } from "./check";
import * as init from "./init";
import { isMeta } from "./meta";
import { Module } from "./module";
import { type Parameter, parameter } from "./parameter";

/**
 * A table with one learned row per id: ids of any shape (...) → (..., embeddingDim).
 * Rows start as N(0, 1). The row of `paddingIdx` starts at zero and is never trained.
 */
export class Embedding extends Module {
  /** May be another layer's, to share it: `head.weight = embedding.weight`. */
  weight: Parameter;
  readonly paddingIdx?: number;

  constructor(
    readonly numEmbeddings: number,
    readonly embeddingDim: number,
    options: { paddingIdx?: number } = {},
  ) {
    super();

    checkOptions("Embedding", options, "paddingIdx: 0", { paddingIdx: "number" });
    const { paddingIdx } = options;
    checkSizes("Embedding", { numEmbeddings, embeddingDim });
    const rows = init.normal([numEmbeddings, embeddingDim]);
    if (paddingIdx !== undefined) {
      if (!(paddingIdx >= -numEmbeddings && paddingIdx < numEmbeddings)) {
        throw expected("Embedding", `a paddingIdx below ${numEmbeddings}`, paddingIdx);
      }
      this.paddingIdx = paddingIdx < 0 ? paddingIdx + numEmbeddings : paddingIdx;
      if (!isMeta()) rows.select(0, paddingIdx).fill(0);
    }
    this.weight = parameter(rows);
  }

  forward(ids: Indices): Tensor {
    return embedding(this.weight, ids, { paddingIdx: this.paddingIdx });
  }

  override extraRepr(): string {
    const padding = this.paddingIdx === undefined ? "" : `, paddingIdx=${this.paddingIdx}`;
    return `${this.numEmbeddings}, ${this.embeddingDim}${padding}`;
  }
}
