import {
  crossEntropy,
  gelu,
  layerNorm,
  relu,
  scaledDotProductAttention,
  split,
  stack,
} from "../../../src/autograd";
import { number, type Op } from "./case";

/** Small graphs: leaves used several times, two outputs, detached branches, recurrences. */
export const graphs: Readonly<Record<string, Op>> = {
  graph_reuse: (c) => {
    const x = c.input("x");
    return x.mul(x).add(x.mul(x.neg().exp())).sub(x);
  },
  graph_same_operand: (c) => {
    const x = c.input("x");
    const xx = x.matmul(x.transpose());
    return xx.mul(x.matmul(x.transpose()).tanh()).add(x.sum());
  },
  graph_detach: (c) => {
    const h = c.input("x").matmul(c.input("w")).tanh();
    return h.mul(h.detach()).add(c.input("x").detach().sum());
  },
  graph_two_outputs: (c) => {
    const h = relu(c.input("x").matmul(c.input("w")));
    return { y0: h.sum(0), y1: h.mul(h).mean(1) };
  },
  graph_broadcast_chain: (c) => {
    const [a, b, x] = [c.input("a"), c.input("b"), c.input("c")];
    return a.add(b).mul(x).sub(b).div(x.mul(x).add(1));
  },
  graph_mlp_loss: (c) => {
    const h = gelu(c.input("x").matmul(c.input("w1")).add(c.input("b1")));
    return crossEntropy(h.matmul(c.input("w2")).add(c.input("b2")), c.input("target"));
  },
  graph_block: (c) => {
    const eps = number(c, "eps");
    const heads = number(c, "heads");
    const norm = (x: ReturnType<typeof c.input>, name: string) =>
      layerNorm(x, x.shape[2], { weight: c.input(`${name}_w`), bias: c.input(`${name}_b`), eps });
    const linear = (x: ReturnType<typeof c.input>, name: string) =>
      x.matmul(c.input(`${name}_w`).transpose()).add(c.input(`${name}_b`));
    let x = c.input("x");
    const [B, T, C] = x.shape;
    const splitHeads = (y: typeof x) => y.reshape([B, T, heads, C / heads]).transpose(1, 2);
    const [q, k, v] = split(linear(norm(x, "ln1"), "qkv"), C, -1).map(splitHeads);
    const attended = scaledDotProductAttention(q, k, v, { isCausal: true })
      .transpose(1, 2)
      .reshape([B, T, C]);
    x = x.add(linear(attended, "proj"));
    return x.add(linear(gelu(linear(norm(x, "ln2"), "fc1")), "fc2"));
  },
  gru_free_recurrence: (c) => {
    const x = c.input("x");
    let h = c.input("h0");
    const states = [];
    for (let t = 0; t < x.shape[1]; t++) {
      h = x
        .select(1, t)
        .matmul(c.input("w"))
        .add(h.matmul(c.input("u")))
        .tanh();
      states.push(h);
    }
    return stack(states, 1);
  },
};
