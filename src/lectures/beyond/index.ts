export { boxIoU, centresOf, cornersOf, generalizedBoxIoU } from "./boxes";
export { boxPicture, KIND_COLOURS, maskPicture } from "./dense-pictures";
export { type DenseScenes, denseScenes, isHeldOutPair } from "./dense-scenes";
export { exercises } from "./exercises";
export {
  assign,
  type DetectionLoss,
  type DetectionLossOptions,
  detectionLoss,
  type MatchingOptions,
  matchingCost,
  type Objects,
} from "./matching";
export {
  averagePrecision,
  classIoU,
  type Found,
  found,
  meanAveragePrecision,
  meanIoU,
  type PrecisionOptions,
} from "./metrics";
export type { DenseRun, DenseScore } from "./recorded/dense";
export {
  SegformerForImageClassification,
  SegformerForSemanticSegmentation,
  SegformerModel,
} from "./segformer";
export {
  type SegformerConfig,
  type SegformerInputs,
  type SegformerOutput,
  segformerB0,
} from "./segformer-body";
export { type SegmenterOptions, ViTSegmenter } from "./segmenter";
export { detect, detectorFrom, sceneViT, segment } from "./train-dense";
export {
  type Detections,
  type YolosConfig,
  YolosForObjectDetection,
  type YolosInputs,
  YolosModel,
  type YolosOutput,
  yolosBase,
} from "./yolos";
