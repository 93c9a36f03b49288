// @ts-nocheck TensorFlow.js is not installed where the types are checked, see package.json beside this file.
// One Adam training step of a pre-norm GPT in TensorFlow.js on its wasm backend.
import { createRequire } from "node:module";
import path from "node:path";
import { configuration, contend } from "./measure.mjs";

const require = createRequire(import.meta.url);
const tf = require("@tensorflow/tfjs");
const wasm = require("@tensorflow/tfjs-backend-wasm");
wasm.setWasmPaths(path.dirname(require.resolve("@tensorflow/tfjs-backend-wasm")) + "/");
await tf.setBackend("wasm");
await tf.ready();
const config = configuration("64,4,2,16,32,65");
const [d, h, L, B, T, V] = config;
const rnd = (...s) => tf.variable(tf.randomNormal(s, 0, 0.02)),
  one = (n) => tf.variable(tf.ones([n])),
  zero = (n) => tf.variable(tf.zeros([n]));
const lin = (i, o) => ({ w: rnd(i, o), b: zero(o) });
const P = {
  te: rnd(V, d),
  pe: rnd(T, d),
  blocks: Array.from({ length: L }, () => ({
    g1: one(d),
    b1: zero(d),
    qkv: lin(d, 3 * d),
    o: lin(d, d),
    g2: one(d),
    b2: zero(d),
    f1: lin(d, 4 * d),
    f2: lin(4 * d, d),
  })),
  g: one(d),
  b: zero(d),
  head: rnd(d, V),
};
const ln = (x, g, b) => {
  const m = x.mean(-1, true),
    c = x.sub(m),
    v = c.square().mean(-1, true);
  return c.div(v.add(1e-5).sqrt()).mul(g).add(b);
};
const linear = (x, p) =>
  tf
    .matMul(x.reshape([-1, p.w.shape[0]]), p.w)
    .add(p.b)
    .reshape([...x.shape.slice(0, -1), p.w.shape[1]]);
const mask = tf.tidy(() =>
  tf.linalg
    .bandPart(tf.ones([T, T]), -1, 0)
    .sub(1)
    .mul(1e9),
);
const gelu = (x) => x.mul(0.5).mul(x.add(x.mul(x).mul(x).mul(0.044715)).mul(0.7978845608).tanh().add(1));
const Xi = tf.randomUniform([B, T], 0, V, "int32"),
  X = tf.oneHot(Xi, V),
  Y = tf.oneHot(tf.randomUniform([B, T], 0, V, "int32"), V);
const loss = () => {
  let x = tf
    .matMul(X.reshape([-1, V]), P.te)
    .reshape([B, T, d])
    .add(P.pe);
  for (const k of P.blocks) {
    const [q, kk, v] = tf
      .split(linear(ln(x, k.g1, k.b1), k.qkv), 3, 2)
      .map((z) => z.reshape([B, T, h, d / h]).transpose([0, 2, 1, 3]));
    const a = tf.softmax(
      tf
        .matMul(q, kk, false, true)
        .div(Math.sqrt(d / h))
        .add(mask),
    );
    x = x.add(linear(tf.matMul(a, v).transpose([0, 2, 1, 3]).reshape([B, T, d]), k.o));
    x = x.add(linear(gelu(linear(ln(x, k.g2, k.b2), k.f1)), k.f2));
  }
  const z = tf.matMul(ln(x, P.g, P.b).reshape([-1, d]), P.head);
  return tf
    .logSoftmax(z)
    .mul(Y.reshape([-1, V]))
    .sum()
    .mul(-1 / (B * T));
};
const opt = tf.train.adam(1e-3);
await contend(
  "TensorFlow.js",
  async () => {
    const l = opt.minimize(loss, true);
    await l.data();
    l.dispose();
  },
  { config },
);
