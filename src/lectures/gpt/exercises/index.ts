import { attendWithCacheExercise } from "./attend-with-cache";
import { causalAttentionExercise } from "./causal-attention";
import { forbidRepeatsExercise } from "./forbid-repeats";
import { mergeOnceExercise } from "./merge-once";
import { nextTokenPairsExercise } from "./next-token-pairs";
import { nextTokenProbabilitiesExercise } from "./next-token-probabilities";

/** The exercises of the lecture, by id, in the order in which they come. */
export const exercises = Object.freeze({
  mergeOnce: mergeOnceExercise,
  nextTokenPairs: nextTokenPairsExercise,
  causalAttention: causalAttentionExercise,
  nextTokenProbabilities: nextTokenProbabilitiesExercise,
  forbidRepeats: forbidRepeatsExercise,
  attendWithCache: attendWithCacheExercise,
});
