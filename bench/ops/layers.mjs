/** What layers are made of, forward and backward: norms and attention. Convolutions are in windows.mjs. */
import * as g from "gradschool";
import { both, images, shaped } from "./table.mjs";

const rows = shaped([32, 64], [2048, 512]);
both("layerNorm", [rows], (x) => g.layerNorm(x, x.shape.slice(1)), "F.layer_norm(x, x.shape[1:])");
both("rmsNorm", [rows], (x) => g.rmsNorm(x, x.shape.slice(1)), "F.rms_norm(x, x.shape[1:])");
both(
  "batchNorm",
  [images],
  (x) => g.batchNorm(x, { training: true }),
  "F.batch_norm(x, None, None, training=True)",
);
both("groupNorm", [images], (x) => g.groupNorm(x, 4), "F.group_norm(x, 4)");
const heads = shaped([2, 2, 16, 8], [1, 8, 1024, 64]);
both(
  "scaledDotProductAttention",
  [heads, heads, heads],
  (q, k, v) => g.scaledDotProductAttention(q, k, v, { isCausal: true }),
  "F.scaled_dot_product_attention(x, y, z, is_causal=True)",
);
