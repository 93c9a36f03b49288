import { broadcastShapesExercise } from "./broadcast-shapes";
import { gpuMatmulExercise } from "./gpu-matmul";
import { gpuSoftmaxExercise } from "./gpu-softmax";
import { headScoresExercise } from "./head-scores";
import { pairwiseDistancesExercise } from "./pairwise-distances";
import { readViewExercise } from "./read-view";
import { stableSoftmaxExercise } from "./stable-softmax";

/** The exercises of the lecture, by id, in the order in which they come. */
export const exercises = Object.freeze({
  readView: readViewExercise,
  broadcastShapes: broadcastShapesExercise,
  pairwiseDistances: pairwiseDistancesExercise,
  headScores: headScoresExercise,
  stableSoftmax: stableSoftmaxExercise,
  gpuMatmul: gpuMatmulExercise,
  gpuSoftmax: gpuSoftmaxExercise,
});
