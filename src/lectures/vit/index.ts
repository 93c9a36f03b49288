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
export { type SwinConfig, SwinForImageClassification, SwinModel, type SwinOutput, swinTiny } from "./swin";
export { relativePositionIndex, shiftMask, windowPartition, windowReverse } from "./windows";
