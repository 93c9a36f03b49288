import { bagOfWordsExercise } from "./bag-of-words";
import { cosineMatrixExercise } from "./cosine-matrix";
import { learnedTemperatureExercise } from "./learned-temperature";
import { linearProbeExercise } from "./linear-probe";
import { recallAtExercise } from "./recall-at";
import { symmetricLossExercise } from "./symmetric-loss";
import { zeroShotExercise } from "./zero-shot";

/** The exercises of the lecture, by id, in the order in which they come. */
export const exercises = Object.freeze({
  bagOfWords: bagOfWordsExercise,
  cosineMatrix: cosineMatrixExercise,
  learnedTemperature: learnedTemperatureExercise,
  symmetricLoss: symmetricLossExercise,
  recallAt: recallAtExercise,
  zeroShot: zeroShotExercise,
  linearProbe: linearProbeExercise,
});
