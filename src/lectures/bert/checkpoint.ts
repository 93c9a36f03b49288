import { type CheckpointTable, weightAndBias } from "../../nn";

const layer = "bert.encoder.layer.*";
const block = "bert.blocks.*";

/** Hugging Face's names of a BERT and its heads, and ours. */
export const bertTable: CheckpointTable = {
  modelType: "bert",
  prefix: "bert.",
  ignored: ["bert.embeddings.position_ids"],
  renames: [
    { theirs: "bert.embeddings.word_embeddings.weight", ours: "bert.embeddings.words.weight" },
    { theirs: "bert.embeddings.position_embeddings.weight", ours: "bert.embeddings.positions.weight" },
    { theirs: "bert.embeddings.token_type_embeddings.weight", ours: "bert.embeddings.tokenTypes.weight" },
    ...weightAndBias("bert.embeddings.LayerNorm", "bert.embeddings.norm"),
    ...weightAndBias(`${layer}.attention.self.query`, `${block}.attention.query`),
    ...weightAndBias(`${layer}.attention.self.key`, `${block}.attention.key`),
    ...weightAndBias(`${layer}.attention.self.value`, `${block}.attention.value`),
    ...weightAndBias(`${layer}.attention.output.dense`, `${block}.attention.output`),
    ...weightAndBias(`${layer}.attention.output.LayerNorm`, `${block}.attentionNorm`),
    ...weightAndBias(`${layer}.intermediate.dense`, `${block}.mlp.hidden`),
    ...weightAndBias(`${layer}.output.dense`, `${block}.mlp.output`),
    ...weightAndBias(`${layer}.output.LayerNorm`, `${block}.mlpNorm`),
    ...weightAndBias("bert.pooler.dense", "pooler.dense"),
    ...weightAndBias("cls.predictions.transform.dense", "words.dense"),
    ...weightAndBias("cls.predictions.transform.LayerNorm", "words.norm"),
    { theirs: "cls.predictions.bias", ours: "words.bias" },
    ...weightAndBias("cls.seq_relationship", "nextSentence"),
    ...weightAndBias("classifier", "classifier"),
    ...weightAndBias("qa_outputs", "span"),
  ],
};
