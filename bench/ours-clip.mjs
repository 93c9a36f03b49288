/**
 * One AdamW step of a CLIP of two small towers, the lecture's, with its symmetric loss.
 *
 *   node bench/ours-clip.mjs 64,4,2,64,32,8,16,500      d, heads, layers, batch, image, patch, T, vocabulary
 */
import { AdamW, manualSeed, nd, randn } from "gradschool";
import { CLIPModel, clipLoss } from "gradschool/lectures/clip";
import { facts, trainingStep } from "./ours.mjs";
import { configuration, contend } from "./peers/measure.mjs";

const config = configuration("64,4,2,64,32,8,16,500");
const [d, heads, layers, B, size, patch, T, V] = config;

manualSeed(0);
const tower = {
  hidden_size: d,
  num_attention_heads: heads,
  num_hidden_layers: layers,
  intermediate_size: 4 * d,
};
const model = new CLIPModel({
  projection_dim: d,
  vision_config: { ...tower, image_size: size, patch_size: patch, num_channels: 3 },
  text_config: { ...tower, vocab_size: V, max_position_embeddings: T },
});
const optimizer = new AdamW(model.parameters(), { lr: 1e-3 });
const images = randn([B, 3, size, size]);
const ids = nd.randint(0, V, [B, T]);

const step = trainingStep(optimizer, () => clipLoss(model.forward(ids, images).logitsPerText));
await contend("gradschool", step, facts(model, config));
