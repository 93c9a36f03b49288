import { attentionExercise } from "./attention";
import { beamSearchExercise } from "./beam-search";
import { encoderBlockExercise } from "./encoder-block";
import { mergeHeadsExercise } from "./merge-heads";
import { padBatchExercise } from "./pad-batch";
import { shiftRightExercise } from "./shift-right";
import { sinusoidalPositionsExercise } from "./sinusoidal-positions";
import { splitHeadsExercise } from "./split-heads";

/** The exercises of the lecture, by id, in the order in which they come. */
export const exercises = Object.freeze({
  attention: attentionExercise,
  padBatch: padBatchExercise,
  splitHeads: splitHeadsExercise,
  mergeHeads: mergeHeadsExercise,
  sinusoidalPositions: sinusoidalPositionsExercise,
  encoderBlock: encoderBlockExercise,
  shiftRight: shiftRightExercise,
  beamSearch: beamSearchExercise,
});
