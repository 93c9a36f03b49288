/** Arrays from nothing, random numbers among them. */
import * as g from "gradschool";
import { forward, ids, million, normal, trained, vector } from "./table.mjs";

forward("arange", [million], (x) => g.arange(0, x.size), "torch.arange(0, x.numel(), dtype=torch.int32)");
forward("linspace", [million], (x) => g.linspace(-1, 1, x.size), "torch.linspace(-1, 1, x.numel())");
forward("eye", [vector], (x) => g.eye(x.size), "torch.eye(x.numel())");
forward("full", [normal], (x) => g.full(x.shape, 3), "torch.full(x.shape, 3.0)");
forward("fill", [normal], (x) => x.data.fill(3), "x.fill_(3)");
forward("meshgrid", [vector, vector], (x, y) => g.meshgrid([x, y]), "torch.meshgrid(x, y, indexing='ij')");
forward(
  "oneHot",
  [ids([[64], 32], [[4096], 1000])],
  (i) => g.oneHot(i, i.size > 100 ? 1000 : 32),
  "F.one_hot(x, 1000 if x.numel() > 100 else 32)",
);
forward("randn", [million], (x) => g.randn(x.shape), "torch.randn(x.shape)");
forward("rand", [million], (x) => g.rand(x.shape), "torch.rand(x.shape)");
forward(
  "randint",
  [million],
  (x) => g.randint(0, 1000, x.shape),
  "torch.randint(0, 1000, x.shape, dtype=torch.int32)",
);
forward("randperm", [million], (x) => g.randperm(x.size), "torch.randperm(x.numel())");
trained("dropout", [normal], (x) => g.dropout(x, { p: 0.1 }), "F.dropout(x, 0.1)");
