import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BertForSequenceClassification, BertModel } from "../../src/lectures/bert";
import { CLIPModel, ResNet } from "../../src/lectures/clip";
import { GPT2LMHeadModel } from "../../src/lectures/gpt";
import { SwinForImageClassification, ViTForImageClassification, ViTModel } from "../../src/lectures/vit";
import {
  activationOf,
  fromCheckpoint,
  fromPretrained,
  type PretrainedClass,
  type PretrainedModel,
} from "../../src/nn";
import { array, type NDArray, zeros } from "../../src/tensor";

type Model = PretrainedClass<PretrainedModel<object>>;

const tower = { hidden_size: 6, intermediate_size: 5, num_hidden_layers: 2, num_attention_heads: 3 };
const image = { image_size: 8, patch_size: 4, num_channels: 3 };
const models: Record<string, { model: Model; config: Record<string, unknown>; layers: string }> = {
  GPT2: {
    model: GPT2LMHeadModel,
    config: { vocab_size: 11, n_positions: 7, n_embd: 6, n_layer: 2, n_head: 3, n_inner: 5 },
    layers: "n_layer",
  },
  BERT: {
    model: BertModel,
    config: { ...tower, vocab_size: 13, max_position_embeddings: 9 },
    layers: "num_hidden_layers",
  },
  "BERT with a head": {
    model: BertForSequenceClassification,
    config: { ...tower, vocab_size: 13, max_position_embeddings: 9, num_labels: 3 },
    layers: "num_hidden_layers",
  },
  ViT: { model: ViTModel, config: { ...tower, ...image }, layers: "num_hidden_layers" },
  "ViT with a head": {
    model: ViTForImageClassification,
    config: { ...tower, ...image },
    layers: "num_hidden_layers",
  },
};
const swin = { ...image, image_size: 16, embed_dim: 6, depths: [2, 1], num_heads: [3, 2], window_size: 2 };
const clip = {
  projection_dim: 4,
  text_config: { ...tower, vocab_size: 13, max_position_embeddings: 9 },
  vision_config: { ...tower, ...image },
};
const resnet = { block: "basic", layers: [2, 1], widths: [4, 6], stem: 3, num_classes: 5 };

const stateOf = ({ model, config }: { model: Model; config: object }) =>
  new model(config as never).pretrainedState();
