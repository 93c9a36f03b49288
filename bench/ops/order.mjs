/** Order and counting. */
import * as g from "gradschool";
import { bool, forward, ids, matrix, million, normal, sized } from "./table.mjs";

const counted = ids([[1000], 100], [[1_000_000], 1000]);
forward("sort", [matrix], (x) => x.sort().values, "x.sort(-1).values");
forward("argsort", [matrix], (x) => x.argsort(), "x.argsort(-1)");
forward("sort, one row", [million], (x) => x.sort().values, "x.sort().values");
forward("topk 10", [matrix], (x) => x.topk(10).values, "x.topk(10).values");
forward("median", [matrix], (x) => x.median(1), "x.median(1)");
forward("quantile", [matrix], (x) => x.quantile(0.3, 1), "x.quantile(0.3, 1)");
forward("unique", [counted], (x) => x.unique(), "x.unique(return_inverse=True, return_counts=True)");
forward("bincount", [counted], (x) => x.bincount(), "x.bincount()");
forward("histc", [million], (x) => x.histc(50), "x.histc(50)");
forward("nonzero", [bool], (x) => x.nonzero(), "x.nonzero()");
forward("maskedSelect", [normal, bool], (x, c) => x.maskedSelect(c), "x.masked_select(y)");
forward(
  "searchsorted",
  [sized("sorted", [1000], [100_000]), million],
  (x, y) => g.searchsorted(x, y),
  "torch.searchsorted(x, y)",
);
