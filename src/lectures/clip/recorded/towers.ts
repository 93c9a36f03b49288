import { EMOJI_STYLES, type Recording, SCENE_LIGHTS, type Scene, sceneCaption } from "../../../data";
import { Generator, manualSeed, stack } from "../../../tensor";
import { drawingsViT, pretrainedViT } from "../../vit";
import { type ImageTower, ResNetTower, ViTTower } from "../image-towers";
import { pixelCosines, type Recalls, type Retrieval, recalls, retrieval, wordOrder } from "../retrieval";
import { scenePairs, sceneWords } from "../scene-pairs";
import { CBOWTower, GPTTower, type TextTower, TransformerTower } from "../text-towers";
import { trainTowers } from "../train";
import { TwoTowers } from "../two-towers";
import type { CaptionWords } from "../words";

export const IMAGE_TOWERS = ["ResNet", "ViT", "ViT, pretrained"] as const;
export const TEXT_TOWERS = ["bag of words", "transformer", "GPT, pretrained"] as const;

/** A pair of towers after training on scenes. Recalls from 0 to 1. */
export interface TowersResult {
  readonly image: (typeof IMAGE_TOWERS)[number];
  readonly text: (typeof TEXT_TOWERS)[number];
  readonly parameters: number;
  /** Of one training, without its tests. */
  readonly seconds: number;
  /** Pairs of things from training, in its styles. */
  readonly trained: Retrieval;
  /** Pairs of things that training never showed together. */
  readonly newPairs: Retrieval;
  /** Such pairs in Twemoji, a style that training never showed. */
  readonly newStyle: Retrieval;
  /** How often "a left of b" is preferred to "b left of a", where it is right; chance is ½. */
  readonly wordOrder: number;
  /** The same candidates as newStyle, by pixels: another picture of the same caption, in a trained style, at any time of day. */
  readonly pixels: Recalls;
}

const IMAGE: Record<TowersResult["image"], () => ImageTower> = {
  ResNet: () => new ResNetTower({ widths: [16, 32, 64] }),
  ViT: () => new ViTTower(drawingsViT),
  "ViT, pretrained": () => {
    const tower = new ViTTower(drawingsViT);
    tower.model.vit.loadStateDict(pretrainedViT().model.vit.stateDict());
    return tower;
  },
};

const TEXT: Record<TowersResult["text"], (words: CaptionWords) => TextTower> = {
  "bag of words": (words) => new CBOWTower(words, 96),
  transformer: (words) => new TransformerTower(words, 96),
  "GPT, pretrained": () => new GPTTower(),
};

const STEPS = 600;
const BATCH = 80;
const CANDIDATES = 400;

const swapped = ({ groups, relation, light }: Scene): string =>
  sceneCaption({ groups: [groups[1], groups[0]], relation, light });

/** Train these towers on scenes in three styles, as `npm run record -- clip-towers` does. */
export async function towers(
  image: TowersResult["image"],
  text: TowersResult["text"],
  { seed, steps = STEPS }: { seed: number; steps?: number },
): Promise<TowersResult> {
  const [pairs, unseen] = await Promise.all([
    scenePairs(EMOJI_STYLES.filter((style) => style !== "twemoji")),
    scenePairs(["twemoji"]),
  ]);
  manualSeed(seed);
  const model = new TwoTowers(IMAGE[image](), TEXT[text](sceneWords(pairs.sources[0])));
  const luck = new Generator(seed);
  const start = process.cpuUsage().user;
  trainTowers(model, { steps, lr: image === "ResNet" ? 2e-3 : 1e-3, batch: () => pairs.some(BATCH, luck) });
  const seconds = (process.cpuUsage().user - start) / 1e6;
  const test = new Generator(99);
  const newPairs = pairs.some(CANDIDATES, test, { heldOut: true });
  const newStyle = unseen.some(CANDIDATES, test, { heldOut: true });
  const again = newStyle.scenes.map(
    (scene, i) => pairs.sources[0].draw({ ...scene, light: SCENE_LIGHTS[i % 4] }, test).pixels,
  );
  return {
    image,
    text,
    parameters: model.parameters().reduce((sum, { data }) => sum + data.size, 0),
    seconds,
    trained: retrieval(model, pairs.some(CANDIDATES, test)),
    newPairs: retrieval(model, newPairs),
    newStyle: retrieval(model, newStyle),
    wordOrder: wordOrder(model, newPairs.images, newPairs.texts, newPairs.scenes.map(swapped)),
    pixels: recalls(pixelCosines(newStyle.images, stack(again, 0))),
  };
}

/** Those that take long: one seed. */
const LONG = [
  ["ViT", "transformer"],
  ["ViT", "bag of words"],
  ["ViT, pretrained", "transformer"],
  ["ResNet", "GPT, pretrained"],
] as const;
const SHORT = [
  ["ResNet", "transformer"],
  ["ResNet", "bag of words"],
] as const;

export const recording: Recording<TowersResult[]> = {
  says: `Composed scenes: pairs of towers after ${STEPS} steps of ${BATCH} captions, recall among ${CANDIDATES}; the ViT and the GPT in one seed only`,
  seeds: [1, 2],
  async run(seed, log) {
    const all: TowersResult[] = [];
    for (const [image, text] of seed === 1 ? [...SHORT, ...LONG] : SHORT) {
      all.push(await towers(image, text, { seed }));
      log(JSON.stringify(all.at(-1)));
    }
    return all;
  },
};
