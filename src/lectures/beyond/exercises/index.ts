import { costMatrixExercise } from "./cost-matrix";
import { cutWindowsExercise } from "./cut-windows";
import { mendWindowsExercise } from "./mend-windows";
import { pairwiseIouExercise } from "./pairwise-iou";
import { prefixMaskExercise } from "./prefix-mask";
import { quantizeExercise } from "./quantize";
import { rightByKindExercise } from "./right-by-kind";
import { routeTokensExercise } from "./route-tokens";
import { segmentationIouExercise } from "./segmentation-iou";

/** The lecture's exercises, in the order in which they come. */
export const exercises = Object.freeze({
  prefixMask: prefixMaskExercise,
  rightByKind: rightByKindExercise,
  quantize: quantizeExercise,
  routeTokens: routeTokensExercise,
  // Other tasks of a ViT:
  segmentationIou: segmentationIouExercise,
  cutWindows: cutWindowsExercise,
  mendWindows: mendWindowsExercise,
  pairwiseIou: pairwiseIouExercise,
  costMatrix: costMatrixExercise,
});
