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
  type RivalPoint,
} from "./recorded/compare";
export type { PretrainingPoint } from "./recorded/pretrained";
export { type SwinConfig, SwinForImageClassification, SwinModel, type SwinOutput, swinTiny } from "./swin";
export { relativePositionIndex, shiftMask, windowPartition, windowReverse } from "./windows";
