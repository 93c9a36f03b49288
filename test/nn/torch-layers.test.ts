import { describe, expect, test } from "vitest";
import type { Tensor } from "../../src/autograd";
import {
  BatchNorm2d,
  Conv2d,
  Decoder,
  Embedding,
  Encoder,
  GroupNorm,
  LayerNorm,
  MultiHeadAttention,
  PatchEmbedding,
  RMSNorm,
} from "../../src/nn";
import { array, type NDArray, type Nested } from "../../src/tensor";
import { agree, bool, expectClose, f64, leaf, recorded } from "./torch";

const attentionNames = [["output", "out_proj"]] as const;
const blockNames = [
  ["attention.", "self_attn."],
  ["crossAttention.", "multihead_attn."],
  ["output", "out_proj"],
  ["mlp.hidden", "linear1"],
  ["mlp.output", "linear2"],
  ["blocks", "layers"],
] as const;
const encoderNorms = [
  ["attentionNorm", "norm1"],
  ["mlpNorm", "norm2"],
] as const;
const decoderNorms = [
  ["attentionNorm", "norm1"],
  ["crossAttentionNorm", "norm2"],
  ["mlpNorm", "norm3"],
] as const;

describe("values and all gradients as PyTorch, in float64", () => {
  test("cross-attention with other key and value sizes, a mask and padding", () => {
    const c = recorded("cross_attention");
    const layer = new MultiHeadAttention(8, 4, { keyDim: 6, valueDim: 7 });
    const run = ({ query, key, value }: Readonly<Record<string, Tensor>>, needWeights: boolean) =>
      layer.forward(query, { key, value, mask: bool(c.allowed), keyPaddingMask: bool(c.keep), needWeights });
    agree(
      layer,
      c,
      (inputs) => {
        const { output, weights } = run(inputs, true);
        expectClose(run(inputs, false).output, output.data, 1e-12);
        return [output, weights as Tensor];
      },
      attentionNames,
    );
  });

  test("causal self-attention with an additive mask", () => {
    const c = recorded("causal_attention");
    const layer = new MultiHeadAttention(8, 4);
    agree(
      layer,
      c,
      ({ query }) => {
        const { output, weights } = layer.forward(query, {
          mask: f64(c.bias),
          isCausal: true,
          needWeights: true,
        });
        return [output, weights as Tensor];
      },
      attentionNames,
    );
  });

  test.each(["pre", "post"])("encoder with padding, %s-norm", (order) => {
    const c = recorded(`encoder_${order}_norm`);
    const encoder = new Encoder(8, 2, 2, { mlpDim: 12, normFirst: order === "pre" });
    const run = ({ x }: Readonly<Record<string, Tensor>>) => [
      encoder.forward(x, { keyPaddingMask: bool(c.keep) }),
    ];
    agree(encoder, c, run, [...blockNames, ...encoderNorms]);
  });

  test.each(["pre", "post"])("decoder with cross-attention, %s-norm", (order) => {
    const c = recorded(`decoder_${order}_norm`);
    const options = {
      mlpDim: 12,
      normFirst: order === "pre",
      activation: "relu",
      crossAttention: true,
    } as const;
    const decoder = new Decoder(8, 2, 2, options);
    const run = ({ x, memory }: Readonly<Record<string, Tensor>>) => [
      decoder.forward(x, { memory, memoryKeyPaddingMask: bool(c.keep) }),
    ];
    agree(decoder, c, run, [...blockNames, ...decoderNorms]);
  });

  test.each([
    ["layer_norm", new LayerNorm([3, 4])],
    ["rms_norm", new RMSNorm(4)],
    ["group_norm", new GroupNorm(3, 6)],
    ["conv2d", new Conv2d(4, 6, [3, 2], { stride: [2, 1], padding: [1, 2], dilation: [1, 2], groups: 2 })],
  ] as const)("%s", (name, layer) => {
    agree(layer, recorded(name), ({ x }) => [layer.forward(x)]);
  });

  test("embedding: the padding row gets no gradient", () => {
    const c = recorded("embedding");
    const layer = new Embedding(7, 3, { paddingIdx: 2 });
    agree(layer, c, () => [layer.forward(array(c.inputs.ids, { dtype: "int32" }))]);
  });

  test("patch embedding is a convolution with stride = window", () => {
    const c = recorded("patch_embedding");
    const layer = new PatchEmbedding(3, 2, 5);
    const flat = (values: Readonly<Record<string, Nested>>) => ({
      "projection.weight": f64(values.weight).reshape([5, 18]).toArray(),
      "projection.bias": values.bias,
    });
    agree(layer, { ...c, state: flat(c.state), grads: flat(c.grads) }, ({ x }) => [layer.forward(x)]);
  });
});

interface BatchNormCase {
  readonly weight: Nested;
  readonly bias: Nested;
  readonly batches: readonly Nested[];
  readonly outputs: readonly Nested[];
  readonly running_mean: Nested;
  readonly running_var: Nested;
  readonly eval: Nested;
}

test.each([
  ["0.2", 0.2],
  ["None", null],
])("batch norm over three batches, then evaluation, momentum %s", (name, momentum) => {
  const c = recorded<BatchNormCase>(`batch_norm_${name}`);
  const layer = new BatchNorm2d(3, { momentum }).to("float64");
  layer.loadStateDict(
    new Map([
      ["weight", f64(c.weight)],
      ["bias", f64(c.bias)],
    ]),
    { strict: false },
  );
  c.batches.forEach((batch, i) => {
    expectClose(layer.forward(leaf(batch)), f64(c.outputs[i]));
  });
  const state = layer.stateDict();
  expectClose(state.get("runningMean") as NDArray, f64(c.running_mean));
  expectClose(state.get("runningVar") as NDArray, f64(c.running_var));
  expect(state.get("numBatchesTracked")?.item()).toBe(3);
  expectClose(layer.eval().forward(leaf(c.batches[0])), f64(c.eval));
  expect(layer.parameters()).toHaveLength(2);
});
