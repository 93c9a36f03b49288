import { attentionDistanceExercise } from "./attention-distance";
import { attentionRolloutExercise } from "./attention-rollout";
import { classAndPositionsExercise } from "./class-and-positions";
import { embedPatchesExercise } from "./embed-patches";
import { fromPatchesExercise } from "./from-patches";
import { positionSimilarityExercise } from "./position-similarity";
import { resizePositionsExercise } from "./resize-positions";
import { toPatchesExercise } from "./to-patches";
import { vitParametersExercise } from "./vit-parameters";

/** The exercises of the lecture, by id, in the order in which they come. */
export const exercises = Object.freeze({
  toPatches: toPatchesExercise,
  fromPatches: fromPatchesExercise,
  embedPatches: embedPatchesExercise,
  classAndPositions: classAndPositionsExercise,
  vitParameters: vitParametersExercise,
  positionSimilarity: positionSimilarityExercise,
  attentionDistance: attentionDistanceExercise,
  attentionRollout: attentionRolloutExercise,
  resizePositions: resizePositionsExercise,
});
