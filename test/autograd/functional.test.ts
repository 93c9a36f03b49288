import { describe, test } from "vitest";
import type { Tensor } from "../../src/autograd";
import * as ag from "../../src/autograd";
import { array, Generator, type NDArray } from "../../src/tensor";
import { check, Inputs } from "./inputs";

/** Every neural function against central differences in float64. */
type Case = [
  name: string,
  fn: (...x: Tensor[]) => Tensor | readonly Tensor[],
  inputs: (make: Inputs) => NDArray[],
];

const run = (group: string, cases: readonly Case[]) =>
  describe(group, () => {
    test.each(cases)("%s", (_, fn, inputs) => check(fn, inputs(new Inputs())));
  });

const ints = (values: Parameters<typeof array>[0]) => array(values, { dtype: "int32" });

run("activations", [
  ["relu", ag.relu, (m) => [m.nonzero(2, 3)]],
  ["silu", ag.silu, (m) => [m.normal(2, 3)]],
  ["gelu", (x) => ag.gelu(x), (m) => [m.normal(2, 3)]],
  ["gelu, tanh", (x) => ag.gelu(x, { approximate: "tanh" }), (m) => [m.normal(2, 3)]],
  ["quickGelu", ag.quickGelu, (m) => [m.normal(2, 3)]],
  ["leakyRelu", (x) => ag.leakyRelu(x, { slope: 0.1 }), (m) => [m.nonzero(2, 3)]],
  ["elu", (x) => ag.elu(x, { alpha: 1.3 }), (m) => [m.nonzero(2, 3)]],
  ["prelu", ag.prelu, (m) => [m.nonzero(2, 3, 4), m.normal(3)]],
  ["prelu with one weight", ag.prelu, (m) => [m.nonzero(4), m.normal(1)]],
  ["mish", ag.mish, (m) => [m.normal(2, 3)]],
  ["glu", (x) => ag.glu(x, 1), (m) => [m.normal(2, 6, 3)]],
  ["softplus", ag.softplus, (m) => [m.normal(2, 3)]],
  ["logSigmoid", ag.logSigmoid, (m) => [m.normal(2, 3)]],
]);

run("linear", [
  ["linear", (x, w, b) => ag.linear(x, w, b), (m) => [m.normal(2, 3, 4), m.normal(5, 4), m.normal(5)]],
  ["linear without bias, a vector", (x, w) => ag.linear(x, w), (m) => [m.normal(4), m.normal(5, 4)]],
]);

run("softmax", [
  ["last axis", (x) => ag.softmax(x), (m) => [m.normal(2, 3, 4)]],
  ["first axis", (x) => ag.softmax(x, 0), (m) => [m.normal(2, 3, 4)]],
  ["a vector", (x) => ag.softmax(x, 0), (m) => [m.normal(4)]],
  ["logSoftmax", (x) => ag.logSoftmax(x), (m) => [m.normal(2, 3, 4)]],
  ["logSoftmax, middle axis", (x) => ag.logSoftmax(x, -2), (m) => [m.normal(2, 3, 4)]],
]);

