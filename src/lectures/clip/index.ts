export { exercises } from "./exercises";
export type { LinearProbe } from "./exercises/linear-probe";
export { AttentionPool, type ImageTower, ResNetTower, ViTTower } from "./image-towers";
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
export { ResNet, type ResNetConfig, type ResNetOutput, resnet50 } from "./resnet";
export { isHeldOut, type Pairs, ScenePairs, scenePairs, sceneWords } from "./scene-pairs";
export { CBOWTower, GPTTower, type TextTower, TransformerTower } from "./text-towers";
export { contrastiveLoss, embedAll, TwoTowers } from "./two-towers";
export { CaptionWords, type TextBatch, wordsOf } from "./words";
