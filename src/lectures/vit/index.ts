export {
  DRAWN_GROUPS,
  type DrawingsOptions,
  drawnSubgroups,
  type LabelledDrawings,
  readDrawings,
} from "./drawings";
export { exercises } from "./exercises";
export type { ViTParts, ViTShape } from "./exercises/vit-parameters";
export {
  ImageEmbeddings,
  patchConvolution,
  type ViTConfig,
  ViTForImageClassification,
  type ViTInputs,
  ViTModel,
  type ViTOutput,
  vitBase,
  vitHuge,
  vitLarge,
} from "./model";
export { drawingsViT, pretrainedViT } from "./pretrain";
export {
  RIVALS,
  type Rival,
  type RivalData,
  type RivalOptions,
  type RivalPoint,
  rivalData,
  rivalPoint,
} from "./recorded/compare";
export { SmallResNet } from "./resnet";
export { type SwinConfig, SwinForImageClassification, SwinModel, type SwinOutput, swinTiny } from "./swin";
export {
  accuracyOn,
  type Classifier,
  type ClassifierOptions,
  type JitterOptions,
  jitter,
  predict,
  trainClassifier,
} from "./train";
export { relativePositionIndex, shiftMask, windowPartition, windowReverse } from "./windows";
