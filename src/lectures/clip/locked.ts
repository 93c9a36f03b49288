import { noGrad, normalize, tensor } from "../../autograd";
import { type Emoji, type EmojiStyle, loadTokenizer } from "../../data";
import { AdamW, Embedding, fromPretrained, Linear, MLP, Module, type Parameter, parameter } from "../../nn";
import {
  check,
  checkAll,
  checkOptions,
  concat,
  expected,
  full,
  Generator,
  manualSeed,
  type NDArray,
} from "../../tensor";
import { BertModel } from "../bert";
import { pretrainedViT } from "../vit";
import { EmojiPairs, emojiSplit } from "./emoji-pairs";
import { type Recalls, recalls } from "./retrieval";
import { contrastiveLoss, embedAll } from "./two-towers";
import { CaptionWords, padded } from "./words";

/** Texts → (N, 384), of length 1: the mean over the tokens of all-MiniLM-L6-v2 from that folder. */
export async function miniLMVectors(folder: string, texts: readonly string[]): Promise<NDArray> {
  const model = await fromPretrained(BertModel, folder);
  const tokenizer = loadTokenizer(`${folder}/tokenizer.json`);
  const parts: NDArray[] = [];
  for (let start = 0; start < texts.length; start += 64) {
    const rows = texts.slice(start, start + 64).map((text) => tokenizer.encode(text).slice(0, 64));
    const { ids, mask } = padded(rows, 0);
    const hidden = noGrad(() => model.forward(ids, { attentionMask: mask })).lastHiddenState;
    const weights = tensor(mask.to("float32")).unsqueeze(-1);
    const mean = hidden.mul(weights).sum(1).div(weights.sum(1));
    parts.push(normalize(mean, { axis: -1 }).data);
  }
  return concat(parts);
}

/** What the ViT of lecture 06 sees, (N, 256): its class token and the mean of its patches. It stays as it is. */
function viTFeatures(images: NDArray): NDArray {
  const { model } = pretrainedViT();
  return embedAll(model, images, (rows) => {
    const { lastHiddenState: x } = model.vit.forward(rows.mul(2).sub(1));
    const patches = x.narrow(1, 1, x.shape[1] - 1).mean(1);
    return tensor(concat([x.select(1, 0).data, patches.data], 1));
  });
}

/** Pictures are brought to where their texts are. */
class ImageHead extends Module {
  readonly mlp: MLP;
  readonly logitScale: Parameter;

  constructor(from: number, to: number) {
    super();
    this.mlp = new MLP(from, 256, { outFeatures: to });
    this.logitScale = parameter(full([], Math.log(1 / 0.07)));
  }

  forward(features: Parameters<MLP["forward"]>[0]) {
    return normalize(this.mlp.forward(features), { axis: -1 });
  }
}

/** Names from scratch: a bag of words. */
class OwnText extends Module {
  readonly table: Embedding;
  readonly projection: Linear;

  constructor(
    readonly words: CaptionWords,
    width: number,
  ) {
    super();
    this.table = new Embedding(words.size, width);
    this.projection = new Linear(width, width, { bias: false });
  }

  forward(texts: readonly string[]) {
    const { ids, mask } = this.words.encode(texts);
    const weights = tensor(mask.to("float32")).unsqueeze(-1);
    const mean = this.table.forward(ids).mul(weights).sum(1).div(weights.sum(1));
    return normalize(this.projection.forward(mean), { axis: -1 });
  }
}

export interface LockedResult {
  readonly text: "locked MiniLM" | "from scratch";
  /** Names that were trained, Twemoji's drawings, from 0 to 1. */
  readonly trained: Recalls;
  /** Names that were never trained, among themselves, Twemoji's drawings. */
  readonly newNames: Recalls;
  readonly names: number;
  readonly newCount: number;
}

export interface LockedData {
  readonly train: readonly Emoji[];
  readonly heldOut: readonly Emoji[];
  /** Of each trained style, (N, 256). */
  readonly features: readonly NDArray[];
  readonly testTrained: NDArray;
  readonly testNew: NDArray;
  /** MiniLM's vectors of the names, (N, 384). */
  readonly trainTexts: NDArray;
  readonly newTexts: NDArray;
}

