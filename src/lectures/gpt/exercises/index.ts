import { causalAttentionExercise } from "./causal-attention";
import { nextTokenPairsExercise } from "./next-token-pairs";
import { nextTokenProbabilitiesExercise } from "./next-token-probabilities";

/** The exercises of the lecture, by id, in the order in which they come. */
export const exercises = Object.freeze({
  nextTokenPairs: nextTokenPairsExercise,
  causalAttention: causalAttentionExercise,
  nextTokenProbabilities: nextTokenProbabilitiesExercise,
});
