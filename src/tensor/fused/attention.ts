import { kernels } from "../device";
import { isFloat } from "../dtype";
import { where } from "../functions";
import type { AttentionSizes } from "../kernels";
import { elements, type NDArray } from "../ndarray";
import { floats, floatsOrNull, unwritten } from "./arrays";

/** Attention as one kernel, forward and backward: the usual case, without dropout and without a mask to learn. */

export interface AttentionKernelOptions {
  /** bool or float; broadcasts to (…, T, S). */
  readonly mask?: NDArray;
  readonly isCausal: boolean;
  readonly scale: number;
  /** Keep the weights, so that backward can follow. */
  readonly keep: boolean;
}

/** What the way back wants to know of the way there: q, k and v as the kernel takes them, and how they lie. */
interface Saved {
  readonly q: NDArray;
  readonly k: NDArray;
  readonly v: NDArray;
  readonly weights: NDArray | undefined;
  readonly layout: Layout;
  readonly sizes: AttentionSizes;
}

/** Whether the kernel takes these: at most (B, H, T, C), floats of one type, nothing to broadcast but the mask. */
export function fitsAttention(q: NDArray, k: NDArray, v: NDArray, mask: NDArray | undefined): boolean {
  return (
    q.ndim <= 4 &&
    isFloat(q.dtype) &&
    (mask?.ndim ?? 0) <= 4 &&
    isBeside(k, q) &&
    isBeside(v, q) &&
    (mask === undefined || fitsLead(mask, q))
  );
}

/** Whether x has the type of q, and its axes but the last two. */
function isBeside({ dtype, shape }: NDArray, q: NDArray): boolean {
  if (dtype !== q.dtype || shape.length !== q.ndim) return false;
  const last = shape.length - 2;
  return q.shape.every((n, axis) => axis >= last || n === shape[axis]);
}

/** Whether the mask leaves the leading axes of q as they are. */
function fitsLead(mask: NDArray, q: NDArray): boolean {
  const lead = mask.shape.slice(0, -2);
  return lead.every((n, i) => n === 1 || n === q.shape[q.ndim - 2 - lead.length + i]);
}

/** softmax(scale · q kᵀ + mask) v, for arrays that {@link fitsAttention}. */
export function attention(
  q: NDArray,
  k: NDArray,
  v: NDArray,
  { mask, isCausal, scale, keep }: AttentionKernelOptions,
): [out: NDArray, saved: Saved] {
  const [B, H, T, C] = fourAxes(q).shape;
  const [S, D] = v.shape.slice(-2);
  const added = mask && additive(mask, q, S);
  const maskStrides = added ? added.strides : ([0, 0, 0] as const);
  // Heads cut out of tokens' features lie as (B, T, H, C), which is how the kernel wants them. Heads that lie one after
  // the other are as many sequences of one head each, if the mask has no more to say than that.
  const perHead = maskStrides[0] === 0 && maskStrides[1] === 0;
  const folded = perHead && [q, k, v].every((x) => x.isContiguous());
  const layout = { lead: q.shape.slice(0, -2), B, H, folded };
  const sizes: AttentionSizes = {
    batch: folded ? B * H : B,
    heads: folded ? 1 : H,
    queries: T,
    keys: S,
    width: C,
    valueWidth: D,
    scale,
    isCausal,
    maskStrides,
  };
  const saved = {
    q: arranged(q, layout),
    k: arranged(k, layout),
    v: arranged(v, layout),
    weights: keep ? unwritten(q.dtype, [B * H * T * S]) : undefined,
    layout,
    sizes,
  };
  const out = unwritten(q.dtype, [B * H * T * D]);
  kernels().attention(
    floats(saved.q),
    floats(saved.k),
    floats(saved.v),
    floatsOrNull(added?.values),
    floats(out),
    floatsOrNull(saved.weights),
    sizes,
  );
  return [shaped(out, layout, T, D), saved];
}

