import {
  type EmojiStyle,
  readScenes,
  type Scene,
  type SceneSource,
  type SceneSpec,
  sceneCaption,
} from "../../data";
import { check, checkMethods, checkOptions, expected, Generator, type NDArray, stack } from "../../tensor";
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

/** Random scenes of pairs that are trained on, or of the others, with captions; no caption twice. */
export class ScenePairs {
  constructor(readonly sources: readonly SceneSource[]) {
    check("ScenePairs", "sources", sources, "objects");
    for (const source of sources)
      checkMethods("ScenePairs", "sources of scenes, as readScenes() gives", source, ["spec", "draw"]);
  }

  /** `heldOut` true: pairs of things that training never shows. */
  some(
    count: number,
    generator: Generator,
    options: { heldOut?: boolean; light?: boolean; single?: boolean } = {},
  ): Pairs & { scenes: readonly Scene[] } {
    const op = "ScenePairs.some";
    check(op, "count", count, "size");
    check(op, "generator", generator, "generator");
    checkOptions(op, options, "heldOut: true", { heldOut: "boolean", light: "boolean", single: "boolean" });
    if (this.sources.length === 0) throw expected(op, "at least one source of scenes", this.sources);
    const { heldOut = false, light = false, single = false } = options;
    const texts = new Map<string, Scene>();
    const pick = () => this.sources[Math.floor(generator.uniform([]).item() * this.sources.length)];
    const wanted = heldOut
      ? { groups: 2 as const, exclude: (spec: SceneSpec) => !isHeldOut(spec) }
      : { groups: single ? (1 as const) : undefined, exclude: isHeldOut };
    while (texts.size < count) {
      const source = pick();
      const spec = source.spec(generator, wanted);
      const caption = sceneCaption(spec, { light });
      if (!texts.has(caption)) texts.set(caption, source.draw(spec, generator));
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
