import { withSuggestions } from "../tensor";
import * as initializers from "./init";

export { type AttentionForwardOptions, type AttentionOutput, MultiHeadAttention } from "./attention";
export { AveragedModel, type AveragedModelOptions } from "./averaged-model";
export { BatchNorm1d, BatchNorm2d, type BatchNormSettings, InstanceNorm2d } from "./batch-norm";
export { activationOf } from "./checkpoint/activations";
export { type Checkpoint, locate, readCheckpoint, writeCheckpoint } from "./checkpoint/files";
export { type LabelConfig, labelCount, labelLoss } from "./checkpoint/labels";
export { fromCheckpoint, fromPretrained, PretrainedModel } from "./checkpoint/pretrained";
export {
  type CheckpointTable,
  fromTheirs,
  loadTheirs,
  type Rename,
  theirName,
  toTheirs,
  weightAndBias,
} from "./checkpoint/table";
export {
  hasCheckpoint,
  type LoadedCheckpoint,
  loadCheckpoint,
  type Stateful,
  saveCheckpoint,
  type TrainingParts,
} from "./checkpoint/training";
export { Conv1d, type Conv1dOptions, Conv2d } from "./conv";
export {
  ConvTranspose1d,
  type ConvTranspose1dOptions,
  ConvTranspose2d,
  type ConvTranspose2dOptions,
} from "./conv-transpose";
export { Dropout, Dropout2d } from "./dropout";
export { Embedding } from "./embedding";
export { clipGradNorm, clipGradValue } from "./gradient-clipping";
export type { ForwardHook, ForwardPreHook, HookHandle } from "./hooks";
export { type KeyValue, KVCache } from "./kv-cache";
export { Linear } from "./linear";
export { causalMask, type Mask } from "./mask";
export { meta } from "./meta";
export { type Activation, activation, MLP, type MLPOptions } from "./mlp";
export { Module } from "./module";
export { GroupNorm, LayerNorm, RMSNorm } from "./norm";
export { Adagrad, type AdagradSettings } from "./optim/adagrad";
export { Adam, type AdamSettings, AdamW } from "./optim/adam";
export { NAdam, type NAdamSettings, RAdam, type RAdamSettings } from "./optim/nadam";
export { Optimizer, type OptimizerState, type ParamGroup, type Params, type State } from "./optim/optimizer";
export { RMSprop, type RMSpropSettings } from "./optim/rmsprop";
export { SGD, type SGDSettings } from "./optim/sgd";
export type { Slots } from "./optim/state";
export { BufferTensor, buffer, Parameter, parameter } from "./parameter";
export { PatchEmbedding, patchify } from "./patch-embedding";
export { type PlateauOptions, type PlateauState, ReduceLROnPlateau } from "./plateau";
export { AdaptiveAvgPool2d, AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d } from "./pool";
export {
  LearnedPositionalEncoding,
  type PositionOptions,
  SinusoidalPositionalEncoding,
  sinusoidalTable,
} from "./positional";
export { PReLU } from "./prelu";
export { GRU, type GRUState, LSTM, type LSTMState, type RecurrentOptions } from "./recurrent";
export * from "./schedules";
export { Flatten, Identity, type Layer, Sequential } from "./sequential";
export type { LoadReport } from "./state-dict";
export {
  type BlockForwardOptions,
  Decoder,
  Encoder,
  TransformerBlock,
  type TransformerOptions,
} from "./transformer";

/** How weights start: `init.kaimingNormal([8, 4])`. A name that is not there is an error. */
export const init = withSuggestions("init", initializers);
/** Its types. */
export declare namespace init {
  export type InitOptions = initializers.InitOptions;
  export type KaimingOptions = initializers.KaimingOptions;
}
