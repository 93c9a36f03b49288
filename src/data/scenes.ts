import { check, checkOptions, elements, expected, Generator, type NDArray, words, zeros } from "../tensor";
import { cutOut, drawings, EMOJI_STYLES, type EmojiStyle } from "./emoji-drawings";
import { LIGHTING, paintBackground } from "./scene-light";
import { type Canvas, paste, type Sprite, spriteOf } from "./scene-sprites";
import {
  COLOURS,
  checkSpec,
  SCENE_LIGHTS,
  SCENE_RELATIONS,
  type SceneGroupSpec,
  type SceneRelation,
  type SceneSpec,
  sceneCaption,
  THINGS,
} from "./scene-words";

/** One drawn thing. */
export interface SceneObject {
  readonly kind: string;
  readonly variety: string;
  readonly colour: string | null;
  /** What it covers, in pixels from the upper left corner: it reaches from x0 up to, not including, x1. */
  readonly box: readonly [x0: number, y0: number, x1: number, y1: number];
}

/** "two taxis", "a red apple": alike things that stand together. */
export interface SceneGroup extends SceneGroupSpec {
  readonly objects: readonly SceneObject[];
}

/** A picture of a few things, and all that is to be known about it. */
export interface Scene extends SceneSpec {
  /** (3, S, S), red, green and blue from 0 to 1. float32. */
  readonly pixels: NDArray;
  /** (S, S), int32: 0 where there is background, else 1 + the index of the thing's kind in `source.kinds`. */
  readonly mask: NDArray;
  readonly groups: readonly SceneGroup[];
  /** "a red apple left of two taxis"; see {@link sceneCaption}. */
  readonly caption: string;
}

export interface ReadScenesOptions {
  /** Pixels on each side, 16 to 256. Default: 32. */
  size?: number;
  /** Whose drawings. Default: `"noto"`. */
  style?: EmojiStyle;
}

export interface RandomSceneOptions {
  /** Scenes that must not come, such as combinations that are kept for the test. */
  exclude?: (spec: SceneSpec) => boolean;
  /** How many groups. Default: one in a quarter of the scenes, else two. */
  groups?: 1 | 2;
}

/** Where scenes come from. */
export interface SceneSource {
  readonly size: number;
  readonly style: EmojiStyle;
  /** "car", "fruit", …: the classes of the mask, from 1 up. */
  readonly kinds: readonly string[];
  readonly colours: readonly string[];
  /** "taxi", "police car", … */
  varieties(kind: string): readonly string[];
  /** Whether a variety is painted in one of the colours. */
  isPainted(kind: string, variety: string): boolean;
  /** A random scene's description, not drawn yet. The two groups are of different kinds. */
  spec(generator: Generator, options?: RandomSceneOptions): SceneSpec;
  /** Draw a scene. What it leaves open (places, sizes, weather) comes from the generator. */
  draw(spec: SceneSpec, generator?: Generator): Scene;
  /** A random scene, drawn. */
  random(generator: Generator, options?: RandomSceneOptions): Scene;
}

/** Sides of things, in 32nds of the picture's, by how many stand together. */
const SIDES = [[], [9, 10, 11, 12, 13, 14], [9, 10, 11, 12], [9, 10]];
/** Random numbers of one picture: of its weather, then of each group: its side, its direction, two for each of its things. */
const [WEATHER, GROUP] = [4, 8];

class DrawnScenes implements SceneSource {
  readonly kinds = Object.freeze(Object.keys(THINGS));
  readonly colours = Object.freeze(Object.keys(COLOURS));
  readonly #sprites = new Map<string, Sprite>();
  readonly #cuts: ReadonlyMap<string, Uint8Array>;

  constructor(
    readonly size: number,
    readonly style: EmojiStyle,
    cuts: ReadonlyMap<string, Uint8Array>,
  ) {
    this.#cuts = cuts;
  }

  varieties(kind: string): readonly string[] {
    check("SceneSource.varieties", "kind", kind, this.kinds);
    return THINGS[kind].map(({ name }) => name);
  }

  isPainted(kind: string, variety: string): boolean {
    check("SceneSource.isPainted", "variety", variety, this.varieties(kind));
    return THINGS[kind].some(({ name, painted }) => painted && name === variety);
  }

  spec(generator: Generator, options: RandomSceneOptions = {}): SceneSpec {
    check("SceneSource.spec", "generator", generator, "generator");
    checkOptions("SceneSource.spec", options, "groups: 2", { exclude: "function", groups: "size" });
    const { exclude, groups } = options;
    if (groups !== undefined && groups > 2) throw expected("SceneSource.spec", "1 or 2 groups", groups);
    for (let attempt = 0; attempt < 10_000; attempt++) {
      const spec = this.#anySpec(generator, groups);
      if (!exclude?.(spec)) return spec;
    }
    throw expected("SceneSource.spec", "exclude to leave scenes over", words("10,000 in a row excluded"));
  }

