/** Losses, forward alone and with backward. */
import * as g from "gradschool";
import { both, ids, normal, probability, shaped, share, trained } from "./table.mjs";

both(
  "crossEntropy",
  [shaped([32, 65], [1024, 32_000]), ids([[32], 65], [[1024], 32_000])],
  (x, i) => g.crossEntropy(x, i),
  "F.cross_entropy(x, y)",
);
trained(
  "nllLoss",
  [shaped([32, 65], [1024, 4096]), ids([[32], 65], [[1024], 4096])],
  (x, i) => g.nllLoss(x, i),
  "F.nll_loss(x, y)",
);
for (const [op, theirs] of Object.entries({
  mseLoss: "F.mse_loss(x, y)",
  l1Loss: "F.l1_loss(x, y)",
  huberLoss: "F.huber_loss(x, y)",
  smoothL1Loss: "F.smooth_l1_loss(x, y)",
}))
  trained(op, [normal, normal], (x, y) => /** @type {any} */ (g)[op](x, y), theirs);
trained("klDiv", [normal, share], (x, y) => g.klDiv(x, y), "F.kl_div(x, y)");
trained(
  "binaryCrossEntropy",
  [probability, share],
  (x, y) => g.binaryCrossEntropy(x, y),
  "F.binary_cross_entropy(x, y)",
);
trained(
  "binaryCrossEntropyWithLogits",
  [normal, share],
  (x, y) => g.binaryCrossEntropyWithLogits(x, y),
  "F.binary_cross_entropy_with_logits(x, y)",
);