/** Gradients with ḡ = g vᵀ and S̄ = P ⊙ (ḡ − Σ ḡ ⊙ P): q̄ = scale · S̄ k, k̄ = scale · S̄ᵀ q, v̄ = Pᵀ g. */
export function attentionBackward(
  given: NDArray,
  { q, k, v, weights, layout, sizes }: Saved,
): [gq: NDArray, gk: NDArray, gv: NDArray] {
  const { queries: T, keys: S, width: C, valueWidth: D } = sizes;
  const g = arranged(given.to(q.dtype), layout);
  const [gq, gk, gv] = [q, k, v].map((x) => unwritten(x.dtype, [x.size]));
  kernels().attentionBackward(
    floats(g),
    floats(q),
    floats(k),
    floats(v),
    floats(weights as NDArray),
    floats(gq),
    floats(gk),
    floats(gv),
    sizes,
  );
  return [shaped(gq, layout, T, C), shaped(gk, layout, S, C), shaped(gv, layout, S, D)];
}

/** How the kernel's (B, T, H, C) lie in arrays (…lead, T, C): as they are, where heads are folded into sequences. */
interface Layout {
  readonly lead: readonly number[];
  readonly B: number;
  readonly H: number;
  readonly folded: boolean;
}

const arranged = (x: NDArray, { folded }: Layout): NDArray =>
  folded ? x.contiguous() : fourAxes(x).transpose(1, 2).contiguous();

function shaped(x: NDArray, { lead, B, H, folded }: Layout, rows: number, width: number): NDArray {
  const shape = [...lead, rows, width];
  if (folded) return x.reshape(shape);
  return x.reshape([B, rows, H, width]).transpose(1, 2).reshape(shape);
}

/** Axes of size 1 in front, up to (B, H, T, C). */
const fourAxes = (x: NDArray): NDArray =>
  x.ndim === 4 ? x : x.reshape([...[1, 1, 1, 1].slice(x.ndim), ...x.shape]);

/** A mask as what is added to the scores, whole along S, and its steps along B, H and T: 0 where it repeats. */
function additive(mask: NDArray, { dtype }: NDArray, S: number) {
  const float = mask.dtype === "bool" ? where(mask, 0, Number.NEGATIVE_INFINITY).to(dtype) : mask.to(dtype);
  const full = fourAxes(float);
  const values = full.expand([...full.shape.slice(0, 3), S]).contiguous();
  const [b, h, t] = values.shape.map((n, axis) => (n === 1 ? 0 : values.strides[axis]));
  return { values, strides: [b, h, t] as const };
}

/**
 * The weights of scores (…, T, S) of which some are forbidden: where `allowed` is false, and with `isCausal` right of the
 * diagonal. A row that is left nothing gets zeros, if that can be. The scores are overwritten.
 */
export function maskedSoftmax(
  scores: NDArray,
  { allowed, isCausal, mayBeBlind }: { allowed?: NDArray; isCausal: boolean; mayBeBlind: boolean },
): NDArray {
  if (allowed) forbid(scores, allowed);
  if (isCausal) forbidFuture(scores);
  const weights = scores.softmax(-1);
  if (mayBeBlind) blindRowsToZero(scores, weights);
  return weights;
}

/** In place: −∞ where the mask is false. */
function forbid(scores: NDArray, allowed: NDArray): void {
  const yes = elements(allowed.expand(scores.shape));
  const { data } = scores;
  for (let i = 0; i < data.length; i++) if (yes[i] === 0) data[i] = Number.NEGATIVE_INFINITY;
}

/** In place: −∞ right of the diagonal of every (T, S) matrix. */
function forbidFuture({ data, shape }: NDArray): void {
  const [T, S] = shape.slice(-2);
  for (let start = 0, t = 0; start < data.length; start += S, t = (t + 1) % T) {
    if (t + 1 < S) data.fill(Number.NEGATIVE_INFINITY, start + t + 1, start + S);
  }
}

/** In place: a row of scores that is −∞ throughout has no softmax (0 / 0); its weights become 0. */
function blindRowsToZero(scores: NDArray, weights: NDArray): void {
  const n = weights.shape[weights.ndim - 1];
  for (let start = 0; start < weights.size; start += n) {
    const blind =
      Number.isNaN(weights.data[start]) &&
      scores.data.subarray(start, start + n).every((v) => v === Number.NEGATIVE_INFINITY);
    if (blind) weights.data.fill(0, start, start + n);
  }
}
