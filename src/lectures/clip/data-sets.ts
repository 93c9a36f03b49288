import {
  type Emoji,
  FASHION_CLASSES,
  type LabelledImages,
  readFashion,
  readMnist,
  readScenes,
  SCENE_LIGHTS,
  type SceneLight,
  type SceneSource,
  type SceneSpec,
  sceneCaption,
} from "../../data";
import { array, checkOptions, Generator, type NDArray, ones, stack, zeros } from "../../tensor";
import { EMOJI_CLASSES, EmojiPairs, emojiSplit, inTemplate, TEMPLATES } from "./emoji-pairs";

/** Pictures with classes, and what the classes are called. */
export interface LabelledSet {
  readonly name: string;
  readonly classes: readonly string[];
  /** Of each class, what may be said of its pictures. */
  readonly prompts: readonly (readonly string[])[];
  readonly train: Labelled;
  readonly test: Labelled;
}

export interface Labelled {
  /** (N, 3, 32, 32) */
  readonly images: NDArray;
  /** (N) */
  readonly labels: NDArray;
}

const NUMBERS = ["one", "two", "three"];

/**
 * Kinds of questions about pictures, none of which our CLIP is trained to answer: about scenes in Twemoji's style, that it
 * has never seen; about emoji; and about handwritten digits (and clothes, where they are installed), which are nothing that
 * it has ever read of.
 */
export async function labelledSets(options: { count?: number; seed?: number } = {}): Promise<LabelledSet[]> {
  checkOptions("labelledSets", options, "count: 400", { count: "size", seed: "integer" });
  const { count = 400, seed = 5 } = options;
  const source = await readScenes({ style: "twemoji" });
  const { kinds, colours } = source;
  const things = kinds.flatMap((kind) => source.varieties(kind).map((variety) => ({ kind, variety })));
  /** All that can be said of a thing: in every colour that it comes in. */
  const said = (thing: { kind: string; variety: string }, count: number, light?: SceneLight): string[] =>
    (source.isPainted(thing.kind, thing.variety) ? colours : [null]).map((colour) =>
      sceneCaption(
        { groups: [{ ...thing, colour, count }], relation: null, light: light ?? "day" },
        { light: light !== undefined },
      ),
    );
  const plain = things.filter(({ kind, variety }) => !source.isPainted(kind, variety));
  const painted = things.filter(({ kind, variety }) => source.isPainted(kind, variety));
  const scene = (
    name: string,
    classes: readonly string[],
    prompts: readonly (readonly string[])[],
    labelOf: (spec: SceneSpec) => number,
  ): LabelledSet => {
    const draw = (seed: number) => labelledScenes(source, labelOf, count, new Generator(seed));
    return { name, classes, prompts, train: draw(seed), test: draw(seed + 1) };
  };
  return [
    scene(
      "kind of thing",
      kinds,
      kinds.map((kind) => things.filter((thing) => thing.kind === kind).flatMap((thing) => said(thing, 1))),
      ({ groups }) => kinds.indexOf(groups[0].kind),
    ),
    scene(
      "which thing",
      things.map(({ variety }) => variety),
      things.map((thing) => [...said(thing, 1), ...said(thing, 2), ...said(thing, 3)]),
      ({ groups }) => things.findIndex(({ variety }) => variety === groups[0].variety),
    ),
    scene(
      "colour",
      colours,
      colours.map((_, i) => painted.map((thing) => said(thing, 1)[i])),
      ({ groups }) => (groups[0].colour === null ? -1 : colours.indexOf(groups[0].colour)),
    ),
    scene(
      "how many",
      NUMBERS,
      [1, 2, 3].map((count) => plain.flatMap((thing) => said(thing, count))),
      ({ groups }) => groups[0].count - 1,
    ),
    scene(
      "time of day",
      SCENE_LIGHTS,
      SCENE_LIGHTS.map((light) => plain.flatMap((thing) => said(thing, 1, light))),
      ({ light }) => SCENE_LIGHTS.indexOf(light),
    ),
    await emojiGroups(count),
    digits(count),
    ...clothes(count),
  ];
}

/** One group each; what has no label (−1) is left out. */
function labelledScenes(
  source: SceneSource,
  labelOf: (spec: SceneSpec) => number,
  count: number,
  generator: Generator,
): Labelled {
  const images: NDArray[] = [];
  const labels: number[] = [];
  while (images.length < count) {
    const spec = source.spec(generator, { groups: 1 });
    const label = labelOf(spec);
    if (label < 0) continue;
    images.push(source.draw(spec, generator).pixels);
    labels.push(label);
  }
  return { images: stack(images, 0), labels: array(labels, { dtype: "int32" }) };
}

/** Emoji whose names were in training, in a style that was not. */
async function emojiGroups(count: number): Promise<LabelledSet> {
  const { train } = emojiSplit();
  const order = new Generator(3).permutation(train.length).flat();
  const some = (from: number) => Array.from(order.slice(from, from + count), (i) => train[i]);
  const part = async (emoji: readonly Emoji[]): Promise<Labelled> => ({
    images: (await EmojiPairs.of(emoji, ["twemoji"])).pictures[0],
    labels: array(
      emoji.map(({ group }) => EMOJI_CLASSES.indexOf(group as (typeof EMOJI_CLASSES)[number])),
      { dtype: "int32" },
    ),
  });
  const half = Math.min(count, Math.floor(train.length / 2));
  const words = [
    ["face", "smiling face", "heart"],
    ["animal", "plant", "bird", "flower"],
    ["food", "fruit", "drink"],
    ["place", "building", "vehicle", "car"],
    ["sport", "game", "ball"],
    ["object", "tool", "clothing"],
  ];
  return {
    name: "emoji group",
    classes: ["smileys", "nature", "food", "travel", "activities", "objects"],
    prompts: words.map((names) =>
      names.flatMap((name) => TEMPLATES.map((template) => inTemplate(template, name))),
    ),
    train: await part(some(0).slice(0, half)),
    test: await part(some(half).slice(0, half)),
  };
}

const DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/** MNIST in the middle of 32 × 32 pixels, black on white, as drawings are. */
export function onWhite({ images, labels }: LabelledImages): Labelled {
  const [N, H, W] = images.shape;
  const out = zeros([N, 3, 32, 32]).add(1);
  const [top, left] = [(32 - H) >> 1, (32 - W) >> 1];
  for (let c = 0; c < 3; c++)
    out
      .select(1, c)
      .narrow(1, top, H)
      .narrow(2, left, W)
      .assign(ones([N, H, W]).sub(images));
  return { images: out, labels };
}

function digits(count: number): LabelledSet {
  return {
    name: "MNIST digits",
    classes: DIGITS,
    prompts: DIGITS.map((digit, i) => [
      `the number ${digit}`,
      `the digit ${digit}`,
      `a drawing of ${i}`,
      `${digit}`,
    ]),
    train: onWhite(readMnist({ split: "train", limit: count })),
    test: onWhite(readMnist({ split: "test", limit: count })),
  };
}

/** Fashion-MNIST, where it is installed. */
function clothes(count: number): LabelledSet[] {
  const [train, test] = [
    readFashion({ split: "train", limit: count }),
    readFashion({ split: "test", limit: count }),
  ];
  if (!train || !test) return [];
  return [
    {
      name: "Fashion-MNIST",
      classes: FASHION_CLASSES,
      prompts: FASHION_CLASSES.map((name) =>
        TEMPLATES.map((template) => inTemplate(template, name.toLowerCase())),
      ),
      train: onWhite(train),
      test: onWhite(test),
    },
  ];
}
