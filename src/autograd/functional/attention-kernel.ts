import {
  type AttentionSizes,
  elements,
  type Floats,
  fromStorage,
  isFloat,
  kernels,
  type NDArray,
  where,
} from "../../tensor";

/** Attention as one kernel, forward and backward: the usual case, without dropout and without a mask to learn. */

export interface KernelOptions {
  /** bool or float; broadcasts to (…, T, S). */
  readonly mask?: NDArray;
  readonly isCausal: boolean;
  readonly scale: number;
  /** Keep the weights, so that backward can follow. */
  readonly keep: boolean;
}

/** Whether the kernel takes these: at most (B, H, T, C), floats of one type, nothing to broadcast but the mask. */
export function fitsKernel(q: NDArray, k: NDArray, v: NDArray, mask: NDArray | undefined): boolean {
  const lead = String(q.shape.slice(0, -2));
  return (
    q.ndim <= 4 &&
    isFloat(q.dtype) &&
    (mask?.ndim ?? 0) <= 4 &&
    [k, v].every((x) => x.dtype === q.dtype && String(x.shape.slice(0, -2)) === lead) &&
    (mask === undefined || fitsLead(mask, q))
  );
}

/** Whether the mask leaves the leading axes of q as they are. */
function fitsLead(mask: NDArray, q: NDArray): boolean {
  const lead = mask.shape.slice(0, -2);
  return lead.every((n, i) => n === 1 || n === q.shape[q.ndim - 2 - lead.length + i]);
}

/** Y, and how to pull a gradient back to q, k and v. */
export function attentionKernel(
  q: NDArray,
  k: NDArray,
  v: NDArray,
  { mask, isCausal, scale, keep }: KernelOptions,
): [out: NDArray, pullback: (g: NDArray) => [NDArray, NDArray, NDArray]] {
  const [B, H, T, C] = fourAxes(q).shape;
  const [S, D] = v.shape.slice(-2);
  const added = mask && additive(mask, q, S);
  // Heads cut out of tokens' features lie as (B, T, H, C), which is how the kernel wants them. Heads that lie one after
  // the other are as many sequences of one head each, if the mask has no more to say than that.
  const perHead = !added || (added.strides[0] === 0 && added.strides[1] === 0);
  const folded = perHead && [q, k, v].every((x) => x.isContiguous());
  const [batch, heads] = folded ? [B * H, 1] : [B, H];
  const arranged = (x: NDArray) => (folded ? x : fourAxes(x).transpose(1, 2).contiguous());
  const flat = (x: NDArray) => elements(x) as Floats;
  const shaped = (data: Floats, like: NDArray, rows: number, width: number) => {
    const shape = [...like.shape.slice(0, -2), rows, width];
    return folded
      ? fromStorage(data, shape)
      : fromStorage(data, [B, rows, H, width]).transpose(1, 2).reshape(shape);
  };
  const maskStrides = added ? added.strides : ([0, 0, 0] as const);
  const sizes: AttentionSizes = {
    batch,
    heads,
    queries: T,
    keys: S,
    width: C,
    valueWidth: D,
    scale,
    isCausal,
    maskStrides,
  };
  const empty = (n: number) => kernels().empty(q.dtype, n) as Floats;
  const [qs, ks, vs] = [arranged(q), arranged(k), arranged(v)];
  const out = empty(B * H * T * D);
  const weights = keep ? empty(B * H * T * S) : null;
  kernels().attention(flat(qs), flat(ks), flat(vs), added?.data ?? null, out, weights, sizes);

  const pullback = (g: NDArray): [NDArray, NDArray, NDArray] => {
    const [gq, gk, gv] = [empty(qs.size), empty(ks.size), empty(vs.size)];
    const gs = flat(arranged(g.to(q.dtype)));
    kernels().attentionBackward(gs, flat(qs), flat(ks), flat(vs), weights as Floats, gq, gk, gv, sizes);
    return [shaped(gq, q, T, C), shaped(gk, k, S, C), shaped(gv, v, S, D)];
  };
  return [shaped(out, q, T, D), pullback];
}

/** Axes of size 1 in front, up to (B, H, T, C). */
const fourAxes = (x: NDArray): NDArray =>
  x.ndim === 4 ? x : x.reshape([...[1, 1, 1, 1].slice(x.ndim), ...x.shape]);

/** A mask as what is added to the scores, whole along S, and its steps along B, H and T: 0 where it repeats. */
function additive(mask: NDArray, q: NDArray, S: number) {
  const { dtype } = q;
  const float = mask.dtype === "bool" ? where(mask, 0, Number.NEGATIVE_INFINITY).to(dtype) : mask.to(dtype);
  const full = fourAxes(float);
  const whole = full.expand([...full.shape.slice(0, 3), S]).contiguous();
  const [b, h, t] = whole.shape.map((n, axis) => (n === 1 ? 0 : whole.strides[axis]));
  return { data: elements(whole) as Floats, strides: [b, h, t] as const };
}
