import {
  check,
  checkOptions,
  elements,
  expected,
  Generator,
  isList,
  type NDArray,
  nodeModule,
  readable,
  readText,
  zeros,
} from "../tensor";
import { type SplitOptions, shuffledIndices, type TrainValidation } from "./dataset";
import { drawings, EMOJI_STYLES, type EmojiStyle, iconNames, type Rgb, renderStyle } from "./emoji-drawings";
import { packageFolder } from "./packages";

/** Unicode's groups, in its order. */
export const EMOJI_GROUPS = [
  "smileys-emotion",
  "people-body",
  "animals-nature",
  "food-drink",
  "travel-places",
  "activities",
  "objects",
  "symbols",
  "flags",
] as const;
export type EmojiGroup = (typeof EMOJI_GROUPS)[number];

/** The languages of labels and tags. */
export interface InBoth<T> {
  readonly en: T;
  readonly ru: T;
}

export interface Emoji {
  /** The code points in hex, without the selector fe0f: `1f34e`. */
  readonly code: string;
  /** 🍎 */
  readonly emoji: string;
  /** "red apple", "красное яблоко" */
  readonly label: InBoth<string>;
  /** Keywords: "apple", "fruit", "red", … */
  readonly tags: InBoth<readonly string[]>;
  readonly group: EmojiGroup;
  /** "food-fruit" */
  readonly subgroup: string;
  /**
   * What is drawn, whoever does it and wherever it looks: "teacher" for woman teacher, man teacher and teacher. Pictures
   * of one concept are near copies: they belong into the same part of a split, as {@link splitEmoji} sees to.
   */
  readonly concept: string;
  /** Who has drawn it. */
  readonly styles: readonly EmojiStyle[];
}

export interface EmojiOptions {
  /** Only these groups. Default: all nine. */
  groups?: readonly EmojiGroup[];
  /** Only what all of these have drawn. Default: all four. */
  styles?: readonly EmojiStyle[];
  /** Only the first so many. */
  limit?: number;
}

/** An entry of emojibase's data.json. */
interface Entry {
  readonly hexcode: string;
  readonly emoji: string;
  readonly label: string;
  readonly tags?: readonly string[];
  readonly group?: number;
  readonly subgroup?: number;
}

interface Groups {
  readonly groups: Readonly<Record<string, string>>;
  readonly subgroups: Readonly<Record<string, string>>;
}

/** Read once; what it holds is frozen. */
let all: readonly Emoji[] | undefined;

/**
 * Emoji with names and keywords in English and Russian, in Unicode's order, and who has drawn them: 1,594 are in all four
 * styles. Skin tones are left out. Names from the npm package `emojibase-data`, drawings from `@iconify-json/…` (see
 * {@link EMOJI_STYLES}). Reads from disk, only when called, and only in Node.
 */
export function readEmoji(options: EmojiOptions = {}): Emoji[] {
  checkOptions("readEmoji", options, 'groups: ["food-drink"]', {
    groups: "texts",
    styles: "texts",
    limit: "size",
  });
  const { groups = EMOJI_GROUPS, styles = EMOJI_STYLES, limit } = options;
  for (const group of groups) check("readEmoji", "groups among", group, EMOJI_GROUPS);
  for (const style of styles) check("readEmoji", "styles among", style, EMOJI_STYLES);

  all ??= readAll();
  return all
    .filter((emoji) => groups.includes(emoji.group) && styles.every((style) => emoji.styles.includes(style)))
    .slice(0, limit);
}

