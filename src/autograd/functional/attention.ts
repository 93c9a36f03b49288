import {
  attention,
  attentionBackward,
  checkArray,
  checkOptions,
  expected,
  expectedKind,
  fitsAttention,
  type Generator,
  maskedSoftmax,
  type NDArray,
  type Shape,
  showShape,
  softmaxBackward,
  words,
} from "../../tensor";
import type { Grad } from "../backward";
import { isGradEnabled } from "../grad-mode";
import { record } from "../record";
import { arrayOf, checkTensor, type Indices, Tensor } from "../tensor";
import { checkProbability, dropoutMask } from "./dropout";
import { present } from "./shared";

export interface AttentionOptions {
  /** Broadcasts to (…, T, S). bool: true where attention is allowed; float: added to the scores. */
  readonly mask?: Indices;
  /** Query t sees keys 0 … t only; aligned at the top left when T ≠ S, as PyTorch. */
  readonly isCausal?: boolean;
  /** Probability to drop a weight. Give 0 when not training. */
  readonly dropout?: number;
  /** Factor of the scores; 1/√C unless given. */
  readonly scale?: number;
  readonly generator?: Generator;
}

/**
 * Attention (Vaswani et al., 2017): q (…, T, C), k (…, S, C), v (…, S, D) → (…, T, D).
 *
 *     P = softmax(scale · Q Kᵀ + mask),  Y = P V
 *     V̄ = Pᵀ Ȳ,  P̄ = Ȳ Vᵀ,  S̄ = P ⊙ (P̄ − Σ P̄ ⊙ P),  Q̄ = scale · S̄ K,  K̄ = scale · S̄ᵀ Q
 *
 * A query that may see nothing gets zeros, as PyTorch. One operation, so that the (T, S) scores are stored once.
 */
export function scaledDotProductAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  given: AttentionOptions = {},
): Tensor {
  checkOptions("scaledDotProductAttention", given, "mask, isCausal", {
    mask: "tensorOrArray",
    isCausal: "boolean",
    dropout: "number",
    scale: "number",
    generator: "generator",
  });
  const { mask, isCausal = false, dropout = 0, scale, generator } = given;

  checkAttention(q, k, v);
  if (mask) checkMask(q, k, arrayOf(mask));
  checkProbability("scaledDotProductAttention", dropout);
  const factor = scale ?? 1 / Math.sqrt(q.shape[q.ndim - 1]);
  const allowed = mask && arrayOf(mask).dtype === "bool" ? arrayOf(mask) : undefined;
  const bias = mask && !allowed ? (mask instanceof Tensor ? mask : new Tensor(mask)) : undefined;
  const mayLearnMask = bias !== undefined && bias === mask;
  if (dropout === 0 && !mayLearnMask && fitsAttention(q.data, k.data, v.data, mask && arrayOf(mask))) {
    const keep = isGradEnabled() && [q, k, v].some((x) => x.requiresGrad);
    const options = { mask: mask && arrayOf(mask), isCausal, scale: factor, keep };
    return record(
      "scaledDotProductAttention",
      [q, k, v],
      (q, k, v) => {
        const [y, saved] = attention(q, k, v, options);
        return [y, (g) => attentionBackward(g, saved)];
      },
      { keepsGrads: false },
    );
  }
  return record(
    "scaledDotProductAttention",
    present(q, k, v, bias),
    (q, k, v, bias) => {
      const scaled = q.mul(factor);
      let scores = scaled.matmul(k.transpose());
      if (bias) scores = scores.add(bias);
      const weights = maskedSoftmax(scores, { allowed, isCausal, mayBeBlind: mask !== undefined });
      const kept = dropout > 0 ? dropoutMask(weights, dropout, generator) : null;
      // Made twice, so that one (T, S) array less waits for backward.
      const dropped = () => (kept ? weights.mul(kept) : weights);
      return [
        dropped().matmul(v),
        (g) => {
          const gP = g.matmul(v.transpose());
          const gScores = softmaxBackward(weights, kept ? gP.mul(kept) : gP);
          return present<Grad>(
            () => gScores.matmul(k).mul(factor),
            () => gScores.transpose().matmul(scaled),
            () => dropped().transpose().matmul(g),
            bias && gScores,
          );
        },
      ];
    },
    { keepsGrads: false },
  );
}

function checkAttention(q: Tensor, k: Tensor, v: Tensor): void {
  for (const x of [q, k, v]) checkTensor("scaledDotProductAttention", x);
  const [a, b, c] = [q.shape, k.shape, v.shape];
  if (Math.min(a.length, b.length, c.length) >= 2 && a.at(-1) === b.at(-1) && b.at(-2) === c.at(-2)) return;
  throw expected(
    "scaledDotProductAttention",
    "q (…, T, C), k (…, S, C), v (…, S, D)",
    words([a, b, c].map(showShape).join(", ")),
  );
}

/** A mask broadcasts to the scores, and is bool or float: integers could mean either. */
function checkMask(q: Tensor, k: Tensor, mask: NDArray): void {
  const op = "scaledDotProductAttention";
  checkArray(op, mask);
  if (mask.dtype === "int32") {
    throw expectedKind(
      op,
      "a bool mask (true = attend) or a float mask (added to the scores)",
      words("int32"),
      'convert with to("bool")',
    );
  }
  const [T, S] = [q.shape.at(-2), k.shape.at(-2)];
  const shape: Shape = mask.shape;
  const fits = (n: number | undefined, size: number | undefined) => n === undefined || n === 1 || n === size;
  if (fits(shape.at(-1), S) && fits(shape.at(-2), T)) return;
  throw expected(op, `a mask that broadcasts to (…, ${T}, ${S})`, words(showShape(shape)));
}
