import {
  EMOJI_STYLES,
  type Emoji,
  type EmojiGroup,
  type EmojiStyle,
  readEmoji,
  renderEmoji,
  splitEmoji,
} from "../../data";
import { array, check, checkOptions, concat, type NDArray } from "../../tensor";

/** Groups whose drawings can be told apart at 32 pixels: no people, signs and flags. */
export const DRAWN_GROUPS = [
  "smileys-emotion",
  "animals-nature",
  "food-drink",
  "travel-places",
  "activities",
  "objects",
] as const satisfies readonly EmojiGroup[];

/** Drawings with what they show, by group and by subgroup. */
export interface LabelledDrawings {
  /** (N, 3, S, S), red, green and blue from 0 to 1, on white. */
  readonly images: NDArray;
  /** (N), an index of {@link DRAWN_GROUPS}. int32. */
  readonly groups: NDArray;
  /** (N), an index of {@link drawnSubgroups}. int32. */
  readonly subgroups: NDArray;
  readonly emoji: readonly Emoji[];
  readonly styles: readonly EmojiStyle[];
}

export interface DrawingsOptions {
  /** Concepts to learn from, or the tenth of them that is held out. Default: all. */
  readonly part?: "train" | "held out";
  /** Default: all four. */
  readonly styles?: readonly EmojiStyle[];
  /** Pixels on each side. Default: 32. */
  readonly size?: number;
}

const everything = () => readEmoji({ groups: DRAWN_GROUPS });

/** The names of the subgroups, in Unicode's order. */
export const drawnSubgroups = (): string[] => [...new Set(everything().map(({ subgroup }) => subgroup))];

/** The drawings of the lecture: each emoji in each of the styles, one style after another. */
export async function readDrawings(options: DrawingsOptions = {}): Promise<LabelledDrawings> {
  checkOptions("readDrawings", options, 'part: "train"', { part: "text", styles: "texts", size: "size" });
  const { part, styles = EMOJI_STYLES, size = 32 } = options;
  if (part !== undefined) check("readDrawings", "part", part, ["train", "held out"]);
  const all = everything();
  const split = splitEmoji(all, { validation: 0.1, seed: 0 });
  const chosen = part === undefined ? all : part === "train" ? split.train : split.validation;
  const images: NDArray[] = [];
  for (const style of styles) images.push(await renderEmoji(chosen, { style, size }));
  const emoji = styles.flatMap(() => chosen);
  const names = drawnSubgroups();
  const ids = (of: (one: Emoji) => number) => array(emoji.map(of), { dtype: "int32" });
  return {
    images: concat(images, 0),
    groups: ids(({ group }) => (DRAWN_GROUPS as readonly EmojiGroup[]).indexOf(group)),
    subgroups: ids(({ subgroup }) => names.indexOf(subgroup)),
    emoji,
    styles: styles.flatMap((style) => chosen.map(() => style)),
  };
}
