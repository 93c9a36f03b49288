// @ts-nocheck jax-js is not installed where the types are checked, see package.json beside this file.
// One AdamW training step of a pre-norm GPT in jax-js (jit + grad).
import { configuration, contend } from "./measure.mjs";

globalThis.navigator ??= {};
const jax = await import("@jax-js/jax");
const { numpy: np, nn, jit, valueAndGrad, tree } = jax;
await jax.init();
jax.defaultDevice("wasm");
const config = configuration("64,4,2,16,32,65");
const [d, h, L, B, T, V] = config;
const rnd = (...shape) => {
  const n = shape.reduce((a, b) => a * b, 1);
  const f = new Float32Array(n);
  for (let i = 0; i < n; i++) f[i] = (Math.random() - 0.5) * 0.08;
  return np.array(f).reshape(shape);
};
const ones = (n) => np.ones([n]),
  zeros = (n) => np.zeros([n]);
const lin = (i, o) => ({ w: rnd(i, o), b: zeros(o) });
const params = {
  te: rnd(V, d),
  pe: rnd(T, d),
  blocks: Array.from({ length: L }, () => ({
    g1: ones(d),
    b1: zeros(d),
    qkv: lin(d, 3 * d),
    o: lin(d, d),
    g2: ones(d),
    b2: zeros(d),
    f1: lin(d, 4 * d),
    f2: lin(4 * d, d),
  })),
  g: ones(d),
  b: zeros(d),
  head: rnd(d, V),
};
const ln = (x, g, b) => {
  const m = x.ref.mean(-1, { keepdims: true });
  const c = x.sub(m);
  const v = c.ref.mul(c.ref).mean(-1, { keepdims: true });
  return c
    .div(np.sqrt(v.add(1e-5)))
    .mul(g)
    .add(b);
};
const linear = (x, p) => np.matmul(x, p.w).add(p.b);
const maskArr = (() => {
  const f = new Float32Array(T * T);
  for (let i = 0; i < T; i++) for (let j = i + 1; j < T; j++) f[i * T + j] = -1e9;
  return f;
})();
function forward(p, xOne) {
  // xOne: one-hot [B,T,V]
  let x = np.matmul(xOne, p.te).add(p.pe);
  for (const k of p.blocks) {
    const q3 = linear(ln(x.ref, k.g1, k.b1), k.qkv)
      .reshape([B, T, 3, h, d / h])
      .transpose([2, 0, 3, 1, 4]);
    const [q, kk, v] = [0, 1, 2].map((i) => q3.ref.slice(i));
    q3.dispose();
    let a = np
      .matmul(q, kk.transpose([0, 1, 3, 2]))
      .mul(1 / Math.sqrt(d / h))
      .add(np.array(maskArr).reshape([T, T]));
    a = nn.softmax(a, -1);
    x = x.add(linear(np.matmul(a, v).transpose([0, 2, 1, 3]).reshape([B, T, d]), k.o));
    x = x.add(linear(nn.gelu(linear(ln(x.ref, k.g2, k.b2), k.f1)), k.f2));
  }
  return np.matmul(ln(x, p.g, p.b), p.head);
}
const loss = (p, x, y) =>
  nn
    .logSoftmax(forward(p, x), -1)
    .mul(y)
    .sum()
    .mul(-1 / (B * T));
const oneHot = () => {
  const f = new Float32Array(B * T * V);
  for (let i = 0; i < B * T; i++) f[i * V + ((Math.random() * V) | 0)] = 1;
  return np.array(f).reshape([B, T, V]);
};
const [b1, b2, lr, eps, wd] = [0.9, 0.999, 1e-3, 1e-8, 0.01];
const step = jit((p, m, v, X, Y) => {
  const [l, g] = valueAndGrad(loss)(tree.ref(p), X, Y);
  const m2 = tree.map((m, g) => m.mul(b1).add(g.mul(1 - b1)), m, tree.ref(g));
  const v2 = tree.map((v, g) => v.mul(b2).add(g.ref.mul(g).mul(1 - b2)), v, g);
  const p2 = tree.map(
    (p, m, v) => p.mul(1 - lr * wd).sub(m.div(np.sqrt(v).add(eps)).mul(lr)),
    p,
    tree.ref(m2),
    tree.ref(v2),
  );
  return [l, p2, m2, v2];
});
const zerosLike = (t) => tree.map((x) => np.zeros(x.shape), t);
let p = params,
  m = zerosLike(tree.ref(p)),
  v = zerosLike(tree.ref(p));
const X = oneHot(),
  Y = oneHot();
await contend(
  "jax-js",
  async () => {
    let l;
    [l, p, m, v] = step(p, m, v, X.ref, Y.ref);
    await l.data();
    await jax.blockUntilReady(p);
  },
  { config },
);
