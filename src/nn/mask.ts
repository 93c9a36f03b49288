import { Tensor } from "../autograd";
import {
  check,
  checkArray,
  expected,
  expectedKind,
  type NDArray,
  ones,
  type Shape,
  showShape,
  words,
  zeros,
} from "../tensor";

/**
 * Who may attend to whom. One rule everywhere: **true = may be attended to**, false = hidden, as in PyTorch's
 * scaled_dot_product_attention and in Hugging Face's attention_mask. (PyTorch's own MultiheadAttention module has it
 * the other way round.) A float mask is added to the scores instead: 0 leaves, −∞ hides.
 */
export type Mask = NDArray | Tensor;

/** (T, S), true where query t may see key s: its own position and those before. `past` keys came before the queries. */
export function causalMask(T: number, past = 0): NDArray {
  check("causalMask", "T", T, "count");
  check("causalMask", "past", past, "count");
  return ones([T, past + T], { dtype: "bool" }).tril(past);
}

/** What an attention layer was asked to hide, for scores (B, H, T, S). */
export interface MaskRequest {
  readonly mask?: Mask;
  readonly keyPaddingMask?: NDArray;
  /** How many of the S keys came before the first query: then the future is hidden. 0 leaves that to isCausal. */
  readonly past: number;
}

/** One mask that broadcasts over scores (B, H, T, S), or undefined when all may see all. */
export function combineMasks(
  op: string,
  size: { B: number; H: number; T: number; S: number },
  request: MaskRequest,
): Mask | undefined {
  const { B, H, T, S } = size;
  const { mask, keyPaddingMask, past } = request;
  let keep: NDArray | undefined;
  if (past > 0 && T > 1) keep = causalMask(T, past);
  if (keyPaddingMask) {
    checkPadding(op, keyPaddingMask, B, S);
    const real = keyPaddingMask.to("bool").reshape([B, 1, 1, S]);
    keep = keep ? keep.logicalAnd(real) : real;
  }
  if (!mask) return keep;
  checkArray(`${op}: mask`, mask instanceof Tensor ? mask.data : mask);
  if (mask.dtype === "int32") {
    throw expectedKind(
      op,
      "a bool mask (true = attend) or a float mask (added to the scores)",
      words("int32"),
      'convert with to("bool")',
    );
  }
  const full = placeAxes(op, mask, [B, H, T, S]);
  if (!keep) return full;
  if (full.dtype === "bool") return (full instanceof Tensor ? full.data : full).logicalAnd(keep);
  const hidden = zeros(keep.shape, { dtype: full.dtype }).maskedFill(
    keep.logicalNot(),
    Number.NEGATIVE_INFINITY,
  );
  return full.add(hidden);
}

/** (T, S) serves every head of every sequence, (B, T, S) every head, (B, H, T, S) is complete. */
function placeAxes(op: string, mask: Mask, scores: Shape): Mask {
  const full = mask.ndim === 3 ? mask.unsqueeze(1) : mask;
  const fits = full.shape.every((n, i) => n === 1 || n === scores[i + 4 - full.ndim]);
  if ((full.ndim === 2 || full.ndim === 4) && fits) return full;
  throw expected(
    op,
    `a mask (T, S), (B, T, S) or (B, H, T, S) for scores ${showShape(scores)}`,
    words(showShape(mask.shape)),
  );
}

function checkPadding(op: string, mask: NDArray, B: number, S: number): void {
  checkArray(`${op}: keyPaddingMask`, mask instanceof Tensor ? mask.data : mask);
  if (mask.ndim !== 2 || mask.shape[0] !== B || mask.shape[1] !== S) {
    throw expected(op, `a keyPaddingMask (B, S) = ${showShape([B, S])}`, words(showShape(mask.shape)));
  }
  if (mask.dtype !== "bool" && mask.dtype !== "int32") {
    throw expectedKind(
      op,
      "a bool keyPaddingMask (true = a real token)",
      words(mask.dtype),
      'convert with to("bool")',
    );
  }
}
