import { crossEntropy, noGrad, type Tensor, tensor } from "../../../src/autograd";
import * as nd from "../../../src/tensor";
import type { Attempts } from "./attempt";

const squares = (x: Tensor) => x.square().sum(-1, { keepDims: true });
/** Cosines with another way to a row's length. */
const cosines = (lengthOf: (x: Tensor) => Tensor) => (images: Tensor, texts: Tensor) =>
  images.div(lengthOf(images)).matmul(texts.div(lengthOf(texts)).transpose());

export const cosineMatrix: Attempts = {
  wrong: [
    {
      name: "clamp before the root",
      fn: cosines((x) => squares(x).clamp(1e-12, Infinity).sqrt()),
      told: /before the root/,
    },
    {
      name: "added before the root",
      fn: cosines((x) => squares(x).add(1e-12).sqrt()),
      told: /before the root/,
    },
    {
      name: "PyTorch's 1e-8",
      fn: cosines((x) => squares(x).sqrt().clamp(1e-8, Infinity)),
      told: /1e-8 is too large/,
    },
    { name: "1e-8 added", fn: cosines((x) => squares(x).sqrt().add(1e-8)), told: /1e-8 is added/ },
    { name: "no keepDims", fn: cosines((x) => x.square().sum(-1).sqrt()), told: /keepDims: true/ },
    {
      name: "one length",
      fn: cosines((x) => x.square().sum().sqrt().clamp(1e-12, Infinity)),
      told: /one number/,
    },
    {
      name: "arrays",
      fn: (images: Tensor, texts: Tensor) => cosines((x) => squares(x).sqrt())(images, texts).data,
      told: /an NDArray does not remember/,
    },
  ],
  right: [
    { name: "1e-12 added after the root", fn: cosines((x) => squares(x).sqrt().add(1e-12)) },
    { name: "clamped at the square of 1e-12", fn: cosines((x) => squares(x).clamp(1e-24, Infinity).sqrt()) },
    {
      name: "a power",
      fn: cosines((x) => x.pow(2).sum(1, { keepDims: true }).pow(0.5).clamp(1e-12, Infinity)),
    },
  ],
};

type Temperature = (cosines: Tensor, logScale: Tensor, largest?: number) => Tensor;
const temperature = (fn: Temperature): Temperature => fn;

export const learnedTemperature: Attempts = {
  wrong: [
    {
      name: "clamp after exp",
      fn: temperature((c, s, largest = 100) => c.mul(s.exp().clamp(0, largest))),
      told: /cut after exp/,
    },
    {
      name: "clamped at 100",
      fn: temperature((c, s, largest = 100) => c.mul(s.clamp(-Infinity, largest).exp())),
      told: /its logarithm is ln\(largest\)/,
    },
    { name: "no limit", fn: temperature((c, s) => c.mul(s.exp())), told: /above its limit/ },
    { name: "a temperature", fn: temperature((c, s) => c.div(s.exp())), told: /divided by exp/ },
    {
      name: "a number",
      fn: temperature((c, s, largest = 100) => c.mul(Math.exp(Math.min(s.item(), Math.log(largest))))),
      told: /no gradient reaches logScale/,
    },
    {
      name: "noGrad",
      fn: temperature((c, s, largest = 100) =>
        c.mul(noGrad(() => s.clamp(-Infinity, Math.log(largest)).exp())),
      ),
      told: /no gradient reaches logScale/,
    },
  ],
  right: [
    {
      name: "the constant above",
      fn: temperature((c, s, largest = 100) =>
        s.item() >= Math.log(largest) ? c.mul(largest) : c.mul(s.exp()),
      ),
    },
    {
      name: "exp of the cosines' side",
      fn: temperature((c, s, largest = 100) => s.clamp(-1e9, Math.log(largest)).exp().mul(c)),
    },
  ],
};

const labels = (logits: Tensor) => nd.arange(0, logits.shape[0]);

export const symmetricLoss: Attempts = {
  wrong: [
    {
      name: "crossEntropy of probabilities",
      fn: (x: Tensor) =>
        crossEntropy(x.softmax(-1), labels(x))
          .add(crossEntropy(x.transpose().softmax(-1), labels(x)))
          .div(2),
      told: /softmax is taken twice/,
    },
    {
      name: "the same way twice",
      fn: (x: Tensor) =>
        crossEntropy(x, labels(x))
          .add(crossEntropy(x, labels(x)))
          .div(2),
      told: /only the rows are asked/,
    },
    {
      name: "log of softmax",
      fn: (x: Tensor) => {
        const of = (y: Tensor) =>
          y
            .softmax(-1)
            .log()
            .mul(tensor(nd.eye(y.shape[0])))
            .sum()
            .div(-y.shape[0]);
        return of(x).add(of(x.transpose())).div(2);
      },
      told: /rounds to 0|not finite|is NaN/,
    },
    {
      name: "a number",
      fn: (x: Tensor) =>
        crossEntropy(x, labels(x))
          .add(crossEntropy(x.transpose(), labels(x)))
          .div(2)
          .item(),
      told: /expected a/,
    },
    {
      name: "the mean over the pairs taken twice",
      fn: (x: Tensor) =>
        crossEntropy(x, labels(x))
          .add(crossEntropy(x.transpose(), labels(x)))
          .div(2 * x.shape[0]),
      told: /a mean over the batch already/,
    },
  ],
  right: [
    {
      name: "one-hot",
      fn: (x: Tensor) => {
        const one = tensor(nd.eye(x.shape[0]));
        return x
          .logSoftmax(0)
          .add(x.logSoftmax(1))
          .mul(one)
          .sum()
          .div(-2 * x.shape[0]);
      },
    },
  ],
};

type Recall = (scores: nd.NDArray, targets: nd.NDArray, k: number) => number;
const recall = (fn: Recall): Recall => fn;

export const recallAt: Attempts = {
  wrong: [
    {
      name: "the first k of topk",
      fn: recall((scores, targets, k) => {
        const { indices } = scores.topk(Math.min(k, scores.shape[1]));
        const rows = indices.toArray() as number[][];
        return rows.filter((row, i) => row.includes(targets.get([i]))).length / rows.length;
      }),
      told: /the one that stands first wins/,
    },
    {
      name: "argmax, whatever k",
      fn: recall((scores, targets) => scores.argmax(1).eq(targets).to("float32").mean().item()),
      told: /k is not used/,
    },
    {
      name: "the diagonal",
      fn: recall((scores, _, k) => {
        const N = scores.shape[0];
        const right = scores.gather(1, nd.arange(0, N).unsqueeze(1));
        return scores.gt(right).to("int32").sum(1).lt(k).to("float32").mean().item();
      }),
      told: /`targets` says which/,
    },
    {
      name: "a Tensor",
      fn: (scores: nd.NDArray, targets: nd.NDArray, k: number) =>
        tensor(
          scores
            .gt(scores.gather(1, targets.unsqueeze(1)))
            .to("int32")
            .sum(1)
            .lt(k)
            .to("float32")
            .mean(),
        ),
      told: /expected/,
    },
  ],
  right: [
    {
      name: "a count by hand",
      fn: recall((scores, targets, k) => {
        const rows = scores.toArray() as number[][];
        const found = rows.filter((row, i) => row.filter((s) => s > row[targets.get([i])]).length < k);
        return found.length / rows.length;
      }),
    },
  ],
};
