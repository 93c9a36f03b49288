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
