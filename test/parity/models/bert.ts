import {
  BertForMaskedLM,
  BertForPreTraining,
  BertForQuestionAnswering,
  BertForSequenceClassification,
  BertForTokenClassification,
  type BertInputs,
  BertModel,
  type BertOutput,
} from "../../../src/lectures/bert";
import { type Adapter, type Inputs, numbered } from "./adapter";

const shared = (inputs: Inputs): BertInputs => ({
  attentionMask: inputs.attention_mask,
  tokenTypeIds: inputs.token_type_ids,
});
const states = ({ hiddenStates, attentions }: BertOutput) => ({
  ...numbered("hidden_states", hiddenStates),
  ...numbered("attentions", attentions),
});

const base: Adapter<BertModel> = {
  model: BertModel,
  run: (model, inputs) => {
    const out = model.forward(inputs.input_ids, { ...shared(inputs), needAttentions: true });
    return { last_hidden_state: out.lastHiddenState, pooler_output: out.poolerOutput, ...states(out) };
  },
};

type Labelled = BertForMaskedLM | BertForSequenceClassification | BertForTokenClassification;
const labelled = <M extends Labelled>(model: new (config: never) => M): Adapter<M> => ({
  model,
  run: (m, inputs) => {
    const out = m.forward(inputs.input_ids, { ...shared(inputs), labels: inputs.labels });
    return { loss: out.loss, logits: out.logits, ...states(out) };
  },
});

const pretraining: Adapter<BertForPreTraining> = {
  model: BertForPreTraining,
  run: (model, inputs) => {
    const out = model.forward(inputs.input_ids, {
      ...shared(inputs),
      labels: inputs.labels,
      nextSentenceLabel: inputs.next_sentence_label,
    });
    return {
      loss: out.loss,
      prediction_logits: out.predictionLogits,
      seq_relationship_logits: out.seqRelationshipLogits,
    };
  },
};

const answering: Adapter<BertForQuestionAnswering> = {
  model: BertForQuestionAnswering,
  run: (model, inputs) => {
    const out = model.forward(inputs.input_ids, {
      ...shared(inputs),
      startPositions: inputs.start_positions,
      endPositions: inputs.end_positions,
    });
    return { loss: out.loss, start_logits: out.startLogits, end_logits: out.endLogits, ...states(out) };
  },
};

export const bert = {
  BertModel: base,
  BertForMaskedLM: labelled(BertForMaskedLM),
  BertForPreTraining: pretraining,
  BertForSequenceClassification: labelled(BertForSequenceClassification),
  BertForTokenClassification: labelled(BertForTokenClassification),
  BertForQuestionAnswering: answering,
};
