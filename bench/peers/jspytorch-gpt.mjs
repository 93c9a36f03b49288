// One Adam training step of js-pytorch's own Transformer example, at our sizes.
const m = await import("js-pytorch");
const torch = m.torch ?? m.default.torch;
const { nn, optim } = torch;
const [d, h, L, B, T, V] = (process.argv[2] ?? "64,4,2,16,32,65").split(",").map(Number);
const steps = Number(process.argv[3] ?? 5);
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
const ts = [];
let l;
for (let i = 0; i < steps; i++) {
  const s = performance.now();
  l = lf.forward(model.forward(x), y);
  l.backward();
  opt.step();
  opt.zero_grad();
  ts.push(performance.now() - s);
}
const t = ts.slice(1).sort((a, b) => a - b)[(steps - 1) >> 1];
console.log(
  JSON.stringify({
    peer: "js-pytorch",
    config: [d, h, L, B, T, V],
    ms: +t.toFixed(2),
    tokPerS: Math.round(((B * T) / t) * 1e3),
    loss: l.data[0],
  }),
);
