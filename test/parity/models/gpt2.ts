import { GPT2LMHeadModel } from "../../../src/lectures/gpt/gpt2";
import { KVCache } from "../../../src/nn";
import { concat, type NDArray } from "../../../src/tensor";
import { type Adapter, numbered, type Outputs } from "./adapter";

/** The first tokens at once, the others one by one, as `incremental` is recorded. */
function incremental(model: GPT2LMHeadModel, ids: NDArray, prefix: number): Outputs {
  const cache = new KVCache();
  const first = model.forward(ids.narrow(1, 0, prefix), { cache });
  const past: Outputs = Object.fromEntries(
    model.blocks.flatMap((block, i) => {
      const seen = cache.seenBy(block.attention);
      return [
        [`past_key_values.${i}.key`, seen?.key],
        [`past_key_values.${i}.value`, seen?.value],
      ];
    }),
  );
  const steps: NDArray[] = [];
  for (let t = prefix; t < ids.shape[1]; t++)
    steps.push(model.forward(ids.narrow(1, t, 1), { cache }).logits.data);
  return { prefill_logits: first.logits, ...past, step_logits: concat(steps, 1) };
}

const lm: Adapter<GPT2LMHeadModel> = {
  model: GPT2LMHeadModel,
  run: (model, inputs, c) => {
    const prefix = /prefill input_ids\[:, :(\d+)\]/.exec(c.call);
    if (prefix) return incremental(model, inputs.input_ids, Number(prefix[1]));
    const out = model.forward(inputs.input_ids, {
      attentionMask: inputs.attention_mask,
      labels: inputs.labels,
      needAttentions: "attentions.0" in c.outputs,
    });
    return {
      loss: out.loss,
      logits: out.logits,
      ...numbered("hidden_states", out.hiddenStates),
      ...numbered("attentions", out.attentions),
    };
  },
  generate: (model, inputs, options) => {
    const { sequences, stepLogits } = model.generateGreedy(inputs.input_ids, {
      ...options,
      attentionMask: inputs.attention_mask,
    });
    return { sequences, step_logits: stepLogits };
  },
};

export const gpt2 = { GPT2LMHeadModel: lm };
