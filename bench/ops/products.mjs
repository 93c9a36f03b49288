/** Products of matrices and vectors. */
import * as g from "gradschool";
import { both, forward, million, shaped, vector } from "./table.mjs";

const square = shaped([64, 64], [512, 512]);
forward("matmul", [square, square], (x, y) => x.matmul(y), "x @ y");
forward(
  "matmul, batched",
  [shaped([8, 16, 32], [64, 128, 64]), shaped([8, 32, 16], [64, 64, 128])],
  (x, y) => x.matmul(y),
  "x @ y",
);
forward(
  "matmul, matrix times vector",
  [shaped([64, 64], [2048, 2048]), vector],
  (x, y) => x.matmul(y),
  "x @ y",
);
forward("dot", [million, million], (x, y) => x.dot(y), "x.dot(y)");
forward("outer", [vector, vector], (x, y) => x.outer(y), "x.outer(y)");
const heads = shaped([2, 2, 16, 8], [8, 8, 256, 64]);
forward(
  "einsum bhtd,bhsd->bhts",
  [heads, heads],
  (x, y) => g.einsum("bhtd,bhsd->bhts", x, y),
  "torch.einsum('bhtd,bhsd->bhts', x, y)",
);
forward(
  "cdist",
  [shaped([32, 16], [1000, 64]), shaped([48, 16], [1000, 64])],
  (x, y) => g.cdist(x, y),
  "torch.cdist(x, y)",
);
both(
  "linear",
  [shaped([32, 64], [768, 384]), shaped([48, 64], [1536, 384]), shaped([48], [1536])],
  (x, w, b) => g.linear(x, w, b),
  "F.linear(x, y, z)",
);
