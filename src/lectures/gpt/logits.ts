import { arange, check, checkArray, type NDArray, where, zeros } from "../../tensor";

/**
 * What is done to the scores (..., V) of the next token before it is drawn. Every function takes scores and gives
 * scores; what may not come gets −∞. They agree with the logits processors of transformers. The lecture's exercise
 * `nextTokenProbabilities` does the first three on probabilities, step by step.
 */

/** Below 1 bolder for the likely tokens, above 1 flatter. */
export const withTemperature = (scores: NDArray, temperature: number): NDArray => {
  checkArray("withTemperature", scores);
  check("withTemperature", "temperature", temperature, "number");
  return scores.div(temperature);
};

/** The k likeliest tokens stay, and what ties with the last of them. */
export function keepTopK(scores: NDArray, k: number): NDArray {
  checkArray("keepTopK", scores);
  check("keepTopK", "k", k, "number");

  const count = Math.min(k, sizeOf(scores));
  const smallest = scores.topk(count, -1).values.narrow(-1, count - 1, 1);
  return forbid(scores, scores.lt(smallest));
}

/**
 * The smallest set of likeliest tokens stays whose probabilities reach p (nucleus sampling), one at least. Holtzman et
 * al., "The curious case of neural text degeneration", 2020.
 */
export function keepTopP(scores: NDArray, p: number): NDArray {
  checkArray("keepTopP", scores);
  check("keepTopP", "p", p, "number");

  const { values, indices } = scores.sort(-1);
  // From the unlikely end: what has together no more than the nucleus can spare; the likeliest, the last, stays.
  const spare = values
    .softmax(-1)
    .cumsum(-1)
    .le(1 - p);
  const V = sizeOf(scores);
  const dropped = spare.logicalAnd(arange(0, V).ne(V - 1)).to("int32");
  return forbid(scores, zeros(scores.shape, { dtype: "int32" }).scatterAdd(-1, indices, dropped).ne(0));
}

/**
 * Tokens stay that are at least minP times as likely as the likeliest. Nguyen et al., "Turning up the heat: Min-p
 * sampling for creative and coherent LLM outputs", 2024.
 */
export function keepMinP(scores: NDArray, minP: number): NDArray {
  checkArray("keepMinP", scores);
  check("keepMinP", "minP", minP, "number");

  const p = scores.softmax(-1);
  return forbid(scores, p.lt(p.max(-1, { keepDims: true }).mul(minP)));
}

/**
 * Tokens among `ids` (..., T) become less likely: a positive score is divided by the penalty, a negative one multiplied.
 * Keskar et al., "CTRL: a conditional transformer language model", 2019.
 */
export function penalizeRepetition(scores: NDArray, ids: NDArray, penalty: number): NDArray {
  checkArray("penalizeRepetition", scores);
  checkArray("penalizeRepetition", ids);
  check("penalizeRepetition", "penalty", penalty, "number");

  const weaker = where(scores.lt(0), scores.mul(penalty), scores.div(penalty));
  return where(marked(scores, ids), weaker, scores);
}

/** No run of n tokens comes twice: forbidden is what followed the last n − 1 of `ids` (..., T) when they stood there before. */
export function forbidRepeatedNgrams(scores: NDArray, ids: NDArray, n: number): NDArray {
  checkArray("forbidRepeatedNgrams", scores);
  checkArray("forbidRepeatedNgrams", ids);
  check("forbidRepeatedNgrams", "n", n, "number");

  const T = ids.shape[ids.ndim - 1];
  if (T < n) return scores;
  const rows = ids.reshape([-1, T]).toArray() as number[][];
  const banned = zeros([rows.length, sizeOf(scores)], { dtype: "bool" });
  rows.forEach((row, b) => {
    const tail = row.slice(T - n + 1).join();
    for (let end = n - 1; end < T; end++) {
      if (row.slice(end - n + 1, end).join() === tail) banned.set([b, row[end]], 1);
    }
  });
  return forbid(scores, banned.reshape(scores.shape));
}

const sizeOf = (scores: NDArray): number => scores.shape[scores.ndim - 1];

const forbid = (scores: NDArray, mask: NDArray): NDArray => scores.maskedFill(mask, Number.NEGATIVE_INFINITY);

/** bool (..., V): which tokens are among `ids` (..., T). */
const marked = (scores: NDArray, ids: NDArray): NDArray =>
  zeros(scores.shape, { dtype: "int32" })
    .scatterAdd(-1, ids, zeros(ids.shape, { dtype: "int32" }).add(1))
    .ne(0);