  #anySpec(generator: Generator, wanted?: 1 | 2): SceneSpec {
    const chances = elements(generator.uniform([11], { dtype: "float64" }));
    let next = 0;
    const pick = <T>(list: readonly T[]): T => list[Math.floor(chances[next++] * list.length)];
    const group = (kind: string): SceneGroupSpec => {
      const { name: variety, painted } = pick(THINGS[kind]);
      return { kind, variety, colour: painted ? pick(this.colours) : null, count: pick([1, 2, 3]) };
    };
    const light = pick(SCENE_LIGHTS);
    const count = wanted ?? pick([1, 2, 2, 2]);
    const kind = pick(this.kinds);
    if (count === 1) return { groups: [group(kind)], relation: null, light };
    const relation = pick(SCENE_RELATIONS);
    const other = pick(this.kinds.filter((one) => one !== kind));
    return { groups: [group(kind), group(other)], relation, light };
  }

  random(generator: Generator, options: RandomSceneOptions = {}): Scene {
    return this.draw(this.spec(generator, options), generator);
  }

  draw(spec: SceneSpec, generator: Generator = new Generator(0)): Scene {
    checkSpec("SceneSource.draw", spec);
    check("SceneSource.draw", "generator", generator, "generator");
    const { relation, light } = spec;
    const S = this.size;
    const pixels = zeros([3, S, S]);
    const mask = zeros([S, S], { dtype: "int32" });
    const canvas: Canvas = {
      S,
      rgb: elements(pixels) as Float32Array,
      mask: elements(mask) as Int32Array,
      tint: LIGHTING[light].tint,
    };
    const chances = elements(generator.uniform([WEATHER + 2 * GROUP], { dtype: "float64" }));
    paintBackground(canvas.rgb, S, light, chances);
    const groups = spec.groups.map((group, i): SceneGroup => {
      const { kind, variety, colour, count } = group;
      const start = WEATHER + i * GROUP;
      const objects = this.#place(
        canvas,
        group,
        regionOf(relation, i, S),
        chances.slice(start, start + GROUP),
      );
      return { kind, variety, colour, count, objects };
    });
    return { pixels, mask, groups, relation, light, caption: sceneCaption(spec) };
  }

  /** Draw a group into its part of the picture, one thing beside another along the part's longer side. */
  #place(canvas: Canvas, group: SceneGroupSpec, region: Region, chances: ArrayLike<number>): SceneObject[] {
    const { count, kind, variety, colour } = group;
    const sides = SIDES[count];
    const side = Math.floor((sides[Math.floor(chances[0] * sides.length)] * this.size) / 32);
    const sprite = this.#sprite(group, side);
    const { width, height } = region;
    const inRow = width > height || (width === height && chances[1] < 0.5);
    const [columns, rows] = inRow ? [count, 1] : [1, count];
    return Array.from({ length: count }, (_, i): SceneObject => {
      const x = region.x + place(chances[2 + 2 * i], inRow ? i : 0, columns, width, side);
      const y = region.y + place(chances[3 + 2 * i], inRow ? 0 : i, rows, height, side);
      paste(canvas, sprite, x, y, 1 + this.kinds.indexOf(kind));
      const [x0, y0, x1, y1] = sprite.box;
      return { kind, variety, colour, box: [x + x0, y + y0, x + x1, y + y1] };
    });
  }

  #sprite({ kind, variety, colour }: SceneGroupSpec, side: number): Sprite {
    const key = `${variety} ${colour} ${side}`;
    let sprite = this.#sprites.get(key);
    if (!sprite) {
      const { code } = THINGS[kind].find(({ name }) => name === variety)!;
      sprite = spriteOf(this.#cuts.get(`${code} ${side}`)!, side, colour === null ? null : COLOURS[colour]);
      this.#sprites.set(key, sprite);
    }
    return sprite;
  }
}

interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The half of the picture in which a group stands, or all of it. */
function regionOf(relation: SceneRelation | null, group: number, S: number): Region {
  const half = Math.floor(S / 2);
  if (relation === null) return { x: 0, y: 0, width: S, height: S };
  const isFirst = (relation === "left of" || relation === "above") === (group === 0);
  if (relation === "left of" || relation === "right of")
    return { x: isFirst ? 0 : half, y: 0, width: half, height: S };
  return { x: 0, y: isFirst ? 0 : half, width: S, height: half };
}

/** Where a thing of this side begins in the i-th of n equal parts of a length; `chance` in [0, 1) moves it about. */
function place(chance: number, i: number, n: number, length: number, side: number): number {
  const from = Math.floor((i * length) / n);
  const to = Math.floor(((i + 1) * length) / n);
  return from + Math.floor(chance * (to - from - side + 1));
}

/** What was cut out before, by style and size. */
const read = new Map<string, Promise<ReadonlyMap<string, Uint8Array>>>();

async function cutAll(style: EmojiStyle, size: number): Promise<ReadonlyMap<string, Uint8Array>> {
  const svg = drawings("readScenes", style);
  const cuts = new Map<string, Uint8Array>();
  const sides = new Set(SIDES.flat().map((side) => Math.floor((side * size) / 32)));
  for (const { code } of Object.values(THINGS).flat())
    for (const side of sides)
      cuts.set(`${code} ${side}`, await cutOut("readScenes", svg(code) as string, side));
  return cuts;
}

/**
 * Composed scenes: one or two groups of one to three things, of some kinds, varieties and colours, beside or above one
 * another, at some time of the day. Each comes with its caption, boxes and mask, so that what a model says about it can
 * be checked. The same generator makes the same scenes.
 *
 * ```ts
 * const scenes = await readScenes();
 * const { pixels, caption } = scenes.random(new Generator(1));
 * ```
 *
 * Things are emoji, drawn by the npm package `sharp` when a style is first wanted in a size (about a second), and kept in
 * memory. Painted varieties are drawn in another hue than their artist's. Only in Node.
 */
export async function readScenes(options: ReadScenesOptions = {}): Promise<SceneSource> {
  checkOptions("readScenes", options, 'size: 32, style: "noto"', { size: "size", style: EMOJI_STYLES });
  const { size = 32, style = "noto" } = options;
  if (size < 16 || size > 256) throw expected("readScenes", "a size of 16 to 256 pixels", size);
  const key = `${style} ${size}`;
  let cuts = read.get(key);
  if (!cuts) {
    cuts = cutAll(style, size);
    read.set(key, cuts);
    cuts.catch(() => read.delete(key));
  }
  return new DrawnScenes(size, style, await cuts);
}
