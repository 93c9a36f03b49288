/** What looks at images and sequences through windows: convolutions, pooling, resampling. */
import * as g from "gradschool";
import { both, forward, images, million, shaped, trained } from "./table.mjs";

both(
  "conv2d 3 × 3",
  [images, shaped([8, 4, 3, 3], [64, 32, 3, 3])],
  (x, w) => g.conv2d(x, w, { padding: 1 }),
  "F.conv2d(x, y, padding=1)",
);
both(
  "conv2d, depthwise",
  [shaped([2, 8, 8, 8], [32, 64, 32, 32]), shaped([8, 1, 3, 3], [64, 1, 3, 3])],
  (x, w) => g.conv2d(x, w, { padding: 1, groups: x.shape[1] }),
  "F.conv2d(x, y, padding=1, groups=x.shape[1])",
);
both(
  "conv1d",
  [shaped([2, 4, 32], [32, 64, 256]), shaped([8, 4, 3], [64, 64, 3])],
  (x, w) => g.conv1d(x, w, { padding: 1 }),
  "F.conv1d(x, y, padding=1)",
);
both(
  "convTranspose2d",
  [shaped([2, 4, 8, 8], [16, 32, 16, 16]), shaped([4, 8, 4, 4], [32, 32, 4, 4])],
  (x, w) => g.convTranspose2d(x, w, { stride: 2, padding: 1 }),
  "F.conv_transpose2d(x, y, stride=2, padding=1)",
);
both(
  "convTranspose1d",
  [shaped([2, 4, 32], [16, 64, 256]), shaped([4, 8, 4], [64, 64, 4])],
  (x, w) => g.convTranspose1d(x, w, { stride: 2, padding: 1 }),
  "F.conv_transpose1d(x, y, stride=2, padding=1)",
);

both("maxPool2d", [images], (x) => g.maxPool2d(x, 2), "F.max_pool2d(x, 2)");
both("avgPool2d", [images], (x) => g.avgPool2d(x, 2), "F.avg_pool2d(x, 2)");
both("adaptiveAvgPool2d", [images], (x) => g.adaptiveAvgPool2d(x, 4), "F.adaptive_avg_pool2d(x, 4)");
const sequences = shaped([2, 4, 64], [32, 64, 512]);
both("maxPool1d", [sequences], (x) => g.maxPool1d(x, 2), "F.max_pool1d(x, 2)");
both("avgPool1d", [sequences], (x) => g.avgPool1d(x, 2), "F.avg_pool1d(x, 2)");

both(
  "interpolate",
  [images],
  (x) => g.interpolate(x, { scaleFactor: 2, mode: "bilinear" }),
  "F.interpolate(x, scale_factor=2, mode='bilinear')",
);
both(
  "gridSample",
  [images, shaped([2, 8, 8, 2], [32, 32, 32, 2])],
  (x, grid) => g.gridSample(x, grid),
  "F.grid_sample(x, y, align_corners=False)",
);

const some = shaped([2, 4, 8, 8], [16, 32, 32, 32]);
const columns = shaped([2, 36, 64], [16, 288, 1024]);
/** The height of the images that columns come from. @param {{ shape: readonly number[] }} columns */
const height = (columns) => Math.sqrt(columns.shape[2]);
const window = { kernelSize: 3, padding: 1 };
trained("unfold", [some], (x) => g.unfold(x, window), "F.unfold(x, 3, padding=1)");
forward("unfold2d", [some], (x) => g.nd.unfold2d(x.data, window), "F.unfold(x, 3, padding=1)");
const theirFold = "F.fold(x, int(x.shape[2] ** 0.5), 3, padding=1)";
trained("fold", [columns], (x) => g.fold(x, [height(x), height(x)], window), theirFold);
forward("fold2d", [columns], (x) => g.nd.fold2d(x.data, [height(x), height(x)], window), theirFold);
trained(
  "slidingWindows",
  [million],
  (x) => g.slidingWindows(x, 0, 8, 4).contiguous(),
  "x.unfold(0, 8, 4).contiguous()",
);