/** What every training shares: what the frozen networks say. */
export async function lockedData(folder: string): Promise<LockedData> {
  check("lockedData", "folder", folder, "text");
  const { train, heldOut } = emojiSplit();
  const styles: readonly EmojiStyle[] = ["noto", "fluent", "openmoji"];
  const drawn = await EmojiPairs.of(train, styles);
  const twemoji = async (emoji: readonly Emoji[]) => (await EmojiPairs.of(emoji, ["twemoji"])).pictures[0];
  const names = (emoji: readonly Emoji[]) => emoji.map(({ label }) => label.en);
  return {
    train,
    heldOut,
    features: drawn.pictures.map(viTFeatures),
    testTrained: viTFeatures(await twemoji(train)),
    testNew: viTFeatures(await twemoji(heldOut)),
    trainTexts: await miniLMVectors(folder, names(train)),
    newTexts: await miniLMVectors(folder, names(heldOut)),
  };
}

/** Throws unless these belong together: a row of features and of a text for each name. */
function checkData(data: LockedData): void {
  check("locked", "data", data, "object", "lockedData(folder) gives it");
  const { train, heldOut, features } = data;
  checkAll("locked", {
    train: [train, "objects"],
    heldOut: [heldOut, "objects"],
    features: [features, "objects"],
  });
  for (const emoji of [...train, ...heldOut]) check("locked", "each name", emoji.label?.en, "text");
  const rows = {
    ...Object.fromEntries(features.map((one, i) => [`features[${i}]`, [one, train.length]])),
    testTrained: [data.testTrained, train.length],
    testNew: [data.testNew, heldOut.length],
    trainTexts: [data.trainTexts, train.length],
    newTexts: [data.newTexts, heldOut.length],
  } as Record<string, [NDArray, number]>;
  if (features.length === 0) throw expected("locked", "features of at least one style", features);
  for (const [name, [values, count]] of Object.entries(rows)) {
    check("locked", name, values, "array");
    const width = (name.endsWith("Texts") ? data.trainTexts : features[0]).shape[1];
    if (count === 0 || `${values.shape}` !== `${[count, width]}`)
      throw expected("locked", `${name} (${count}, ${width ?? "F"}), a row for each name`, values);
  }
}

/** Train a head on the frozen ViT's features to meet the names' vectors: MiniLM's, which are locked, or its own. */
export function locked(
  data: LockedData,
  text: LockedResult["text"],
  options: { seed?: number; steps?: number } = {},
): LockedResult {
  checkData(data);
  check("locked", "text", text, ["locked MiniLM", "from scratch"]);
  checkOptions("locked", options, "seed: 1", { seed: "integer", steps: "count" });
  const { seed = 1, steps = 300 } = options;
  const { train, heldOut, features, testTrained, testNew } = data;
  manualSeed(seed);
  const luck = new Generator(seed);
  const names = train.map(({ label }) => label.en);
  const newNames = heldOut.map(({ label }) => label.en);
  const head = new ImageHead(features[0].shape[1], text === "locked MiniLM" ? data.trainTexts.shape[1] : 128);
  const own = text === "from scratch" ? new OwnText(new CaptionWords(names, 16), 128) : null;
  const optimizer = new AdamW([...head.parameters(), ...(own?.parameters() ?? [])], {
    lr: 2e-3,
    weightDecay: 0.05,
  });
  for (let step = 0; step < steps; step++) {
    const rows = luck.permutation(names.length).narrow(0, 0, Math.min(256, names.length));
    const style = luck.integers([], { high: features.length }).item();
    const images = head.forward(tensor(features[style].indexSelect(0, rows)));
    const texts = own
      ? own.forward(Array.from(rows.flat(), (row) => names[row]))
      : tensor(data.trainTexts.indexSelect(0, rows));
    const scale = head.logitScale.clamp(-Infinity, Math.log(100)).exp();
    const loss = contrastiveLoss(images.matmul(texts.transpose()).mul(scale));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
  }
  const vectors = (own_: readonly string[], given: NDArray) =>
    own ? noGrad(() => own.forward(own_)).data : given;
  const test = (images: NDArray, texts: NDArray) =>
    recalls(noGrad(() => head.forward(tensor(images))).data.matmul(texts.transpose()));
  return {
    text,
    trained: test(testTrained, vectors(names, data.trainTexts)),
    newNames: test(testNew, vectors(newNames, data.newTexts)),
    names: names.length,
    newCount: newNames.length,
  };
}
