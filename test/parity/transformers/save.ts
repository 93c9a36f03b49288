import { join } from "node:path";
import { type Tensor, tensor } from "../../../src/autograd";
import * as bert from "../../../src/lectures/bert";
import {
  SegformerForImageClassification,
  SegformerForSemanticSegmentation,
  SegformerModel,
  YolosForObjectDetection,
  YolosModel,
} from "../../../src/lectures/beyond";
import { CLIPModel } from "../../../src/lectures/clip";
import { GPT2LMHeadModel } from "../../../src/lectures/gpt";
import {
  SwinForImageClassification,
  SwinModel,
  ViTForImageClassification,
  ViTModel,
} from "../../../src/lectures/vit";
import type { PretrainedModel } from "../../../src/nn";
import { Generator, type NDArray, saveSafetensors } from "../../../src/tensor";

/** Small models of ours, with first values, as folders for transformers; each with what goes in and what comes out. */

const bertConfig = {
  vocab_size: 41,
  hidden_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 3,
  intermediate_size: 36,
  max_position_embeddings: 16,
  hidden_act: "gelu_new",
};
const vitConfig = {
  hidden_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 3,
  intermediate_size: 36,
  image_size: 18,
  patch_size: 6,
  qkv_bias: false,
};
const swinConfig = {
  image_size: 24,
  patch_size: 2,
  embed_dim: 8,
  depths: [2, 1],
  num_heads: [2, 4],
  window_size: 3,
};
const segformerConfig = {
  num_encoder_blocks: 2,
  depths: [2, 1],
  sr_ratios: [3, 1],
  hidden_sizes: [8, 12],
  patch_sizes: [5, 3],
  strides: [2, 3],
  num_attention_heads: [1, 3],
  mlp_ratios: [2, 3],
  decoder_hidden_size: 10,
  num_labels: 5,
};
const yolosConfig = {
  hidden_size: 24,
  num_hidden_layers: 3,
  num_attention_heads: 3,
  intermediate_size: 36,
  image_size: [18, 30],
  patch_size: 6,
  num_detection_tokens: 4,
  num_labels: 5,
};
const clipConfig = {
  projection_dim: 10,
  text_config: {
    vocab_size: 41,
    hidden_size: 16,
    intermediate_size: 30,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    max_position_embeddings: 16,
    eos_token_id: 40,
  },
  vision_config: {
    hidden_size: 24,
    intermediate_size: 36,
    num_hidden_layers: 2,
    num_attention_heads: 3,
    image_size: 18,
    patch_size: 6,
  },
};

type Outputs = Readonly<Record<string, Tensor>>;

interface Example {
  readonly model: PretrainedModel<object>;
  readonly inputs: Readonly<Record<string, NDArray>>;
  readonly outputs: () => Outputs;
}

function examples(): Example[] {
  const random = new Generator(9);
  const ids = random.integers([2, 11], { low: 1, high: 41 });
  ids.set([0, 10], 40); // where CLIP's texts end
  ids.set([1, 8], 40);
  const text = { input_ids: ids };
  const image = (size: number) => ({ pixel_values: random.normal([2, 3, size, size]) });
  const example = <M extends PretrainedModel<object>>(
    model: M,
    inputs: Readonly<Record<string, NDArray>>,
    outputs: (model: M) => Outputs,
  ): Example => ({ model, inputs, outputs: () => outputs(model.eval()) });
  const logits = ({ logits }: { logits: Tensor }) => ({ logits });
  const pooled = (out: { lastHiddenState: Tensor; poolerOutput: Tensor }) => ({
    last_hidden_state: out.lastHiddenState,
    pooler_output: out.poolerOutput,
  });
  const [vit, swin, clip] = [image(18), image(24), image(18)];
  const labelled = { ...bertConfig, num_labels: 5 };
  return [
    example(new bert.BertModel(bertConfig), text, (m) => pooled(m.forward(ids))),
    example(new bert.BertForMaskedLM(bertConfig), text, (m) => logits(m.forward(ids))),
    example(new bert.BertForPreTraining(bertConfig), text, (m) => {
      const out = m.forward(ids);
      return { prediction_logits: out.predictionLogits, seq_relationship_logits: out.seqRelationshipLogits };
    }),
    example(new bert.BertForSequenceClassification(labelled), text, (m) => logits(m.forward(ids))),
    example(new bert.BertForTokenClassification(labelled), text, (m) => logits(m.forward(ids))),
    example(new bert.BertForQuestionAnswering(bertConfig), text, (m) => {
      const out = m.forward(ids);
      return { start_logits: out.startLogits, end_logits: out.endLogits };
    }),
    ...[true, false].map((tie_word_embeddings) =>
      example(
        new GPT2LMHeadModel({
          vocab_size: 41,
          n_positions: 16,
          n_embd: 24,
          n_layer: 2,
          n_head: 3,
          n_inner: 50,
          tie_word_embeddings,
        }),
        text,
        (m) => logits(m.forward(ids)),
      ),
    ),
    example(new ViTModel(vitConfig), vit, (m) => pooled(m.forward(tensor(vit.pixel_values)))),
    example(new ViTForImageClassification({ ...vitConfig, num_labels: 7 }), vit, (m) =>
      logits(m.forward(tensor(vit.pixel_values))),
    ),
    example(new SwinModel(swinConfig), swin, (m) => pooled(m.forward(tensor(swin.pixel_values)))),
    example(new SwinForImageClassification({ ...swinConfig, num_labels: 7 }), swin, (m) =>
      logits(m.forward(tensor(swin.pixel_values))),
    ),
    example(new SegformerModel(segformerConfig), swin, (m) => {
      return { last_hidden_state: m.forward(tensor(swin.pixel_values)).lastHiddenState };
    }),
    example(new SegformerForImageClassification(segformerConfig), swin, (m) =>
      logits(m.forward(tensor(swin.pixel_values))),
    ),
    example(new SegformerForSemanticSegmentation(segformerConfig), swin, (m) =>
      logits(m.forward(tensor(swin.pixel_values))),
    ),
    example(new YolosModel(yolosConfig), swin, (m) => pooled(m.forward(tensor(swin.pixel_values)))),
    example(new YolosForObjectDetection(yolosConfig), swin, (m) => {
      const { logits, boxes } = m.forward(tensor(swin.pixel_values));
      return { logits, pred_boxes: boxes };
    }),
    example(new CLIPModel(clipConfig), { ...text, ...clip }, (m) => {
      const out = m.forward(ids, tensor(clip.pixel_values));
      return {
        logits_per_text: out.logitsPerText,
        image_embeds: out.imageEmbeds,
        text_embeds: out.textEmbeds,
      };
    }),
  ];
}

/** One folder per model: its checkpoint, and `io.safetensors` with `in.*` and `out.*`. */
export function saveAll(folder: string): void {
  for (const [i, { model, inputs, outputs }] of examples().entries()) {
    const place = join(folder, `${String(i).padStart(2, "0")}-${model.constructor.name}`);
    model.savePretrained(place);
    const io = new Map<string, NDArray>();
    for (const [name, x] of Object.entries(inputs)) io.set(`in.${name}`, x);
    for (const [name, x] of Object.entries(outputs())) io.set(`out.${name}`, x.data);
    saveSafetensors(join(place, "io.safetensors"), io);
  }
}
