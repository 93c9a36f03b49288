import { prefixMaskExercise } from "./prefix-mask";

/** The lecture's exercises, in the order in which they come. */
export const exercises = Object.freeze({
  prefixMask: prefixMaskExercise,
  // Other tasks of a ViT:
});
