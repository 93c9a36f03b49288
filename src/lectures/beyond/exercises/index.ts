import { prefixMaskExercise } from "./prefix-mask";
import { quantizeExercise } from "./quantize";
import { rightByKindExercise } from "./right-by-kind";
import { routeTokensExercise } from "./route-tokens";

/** The lecture's exercises, in the order in which they come. */
export const exercises = Object.freeze({
  prefixMask: prefixMaskExercise,
  rightByKind: rightByKindExercise,
  quantize: quantizeExercise,
  routeTokens: routeTokensExercise,
  // Other tasks of a ViT:
});
