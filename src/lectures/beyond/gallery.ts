import { cutOutEmoji, readEmoji, SOUND_KINDS, type SoundKind, soundEffect } from "../../data";
import {
  check,
  checkAll,
  elements,
  expected,
  type Generator,
  type NDArray,
  stack,
  zeros,
} from "../../tensor";

/** What can be seen, heard and named, by the sound that it makes. */
const THINGS: Readonly<Record<SoundKind, { name: string; code: string }>> = {
  coin: { name: "coin", code: "1fa99" },
  laser: { name: "flying saucer", code: "1f6f8" },
  explosion: { name: "bomb", code: "1f4a3" },
  "power-up": { name: "star", code: "2b50" },
  hit: { name: "boxing glove", code: "1f94a" },
  jump: { name: "frog", code: "1f438" },
  blip: { name: "robot", code: "1f916" },
};

const LIGHTS = {
  "in the morning": { top: [0.98, 0.78, 0.8], bottom: [1, 0.95, 0.8], tint: [1, 0.98, 0.96] },
  "by day": { top: [0.42, 0.7, 0.98], bottom: [0.8, 0.92, 1], tint: [1, 1, 1] },
  "in the evening": { top: [0.45, 0.26, 0.5], bottom: [0.98, 0.56, 0.26], tint: [0.97, 0.91, 0.88] },
  "at night": { top: [0.04, 0.06, 0.2], bottom: [0.13, 0.17, 0.38], tint: [0.86, 0.88, 0.96] },
} as const;

const SIDES = { small: 14, large: 26 } as const;

/** One thing in one light. */
export interface Exhibit {
  readonly sound: SoundKind;
  readonly size: keyof typeof SIDES;
  readonly light: keyof typeof LIGHTS;
}

const S = 32;
/** How far a thing stands from the middle, at most, in pixels. */
const JITTER = 1;

/** @internal */
export function checkExhibit(op: string, exhibit: Exhibit): void {
  check(op, "exhibit", exhibit, "object", "EXHIBITS are all there are");
  const { sound, size, light } = exhibit;
  check(op, "exhibit.sound", sound, SOUND_KINDS);
  check(op, "exhibit.size", size, Object.keys(SIDES));
  check(op, "exhibit.light", light, Object.keys(LIGHTS));
}

/** @internal */
export function checkExhibits(op: string, exhibits: readonly Exhibit[]): void {
  check(op, "exhibits", exhibits, "objects", "EXHIBITS are all there are");
  if (exhibits.length === 0) throw expected(op, "at least one exhibit", exhibits);
  for (const exhibit of exhibits) checkExhibit(op, exhibit);
}

/** "frog" */
export function nameOf(exhibit: Pick<Exhibit, "sound">): string {
  check("nameOf", "exhibit", exhibit, "object", "EXHIBITS are all there are");
  check("nameOf", "exhibit.sound", exhibit.sound, SOUND_KINDS);
  return THINGS[exhibit.sound].name;
}
/** "a small frog at night" */
export function captionOf(exhibit: Exhibit): string {
  checkExhibit("captionOf", exhibit);
  return `a ${exhibit.size} ${nameOf(exhibit)} ${exhibit.light}`;
}

/** All 56 of them: seven things, two sizes, four lights. */
export const EXHIBITS: readonly Exhibit[] = SOUND_KINDS.flatMap((sound) =>
  (Object.keys(SIDES) as Exhibit["size"][]).flatMap((size) =>
    (Object.keys(LIGHTS) as Exhibit["light"][]).map((light) => ({ sound, size, light })),
  ),
);

/** Whether a combination is kept for the test: two of each thing, every size and light among them. */
export const isKeptExhibit = (exhibit: Exhibit): boolean => {
  const at = EXHIBITS.findIndex(
    ({ sound, size, light }) => sound === exhibit.sound && size === exhibit.size && light === exhibit.light,
  );
  const [thing, which] = [Math.floor(at / 8), at % 8]; // 0 to 3 are small, 4 to 7 large
  return which === thing % 4 || which === 4 + ((thing + 2) % 4);
};

