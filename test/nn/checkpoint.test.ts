import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BertForMaskedLM, BertForSequenceClassification, BertModel } from "../../src/lectures/bert";
import { GPT2LMHeadModel } from "../../src/lectures/gpt";
import { activationOf, fromCheckpoint, fromPretrained, readCheckpoint } from "../../src/nn";
import { array, manualSeed, type NDArray, ones, saveSafetensors, zeros } from "../../src/tensor";

const gptConfig = { vocab_size: 11, n_positions: 7, n_embd: 6, n_layer: 2, n_head: 3, n_inner: 5 };
const bertConfig = {
  vocab_size: 13,
  hidden_size: 6,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 5,
  max_position_embeddings: 9,
  id2label: { 0: "no", 1: "yes", 2: "perhaps" },
};
const ids = array([[3, 1, 4, 1, 5]], { dtype: "int32" });

let folder: string;
beforeEach(() => {
  manualSeed(4);
  folder = mkdtempSync(join(tmpdir(), "checkpoint-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const gpt = () => new GPT2LMHeadModel(gptConfig).eval();
const logits = (model: GPT2LMHeadModel) => model.forward(ids).logits.toArray();
const write = (state: ReadonlyMap<string, NDArray>, config: object = gptConfig) => {
  saveSafetensors(join(folder, "model.safetensors"), state);
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
};
const renamed = (state: ReadonlyMap<string, NDArray>, name: (name: string) => string) =>
  new Map([...state].map(([key, x]) => [name(key), x]));

describe("a folder as transformers keeps it", () => {
  it("is written and read back, in evaluation mode", async () => {
    const model = gpt();
    model.savePretrained(folder);
    expect(readdirSync(folder).sort()).toEqual(["config.json", "model.safetensors"]);
    expect(JSON.parse(readFileSync(join(folder, "config.json"), "utf8"))).toMatchObject({
      architectures: ["GPT2LMHeadModel"],
      model_type: "gpt2",
      n_embd: 6,
    });
    const again = await fromPretrained(GPT2LMHeadModel, folder);
    expect(again.training).toBe(false);
    expect(logits(again)).toEqual(logits(model));
  });

  it("is replaced whole when it is written again", () => {
    const model = gpt();
    model.savePretrained(folder);
    model.tokens.weight.data.fill(0.5);
    model.savePretrained(folder);
    expect(readdirSync(folder).sort()).toEqual(["config.json", "model.safetensors"]);
    expect(readCheckpoint(folder).state.get("transformer.wte.weight")?.get([2, 3])).toBe(0.5);
  });

  it("stays as it was when writing fails", () => {
    const model = gpt();
    model.savePretrained(folder);
    const before = readFileSync(join(folder, "model.safetensors"));
    const broken = new GPT2LMHeadModel(gptConfig);
    broken.pretrainedState = () => new Map([["x", { shape: [1] } as unknown as NDArray]]);
    expect(() => broken.savePretrained(folder)).toThrow();
    expect(readFileSync(join(folder, "model.safetensors")).equals(before)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("may leave out the body's prefix, and hold causal masks, as gpt2 on the hub", async () => {
    const model = gpt();
    const state = renamed(model.pretrainedState(), (name) => name.replace("transformer.", ""));
    state.set("h.0.attn.bias", ones([1, 1, 7, 7]));
    state.set("h.1.attn.masked_bias", ones([]));
    write(state);
    expect(logits(await fromPretrained(GPT2LMHeadModel, folder))).toEqual(logits(model));
  });

  it("may call a norm's weight gamma and its bias beta, as bert-base-uncased does", async () => {
    const model = new BertModel(bertConfig).eval();
    const old = renamed(model.pretrainedState(), (name) =>
      name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"),
    );
    old.set("embeddings.position_ids", zeros([1, 9], { dtype: "int32" }));
    write(old, bertConfig);
    const again = await fromPretrained(BertModel, folder);
    expect(again.forward(ids).poolerOutput.toArray()).toEqual(model.forward(ids).poolerOutput.toArray());
  });

  it("may be cut into several files with an index", async () => {
    const model = gpt();
    const entries = [...model.pretrainedState()];
    const places: Record<string, string> = {};
    for (const [i, part] of [entries.slice(0, 9), entries.slice(9)].entries()) {
      const file = `model-0000${i + 1}-of-00002.safetensors`;
      saveSafetensors(join(folder, file), new Map(part));
      for (const [name] of part) places[name] = file;
    }
    const index = join(folder, "model.safetensors.index.json");
    writeFileSync(join(folder, "config.json"), JSON.stringify(gptConfig));
    writeFileSync(index, JSON.stringify({ weight_map: places }));
    expect(logits(await fromPretrained(GPT2LMHeadModel, folder))).toEqual(logits(model));

    writeFileSync(
      index,
      JSON.stringify({ weight_map: { ...places, ghost: "model-00001-of-00002.safetensors" } }),
    );
    await expect(fromPretrained(GPT2LMHeadModel, folder)).rejects.toThrow(
      /promises ghost, which no file holds/,
    );
    rmSync(join(folder, "model-00002-of-00002.safetensors"));
    await expect(fromPretrained(GPT2LMHeadModel, folder)).rejects.toThrow(
      /names model-00002-of-00002.safetensors, not found/,
    );
    writeFileSync(index, "{}");
    await expect(fromPretrained(GPT2LMHeadModel, folder)).rejects.toThrow(/expected a weight_map/);
  });

  it.each<[string, string | null, RegExp]>([
    ["no config.json", null, /found no config.json/],
    ["half a config.json", '{"n_embd": ', /config.json is not valid JSON/],
    ["a list for a config.json", "[1, 2]", /expected an object in .*config.json, got \[1,2\]/],
  ])("is refused with %s", async (_, text, message) => {
    gpt().savePretrained(folder);
    if (text === null) rmSync(join(folder, "config.json"));
    else writeFileSync(join(folder, "config.json"), text);
    await expect(fromPretrained(GPT2LMHeadModel, folder)).rejects.toThrow(message);
  });

  it("is refused without weights, with a word on pickles", async () => {
    writeFileSync(join(folder, "config.json"), "{}");
    await expect(fromPretrained(GPT2LMHeadModel, folder)).rejects.toThrow(
      /expected model.safetensors in .*, found none$/,
    );
    writeFileSync(join(folder, "pytorch_model.bin"), "");
    await expect(fromPretrained(GPT2LMHeadModel, folder)).rejects.toThrow(/a Python pickle/);
  });
});

describe("loading", () => {
  it("lists all that is missing, extra and misshapen", () => {
    const state = gpt().pretrainedState();
    state.delete("transformer.ln_f.bias");
    state.set("transformer.wpe.weight", zeros([8, 6]));
    state.set("classifier.weight", zeros([2, 6]));
    expect(() => fromCheckpoint(GPT2LMHeadModel, { config: gptConfig, state })).toThrow(
      new Error(
        `loadStateDict: 3 names of GPT2LMHeadModel do not fit, nothing was loaded
  wrong shape positions.weight: expected (7, 6), got (8, 6)
  missing     norm.bias (6,)
  unexpected  classifier.weight (2, 6)`,
      ),
    );
  });

  it("puts a new head on a pre-trained body when told that names may differ", async () => {
    const trained = new BertForMaskedLM(bertConfig);
    trained.savePretrained(folder);
    await expect(fromPretrained(BertForSequenceClassification, folder)).rejects.toThrow(
      /missing {5}classifier.weight/,
    );
    const model = await fromPretrained(BertForSequenceClassification, folder, {
      strict: false,
      config: { num_labels: 4 },
    });
    expect(model.forward(ids).logits.shape).toEqual([1, 4]);
    expect(model.bert.forward(ids).lastHiddenState.toArray()).toEqual(
      trained.eval().bert.forward(ids).lastHiddenState.toArray(),
    );
    const report = new BertForSequenceClassification(bertConfig).loadPretrained(trained.pretrainedState(), {
      strict: false,
    });
    expect(report.missing).toEqual([
      "pooler.dense.weight",
      "pooler.dense.bias",
      "classifier.weight",
      "classifier.bias",
    ]);
    expect(report.unexpected).toContain("words.dense.weight");
  });

  it("keeps tied weights tied and untied ones apart", () => {
    const tied = fromCheckpoint(GPT2LMHeadModel, { config: gptConfig, state: gpt().pretrainedState() });
    expect(tied.head).toBeUndefined();
    const config = { ...gptConfig, tie_word_embeddings: false };
    const state = new GPT2LMHeadModel(config).pretrainedState();
    expect(state.get("lm_head.weight")?.shape).toEqual([11, 6]);
    expect(fromCheckpoint(GPT2LMHeadModel, { config, state }).parameterCount()).toBe(
      tied.parameterCount() + 66,
    );
  });

  it("refuses configurations that it would compute wrongly", () => {
    expect(() => new BertModel({ ...bertConfig, is_decoder: true })).toThrow(/expected is_decoder false/);
    expect(() => new GPT2LMHeadModel({ ...gptConfig, activation_function: "sine" })).toThrow(
      /expected an activation of gelu, .*, got "sine"/,
    );
    expect(activationOf("gelu_new")).toBe("geluTanh");
  });
});

describe("a model on the hub", () => {
  let server: Server;
  let asked: string[];
  const outer = { ...process.env };

  beforeEach(async () => {
    asked = [];
    const repo = join(folder, "repo");
    gpt().savePretrained(repo);
    writeFileSync(join(repo, "README.md"), "not wanted");
    server = createServer((request, response) => {
      const path = decodeURIComponent((request.url ?? "").split("?")[0]);
      asked.push(`${request.method} ${path}`);
      const name = path.split("/").at(-1) as string;
      if (path.startsWith("/api/models/someone/tiny/tree/")) {
        const files = readdirSync(repo).map((file) => ({
          type: "file",
          path: file,
          size: readFileSync(join(repo, file)).length,
          oid: "0",
        }));
        response.setHeader("content-type", "application/json").end(JSON.stringify(files));
      } else if (path.startsWith("/someone/tiny/resolve/") && existsSync(join(repo, name))) {
        const bytes = readFileSync(join(repo, name));
        const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? "");
        response.setHeader("etag", '"1"').setHeader("accept-ranges", "bytes");
        if (!range) return void response.setHeader("content-length", bytes.length).end(bytes);
        const part = bytes.subarray(Number(range[1]), range[2] ? Number(range[2]) + 1 : undefined);
        response
          .writeHead(206, {
            "content-range": `bytes ${range[1]}-${Number(range[1]) + part.length - 1}/${bytes.length}`,
          })
          .end(part);
      } else {
        response
          .writeHead(404, { "content-type": "application/json" })
          .end('{"error":"Repository not found"}');
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    process.env.HF_ENDPOINT = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    process.env.GRADSCHOOL_CACHE = join(folder, "cache");
  });
  afterEach(async () => {
    process.env = { ...outer };
    await new Promise((resolve) => server.close(resolve));
  });

  it("is fetched once, without what a model does not need", async () => {
    const model = await fromPretrained(GPT2LMHeadModel, "someone/tiny");
    expect(model.parameterCount()).toBe(gpt().parameterCount());
    expect(readdirSync(join(folder, "cache", "someone", "tiny")).sort()).toEqual([
      "config.json",
      "model.safetensors",
    ]);
    const before = asked.length;
    await fromPretrained(GPT2LMHeadModel, "someone/tiny");
    expect(asked).toHaveLength(before);
  });

  it("says what was tried when there is no such model", async () => {
    await expect(fromPretrained(GPT2LMHeadModel, "someone/else")).rejects.toThrow(
      /no folder "someone\/else", and .*could not be fetched from the Hugging Face hub.*check the name and the network/,
    );
    expect(existsSync(join(folder, "cache", "someone", "else", "config.json"))).toBe(false);
  });

  it("says what was tried when there is no network", async () => {
    process.env.HF_ENDPOINT = "http://127.0.0.1:1";
    await expect(fromPretrained(GPT2LMHeadModel, "openai-community/gpt2")).rejects.toThrow(
      /could not be fetched from the Hugging Face hub \(.+\); check the name and the network, or download/,
    );
  });

  it("asks for a folder or an id", async () => {
    mkdirSync(join(folder, "empty"));
    await expect(fromPretrained(GPT2LMHeadModel, "./no/such/folder")).rejects.toThrow(
      /expected a folder or a hub id/,
    );
    await expect(fromPretrained(GPT2LMHeadModel, join(folder, "empty"))).rejects.toThrow(
      /found no config.json/,
    );
  });
});
