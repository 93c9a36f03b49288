export { type Labelled, type LabelledSet, labelledSets } from "./data-sets";
export { exercises } from "./exercises";
export type { LinearProbe } from "./exercises/linear-probe";
export { type ImageTower, ResNetTower, ViTTower } from "./image-towers";
export { type LockedData, type LockedResult, locked, lockedData } from "./locked";
export {
  type CLIPConfig,
  CLIPModel,
  type CLIPOutput,
  type CLIPTextConfig,
  CLIPTextTower,
  type CLIPVisionConfig,
  CLIPVisionTower,
  clipLoss,
  clipTextBase,
  clipVisionBase,
  type TowerOutput,
} from "./model";
export { principalPlane } from "./plane";
export type { HeldOutStyle } from "./recorded/styles";
export type { TowersResult } from "./recorded/towers";
export { ResNet, type ResNetConfig, type ResNetOutput, resnet50 } from "./resnet";
export { pixelCosines, type Recalls, type Retrieval, textVectors } from "./retrieval";
export { type Pairs, ScenePairs, type ScenePairsOptions, scenePairs, sceneWords } from "./scene-pairs";
export { CBOWTower, GPTTower, type TextTower, TransformerTower } from "./text-towers";
export { embedAll, TwoTowers } from "./two-towers";
export { CaptionWords, type TextBatch } from "./words";
