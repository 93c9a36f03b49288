export {
  AnyWords,
  anyDialogue,
  anyTraining,
  type Encoded,
  type Exchange,
  encodeAll,
  exchange,
  type Part,
  reply,
  WAYS,
  type Way,
} from "./anything";
export { boxIoU, centresOf, cornersOf, generalizedBoxIoU } from "./boxes";
export { Codebook, Codec, PictureCodec, SoundCodec } from "./codec";
export { type CodecTraining, codecTraining } from "./codec-training";
export { detect, detectorFrom, sceneViT, segment } from "./dense-models";
export { boxPicture, KIND_COLOURS, maskPicture } from "./dense-pictures";
export { type DenseScenes, denseScenes, isHeldOutPair } from "./dense-scenes";
export { exercises } from "./exercises";
export type { Quantized } from "./exercises/quantize";
export type { Reply, Scores } from "./exercises/right-by-kind";
export type { Segment, Sizes } from "./exercises/route-tokens";
export { ConvolutionEyes, eyesTraining, ViTEyes } from "./eyes";
export {
  captionOf,
  EXHIBITS,
  type Exhibit,
  Gallery,
  KEPT,
  nameOf,
  openGallery,
  playAll,
  SAMPLES,
  SHOWN,
} from "./gallery";
export { type Judge, judgeOf } from "./judge";
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
export { PatchDetector } from "./patch-detector";
export { type SeeingResult, WAYS_TO_SEE } from "./recorded/seeing";
export { leftByCodecs, scoreWays, type WayScore, whole } from "./scores";
export {
  interview,
  keptDialogues,
  majorityAnswers,
  pixelsOf,
  seerTraining,
  TALK_LENGTH,
} from "./seeing";
export { Seer, type SeerOptions } from "./seer";
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
export { fromSpectrogram, spectrogram } from "./spectrum";
export { dialogueOf, TALK_KINDS, type TalkKind, type Turn } from "./talk";
export { TalkWords } from "./words";
export {
  type Detections,
  type YolosConfig,
  YolosForObjectDetection,
  type YolosInputs,
  YolosModel,
  type YolosOutput,
  yolosBase,
} from "./yolos";