run("norms", [
  [
    "layerNorm",
    (x, weight, bias) => ag.layerNorm(x, 4, { weight, bias }),
    (m) => [m.normal(2, 3, 4), m.normal(4), m.normal(4)],
  ],
  [
    "layerNorm over two axes",
    (x, weight, bias) => ag.layerNorm(x, [3, 4], { weight, bias }),
    (m) => [m.normal(2, 3, 4), m.normal(3, 4), m.normal(3, 4)],
  ],
  [
    "layerNorm without bias",
    (x, weight) => ag.layerNorm(x, 4, { weight }),
    (m) => [m.normal(2, 3, 4), m.normal(4)],
  ],
  ["layerNorm, bare", (x) => ag.layerNorm(x, 4), (m) => [m.normal(2, 4)]],
  ["rmsNorm", (x, weight) => ag.rmsNorm(x, 4, { weight }), (m) => [m.normal(2, 3, 4), m.normal(4)]],
  ["rmsNorm over two axes", (x) => ag.rmsNorm(x, [3, 4], { eps: 0.1 }), (m) => [m.normal(2, 3, 4)]],
  [
    "groupNorm",
    (x, weight, bias) => ag.groupNorm(x, 2, { weight, bias }),
    (m) => [m.normal(2, 6, 3, 2), m.normal(6), m.normal(6)],
  ],
  [
    "batchNorm, training",
    (x, weight, bias) => ag.batchNorm(x, { weight, bias, training: true }),
    (m) => [m.normal(3, 4, 2, 5), m.normal(4), m.normal(4)],
  ],
  [
    "batchNorm, evaluating",
    (x, weight, bias) =>
      ag.batchNorm(x, { weight, bias, runningMean: array([1, 2, 3, 4]), runningVar: array([1, 2, 3, 4]) }),
    (m) => [m.normal(3, 4, 2), m.normal(4), m.normal(4)],
  ],
  ["normalize", (x) => ag.normalize(x), (m) => [m.normal(2, 3, 4)]],
  [
    "cosineSimilarity",
    (a, b) => ag.cosineSimilarity(a, b, { axis: -1 }),
    (m) => [m.normal(2, 1, 4), m.normal(3, 4)],
  ],
]);

const classes = ints([2, 0, -100, 1, 2]);
const weight = array([0.5, 2, 1.5]);
run("losses", [
  ["crossEntropy", (x) => ag.crossEntropy(x, classes), (m) => [m.normal(5, 3)]],
  ["crossEntropy of one row", (x) => ag.crossEntropy(x, ints(1)), (m) => [m.normal(3)]],
  [
    "crossEntropy, all options",
    (x) => ag.crossEntropy(x, classes, { labelSmoothing: 0.2, weight }),
    (m) => [m.normal(5, 3)],
  ],
  [
    "crossEntropy, no reduction",
    (x) => ag.crossEntropy(x, classes, { labelSmoothing: 0.2, weight, reduction: "none" }),
    (m) => [m.normal(5, 3)],
  ],
  [
    "crossEntropy of maps",
    (x) =>
      ag.crossEntropy(
        x,
        ints([
          [2, 0, 1, 1],
          [0, 0, 2, 1],
        ]),
        { reduction: "sum" },
      ),
    (m) => [m.normal(2, 3, 4)],
  ],
  [
    "crossEntropy against probabilities",
    (x, p) => ag.crossEntropy(x, p, { weight, labelSmoothing: 0.1 }),
    (m) => [m.normal(5, 3), m.between(0.1, 0.6, 5, 3)],
  ],
  ["nllLoss", (x) => ag.nllLoss(x, classes, { weight }), (m) => [m.normal(5, 3)]],
  ["mseLoss", (x, y) => ag.mseLoss(x, y), (m) => [m.normal(2, 3), m.normal(2, 3)]],
  ["l1Loss", (x, y) => ag.l1Loss(x, y, { reduction: "sum" }), (m) => [m.normal(2, 3), m.normal(2, 3)]],
  ["huberLoss", (x, y) => ag.huberLoss(x, y, { delta: 0.6 }), (m) => [m.normal(4, 5), m.normal(4, 5)]],
  ["smoothL1Loss", (x, y) => ag.smoothL1Loss(x, y, { beta: 0.6 }), (m) => [m.normal(4, 5), m.normal(4, 5)]],
  [
    "klDiv",
    (x, y) => ag.klDiv(x, y, { reduction: "batchmean" }),
    (m) => [m.normal(2, 3), m.between(0.1, 0.9, 2, 3)],
  ],
  [
    "binaryCrossEntropy",
    (x, y) => ag.binaryCrossEntropy(x, y),
    (m) => [m.between(0.1, 0.9, 2, 3), m.between(0, 1, 2, 3)],
  ],
  [
    "binaryCrossEntropyWithLogits",
    (x, y) => ag.binaryCrossEntropyWithLogits(x, y),
    (m) => [m.normal(2, 3), m.between(0, 1, 2, 3)],
  ],
  [
    "binaryCrossEntropyWithLogits, weighted",
    (x, y, w, p) => ag.binaryCrossEntropyWithLogits(x, y, { weight: w, posWeight: p, reduction: "sum" }),
    (m) => [m.normal(2, 3), m.between(0, 1, 2, 3), m.between(0.5, 2, 2, 1), m.between(0.5, 2, 3)],
  ],
]);

