import { EMOJI_STYLES, type EmojiStyle, type Recording } from "../../../data";
import { Generator, manualSeed } from "../../../tensor";
import { EmojiPairs, emojiSplit, emojiWords } from "../emoji-pairs";
import { ResNetTower } from "../image-towers";
import { pixelCosines, type Recalls, type Retrieval, recalls, retrieval } from "../retrieval";
import { CBOWTower } from "../text-towers";
import { trainTowers } from "../train";
import { TwoTowers } from "../two-towers";
import { CaptionWords } from "../words";

/** A CLIP that never saw one of the four styles. Recalls from 0 to 1. */
export interface HeldOutStyle {
  readonly style: EmojiStyle;
  /** Of the trained names, with drawings of a trained style. */
  readonly trained: Retrieval;
  /** The same names, drawn in the style that is held out. */
  readonly unseen: Retrieval;
  /** By pixels: the drawing in the unseen style is looked for among those of a trained style. */
  readonly pixels: Recalls;
  /** Names that were not in training, among themselves, in a trained style. */
  readonly newConcepts: Retrieval;
  /** By pixels: those drawings are looked for among the same concepts in another trained style. */
  readonly newPixels: Recalls;
  readonly names: number;
  readonly newNames: number;
}

const STEPS = 1000;
const BATCH = 192;

/** Train on three styles, ask about the fourth, as `npm run record -- clip-styles` does. */
export async function heldOutStyle(style: EmojiStyle, seed: number, steps = STEPS): Promise<HeldOutStyle> {
  const { train, heldOut } = emojiSplit();
  const styles = EMOJI_STYLES.filter((one) => one !== style);
  const drawn = await EmojiPairs.of(train, styles);
  const unseen = (await EmojiPairs.of(train, [style])).inStyle(style);
  const others = await EmojiPairs.of(heldOut, styles);
  manualSeed(seed);
  const luck = new Generator(seed);
  const words = new CaptionWords(emojiWords(train), 16);
  const model = new TwoTowers(new ResNetTower({ widths: [24, 48, 96] }), new CBOWTower(words, 96));
  trainTowers(model, { steps, batch: () => drawn.some(BATCH, luck) });
  const known = drawn.inStyle(styles[0]);
  const [newConcepts, again] = [others.inStyle(styles[0]), others.inStyle(styles[1])];
  return {
    style,
    trained: retrieval(model, known),
    unseen: retrieval(model, unseen),
    pixels: recalls(pixelCosines(unseen.images, known.images)),
    newConcepts: retrieval(model, newConcepts),
    newPixels: recalls(pixelCosines(newConcepts.images, again.images)),
    names: train.length,
    newNames: heldOut.length,
  };
}

export const recording: Recording<HeldOutStyle[]> = {
  says: `Emoji and their names: a small CLIP trained ${STEPS} steps of ${BATCH} on three drawing styles, asked about the fourth`,
  seeds: [1, 2],
  async run(seed, log) {
    const all: HeldOutStyle[] = [];
    for (const style of ["twemoji", "openmoji"] as const) {
      all.push(await heldOutStyle(style, seed));
      log(JSON.stringify(all.at(-1)));
    }
    return all;
  },
};
