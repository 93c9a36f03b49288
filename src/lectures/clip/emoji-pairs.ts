import { type Emoji, type EmojiStyle, readEmoji, renderEmoji, splitEmoji } from "../../data";
import { elements, type Generator, type NDArray, stack, zeros } from "../../tensor";
import type { Pairs } from "./scene-pairs";

/** What 32 pixels can show: no people, symbols or flags. */
export const EMOJI_CLASSES = [
  "smileys-emotion",
  "animals-nature",
  "food-drink",
  "travel-places",
  "activities",
  "objects",
] as const;

/** How pictures are spoken of. {} is the name. */
export const TEMPLATES = [
  "{}",
  "a picture of {}",
  "a drawing of {}",
  "an emoji of {}",
  "this is {}",
  "a small picture of {}",
] as const;

export const inTemplate = (template: string, name: string): string => template.replace("{}", name);

/** Emoji in some styles, each with its name. */
export class EmojiPairs {
  private constructor(
    readonly emoji: readonly Emoji[],
    readonly styles: readonly EmojiStyle[],
    /** Of each style, (N, 3, S, S), in the order of `emoji`. */
    readonly pictures: readonly NDArray[],
  ) {}

  static async of(emoji: readonly Emoji[], styles: readonly EmojiStyle[]): Promise<EmojiPairs> {
    const pictures: NDArray[] = [];
    for (const style of styles) pictures.push(await renderEmoji(emoji, { style }));
    return new EmojiPairs(emoji, styles, pictures);
  }

  /** The pictures of one style, with their names. */
  inStyle(style: EmojiStyle): Pairs {
    return {
      images: this.pictures[this.styles.indexOf(style)],
      texts: this.emoji.map(({ label }) => label.en),
    };
  }

  /** Different emoji by their places in the list, each in one of the styles and moved by a pixel or two. */
  pick(count: number, generator: Generator): { images: NDArray; rows: number[] } {
    const rows = Array.from(generator.permutation(this.emoji.length).narrow(0, 0, count).flat());
    const luck = generator.uniform([count, 3], { dtype: "float64" }).flat();
    const images = rows.map((row, i) => {
      const [style, dx, dy] = luck.slice(3 * i, 3 * i + 3);
      const pictures = this.pictures[Math.floor(style * this.styles.length)];
      return moved(pictures.select(0, row), Math.floor(5 * dx) - 2, Math.floor(5 * dy) - 2);
    });
    return { images: stack(images, 0), rows };
  }

  /** Different emoji, each with its name or its keywords, in one of the templates. */
  some(count: number, generator: Generator): Pairs {
    const { images, rows } = this.pick(count, generator);
    const luck = generator.uniform([count, 2], { dtype: "float64" }).flat();
    const texts = rows.map((row, i) => {
      const { label, tags } = this.emoji[row];
      const name = luck[2 * i] < 0.3 && tags.en.length > 1 ? tags.en.slice(0, 4).join(" ") : label.en;
      return inTemplate(TEMPLATES[Math.floor(luck[2 * i + 1] * TEMPLATES.length)], name);
    });
    return { images, texts };
  }
}

/** The picture (3, S, S) pushed by so many pixels; white comes in. */
function moved(picture: NDArray, dx: number, dy: number): NDArray {
  const [, S] = picture.shape;
  const out = zeros(picture.shape);
  const [from, to] = [picture.flat(), elements(out)];
  for (let c = 0; c < 3; c++)
    for (let y = 0; y < S; y++)
      for (let x = 0; x < S; x++) {
        const [u, v] = [x - dx, y - dy];
        const inside = u >= 0 && u < S && v >= 0 && v < S;
        to[(c * S + y) * S + x] = inside ? from[(c * S + v) * S + u] : 1;
      }
  return out;
}

/** The lecture's emoji in six groups: those to train on, and the tenth of the concepts that is held out. */
export function emojiSplit(): { train: Emoji[]; heldOut: Emoji[] } {
  const { train, validation } = splitEmoji(readEmoji({ groups: EMOJI_CLASSES }), {
    validation: 0.1,
    seed: 0,
  });
  return { train, heldOut: validation };
}

/** All words of names, keywords and templates. */
export const emojiWords = (emoji: readonly Emoji[]): string[] => [
  ...TEMPLATES,
  ...emoji.flatMap(({ label, tags }) => [label.en, ...tags.en.slice(0, 4)]),
];