function readAll(): readonly Emoji[] {
  const folder = packageFolder("readEmoji", "emojibase-data");
  const read = (...path: string[]) => JSON.parse(readText(nodeModule("node:path").join(folder, ...path)));
  const [english, russian] = ["en", "ru"].map((language) => read(language, "data.json") as readonly Entry[]);
  const names = read("meta", "groups.json") as Groups;
  const inRussian = new Map(russian.map((entry) => [entry.hexcode, entry]));
  const drawn = EMOJI_STYLES.map((style) => [style, iconNames("readEmoji", style)] as const);

  return english.flatMap((entry) => {
    const group = names.groups[entry.group ?? ""] as EmojiGroup;
    const ru = inRussian.get(entry.hexcode);
    if (!EMOJI_GROUPS.includes(group) || !ru) return []; // letters of flags, skin tones and hair alone
    const code = entry.hexcode.toLowerCase().replaceAll("-fe0f", "");
    return Object.freeze({
      code,
      emoji: entry.emoji,
      label: Object.freeze({ en: entry.label, ru: ru.label }),
      tags: Object.freeze({ en: Object.freeze(entry.tags ?? []), ru: Object.freeze(ru.tags ?? []) }),
      group,
      subgroup: names.subgroups[entry.subgroup ?? ""],
      concept: conceptOf(entry.label, group),
      styles: Object.freeze(drawn.filter(([, icons]) => icons.has(code)).map(([style]) => style)),
    });
  });
}

/** Several names of one picture. */
const SAME: Readonly<Record<string, string>> = {
  boy: "child",
  girl: "child",
  old: "older",
  prince: "royalty",
  princess: "royalty",
  "with crown": "royalty",
  "mrs. claus": "santa claus",
  "mx claus": "santa claus",
  merman: "merperson",
  mermaid: "merperson",
  "breast-feeding": "feeding baby",
  bust: "busts",
};

/** The label without who (man, woman, person) and without hair, age and direction. */
function conceptOf(label: string, group: EmojiGroup): string {
  const words = label.toLowerCase();
  if (group !== "people-body") return group === "symbols" ? withoutDirection(words) : words;
  const bare = withoutDirection(words.split(":")[0])
    .replace(/\b(wo)?m[ae]n\b|\bpe(rson|ople)\b/g, "")
    .replace(/^ *and\b|\b(in|and) silhouette\b/g, "")
    .replace(/ +/g, " ")
    .trim();
  return SAME[bare] ?? (bare || "person");
}

const withoutDirection = (label: string): string =>
  label
    .replace(/\b(left|right|up|down)(wards?)?(-facing)?\b/g, "")
    .replace(/[ -]+/g, " ")
    .trim();

/** How an emoji is drawn: the SVG of that style. Throws where the style has not drawn it. */
export function emojiSvg(emoji: Emoji, style: EmojiStyle): string {
  checkEmoji("emojiSvg", emoji);
  check("emojiSvg", "style", style, EMOJI_STYLES);
  return drawings("emojiSvg", style)(emoji.code) ?? notDrawn("emojiSvg", emoji, style);
}

export interface RenderEmojiOptions {
  /** Default: `"noto"`. */
  style?: EmojiStyle;
  /** Pixels on each side. Default: 32. */
  size?: number;
  /** What shows where nothing is drawn: red, green, blue, 0 to 1 each. Default: white. */
  background?: readonly number[];
}

/**
 * Emoji as pixels: (N, 3, size, size), red, green and blue from 0 to 1, by the npm package `sharp`. When more than a few
 * are first wanted in a size, the whole style is drawn, in some 4 s, and kept on disk (node_modules/.cache) for the next time.
 * Throws where the style has not drawn one of them: `readEmoji` leaves those out.
 */
