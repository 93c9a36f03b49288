import { describe, expect, it } from "vitest";
import { ones, randn, relu, tensor, zeros } from "../../src/autograd";
import { CharTokenizer, DataLoader, NextTokenDataset, padSequences, TensorDataset } from "../../src/data";
import * as nn from "../../src/nn";
import * as nd from "../../src/tensor";

// What a user of plain JavaScript, or one who silences the compiler, writes by mistake; see test/tensor/mistakes.

const layer = new nn.Linear(3, 2);
const attention = new nn.MultiHeadAttention(4, 2);
const q = randn([2, 3, 4]);
const no = (value: unknown) => value as never;
const sgd = () => new nn.SGD(layer.parameters(), { lr: 0.1 });

const cases: [name: string, run: () => unknown, message: string][] = [
  [
    "a size left out",
    () => new nn.Linear(3, no(undefined)),
    "Linear: expected outFeatures to be a whole number >= 1, got undefined",
  ],
  [
    "a size as text",
    () => new nn.Linear(no("3"), 2),
    'Linear: expected inFeatures to be a whole number >= 1, got "3"',
  ],
  [
    "bias by place",
    () => new nn.Linear(3, 2, no(false)),
    "Linear: expected options such as { bias: false }, got false",
  ],
  [
    "Linear on an NDArray",
    () => layer.forward(no(nd.zeros([2, 3]))),
    "Linear: expected a Tensor, got an NDArray (2, 3); wrap numbers and arrays with tensor()",
  ],
  ["Linear on nothing", () => layer.forward(no(undefined)), "Linear: expected a Tensor, got undefined"],
  [
    "Embedding",
    () => new nn.Embedding(-5, 2),
    "Embedding: expected numEmbeddings to be a whole number >= 1, got -5",
  ],
  [
    "ids as a list",
    () => new nn.Embedding(5, 2).forward(no([1])),
    "embedding: expected an NDArray, got a list of 1",
  ],
  [
    "LayerNorm",
    () => new nn.LayerNorm(no(undefined)),
    "LayerNorm: a shape is an array of sizes >= 0 such as [2, 3], got (undefined,)",
  ],
  ["BatchNorm2d", () => new nn.BatchNorm2d(no(undefined)), "BatchNorm2d: expected numFeatures to be"],
  [
    "Dropout with options",
    () => new nn.Dropout(no({ p: 0.1 })),
    "Dropout: expected a probability in [0, 1], got an object { p }",
  ],
  [
    "BatchNorm2d on nothing",
    () => new nn.BatchNorm2d(2).forward(no(undefined)),
    "BatchNorm2d: expected a Tensor, got undefined",
  ],
  [
    "Dropout of a symbol",
    () => new nn.Dropout(no(Symbol("p"))),
    "Dropout: expected a probability in [0, 1], got",
  ],
  [
    "clipGradValue of a symbol",
    () => nn.clipGradValue([], no(Symbol("1"))),
    "clipGradValue: expected clipValue to be a number",
  ],
  [
    "Conv2d without a window",
    () => new nn.Conv2d(3, 4, no(undefined)),
    "Conv2d: expected kernelSize to be a whole number >= 1, got undefined",
  ],
  [
    "Conv2d, stride by place",
    () => new nn.Conv2d(3, 4, 3, no(2)),
    "Conv2d: expected options such as { stride: 2 }, got 2",
  ],
  [
    "Conv2d, other channels",
    () => new nn.Conv2d(3, 4, 3).forward(zeros([2, 1, 8, 8])),
    "Conv2d: expected 3 channels (inChannels), got 1 in (B, C, H, W) = (2, 1, 8, 8)",
  ],
  [
    "query, key, value by place",
    () => attention.forward(q, no(q)),
    "MultiHeadAttention: expected options such as { key, value }, got a Tensor (2, 3, 4)",
  ],
  [
    "keys of another batch",
    () => attention.forward(q, { key: randn([3, 3, 4]) }),
    "MultiHeadAttention: expected query (B, T, E) and key, value (B, S, …) of one batch and one S, got (2, 3, 4), (3, 3, 4), (3, 3, 4)",
  ],
  [
    "padding mask as lists",
    () => attention.forward(q, { keyPaddingMask: no([[true]]) }),
    "MultiHeadAttention: keyPaddingMask: expected an NDArray, got a list of 1",
  ],
  [
    "layers left out",
    () => new nn.Encoder(4, 2, no(undefined)),
    "Encoder: expected numLayers to be a whole number >= 0, got undefined",
  ],
  [
    "layers as options",
    () => new nn.Decoder(4, 2, no({ numLayers: 2 })),
    "Decoder: expected numLayers to be a whole number >= 0, got an object { numLayers }",
  ],
  [
    "memory by place",
    () => new nn.Decoder(4, 2, 1, { crossAttention: true }).forward(q, no(q)),
    "Decoder: expected options such as { memory, cache }, got a Tensor (2, 3, 4)",
  ],
  [
    "a list of layers",
    () => new nn.Sequential(no([layer])),
    "Sequential: expected layer 0 to be a module or a function, got a list of 1; write ...layers for a list",
  ],
  [
    "a name of a layer",
    () => new nn.Sequential(layer, no("relu")),
    'Sequential: expected layer 1 to be a module or a function, got "relu"',
  ],
  [
    "a class of a layer",
    () => new nn.Sequential(layer, no(nn.Flatten)),
    "Sequential: expected layer 1 to be a module or a function, got the class Flatten; write new before it",
  ],
  [
    "positions",
    () => new nn.LearnedPositionalEncoding(4, no(undefined)),
    "LearnedPositionalEncoding: expected embedDim",
  ],
  [
    "parameter of a Tensor",
    () => nn.parameter(no(q)),
    "parameter: expected an NDArray, got a Tensor (2, 3, 4); take its .data",
  ],
  ["initialiser, sizes one by one", () => nn.init.xavierUniform(no(3)), "xavierUniform: a shape is an array"],
  [
    "initialiser, mode of PyTorch",
    () => nn.init.kaimingUniform([2, 3], { mode: no("fan_in") }),
    'kaimingUniform: expected mode "fanIn" or "fanOut", got "fan_in"',
  ],
  [
    "a model for parameters",
    () => new nn.SGD(no(layer)),
    "SGD: expected a list of parameters, got a Linear; write model.parameters()",
  ],
  [
    "the method for parameters",
    () => new nn.SGD(no(layer.parameters)),
    "SGD: expected a list of parameters, got the function parameters; write model.parameters()",
  ],
  [
    "names and parameters",
    () => new nn.SGD(no(layer.namedParameters())),
    "SGD: expected parameters or groups such as { params: layer.parameters(), lr: 0.01 }, got a list of 2",
  ],
  [
    "a model for a group",
    () => new nn.SGD([{ params: no(layer) }]),
    "SGD: params of a group: expected a list of parameters, got a Linear; write model.parameters()",
  ],
  [
    "lr by place",
    () => new nn.SGD(layer.parameters(), no(0.1)),
    "SGD: expected options such as { lr: 0.01 }, got 0.1",
  ],
  [
    "lr as text",
    () => new nn.SGD(layer.parameters(), { lr: no("0.1") }),
    'SGD: expected a number as lr, got "0.1"',
  ],
  [
    "a setting of another name",
    () => new nn.AdamW(layer.parameters(), no({ learningRate: 1 })),
    "AdamW: no setting is called learningRate; there are lr, betas, eps, weightDecay, amsgrad, maximize",
  ],
  [
    "betas",
    () => new nn.Adam(layer.parameters(), { betas: no(0.9) }),
    "Adam: expected betas in [0, 1), got 0.9",
  ],
  [
    "schedule and optimizer exchanged",
    () => new nn.LRScheduler(no(nn.stepLR({ stepSize: 1 })), no(sgd())),
    "LRScheduler: expected an optimizer and a schedule",
  ],
  [
    "a schedule without its steps",
    () => new nn.LRScheduler(sgd(), nn.linearWithWarmup(no({}))),
    "linearWithWarmup: expected warmupSteps to be a whole number >= 0, got undefined",
  ],
  [
    "clipping a model",
    () => nn.clipGradNorm(no(layer), 1),
    "clipGradNorm: expected a list of parameters, got a Linear; write model.parameters()",
  ],
  [
    "clipping without a norm",
    () => nn.clipGradNorm(layer.parameters(), no(undefined)),
    "clipGradNorm: expected maxNorm to be a number, got undefined",
  ],
  [
    "a negative setting",
    () => new nn.AdamW(layer.parameters(), { weightDecay: -1 }),
    "AdamW: expected weightDecay >= 0, got -1",
  ],
  [
    "stride by place",
    () => new nn.MaxPool2d(2, no(2)),
    "MaxPool2d: expected options such as { stride: 2 }, got 2",
  ],
  ["eps by place", () => new nn.LayerNorm(4, no(1e-6)), "LayerNorm: expected options such as { eps: 1e-6 }"],
  ["padding by place", () => new nn.Embedding(4, 2, no(0)), "Embedding: expected options such as"],
  ["activation by place", () => new nn.MLP(3, 4, no("relu")), "MLP: expected options such as"],
  [
    "a sequence to pad",
    () => padSequences(no([1, 2])),
    "padSequences: expected a list of sequences, as in padSequences([[1, 2], [3]]), got 1",
  ],
  [
    "ids in an array",
    () => new NextTokenDataset(no(nd.array([1, 2])), { blockSize: 1 }),
    "NextTokenDataset: expected a list of ids, got an NDArray (2,)",
  ],
  [
    "windows without a size",
    () => new NextTokenDataset([1, 2], no(undefined)),
    "NextTokenDataset: expected options such as { blockSize: 64 }, got undefined",
  ],
  [
    "decoding an array",
    () => CharTokenizer.train("ab").decode(no(nd.array([1]))),
    "decode: expected a list of ids, got an NDArray (1,); its flat() is one",
  ],
  [
    "no state of an optimizer",
    () => sgd().loadStateDict(no(new Map())),
    "SGD.loadStateDict: expected { state, groups } as stateDict() gives, state a Map, got a Map",
  ],
  [
    "a Tensor in a state",
    () => layer.loadStateDict(no(new Map([["weight", ones([2, 3])]]))),
    "not an array weight: expected an NDArray, got a Tensor (2, 3)",
  ],
  [
    "an object as state",
    () => layer.loadStateDict(no({})),
    "loadStateDict: expected a Map from names to NDArrays, as stateDict() gives, got an object",
  ],
  [
    "batches by place",
    () => new DataLoader([1], no(2)),
    "DataLoader: expected options such as { batchSize: 32 }, got 2",
  ],
  [
    "no dataset",
    () => new DataLoader(no(undefined)),
    "DataLoader: expected a list of samples or a dataset with length and get(index), got undefined",
  ],
  [
    "no collate",
    () => new DataLoader([1], { collate: no(5) }),
    "DataLoader: expected a function as collate, got 5",
  ],
  [
    "Tensors as data",
    () => new TensorDataset(no(q)),
    "TensorDataset: expected an NDArray, got a Tensor (2, 3, 4); take its .data",
  ],
  [
    "samples with Tensors",
    () => [...new DataLoader([{ x: q }])],
    "collate: cannot stack an object of class Tensor (sample 0 (its x)), take its .data",
  ],
];

describe("mistakes", () => {
  it.each(cases)("%s", (_, run, message) => expect(run).toThrow(message));

  it("a refused schedule leaves the rates as they were", () => {
    const optimizer = sgd();
    expect(() => new nn.LRScheduler(optimizer, () => Number.NaN)).toThrow();
    expect(optimizer.paramGroups[0].lr).toBe(0.1);
  });

  it("a model changed to float64 after its optimizer was made goes on training", () => {
    for (const make of [
      (p: nn.Parameter[]) => new nn.AdamW(p),
      (p: nn.Parameter[]) => new nn.SGD(p, { lr: 0.1, momentum: 0.9 }),
    ]) {
      const model = new nn.Sequential(new nn.Linear(2, 4), relu, new nn.Linear(4, 1));
      const optimizer = make(model.parameters());
      const x = tensor([[1, 2]]);
      const step = () => {
        optimizer.zeroGrad();
        const loss = model.forward(x).square().sum();
        loss.backward();
        optimizer.step();
        return loss.item();
      };
      const first = step();
      model.to("float64");
      for (let i = 0; i < 20; i++) step();
      expect(model.parameters().every((p) => p.dtype === "float64")).toBe(true);
      expect(step()).toBeLessThan(first);
    }
  });
});
