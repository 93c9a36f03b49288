import { crossEntropy, tensor } from "../../../src/autograd";
import {
  SegformerForImageClassification,
  SegformerForSemanticSegmentation,
  SegformerModel,
  type SegformerOutput,
  YolosForObjectDetection,
  YolosModel,
} from "../../../src/lectures/beyond";
import { CLIPModel, clipLoss, ResNet, type TowerOutput } from "../../../src/lectures/clip";
import {
  SwinForImageClassification,
  SwinModel,
  ViTForImageClassification,
  ViTModel,
  type ViTOutput,
} from "../../../src/lectures/vit";
import type { PretrainedModel } from "../../../src/nn";
import { type Adapter, numbered, type Outputs } from "./adapter";

const states = ({ hiddenStates, attentions }: ViTOutput | SegformerOutput) => ({
  ...numbered("hidden_states", hiddenStates),
  ...numbered("attentions", attentions),
});

const vitModel: Adapter<ViTModel> = {
  model: ViTModel,
  run: (model, inputs, c) => {
    const interpolatePositions = c.call.includes("interpolate_pos_encoding=True");
    const out = model.forward(tensor(inputs.pixel_values), { interpolatePositions, needAttentions: true });
    return { last_hidden_state: out.lastHiddenState, pooler_output: out.poolerOutput, ...states(out) };
  },
};

const vitClassifier: Adapter<ViTForImageClassification> = {
  model: ViTForImageClassification,
  run: (model, inputs) => {
    const out = model.forward(tensor(inputs.pixel_values), { labels: inputs.labels, needAttentions: true });
    return { loss: out.loss, logits: out.logits, ...states(out) };
  },
};

const towerStates = (name: string, tower: TowerOutput): Outputs => ({
  [`${name}_model_output.last_hidden_state`]: tower.lastHiddenState,
  [`${name}_pooled`]: tower.pooled,
  ...numbered(`${name}_model_output.hidden_states`, tower.hiddenStates),
});

const clipModel: Adapter<CLIPModel> = {
  model: CLIPModel,
  run: (model, inputs) => {
    const images = tensor(inputs.pixel_values);
    const out = model.forward(inputs.input_ids, images, inputs.attention_mask);
    const [n, m] = out.logitsPerText.shape;
    return {
      loss: n === m ? clipLoss(out.logitsPerText) : undefined,
      logits_per_image: out.logitsPerImage,
      logits_per_text: out.logitsPerText,
      image_embeds: out.imageEmbeds,
      text_embeds: out.textEmbeds,
      image_features: model.imageFeatures(images),
      text_features: model.textFeatures(inputs.input_ids, inputs.attention_mask),
      ...towerStates("text", out.text),
      ...towerStates("vision", out.vision),
    };
  },
};

/** Running statistics as a call in training leaves them. */
const buffersAfter = (model: PretrainedModel<object>): Outputs =>
  Object.fromEntries([...model.pretrainedState()].map(([name, x]) => [`buffer_after.${name}`, x]));

const resnet: Adapter<ResNet> = {
  model: ResNet,
  run: (model, inputs) => {
    const { features, pooled, logits } = model.forward(tensor(inputs.pixel_values));
    const [stem, ...stages] = features;
    return {
      stem,
      ...Object.fromEntries(stages.map((x, i) => [`layer${i + 1}`, x])),
      pooled,
      logits,
      loss: crossEntropy(logits, inputs.labels),
      ...buffersAfter(model),
    };
  },
};

const swinModel: Adapter<SwinModel> = {
  model: SwinModel,
  run: (model, inputs) => {
    const out = model.forward(tensor(inputs.pixel_values));
    return {
      last_hidden_state: out.lastHiddenState,
      pooler_output: out.poolerOutput,
      ...numbered(
        "hidden_states",
        out.featureMaps.map((map) => map.flatten(2).transpose(1, 2)),
      ),
      ...numbered("reshaped_hidden_states", out.featureMaps),
      ...numbered("attentions", out.attentions),
    };
  },
};

const swinClassifier: Adapter<SwinForImageClassification> = {
  model: SwinForImageClassification,
  run: (model, inputs) => {
    const { loss, logits } = model.forward(tensor(inputs.pixel_values), { labels: inputs.labels });
    return { loss, logits };
  },
};

const segformerModel: Adapter<SegformerModel> = {
  model: SegformerModel,
  run: (model, inputs) => {
    const out = model.forward(tensor(inputs.pixel_values), { needAttentions: true });
    return { last_hidden_state: out.lastHiddenState, ...states(out) };
  },
};

type SegformerHead = SegformerForImageClassification | SegformerForSemanticSegmentation;
const segformerHead = <M extends SegformerHead>(model: new (config: never) => M): Adapter<M> => ({
  model,
  run: (m, { pixel_values, labels }) => {
    const out = m.forward(tensor(pixel_values), { labels, needAttentions: true });
    return { loss: out.loss, logits: out.logits, ...states(out), ...buffersAfter(m) };
  },
});

const yolosModel: Adapter<YolosModel> = {
  model: YolosModel,
  run: (model, inputs) => {
    const out = model.forward(tensor(inputs.pixel_values), { needAttentions: true });
    return { last_hidden_state: out.lastHiddenState, pooler_output: out.poolerOutput, ...states(out) };
  },
};

const yolosDetector: Adapter<YolosForObjectDetection> = {
  model: YolosForObjectDetection,
  run: (model, inputs) => {
    const out = model.forward(tensor(inputs.pixel_values), { needAttentions: true });
    const { logits, boxes, lastHiddenState } = out;
    return { logits, pred_boxes: boxes, last_hidden_state: lastHiddenState, ...states(out) };
  },
};

export const vision = {
  SegformerModel: segformerModel,
  SegformerForImageClassification: segformerHead(SegformerForImageClassification),
  SegformerForSemanticSegmentation: segformerHead(SegformerForSemanticSegmentation),
  YolosModel: yolosModel,
  YolosForObjectDetection: yolosDetector,
  SwinModel: swinModel,
  SwinForImageClassification: swinClassifier,
  ViTModel: vitModel,
  ViTForImageClassification: vitClassifier,
  CLIPModel: clipModel,
  ResNet: resnet,
};
