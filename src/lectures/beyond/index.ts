export { boxIoU, centresOf, cornersOf, generalizedBoxIoU } from "./boxes";
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
export {
  type Detections,
  type YolosConfig,
  YolosForObjectDetection,
  type YolosInputs,
  YolosModel,
  type YolosOutput,
  yolosBase,
} from "./yolos";
