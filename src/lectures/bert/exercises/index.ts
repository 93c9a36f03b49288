import { alignLabelsExercise } from "./align-labels";
import { bestSpanExercise } from "./best-span";
import { encodePairExercise } from "./encode-pair";
import { maskTokensExercise } from "./mask-tokens";
import { maskedLossExercise } from "./masked-loss";
import { meanPoolExercise } from "./mean-pool";
import { wordPiecesExercise } from "./word-pieces";

/** The exercises of the lecture, by id, in the order in which they come. */
export const exercises = Object.freeze({
  wordPieces: wordPiecesExercise,
  encodePair: encodePairExercise,
  maskTokens: maskTokensExercise,
  maskedLoss: maskedLossExercise,
  meanPool: meanPoolExercise,
  alignLabels: alignLabelsExercise,
  bestSpan: bestSpanExercise,
});
