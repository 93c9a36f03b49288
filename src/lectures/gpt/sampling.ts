import {
  array,
  check,
  checkArray,
  defaultGenerator,
  expected,
  type Generator,
  type NDArray,
} from "../../tensor";
import {
  forbidRepeatedNgrams,
  keepMinP,
  keepTopK,
  keepTopP,
  penalizeRepetition,
  withTemperature,
} from "./logits";

export interface SamplingOptions {
  /** 0 always takes the most likely token (greedy); 1 draws as the model believes; above 1 gets wilder. Default 1. */
  readonly temperature?: number;
  /** Draw from the k most likely tokens only. */
  readonly topK?: number;
  /** Draw from the smallest set of tokens that reaches this probability (nucleus sampling). */
  readonly topP?: number;
  /** Draw from tokens that are at least this many times as likely as the likeliest. */
  readonly minP?: number;
  /** Above 1: what was already said becomes less likely. */
  readonly repetitionPenalty?: number;
  /** No run of so many tokens comes twice. */
  readonly noRepeatNgram?: number;
  /** Where the luck comes from: the default generator, that is `manualSeed`, unless given. */
  readonly generator?: Generator;
}

/** The id of the next token, drawn by its logits (V); `previous` are the tokens before it. */
export function sampleToken(
  logits: NDArray,
  options: SamplingOptions = {},
  previous: readonly number[] = [],
): number {
  checkArray("sampleToken", logits);
  check("sampleToken", "previous", previous, "numbers");

  check("sampleToken", "options", options, "object");
  checkOptions(options);
  const { temperature = 1, topK, topP, minP, repetitionPenalty, noRepeatNgram } = options;
  let scores = logits;
  if (previous.length > 0 && (repetitionPenalty !== undefined || noRepeatNgram !== undefined)) {
    const ids = array([...previous], { dtype: "int32" });
    if (repetitionPenalty !== undefined) scores = penalizeRepetition(scores, ids, repetitionPenalty);
    if (noRepeatNgram !== undefined) scores = forbidRepeatedNgrams(scores, ids, noRepeatNgram);
  }
  if (temperature === 0) return scores.argmax().item();
  scores = withTemperature(scores, temperature);
  if (topK !== undefined) scores = keepTopK(scores, topK);
  if (topP !== undefined && topP < 1) scores = keepTopP(scores, topP);
  if (minP !== undefined) scores = keepMinP(scores, minP);
  const { generator = defaultGenerator() } = options;
  return generator.multinomial(scores.softmax(-1), 1).item();
}

function checkOptions(options: SamplingOptions): void {
  const { temperature = 1, topK = 1, topP = 1, minP = 0, repetitionPenalty = 1, noRepeatNgram = 1 } = options;
  for (const [name, value] of Object.entries({ temperature, topP, minP, repetitionPenalty }))
    check("sampleToken", name, value, "number");
  const complain = (what: string, got: number) => {
    throw expected("sampleToken", what, got);
  };
  if (!(temperature >= 0 && temperature < Number.POSITIVE_INFINITY))
    complain("a temperature of 0 or more", temperature);
  if (!Number.isInteger(topK) || topK < 1) complain("topK to be 1, 2, 3, ...", topK);
  if (!(topP > 0 && topP <= 1)) complain("topP above 0 and at most 1", topP);
  if (!(minP >= 0 && minP <= 1)) complain("minP from 0 to 1", minP);
  if (!(repetitionPenalty > 0)) complain("a repetitionPenalty above 0", repetitionPenalty);
  if (!Number.isInteger(noRepeatNgram) || noRepeatNgram < 1)
    complain("noRepeatNgram to be 1, 2, 3, ...", noRepeatNgram);
}
