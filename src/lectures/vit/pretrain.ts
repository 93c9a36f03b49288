import { type Metric, type Pretrained, type Pretraining, pretrained } from "../../data";
import { manualSeed } from "../../tensor";
import { drawnSubgroups, readDrawings } from "./drawings";
import { type ViTConfig, ViTForImageClassification } from "./model";
import { accuracyOn, type Classifier, trainClassifier } from "./train";

/** Of the lecture's pretrained ViT: 16 patches of 8 × 8 pixels, vectors of 128 numbers. */
export const drawingsViT = {
  hidden_size: 128,
  num_hidden_layers: 6,
  num_attention_heads: 4,
  intermediate_size: 256,
  hidden_dropout_prob: 0.1,
  layer_norm_eps: 1e-6,
  image_size: 32,
  patch_size: 8,
  num_channels: 3,
} as const satisfies ViTConfig;

/** What it is trained on; the fourth style, Twemoji, and a tenth of the concepts are held out. */
const STYLES = ["noto", "fluent", "openmoji"] as const;

/** Its scores for pixels from 0 to 1: it sees them from −1 to 1. */
const logitsOf =
  (model: ViTForImageClassification): Classifier =>
  (images) =>
    model.forward(images.mul(2).sub(1)).logits;

/**
 * A ViT that has learned to tell subgroups of emoji apart in three styles:
 * `const { model, classes, card } = pretrainedViT();`. Images (B, 3, 32, 32) with pixels from −1 to 1. Its features are
 * `model.vit.forward(images).lastHiddenState`, (B, 17, 128): the class token's, then those of the patches.
 */
export function pretrainedViT(): { model: ViTForImageClassification; classes: string[]; card: string } {
  const checkpoint = pretrained("vit");
  return { ...assemble(checkpoint), card: checkpoint.card };
}

function assemble({ config, tensors }: Pretrained): { model: ViTForImageClassification; classes: string[] } {
  const { model: options, classes } = config as { model: ViTConfig; classes: string[] };
  const model = new ViTForImageClassification(options);
  model.loadStateDict(tensors);
  return { model, classes };
}

export const pretraining: Pretraining = {
  says: "A ViT of 6 layers, vectors of 128 numbers and 4 heads, on 16 patches of 8 × 8 pixels in colour; for `pretrainedViT()` of the ViT lecture.",
  data: "emoji of six groups by their subgroups, drawn at 32 × 32 pixels in three styles (Noto, Fluent, OpenMoji); Twemoji's drawings and a tenth of the concepts are held out",
  steps: 4000,
  async train(steps, log) {
    const [{ images, subgroups: labels }, otherStyle, others] = await Promise.all([
      readDrawings({ part: "train", styles: STYLES }),
      readDrawings({ part: "train", styles: ["twemoji"] }),
      readDrawings({ part: "held out", styles: STYLES }),
    ]);
    const classes = drawnSubgroups();
    manualSeed(7);
    const options = { ...drawingsViT, num_labels: classes.length };
    const model = new ViTForImageClassification(options);
    const logits = logitsOf(model);
    log(`${images.shape[0]} drawings of ${classes.length} subgroups`);
    trainClassifier(
      model,
      logits,
      { images, labels },
      {
        ...{ steps, batch: 64, lr: 1e-3, weightDecay: 0.1, seed: 7 },
        jitter: { shift: 3, zoom: 0.2, mirror: true, colour: 0.2, outside: 1 },
        after(done, loss) {
          if (done % 200 !== 0 && done !== steps) return;
          const share = (part: typeof others) =>
            accuracyOn(model, logits, { images: part.images, labels: part.subgroups }).toFixed(3);
          log(
            `step ${done}: ${loss.toFixed(3)} nats; right in Twemoji's style ${share(otherStyle)}, of unseen concepts ${share(others)}`,
          );
        },
      },
    );
    return { tensors: model.stateDict(), config: { model: options, classes } };
  },
  async measure(checkpoint): Promise<Metric> {
    const { model } = assemble(checkpoint);
    const { images, subgroups: labels } = await readDrawings({ part: "train", styles: ["twemoji"] });
    const value = accuracyOn(model, logitsOf(model), { images, labels });
    return { name: "subgroups said rightly of Twemoji's drawings", value, unit: "of 1" };
  },
};