/** The message with which a changed configuration is refused, which must come at once. */
function refusal(model: Model, state: ReadonlyMap<string, NDArray>, config: object, strict = true): string {
  const start = performance.now();
  try {
    fromCheckpoint(model, { config: config as Record<string, unknown>, state }, { strict });
  } catch (error) {
    const { message } = error as Error;
    expect(message.length).toBeLessThan(6000);
    expect(performance.now() - start).toBeLessThan(3000);
    expect(error).toBeInstanceOf(Error);
    expect(message).not.toMatch(/undefined \(|Cannot read|is not a function|Invalid array length|call stack/);
    return message;
  }
  return "nothing";
}

describe.each(Object.entries(models))("config.json of %s", (_, made) => {
  const { model, config, layers } = made;
  const state = stateOf(made);

  it("is taken as it was written", () => {
    expect(refusal(model, state, config)).toBe("nothing");
    expect(refusal(model, state, { ...config, _name: "x", dtype: "float32", [layers]: 2 })).toBe("nothing");
  });

  it.each([1, 3, 12, 1e5, 1e9, 2 ** 31 - 1])(
    "must speak of the blocks that the file holds, not of %d",
    (count) => {
      expect(refusal(model, state, { ...config, [layers]: count })).toMatch(
        new RegExp(`the configuration says ${layers} ${count}, the file holds 2 .*belong together`),
      );
      const loose = refusal(model, state, { ...config, [layers]: count }, false);
      if (count > 2) expect(loose).toMatch(/the file holds 2/);
      else expect(loose).toBe("nothing");
    },
  );

  it("may leave the blocks out, but then there are as many as by default", () => {
    const { [layers]: __, ...rest } = config;
    expect(refusal(model, state, rest)).toMatch(`the configuration says ${layers} 12, the file holds 2`);
  });

  const sizes = Object.keys(config).filter((key) => key !== layers);
  it.each(sizes)("%s: anything but the right size is refused", (key) => {
    for (const odd of [-1, 0, 1.5, "6", "six", null, true, [6], { a: 1 }, Number.NaN, 1e300, 4e9]) {
      if (odd === null && ["n_inner", "num_labels"].includes(key)) continue;
      for (const strict of [true, false])
        expect(refusal(model, state, { ...config, [key]: odd }, strict)).toMatch(
          `expected ${key} to be a whole number`,
        );
    }
    // A size that could be: compared with the file before it takes any memory, here 10⁸ and more.
    const message = refusal(model, state, { ...config, [key]: 123_456_789 });
    expect(message).toMatch(/do not fit, nothing was loaded|does not fit|divisible|paddingIdx/);
  });

  it("with several faults tells all", () => {
    const [a, b] = sizes;
    expect(refusal(model, state, { ...config, [a]: "x", [b]: -2, [layers]: 1.5 })).toMatch(
      /expected .* got "x"\n.*got -2/s,
    );
  });

  it.each([[null], [3], ["x"], [[1]], [undefined]])("that is %j is refused", (odd) => {
    expect(refusal(model, state, odd as unknown as object)).toMatch(
      /expected a configuration, an object|the file holds 2/,
    );
  });
});

describe("config.json of a Swin", () => {
  const state = stateOf({ model: SwinForImageClassification as Model, config: swin });
  const told = (config: object) =>
    refusal(SwinForImageClassification as Model, state, { ...swin, ...config });
  it.each<[object, RegExp]>([
    [{}, /^nothing$/],
    [{ depths: [2, 1e9] }, /says depths\[1\] 1000000000, the file holds 1/],
    [{ depths: [1e5, 1] }, /says depths\[0\] 100000, the file holds 2/],
    [{ depths: [2, 1, 1], num_heads: [3, 2, 1] }, /the length of depths 3, the file holds 2/],
    [
      { depths: Array(1e5).fill(1), num_heads: Array(1e5).fill(1) },
      /the length of depths 100000, the file holds 2/,
    ],
    [{ depths: [2, 1, 1] }, /as many num_heads as depths/],
    [{ depths: [] }, /expected depths to be a list of whole numbers >= 1, got \[\]/],
    [{ depths: 2 }, /got 2/],
    [{ depths: [2, 1.5] }, /got \[2, 1.5\]/],
    [{ depths: ["2", 1] }, /got \["2", 1\]/],
    [{ num_heads: null }, /expected num_heads .* got null/],
    [{ window_size: 1e8 }, /do not fit, nothing was loaded/],
    [{ mlp_ratio: "4" }, /expected mlp_ratio to be a number > 0, got "4"/],
    [{ qkv_bias: 1 }, /expected qkv_bias to be true or false, got 1/],
  ])("%j", (config, message) => expect(told(config)).toMatch(message));
});

describe("config.json of a CLIP", () => {
  const state = stateOf({ model: CLIPModel as Model, config: clip });
  const told = (text: object, vision: object, rest: object = {}) =>
    refusal(CLIPModel as Model, state, {
      ...clip,
      text_config: { ...clip.text_config, ...text },
      vision_config: { ...clip.vision_config, ...vision },
      ...rest,
    });
  it.each<[object, object, object, RegExp]>([
    [{}, {}, {}, /^nothing$/],
    [{ num_hidden_layers: 1e9 }, {}, {}, /text_config.num_hidden_layers 1000000000, the file holds 2/],
    [{}, { num_hidden_layers: 1 }, {}, /vision_config.num_hidden_layers 1, the file holds 2/],
    [{ vocab_size: 4e9 }, {}, {}, /CLIP: text_config: expected vocab_size .* got 4000000000/],
    [{}, { patch_size: "4" }, {}, /CLIP: vision_config: expected patch_size .* got "4"/],
    [{}, {}, { text_config: null }, /expected text_config to be an object, got null/],
    [{}, {}, { vision_config: [1] }, /expected vision_config to be an object, got \[1\]/],
    [{}, {}, { projection_dim: 2.5 }, /expected projection_dim .* got 2.5/],
    [{}, {}, { projection_dim: 1e9 }, /do not fit/],
    [{}, {}, { logit_scale_init_value: "2" }, /expected logit_scale_init_value to be a finite number/],
  ])("%j %j %j", (text, vision, rest, message) => expect(told(text, vision, rest)).toMatch(message));
});

describe("configuration of a ResNet", () => {
  const state = stateOf({ model: ResNet as Model, config: resnet });
  it.each<[object, RegExp]>([
    [{}, /^nothing$/],
    [{ layers: [2, 1e9] }, /layers\[1\] 1000000000, the file holds 1/],
    [{ layers: [2, 1, 1], widths: [4, 6, 8] }, /the length of layers 3, the file holds 2/],
    [{ layers: [2] }, /as many widths as layers/],
    [{ block: "constructor" }, /expected block to be one of basic, bottleneck, got "constructor"/],
    [{ widths: [4, "6"] }, /expected widths to be a list/],
    [{ stem: -3 }, /expected stem .* got -3/],
    [{ num_classes: 1e9 }, /do not fit/],
  ])("%j", (config, message) => {
    expect(refusal(ResNet as Model, state, { ...resnet, ...config })).toMatch(message);
  });
});

it("undefined says nothing, as if it were left out", () => {
  const { config } = models.GPT2;
  expect(new GPT2LMHeadModel({ ...config, n_inner: undefined, embd_pdrop: undefined }).dropout.p).toBe(0.1);
});

it("activations are those of the list, not what objects inherit", () => {
  for (const name of ["constructor", "toString", "__proto__", "", 3, null, undefined, ["gelu"]])
    expect(() => activationOf(name as string)).toThrow(/^config: expected an activation of gelu, /);
});

describe("weights of other shapes are named", () => {
  const { model, config } = models.GPT2;
  it("even where they cannot be cut up or turned as the table says", () => {
    const state = new Map(stateOf(models.GPT2));
    state.set("transformer.h.0.attn.c_attn.weight", zeros([7]));
    state.set("transformer.h.1.attn.c_attn.bias", zeros([]));
    state.set("transformer.h.1.mlp.c_fc.weight", array([1, 2]));
    const message = refusal(model, state, config);
    expect(message).toContain("wrong shape blocks.0.attention.query.weight: expected (6, 6), got (7,)");
    expect(message).toContain("wrong shape blocks.1.attention.value.bias: expected (6,), got ()");
    expect(message).toContain("wrong shape blocks.1.mlp.hidden.weight: expected (5, 6), got (2,)");
    const vit = new Map(stateOf(models.ViT));
    vit.set("embeddings.position_embeddings", zeros([1, 5, 5]));
    expect(refusal(ViTModel, vit, models.ViT.config)).toContain(
      "wrong shape vit.embeddings.positions: expected (5, 6), got (1, 5, 5)",
    );
  });
  it("and the list of them is cut", () => {
    const state = new Map<string, NDArray>([["transformer.h.0.attn.c_attn.weight", zeros([6, 18])]]);
    for (let i = 0; i < 5000; i++) state.set(`x${i}`, zeros([]));
    expect(refusal(model, state, { ...config, n_layer: 1 })).toMatch(/… and 4,9\d\d more$/);
  });
});

describe("a folder", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "config-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const load = () => fromPretrained(GPT2LMHeadModel, folder);

  it.each<[unknown, RegExp]>([
    [[], /expected a weight_map, an object, in .*found \[\]/],
    ["x", /found "x"/],
    [{ a: 1 }, /should name a .safetensors file of its folder for "a", got 1/],
    [{ a: null }, /got null/],
    [{ a: ["x.safetensors"] }, /got \["x.safetensors"\]/],
    [{ a: "../x.safetensors" }, /got "..\/x.safetensors"/],
    [{ a: "/etc/passwd" }, /got "\/etc\/passwd"/],
    [{ a: "x.bin" }, /got "x.bin"/],
    [
      Object.fromEntries(Array.from({ length: 999 }, (_, i) => [i, `${i}.safetensors`])),
      /… and 991 more, not found/,
    ],
  ])("whose index says %j", async (places, message) => {
    writeFileSync(join(folder, "config.json"), "{}");
    writeFileSync(join(folder, "model.safetensors.index.json"), JSON.stringify({ weight_map: places }));
    await expect(load()).rejects.toThrow(message);
  });

  it("whose config.json is damaged", async () => {
    const file = join(folder, "config.json");
    writeFileSync(join(folder, "model.safetensors"), "");
    writeFileSync(file, '{"n_layer":2,"n_layer":3}');
    await expect(load()).rejects.toThrow(/config.json says "n_layer" twice/);
    writeFileSync(file, "[".repeat(1e5) + "]".repeat(1e5));
    await expect(load()).rejects.toThrow(/expected an object in .*, got \[\[\[\[…\]\]\]\]$/);
    truncateSync(file, 2 ** 40);
    await expect(load()).rejects.toThrow(/config.json: cannot be read: it has 1099511627776 bytes/);
    writeFileSync(file, Uint8Array.of(123, 255, 125));
    await expect(load()).rejects.toThrow(/expected text in UTF-8/);
    await expect(fromPretrained(GPT2LMHeadModel, undefined as unknown as string)).rejects.toThrow(
      "fromPretrained: expected a folder or a hub id, got undefined",
    );
  });
});
