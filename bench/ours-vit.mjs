/**
 * One AdamW step of a small ViT, the lecture's: ten classes of grey images.
 *
 *   node bench/ours-vit.mjs 64,4,4,64,28,7      d, heads, layers, batch, image, patch
 */
import { AdamW, manualSeed, nd, randn } from "gradschool";
import { ViTForImageClassification } from "gradschool/lectures/vit";
import { facts, trainingStep } from "./ours.mjs";
import { configuration, contend } from "./peers/measure.mjs";

const config = configuration("64,4,4,64,28,7");
const [d, heads, layers, B, size, patch] = config;

manualSeed(0);
const model = new ViTForImageClassification({
  hidden_size: d,
  num_attention_heads: heads,
  num_hidden_layers: layers,
  intermediate_size: 4 * d,
  image_size: size,
  patch_size: patch,
  num_channels: 1,
  num_labels: 10,
});
const optimizer = new AdamW(model.parameters(), { lr: 1e-3 });
const images = randn([B, 1, size, size]);
const labels = nd.randint(0, 10, [B]);

const step = trainingStep(optimizer, () => model.forward(images, { labels }).loss);
await contend("gradschool", step, facts(model, config));