export async function renderEmoji(
  emoji: readonly Emoji[],
  options: RenderEmojiOptions = {},
): Promise<NDArray> {
  check("renderEmoji", "emoji", emoji, "objects");
  for (const one of emoji) checkEmoji("renderEmoji", one);
  checkOptions("renderEmoji", options, 'style: "noto", size: 32', {
    style: EMOJI_STYLES,
    size: "size",
    background: "numbers",
  });
  const { style = "noto", size = 32, background = [1, 1, 1] } = options;
  if (size > 512) throw expected("renderEmoji", "a size of at most 512 pixels", size);
  if (background.length !== 3 || !background.every((value) => value >= 0 && value <= 1))
    throw expected("renderEmoji", "a background of red, green and blue, 0 to 1 each", background);

  const codes = readEmoji({ styles: [style] }).map(({ code }) => code);
  const places = new Map(codes.map((code, i) => [code, i]));
  const rows = emoji.map((one) => places.get(one.code) ?? notDrawn("renderEmoji", one, style));
  const bytes = await renderStyle(
    style,
    codes,
    rows,
    size,
    background.map((x) => Math.round(255 * x)) as never as Rgb,
  );
  const out = zeros([emoji.length, 3, size, size]);
  const numbers = elements(out);
  for (let i = 0; i < bytes.length; i++) numbers[i] = bytes[i] / 255;
  return out;
}

function checkEmoji(op: string, emoji: unknown): void {
  const isEmoji = ({ code, styles }: Partial<Emoji>) => typeof code === "string" && isList(styles);
  if (!readable(isEmoji, emoji)) throw expected(op, "emoji as readEmoji gives them", emoji);
}

function notDrawn(op: string, { code }: Emoji, style: EmojiStyle): never {
  throw expected(
    op,
    `an emoji that ${style} has drawn`,
    code,
    `readEmoji({ styles: ["${style}"] }) lists them`,
  );
}

/**
 * Set a share of the concepts aside, so that nothing in `validation` is a near copy of anything in `train`: all of one
 * `concept` stay together, and so do emoji that some style draws with the very same strokes. Both parts keep the order
 * of `emoji`. To hold out a style too, render the parts in different ones.
 */
export function splitEmoji(
  emoji: readonly Emoji[],
  options: SplitOptions & { validation?: number } = {},
): TrainValidation<Emoji> {
  check("splitEmoji", "emoji", emoji, "objects");
  for (const one of emoji) checkEmoji("splitEmoji", one);
  checkOptions("splitEmoji", options, "seed, validation", { seed: "number", validation: "number" });
  const { validation = 0.1, seed = 0 } = options;
  if (!(validation > 0 && validation < 1))
    throw expected("splitEmoji", "a validation share between 0 and 1", validation);

  const clusters = clustersOf(emoji);
  if (clusters.length < 2) throw expected("splitEmoji", "at least 2 concepts", clusters.length);
  const aside = new Set<string>();
  const wanted = Math.max(1, Math.round(validation * emoji.length));
  for (const i of shuffledIndices(clusters.length, new Generator(seed))) {
    if (aside.size >= wanted) break;
    if (aside.size + clusters[i].length >= emoji.length) continue; // something stays to train on
    for (const { code } of clusters[i]) aside.add(code);
  }
  return {
    train: emoji.filter(({ code }) => !aside.has(code)),
    validation: emoji.filter(({ code }) => aside.has(code)),
  };
}

/** Emoji that hang together, by concept or by a drawing that they share. */
function clustersOf(emoji: readonly Emoji[]): Emoji[][] {
  const cluster = new Map<string, Emoji[]>(); // by code
  const first = new Map<string, Emoji>(); // by what ties emoji together
  const join = (one: Emoji, tie: string) => {
    const other = first.get(tie);
    if (!other) {
      first.set(tie, one);
      return;
    }
    const [a, b] = [cluster.get(one.code)!, cluster.get(other.code)!];
    if (a === b) return;
    for (const each of a) cluster.set(each.code, b);
    b.push(...a);
  };
  for (const one of emoji) cluster.set(one.code, [one]);
  for (const one of emoji) join(one, `${one.group} ${one.concept}`);
  for (const style of EMOJI_STYLES) {
    const svg = drawings("splitEmoji", style);
    // Iconify gives gradients ids of their own in every icon.
    for (const one of emoji)
      if (one.styles.includes(style)) join(one, `${style} ${svg(one.code)?.replace(/svgID\w+/g, "")}`);
  }
  return [...new Set(cluster.values())];
}
