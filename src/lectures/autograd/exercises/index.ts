import { adamWStepExercise } from "./adam-w-step";
import { backwardExercise } from "./backward";
import { crossEntropyPullbackExercise } from "./cross-entropy-pullback";
import { layerNormPullbackExercise } from "./layer-norm-pullback";
import { matmulPullbackExercise } from "./matmul-pullback";
import { mulPullbackExercise } from "./mul-pullback";
import { softmaxPullbackExercise } from "./softmax-pullback";
import { topologicalOrderExercise } from "./topological-order";
import { unbroadcastExercise } from "./unbroadcast";

/** The exercises of the lecture, by id, in the order in which they come. */
export const exercises = Object.freeze({
  mulPullback: mulPullbackExercise,
  matmulPullback: matmulPullbackExercise,
  unbroadcast: unbroadcastExercise,
  topologicalOrder: topologicalOrderExercise,
  backward: backwardExercise,
  softmaxPullback: softmaxPullbackExercise,
  crossEntropyPullback: crossEntropyPullbackExercise,
  layerNormPullback: layerNormPullbackExercise,
  adamWStep: adamWStepExercise,
});
