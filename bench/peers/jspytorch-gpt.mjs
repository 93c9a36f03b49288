// @ts-nocheck js-pytorch is not installed where the types are checked, see package.json beside this file.
// One Adam training step of js-pytorch's own Transformer example, at our sizes.
import { configuration, contend } from "./measure.mjs";

const m = await import("js-pytorch");
const torch = m.torch ?? m.default.torch;
const { nn, optim } = torch;
const config = configuration("64,4,2,16,32,65");
const [d, h, L, B, T, V] = config;
class GPT extends nn.Module {
  constructor() {
    super();
    this.e = new nn.Embedding(V, d);
    this.p = new nn.PositionalEmbedding(T, d);
    for (let i = 0; i < L; i++) this["b" + i] = new nn.Block(d, d, h, T, 0, "cpu");
    this.ln = new nn.LayerNorm(d);
    this.head = new nn.Linear(d, V, "cpu");
  }
  forward(x) {
    let z = torch.add(this.e.forward(x), this.p.forward(x));
    for (let i = 0; i < L; i++) z = this["b" + i].forward(z);
    return this.head.forward(this.ln.forward(z));
  }
}
const model = new GPT(),
  lf = new nn.CrossEntropyLoss(),
  opt = new optim.Adam(model.parameters(), 1e-3, 0);
const x = torch.randint(0, V, [B, T, 1]),
  y = torch.randint(0, V, [B, T]);
await contend(
  "js-pytorch",
  () => {
    const loss = lf.forward(model.forward(x), y);
    loss.backward();
    opt.step();
    opt.zero_grad();
  },
  { config },
);