const attention = (m: Inputs) => [m.normal(2, 3, 4, 5), m.normal(2, 3, 6, 5), m.normal(2, 3, 6, 7)];
const sdpa = ag.scaledDotProductAttention;
run("attention", [
  ["plain", (q, k, v) => sdpa(q, k, v), attention],
  ["causal", (q, k, v) => sdpa(q, k, v, { isCausal: true }), attention],
  ["another scale", (q, k, v) => sdpa(q, k, v, { scale: 0.3 }), attention],
  [
    "boolean mask with a blind row",
    (q, k, v) =>
      sdpa(q, k, v, {
        mask: array([true, false, true, true, false, true])
          .expand([4, 6])
          .logicalAnd(array([[true], [false], [true], [true]])),
      }),
    attention,
  ],
  [
    "additive mask with gradient",
    (q, k, v, mask) => sdpa(q, k, v, { mask }),
    (m) => [...attention(m), m.normal(3, 1, 6)],
  ],
  [
    "keys shared by the heads",
    (q, k, v) => sdpa(q, k, v),
    (m) => [m.normal(2, 3, 4, 5), m.normal(2, 1, 6, 5), m.normal(6, 7)],
  ],
  ["dropout", (q, k, v) => sdpa(q, k, v, { dropout: 0.3, generator: new Generator(3) }), attention],
]);

run("embedding and dropout", [
  [
    "embedding",
    (w) =>
      ag.embedding(
        w,
        ints([
          [0, 2, 2],
          [1, 0, 2],
        ]),
      ),
    (m) => [m.normal(3, 4)],
  ],
  [
    "dropout2d",
    (x) => ag.dropout2d(x, { p: 0.4, generator: new Generator(3) }),
    (m) => [m.normal(2, 4, 2, 3)],
  ],
  ["dropout", (x) => ag.dropout(x, { p: 0.4, generator: new Generator(3) }), (m) => [m.normal(4, 5)]],
]);

