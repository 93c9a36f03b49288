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
