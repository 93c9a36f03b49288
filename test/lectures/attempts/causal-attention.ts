import {
  concat,
  noGrad,
  scaledDotProductAttention,
  softmax,
  type Tensor,
  tensor,
  where,
} from "../../../src/autograd";
import * as nd from "../../../src/tensor";
import type { Attempts } from "./attempt";

const size = (x: Tensor) => x.shape.slice(-2);
const ahead = (T: number) => nd.ones([T, T], { dtype: "bool" }).triu(1);
const scored = (q: Tensor, k: Tensor) => q.matmul(k.transpose()).div(Math.sqrt(q.shape.at(-1)!));
const closed = (s: Tensor) => s.maskedFill(ahead(s.shape.at(-1)!), -Infinity);
const right = (q: Tensor, k: Tensor, v: Tensor) => {
  const weights = softmax(closed(scored(q, k)));
  return { output: weights.matmul(v), weights };
};
const from = (weights: Tensor, v: Tensor) => ({ output: weights.matmul(v), weights });
type Q = Tensor;

export const causalAttention: Attempts = {
  wrong: [
    {
      name: "the library's own",
      told: /already does what the exercise asks for/,
      fn: (q: Q, k: Q, v: Q) => ({
        output: scaledDotProductAttention(q, k, v, { isCausal: true }),
        weights: right(q, k, v).weights,
      }),
    },
    { name: "nothing returned", fn: () => {}, told: /is there a `return`/ },
    { name: "output alone", fn: (q: Q, k: Q, v: Q) => right(q, k, v).output, told: /no field "output"/ },
    {
      name: "a pair",
      fn: (q: Q, k: Q, v: Q) => Object.values(right(q, k, v)),
      told: /no field "output", it is an array of 2/,
    },
    {
      name: "arrays for tensors",
      fn: (q: Q, k: Q, v: Q) => {
        const { output, weights } = right(q, k, v);
        return { output: output.data, weights: weights.data };
      },
      told: /leave `.data` alone/,
    },
    {
      name: "only two axes",
      fn: (q: Q, k: Q, v: Q) => {
        const [T, D] = q.shape;
        const s = q.matmul(k.transpose()).div(Math.sqrt(D));
        return from(softmax(s.maskedFill(ahead(T), -Infinity)), v);
      },
      told: /the function threw .*called with Tensor \(2, 5, 7, 6\)/s,
    },
    {
      name: "always four axes",
      fn: (q: Q, k: Q, v: Q) => {
        const [, , T, D] = q.shape;
        const s = q.matmul(k.transpose()).div(Math.sqrt(D));
        return from(softmax(s.maskedFill(ahead(T), -Infinity)), v);
      },
      told: /the function threw/,
    },
    {
      name: "all axes turned",
      fn: (q: Q, k: Q, v: Q) => from(softmax(closed(q.matmul(k.permute([3, 2, 1, 0])))), v),
      told: /the function threw/,
    },
    { name: "no transpose", fn: (q: Q, k: Q, v: Q) => from(softmax(q.matmul(k)), v), told: /matmul/ },
    {
      name: "keys transposed by the wrong axes",
      fn: (q: Q, k: Q, v: Q) => from(softmax(q.matmul(k.transpose(0, 1))), v),
      told: /the function threw/,
    },
    {
      name: "D from the values",
      fn: (q: Q, k: Q, v: Q) =>
        from(softmax(closed(q.matmul(k.transpose()).div(Math.sqrt(v.shape.at(-1)!)))), v),
      told: /the root of the value's size/,
    },
    {
      name: "D²",
      fn: (q: Q, k: Q, v: Q) => from(softmax(closed(q.matmul(k.transpose()).div(q.shape.at(-1)! ** 2))), v),
      told: /weights\[1, 0\] is/,
    },
    {
      name: "a fixed √64",
      fn: (q: Q, k: Q, v: Q) => from(softmax(closed(q.matmul(k.transpose()).div(8))), v),
      told: /weights\[1, 0\] is/,
    },
    {
      name: "a fixed √6",
      fn: (q: Q, k: Q, v: Q) => from(softmax(closed(q.matmul(k.transpose()).div(Math.sqrt(6)))), v),
      told: /the weights are wrong|gradient/,
    },
    {
      name: "query and key both divided by √D",
      fn: (q: Q, k: Q, v: Q) => {
        const d = Math.sqrt(q.shape.at(-1)!);
        return from(softmax(closed(q.div(d).matmul(k.div(d).transpose()))), v);
      },
      told: /divided by D, not by √D/,
    },
    {
      name: "the size of the whole query",
      fn: (q: Q, k: Q, v: Q) => from(softmax(closed(q.matmul(k.transpose()).div(Math.sqrt(q.size)))), v),
      told: /weights\[1, 0\] is/,
    },
    {
      name: "the number of axes",
      fn: (q: Q, k: Q, v: Q) => from(softmax(closed(q.matmul(k.transpose()).div(Math.sqrt(q.ndim)))), v),
      told: /expected 0.75/,
    },
    {
      name: "values scaled too",
      fn: (q: Q, k: Q, v: Q) => {
        const { output, weights } = right(q, k, v);
        return { output: output.div(Math.sqrt(q.shape.at(-1)!)), weights };
      },
      told: /output\[0, 0\] is .*expected 8/,
    },
    {
      name: "mask multiplied in",
      fn: (q: Q, k: Q, v: Q) => {
        const s = scored(q, k);
        const T = s.shape.at(-1)!;
        return from(softmax(s.mul(nd.ones([T, T]).tril())), v);
      },
      told: /a score of 0 is not nothing/,
    },
    {
      name: "mask 1 and 0 added",
      fn: (q: Q, k: Q, v: Q) => from(softmax(scored(q, k).add(nd.ones(size(scored(q, k))).tril())), v),
      told: /weights\[0, 0\] is/,
    },
    {
      name: "−1 for −∞",
      fn: (q: Q, k: Q, v: Q) => from(softmax(scored(q, k).maskedFill(ahead(q.shape.at(-2)!), -1)), v),
      told: /weights\[0, 0\] is/,
    },
    {
      name: "smallest float that is positive",
      fn: (q: Q, k: Q, v: Q) =>
        from(softmax(scored(q, k).maskedFill(ahead(q.shape.at(-2)!), Number.MIN_VALUE)), v),
      told: /a score of 0 is not nothing/,
    },
    {
      name: "NaN for −∞",
      fn: (q: Q, k: Q, v: Q) => from(softmax(scored(q, k).maskedFill(ahead(q.shape.at(-2)!), Number.NaN)), v),
      told: /is NaN, expected a finite number/,
    },
    {
      name: "maskedFill, its result unused",
      fn: (q: Q, k: Q, v: Q) => {
        const s = scored(q, k);
        s.maskedFill(ahead(q.shape.at(-2)!), -Infinity);
        return from(softmax(s), v);
      },
      told: /its result is not used/,
    },
    {
      name: "one token of the past",
      fn: (q: Q, k: Q, v: Q) => {
        const T = q.shape.at(-2)!;
        const far = nd.ones([T, T], { dtype: "bool" }).tril(-2);
        return from(softmax(closed(scored(q, k)).maskedFill(far, -Infinity)), v);
      },
      told: /on seeded random input/,
    },
    {
      name: "relu for softmax",
      fn: (q: Q, k: Q, v: Q) =>
        from(
          scored(q, k)
            .maskedFill(ahead(q.shape.at(-2)!), 0)
            .relu(),
          v,
        ),
      told: /expected/,
    },
    {
      name: "sigmoid for softmax",
      fn: (q: Q, k: Q, v: Q) => from(closed(scored(q, k)).sigmoid(), v),
      told: /weights\[0, 0\] is 0.5, expected 1/,
    },
    {
      name: "own softmax, the sum over everything",
      fn: (q: Q, k: Q, v: Q) => {
        const p = closed(scored(q, k)).exp();
        return from(p.div(p.sum()), v);
      },
      told: /weights\[0, 0\] is/,
    },
    {
      name: "own softmax that overflows",
      fn: (q: Q, k: Q, v: Q) => {
        const p = closed(scored(q, k)).exp();
        return from(p.div(p.sum(-1, { keepDims: true })), v);
      },
      told: /when all scores lie around -300, the weights are NaN/,
    },
    {
      name: "weights of the logarithm",
      fn: (q: Q, k: Q, v: Q) => {
        const { output, weights } = right(q, k, v);
        return { output, weights: weights.log() };
      },
      told: /weights.* expected a finite number|logarithm/,
    },
    {
      name: "scores returned as weights",
      fn: (q: Q, k: Q, v: Q) => ({ ...right(q, k, v), weights: scored(q, k) }),
      told: /weights\[0, 0\] is 0, expected 1/,
    },
    {
      name: "output without weights",
      fn: (q: Q, k: Q, v: Q) => {
        const { weights } = right(q, k, v);
        return { output: v, weights };
      },
      told: /output\[1, 0\] is 4, expected 7/,
    },
    {
      name: "output in the order (…, E, T)",
      fn: (q: Q, k: Q, v: Q) => {
        const { output, weights } = right(q, k, v);
        return { output: output.transpose(), weights };
      },
      told: /two axes are swapped/,
    },
    {
      name: "noGrad around all",
      fn: (q: Q, k: Q, v: Q) => noGrad(() => right(q, k, v)),
      told: /no gradient reaches query.*noGrad\(\)/s,
    },
    {
      name: "through lists",
      fn: (q: Q, k: Q, v: Q) => from(tensor(softmax(closed(scored(q, k))).data.toArray() as number[][]), v),
      told: /no gradient reaches query|the weights were taken out/,
    },
    {
      name: "keys detached",
      fn: (q: Q, k: Q, v: Q) => right(q, k.detach(), v),
      told: /no gradient reaches key/,
    },
    {
      name: "the first head alone",
      fn: (q: Q, k: Q, v: Q) => {
        if (q.ndim < 4) return right(q, k, v);
        const one = right(q.select(1, 0), k.select(1, 0), v.select(1, 0));
        return { output: one.output.unsqueeze(1), weights: one.weights.unsqueeze(1) };
      },
      told: /has shape \(2, 1, 7, 3\), expected \(2, 5, 7, 3\)/,
    },
    {
      name: "batch folded and left folded",
      fn: (q: Q, k: Q, v: Q) => {
        const fold = (x: Tensor) => x.reshape([-1, ...size(x)]);
        return right(fold(q), fold(k), fold(v));
      },
      told: /has shape \(10, 7, 3\), expected \(2, 5, 7, 3\)/,
    },
    {
      name: "dropout",
      fn: (q: Q, k: Q, v: Q) => {
        const { weights } = right(q, k, v);
        const keep = new nd.Generator(1).uniform(weights.shape).gt(0.1);
        return from(where(keep, weights, 0), v);
      },
      told: /expected/,
    },
    {
      name: "query changed in place",
      fn: (q: Q, k: Q, v: Q) => {
        const result = right(q, k, v);
        q.data.assign(q.data.div(Math.sqrt(q.shape.at(-1)!)));
        return result;
      },
      told: /the function changed its argument 1/,
    },
  ],
  right: [
    { name: "as in the hint", fn: right },
    {
      name: "D ** 0.5",
      fn: (q: Q, k: Q, v: Q) => from(softmax(closed(q.matmul(k.transpose()).div(q.shape.at(-1)! ** 0.5))), v),
    },
    {
      name: "query and key both divided by D^¼",
      fn: (q: Q, k: Q, v: Q) => {
        const d = q.shape.at(-1)! ** 0.25;
        return from(softmax(closed(q.div(d).matmul(k.div(d).transpose()))), v);
      },
    },
    {
      name: "tril, and its opposite",
      fn: (q: Q, k: Q, v: Q) => {
        const T = q.shape.at(-2)!;
        const seen = nd.ones([T, T], { dtype: "bool" }).tril();
        return from(softmax(scored(q, k).maskedFill(seen.logicalNot(), -Infinity)), v);
      },
    },
    {
      name: "compared places",
      fn: (q: Q, k: Q, v: Q) => {
        const places = nd.arange(0, q.shape.at(-2)!);
        const future = places.unsqueeze(0).gt(places.unsqueeze(1));
        return from(softmax(scored(q, k).maskedFill(future, -1e30)), v);
      },
    },
    {
      name: "a mask that is added",
      fn: (q: Q, k: Q, v: Q) => {
        const T = q.shape.at(-2)!;
        const mask = nd.zeros([T, T]).maskedFill(ahead(T), -1e9);
        return from(softmax(scored(q, k).add(mask)), v);
      },
    },
    {
      name: "where",
      fn: (q: Q, k: Q, v: Q) => from(softmax(where(ahead(q.shape.at(-2)!), -Infinity, scored(q, k))), v),
    },
    {
      name: "masked after, divided by the sum of what is left",
      fn: (q: Q, k: Q, v: Q) => {
        const all = softmax(scored(q, k)).maskedFill(ahead(q.shape.at(-2)!), 0);
        return from(all.div(all.sum(-1, { keepDims: true })), v);
      },
    },
    {
      name: "exp of what log-sum-exp leaves",
      fn: (q: Q, k: Q, v: Q) => {
        const s = closed(scored(q, k));
        const top = s.max(-1, { keepDims: true });
        const total = s.sub(top).exp().sum(-1, { keepDims: true }).log().add(top);
        return from(s.sub(total).exp(), v);
      },
    },
    {
      name: "each of the batch alone",
      fn: (q: Q, k: Q, v: Q) => {
        const lead = q.shape.slice(0, -2);
        const fold = (x: Tensor) => x.reshape([-1, ...size(x)]);
        const [a, b, c] = [fold(q), fold(k), fold(v)];
        const parts = Array.from({ length: a.shape[0] }, (_, i) =>
          right(a.narrow(0, i, 1), b.narrow(0, i, 1), c.narrow(0, i, 1)),
        );
        const whole = (list: Tensor[]) => concat(list).reshape([...lead, ...size(list[0])]);
        return {
          weights: whole(parts.map(({ weights }) => weights)),
          output: whole(parts.map(({ output }) => output)),
        };
      },
    },
  ],
};
