import type { AttentionSizes, Floats, Kernels } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";

const F32 = 4;

/** Multiply-adds that are worth waking a thread for. */
const GRAIN = 20_000;

/** Queries that are taken together; see assembly/attention.ts. */
const BLOCK = 64;

type Attention = Pick<Kernels, "attention" | "attentionBackward">;

export function attentionKernels(runner: Runner, space: Space, reference: Kernels): Attention {
  const isOurs = (x: Floats, { batch, heads, queries, keys, width, valueWidth }: AttentionSizes) =>
    x instanceof Float32Array && batch * heads * queries * keys * width * valueWidth > 0;

  /** How the heads are shared, and room for a block of scores on each thread. */
  function share(
    { batch, heads, queries: T, keys: S, width: C, valueWidth: D }: AttentionSizes,
    wantsRoom: boolean,
  ) {
    const total = batch * heads;
    const chunk = runner.chunk(total, GRAIN / (T * S * (C + D)));
    const scratch = wantsRoom ? space.scratch(Math.ceil(total / chunk) * BLOCK * S * F32) : 0;
    return { total, chunk, scratch };
  }

  return {
    attention(q, k, v, mask, out, weights, sizes) {
      if (!isOurs(q, sizes)) return reference.attention(q, k, v, mask, out, weights, sizes);
      const { total, chunk, scratch } = share(sizes, weights === null);
      const { heads, queries, keys, width, valueWidth, scale, isCausal, maskStrides } = sizes;
      const isDone = runner.run("attention", {
        total,
        chunk,
        q: space.input(q),
        k: space.input(k),
        v: space.input(v),
        mask: mask ? space.input(mask) : 0,
        out: space.output(out),
        weights: weights ? space.output(weights) : 0,
        heads,
        queries,
        keys,
        width,
        valueWidth,
        maskBatch: maskStrides[0] * F32,
        maskHead: maskStrides[1] * F32,
        maskRow: maskStrides[2] * F32,
        scale,
        isCausal,
        scratch,
      });
      if (!isDone) reference.attention(q, k, v, mask, out, weights, sizes);
    },

    attentionBackward(g, q, k, v, weights, gq, gk, gv, sizes) {
      if (!isOurs(q, sizes)) {
        return reference.attentionBackward(g, q, k, v, weights, gq, gk, gv, sizes);
      }
      const { total, chunk, scratch } = share(sizes, true);
      const { heads, queries, keys, width, valueWidth, scale, isCausal } = sizes;
      const isDone = runner.run("attentionBackward", {
        total,
        chunk,
        g: space.input(g),
        q: space.input(q),
        k: space.input(k),
        v: space.input(v),
        weights: space.input(weights),
        gq: space.output(gq),
        gk: space.output(gk),
        gv: space.output(gv),
        heads,
        queries,
        keys,
        width,
        valueWidth,
        scale,
        isCausal,
        scratch,
      });
      if (!isDone) reference.attentionBackward(g, q, k, v, weights, gq, gk, gv, sizes);
    },
  };
}
