import {
  type EmojiStyle,
  readScenes,
  type Scene,
  type SceneSource,
  type SceneSpec,
  sceneCaption,
} from "../../data";
import { Generator, type NDArray, stack } from "../../tensor";
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

/** One and many of each kind. */
export const KIND_WORDS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  car: ["a car", "cars"],
  fruit: ["a fruit", "fruits"],
  animal: ["an animal", "animals"],
  flower: ["a flower", "flowers"],
  ball: ["a ball", "balls"],
  shape: ["a shape", "shapes"],
  garment: ["a garment", "garments"],
  toy: ["a toy", "toys"],
};

/**
 * As people write captions: now and then the kind alone ("two cars"), the colour left out, the time of the day named.
 * Each of these happens in a third of the cases.
 */
export function looseCaption(spec: SceneSpec, generator: Generator): string {
  const luck = generator.uniform([5], { dtype: "float64" }).flat();
  const groups = spec.groups.map((group, i) => {
    const { kind, count } = group;
    if (luck[2 * i] < 1 / 3)
      return count === 1 ? KIND_WORDS[kind][0] : `${["two", "three"][count - 2]} ${KIND_WORDS[kind][1]}`;
    const alone = sceneCaption({ groups: [group], relation: null, light: "day" });
    return group.colour && luck[2 * i + 1] < 1 / 3 ? alone.replace(`${group.colour} `, "") : alone;
  });
  const what = groups.join(` ${spec.relation} `).replace(/\ba (?=[aeiou])/g, "an ");
  const whole = sceneCaption(
    { groups: spec.groups.slice(0, 1), relation: null, light: spec.light },
    { light: true },
  );
  const when = whole.slice(
    sceneCaption({ groups: spec.groups.slice(0, 1), relation: null, light: spec.light }).length,
  );
  return luck[4] < 1 / 3 ? what + when : what;
}

/** Random scenes of pairs that are trained on, or of the others, with captions; no caption twice. */
export class ScenePairs {
  constructor(readonly sources: readonly SceneSource[]) {}

  /** `heldOut` true: pairs of things that training never shows. */
  some(
    count: number,
    generator: Generator,
    { heldOut = false, light = false, loose = false } = {},
  ): Pairs & { scenes: readonly Scene[] } {
    const texts = new Map<string, Scene>();
    const pick = () => this.sources[Math.floor(generator.uniform([]).item() * this.sources.length)];
    const options = heldOut
      ? { groups: 2 as const, exclude: (spec: SceneSpec) => !isHeldOut(spec) }
      : { exclude: isHeldOut };
    while (texts.size < count) {
      const source = pick();
      const spec = source.spec(generator, options);
      const caption = loose ? looseCaption(spec, generator) : sceneCaption(spec, { light });
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
  return new ScenePairs(await Promise.all(styles.map((style) => readScenes({ style }))));
}

/** All words that captions of scenes are made of. */
export function sceneWords(source: SceneSource, more: readonly string[] = []): CaptionWords {
  const generator = new Generator(1);
  const texts = Array.from({ length: 3000 }, () => sceneCaption(source.spec(generator), { light: true }));
  const kinds = Object.values(KIND_WORDS).flat();
  return new CaptionWords([...texts.sort(), ...kinds, ...more], 16);
}
