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
  function plan(
    { batch, heads, queries: T, keys: S, width: C, valueWidth: D }: AttentionSizes,
    wantsRoom: boolean,
  ) {
    const units = batch * heads;
    const grain = GRAIN / (T * S * (C + D));
    const chunk = runner.chunk(units, grain);
    const scratch = wantsRoom ? space.scratch(Math.ceil(units / chunk) * BLOCK * S * F32) : 0;
    return { units, grain, chunk, scratch };
  }

  return {
    attention(q, k, v, mask, out, weights, sizes) {
      const fallBack = () => reference.attention(q, k, v, mask, out, weights, sizes);
      if (!isOurs(q, sizes)) return fallBack();
      const inputs = [space.input(q), space.input(k), space.input(v), mask ? space.input(mask) : 0];
      const outputs = [space.output(out), weights ? space.output(weights) : 0];
      const { units, grain, chunk, scratch } = plan(sizes, weights === null);
      if (!space.ready()) return fallBack();
      const { heads, queries: T, keys: S, width: C, valueWidth: D, scale, isCausal, maskStrides } = sizes;
      runner.run(
        "attention",
        units,
        grain,
        ...[...inputs, ...outputs, heads, T, S, C, D, ...maskStrides.map((stride) => stride * F32)],
        ...[scale, Number(isCausal), scratch, chunk],
      );
      space.done();
    },

    attentionBackward(g, q, k, v, weights, gq, gk, gv, sizes) {
      const fallBack = () => reference.attentionBackward(g, q, k, v, weights, gq, gk, gv, sizes);
      if (!isOurs(q, sizes)) return fallBack();
      const inputs = [g, q, k, v, weights].map((x) => space.input(x));
      const outputs = [gq, gk, gv].map((x) => space.output(x));
      const { units, grain, chunk, scratch } = plan(sizes, true);
      if (!space.ready()) return fallBack();
      const { heads, queries: T, keys: S, width: C, valueWidth: D, scale, isCausal } = sizes;
      runner.run(
        "attentionBackward",
        units,
        grain,
        ...[...inputs, ...outputs, heads, T, S, C, D, scratch, scale, Number(isCausal), chunk],
      );
      space.done();
    },
  };
}
