import {
  type EmojiStyle,
  readScenes,
  type Scene,
  type SceneSource,
  type SceneSpec,
  sceneCaption,
} from "../../data";
import {
  check,
  checkAll,
  checkMethods,
  checkOptions,
  expected,
  Generator,
  type NDArray,
  stack,
} from "../../tensor";
import { CaptionWords } from "./words";

/** Pictures with their texts: row i belongs to text i. */
export interface Pairs {
  /** (B, 3, S, S), 0 to 1. */
  readonly images: NDArray;
  readonly texts: readonly string[];
}

/** A number that depends on nothing but the text, evenly spread over 0 to 1. */
function spread(text: string): number {
  let hash = 2166136261;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) as number), 16777619);
  hash = Math.imul(hash ^ (hash >>> 15), 2246822519);
  return ((hash ^ (hash >>> 13)) >>> 0) / 4294967296;
}

/**
 * One in eight pairs of things never stand together in training, in whatever order, colour and number: "taxi and apple".
 * What a model says about them it cannot have learned by heart.
 */
export function isHeldOut({ groups }: SceneSpec): boolean {
  if (groups.length < 2) return false;
  return (
    spread(
      groups
        .map(({ variety }) => variety)
        .sort()
        .join(" + "),
    ) <
    1 / 8
  );
}

export interface ScenePairsOptions {
  /** Pairs of things that training never shows. Default: those that it may show, and single groups. */
  readonly heldOut?: boolean;
  /** Captions say the time of day, too. Default: they do not. */
  readonly light?: boolean;
  /** One group of things. Default: one or two; with `heldOut` always two. */
  readonly single?: boolean;
}

/** So many known captions in a row, and there are hardly others. */
const PATIENCE = 2000;

/** Random scenes of pairs that are trained on, or of the others, with captions; no caption twice. */
export class ScenePairs {
  constructor(readonly sources: readonly SceneSource[]) {
    check("ScenePairs", "sources", sources, "objects");
    if (sources.length === 0) throw expected("ScenePairs", "at least one source of scenes", sources);
    for (const source of sources)
      checkMethods("ScenePairs", "sources of scenes, as readScenes() gives them", source, ["spec", "draw"]);
  }

  /** `count` scenes whose captions all differ. A RangeError if there are not so many. */
  some(
    count: number,
    generator: Generator,
    options: ScenePairsOptions = {},
  ): Pairs & { scenes: readonly Scene[] } {
    const op = "ScenePairs.some";
    checkAll(op, { count: [count, "size"], generator: [generator, "generator"] });
    checkOptions(op, options, "heldOut: true", { heldOut: "boolean", light: "boolean", single: "boolean" });
    const { heldOut = false, light = false, single = false } = options;
    if (heldOut && single) throw expected(op, "heldOut or single, not both", options, "a pair is two groups");
    const texts = new Map<string, Scene>();
    const chosen = heldOut
      ? { groups: 2 as const, exclude: (spec: SceneSpec) => !isHeldOut(spec) }
      : { groups: single ? (1 as const) : undefined, exclude: isHeldOut };
    let known = 0;
    while (texts.size < count) {
      const source = this.sources[Math.floor(generator.uniform([]).item() * this.sources.length)];
      const spec = source.spec(generator, chosen);
      const caption = sceneCaption(spec, { light });
      known = texts.has(caption) ? known + 1 : 0;
      if (known > PATIENCE)
        throw expected(op, `count to be about ${texts.size} at most: captions do not repeat`, count);
      if (known === 0) texts.set(caption, source.draw(spec, generator));
    }
    const scenes = [...texts.values()];
    return {
      images: stack(
        scenes.map(({ pixels }) => pixels),
        0,
      ),
      texts: [...texts.keys()],
      scenes,
    };
  }
}

/** Scenes in these styles. */
export async function scenePairs(styles: readonly EmojiStyle[]): Promise<ScenePairs> {
  check("scenePairs", "styles", styles, "texts");
  if (styles.length === 0) throw expected("scenePairs", "at least one style", styles);
  return new ScenePairs(await Promise.all(styles.map((style) => readScenes({ style }))));
}

/** All words that captions of scenes are made of. */
export function sceneWords(source: SceneSource, more: readonly string[] = []): CaptionWords {
  checkMethods("sceneWords", "a source of scenes", source, ["spec"]);
  check("sceneWords", "more", more, "texts");
  const generator = new Generator(1);
  const texts = Array.from({ length: 3000 }, () => sceneCaption(source.spec(generator), { light: true }));
  return new CaptionWords([...texts.sort(), ...more], 16);
}
