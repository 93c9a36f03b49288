/** Sums, extremes and what else makes one number of many; what runs along an axis; rows normalised. */
import * as g from "gradschool";
import { bool, both, forward, int32, normal, ones, trained } from "./table.mjs";

for (const op of ["sum", "mean", "prod", "max", "min", "norm", "logsumexp", "var", "std"]) {
  const all = op === "logsumexp" ? "x.logsumexp((0, 1))" : `x.${op}()`;
  forward(op, [normal], (x) => (op === "logsumexp" ? x[op]([0, 1]) : x[op]()), all);
}
forward("sum axis 0", [normal], (x) => x.sum(0), "x.sum(0)");
both("sum axis 0", [normal], (x) => x.sum(0), "x.sum(0)");
forward("sum axis 1", [normal], (x) => x.sum(1), "x.sum(1)");
forward("max axis 0", [normal], (x) => x.max(0), "x.amax(0)");
forward("max axis 1", [normal], (x) => x.max(1), "x.amax(1)");
forward("sum, int32", [int32(100)], (x) => x.sum(), "x.sum()");
forward("sum axis 1, int32", [int32(100)], (x) => x.sum(1), "x.sum(1)");
forward("max, int32", [int32(1000)], (x) => x.max(), "x.max()");
forward("argmax axis 1", [normal], (x) => x.argmax(1), "x.argmax(1)");
forward("argmax axis 0", [normal], (x) => x.argmax(0), "x.argmax(0)");
forward("argmin axis 1", [normal], (x) => x.argmin(1), "x.argmin(1)");
forward("any", [bool], (x) => x.any(), "x.any()");
forward("all axis 1", [bool], (x) => x.all(1), "x.all(1)");
forward("equal", [ones, ones], (x, y) => x.equal(y), "x.equal(y)");
forward("trace", [normal], (x) => x.trace(), "x.trace()");
forward("cumsum axis 1", [normal], (x) => x.cumsum(1), "x.cumsum(1)");
forward("cumsum axis 0", [normal], (x) => x.cumsum(0), "x.cumsum(0)");
forward("cumprod", [normal], (x) => x.cumprod(1), "x.cumprod(1)");
forward("cummax", [normal], (x) => x.cummax(1), "x.cummax(1)");
forward("cummin", [normal], (x) => x.cummin(1), "x.cummin(1)");
trained("softmax", [normal], (x) => x.softmax(), "x.softmax(-1)");
forward("softmax axis 0", [normal], (x) => x.softmax(0), "x.softmax(0)");
forward("logSoftmax", [normal], (x) => x.logSoftmax(), "x.log_softmax(-1)");
trained("normalize", [normal], (x) => g.normalize(x), "F.normalize(x)");
trained(
  "cosineSimilarity",
  [normal, normal],
  (x, y) => g.cosineSimilarity(x, y),
  "F.cosine_similarity(x, y)",
);