run("images", [
  [
    "conv2d",
    (x, w, bias) => ag.conv2d(x, w, { bias }),
    (m) => [m.normal(2, 3, 4, 5), m.normal(6, 3, 2, 3), m.normal(6)],
  ],
  [
    "conv2d, all options",
    (x, w) => ag.conv2d(x, w, { stride: [2, 1], padding: [1, 2], dilation: [1, 2], groups: 2 }),
    (m) => [m.normal(2, 4, 5, 3), m.normal(6, 2, 3, 2)],
  ],
  [
    "conv2d, depthwise",
    (x, w) => ag.conv2d(x, w, { groups: 3, padding: 1 }),
    (m) => [m.normal(2, 3, 4, 5), m.normal(3, 1, 3, 3)],
  ],
  [
    "conv1d",
    (x, w, bias) => ag.conv1d(x, w, { bias, stride: 2, padding: 1 }),
    (m) => [m.normal(2, 3, 7), m.normal(4, 3, 3), m.normal(4)],
  ],
  [
    "convTranspose2d",
    (x, w, bias) =>
      ag.convTranspose2d(x, w, { bias, stride: 2, padding: 1, outputPadding: [0, 1], groups: 2 }),
    (m) => [m.normal(2, 4, 3, 5), m.normal(4, 3, 2, 3), m.normal(6)],
  ],
  [
    "unfold and fold",
    (x) => ag.fold(ag.unfold(x, { kernelSize: 2, padding: 1 }).mul(2), [3, 4], { kernelSize: 2, padding: 1 }),
    (m) => [m.normal(2, 3, 3, 4)],
  ],
  [
    "convTranspose1d",
    (x, w, bias) => ag.convTranspose1d(x, w, { bias, stride: 2, padding: 1, outputPadding: 1, groups: 2 }),
    (m) => [m.normal(2, 4, 3), m.normal(4, 3, 3), m.normal(6)],
  ],
  [
    "maxPool1d",
    (x) => ag.maxPool1d(x, 3, { stride: 2, padding: 1, dilation: 2, ceilMode: true }),
    (m) => [m.distinct(2, 3, 8)],
  ],
  [
    "avgPool1d",
    (x) => ag.avgPool1d(x, 3, { stride: 2, padding: 1, ceilMode: true, countIncludePad: false }),
    (m) => [m.normal(3, 6)],
  ],
  ["gridSample", (x, grid) => ag.gridSample(x, grid), (m) => [m.normal(2, 3, 4, 5), m.normal(2, 2, 3, 2)]],
  [
    "gridSample, bicubic and mirrored",
    (x, grid) => ag.gridSample(x, grid, { mode: "bicubic", paddingMode: "reflection", alignCorners: true }),
    (m) => [m.normal(1, 2, 4, 5), m.normal(1, 2, 3, 2)],
  ],
  ["maxPool2d", (x) => ag.maxPool2d(x, 2), (m) => [m.distinct(2, 3, 4, 5)]],
  [
    "maxPool2d, all options",
    (x) => ag.maxPool2d(x, [2, 3], { stride: 2, padding: 1, dilation: [2, 1], ceilMode: true }),
    (m) => [m.distinct(1, 2, 6, 5)],
  ],
  ["avgPool2d", (x) => ag.avgPool2d(x, 2), (m) => [m.normal(2, 3, 4, 5)]],
  [
    "avgPool2d, all options",
    (x) => ag.avgPool2d(x, 3, { stride: 2, padding: 1, ceilMode: true, countIncludePad: false }),
    (m) => [m.normal(1, 2, 6, 5)],
  ],
  ["adaptiveAvgPool2d", (x) => ag.adaptiveAvgPool2d(x, [2, 3]), (m) => [m.normal(2, 3, 5, 7)]],
  ["interpolate, nearest", (x) => ag.interpolate(x, { size: [5, 7] }), (m) => [m.normal(1, 2, 3, 4)]],
  [
    "interpolate, bilinear",
    (x) => ag.interpolate(x, { scaleFactor: 1.7, mode: "bilinear" }),
    (m) => [m.normal(1, 2, 3, 4)],
  ],
  [
    "interpolate, bicubic",
    (x) => ag.interpolate(x, { size: [5, 2], mode: "bicubic", alignCorners: true }),
    (m) => [m.normal(1, 2, 3, 4)],
  ],
  [
    "interpolate, antialiased",
    (x) => ag.interpolate(x, { size: [2, 3], mode: "bicubic", antialias: true }),
    (m) => [m.normal(1, 2, 5, 4)],
  ],
  ["pixelShuffle", (x) => ag.pixelShuffle(x, 2), (m) => [m.normal(2, 8, 3, 1)]],
]);

run("rearrangements", [
  ["repeatInterleave", (x) => ag.repeatInterleave(x, 3, 1), (m) => [m.normal(2, 4)]],
  ["slidingWindows", (x) => ag.slidingWindows(x, 1, 3, 2), (m) => [m.normal(2, 7, 3)]],
  [
    "reflectionPad",
    (x) =>
      ag.reflectionPad(x, [
        [0, 0],
        [2, 1],
      ]),
    (m) => [m.normal(2, 4)],
  ],
  [
    "replicationPad",
    (x) =>
      ag.replicationPad(x, [
        [1, 0],
        [2, 1],
      ]),
    (m) => [m.normal(2, 4)],
  ],
]);