/** Exhibits that training shows. */
export const SHOWN: readonly Exhibit[] = EXHIBITS.filter((exhibit) => !isKeptExhibit(exhibit));
/** Exhibits that it never shows. */
export const KEPT: readonly Exhibit[] = EXHIBITS.filter(isKeptExhibit);

interface Sprite {
  readonly side: number;
  /** Times opacity. */
  readonly rgb: ArrayLike<number>;
  readonly opacity: ArrayLike<number>;
}

/** Draws exhibits: (3, 32, 32), 0 to 1; where in the picture a thing stands, by a pixel, is chance. */
export class Gallery {
  readonly #sprites: ReadonlyMap<string, Sprite>;

  /** @internal */
  constructor(sprites: ReadonlyMap<string, Sprite>) {
    this.#sprites = sprites;
  }

  draw(exhibit: Exhibit, generator: Generator): NDArray {
    checkExhibit("Gallery.draw", exhibit);
    check("Gallery.draw", "generator", generator, "generator");
    const [dx, dy] = generator.integers([2], { low: -JITTER, high: JITTER + 1 }).flat();
    return this.at(exhibit, dx, dy);
  }

  /** Drawn so many pixels right of and below the middle. */
  at(exhibit: Exhibit, dx: number, dy: number): NDArray {
    checkExhibit("Gallery.at", exhibit);
    checkAll("Gallery.at", { dx: [dx, "integer"], dy: [dy, "integer"] });
    const { sound, size, light } = exhibit;
    const { side, rgb, opacity } = this.#sprites.get(`${sound} ${size}`)!;
    const { top, bottom, tint } = LIGHTS[light];
    const out = zeros([3, S, S]);
    const numbers = elements(out);
    const [x0, y0] = [(S - side) / 2 + dx, (S - side) / 2 + dy];
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < S; y++)
        for (let x = 0; x < S; x++) {
          const sky = top[c] + ((bottom[c] - top[c]) * y) / (S - 1);
          const [column, row] = [x - x0, y - y0];
          const isOnIt = column >= 0 && column < side && row >= 0 && row < side;
          const i = row * side + column;
          const a = isOnIt ? opacity[i] : 0;
          numbers[(c * S + y) * S + x] = (1 - a) * sky + (isOnIt ? tint[c] * rgb[c * side * side + i] : 0);
        }
    return out;
  }

  /** Pictures of several, (N, 3, 32, 32). */
  drawAll(exhibits: readonly Exhibit[], generator: Generator): NDArray {
    checkExhibits("Gallery.drawAll", exhibits);
    return stack(exhibits.map((exhibit) => this.draw(exhibit, generator)));
  }
}

/** The gallery of this lecture, drawn by Noto's artists. Only in Node. */
export async function openGallery(): Promise<Gallery> {
  const all = readEmoji({ styles: ["noto"] });
  const emoji = SOUND_KINDS.map((sound) => all.find(({ code }) => code === THINGS[sound].code)!);
  const sprites = new Map<string, Sprite>();
  for (const [size, side] of Object.entries(SIDES))
    for (const [i, sound] of SOUND_KINDS.entries()) {
      const numbers = (await cutOutEmoji(emoji[i], { size: side })).flat() as ArrayLike<number>;
      const plane = side * side;
      const opacity = Array.from({ length: plane }, (_, at) => numbers[3 * plane + at]);
      const rgb = Array.from({ length: 3 * plane }, (_, at) => numbers[at] * opacity[at % plane]);
      sprites.set(`${sound} ${size}`, { side, rgb, opacity });
    }
  return new Gallery(sprites);
}

/** Samples of a sound in this lecture: 0.7 s. */
export const SAMPLES = 6144;

/** The noises of several, (N, 6144): another one every time. */
export function playAll(exhibits: readonly Pick<Exhibit, "sound">[], generator: Generator): NDArray {
  check("playAll", "exhibits", exhibits, "objects");
  if (exhibits.length === 0) throw expected("playAll", "at least one exhibit", exhibits);
  return stack(exhibits.map(({ sound }) => soundEffect(sound, generator, { samples: SAMPLES })));
}
