import {
  forbidRepeatedNgrams,
  keepMinP,
  keepTopK,
  keepTopP,
  penalizeRepetition,
  withTemperature,
} from "../../../src/lectures/gpt";
import type { NDArray } from "../../../src/tensor";
import type { Op } from "./case";

/** Our functions by the kinds of transformers' logits processors: (scores, value, ids) → scores. */
const processors: Readonly<Record<string, (scores: NDArray, value: number, ids: NDArray) => NDArray>> = {
  temperature: withTemperature,
  top_k: keepTopK,
  top_p: keepTopP,
  min_p: keepMinP,
  repetition_penalty: (scores, value, ids) => penalizeRepetition(scores, ids, value),
  no_repeat_ngram: (scores, value, ids) => forbidRepeatedNgrams(scores, ids, value),
};

export const decoding: Readonly<Record<string, Op>> = {
  logits_processor: (c) => {
    const kind = c.args.kind as string;
    const process = processors[kind];
    if (!process) throw new Error(`unknown logits processor "${kind}"`);
    return process(c.input("scores").data, c.args.value as number, c.input("ids").data);
  },
};
