/** Numbers moved as they are: copies, joins, repetitions, frames. */
import * as g from "gradschool";
import { forward, images, matrix, normal, shaped, trained, vector } from "./table.mjs";

forward("transpose, copied", [normal], (x) => x.transpose().contiguous(), "x.T.contiguous()");
forward(
  "permute, copied",
  [shaped([4, 8, 16, 8], [32, 64, 64, 32])],
  (x) => x.permute([0, 2, 1, 3]).contiguous(),
  "x.permute(0, 2, 1, 3).contiguous()",
);
forward(
  "narrow, copied",
  [normal],
  (x) => x.narrow(1, 5, x.shape[1] / 2).contiguous(),
  "x.narrow(1, 5, x.shape[1] // 2).contiguous()",
);
forward(
  "slice, every second copied",
  [normal],
  (x) => x.slice(":", "::2").contiguous(),
  "x[:, ::2].contiguous()",
);
forward("clone", [normal], (x) => x.clone(), "x.clone()");
forward("assign", [normal, normal], (x, y) => x.data.assign(y.data), "x.copy_(y)");
forward("concat axis 0", [normal, normal], (x, y) => g.concat([x, y], 0), "torch.cat([x, y], 0)");
forward("concat axis 1", [normal, normal], (x, y) => g.concat([x, y], 1), "torch.cat([x, y], 1)");
forward("stack", [normal, normal], (x, y) => g.stack([x, y]), "torch.stack([x, y])");
forward("vstack", [normal, normal], (x, y) => g.vstack([x, y]), "torch.vstack([x, y])");
forward("hstack", [normal, normal], (x, y) => g.hstack([x, y]), "torch.hstack([x, y])");
forward("tile", [matrix], (x) => x.tile([2, 2]), "x.tile(2, 2)");
forward("repeat", [matrix], (x) => x.repeat([2, 2]), "x.repeat(2, 2)");
trained("repeatInterleave", [matrix], (x) => g.repeatInterleave(x, 2, 1), "x.repeat_interleave(2, 1)");
forward("flip", [normal], (x) => x.flip(1), "x.flip(1)");
forward("roll", [normal], (x) => x.roll(3, 1), "x.roll(3, 1)");
forward(
  "pad",
  [normal],
  (x) =>
    x.pad([
      [1, 1],
      [1, 1],
    ]),
  "F.pad(x, (1, 1, 1, 1))",
);
/** One pixel around each image. */
const frame = /** @type {const} */ ([
  [0, 0],
  [0, 0],
  [1, 1],
  [1, 1],
]);
trained(
  "reflectionPad",
  [images],
  (x) => g.reflectionPad(x, frame),
  "F.pad(x, (1, 1, 1, 1), mode='reflect')",
);
trained(
  "replicationPad",
  [images],
  (x) => g.replicationPad(x, frame),
  "F.pad(x, (1, 1, 1, 1), mode='replicate')",
);
trained("pixelShuffle", [images], (x) => g.pixelShuffle(x, 2), "F.pixel_shuffle(x, 2)");
forward("tril", [normal], (x) => x.tril(), "x.tril()");
forward("triu", [normal], (x) => x.triu(), "x.triu()");
forward("diag", [vector], (x) => x.diag(), "x.diag()");
