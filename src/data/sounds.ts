import { check, checkOptions, elements, expected, type Generator, type NDArray, zeros } from "../tensor";
import { loadPackage } from "./packages";

/** What jsfxr can make a noise of, by our names. */
const MAKERS = {
  coin: "pickupCoin",
  laser: "laserShoot",
  explosion: "explosion",
  "power-up": "powerUp",
  hit: "hitHurt",
  jump: "jump",
  blip: "blipSelect",
} as const;

export type SoundKind = keyof typeof MAKERS;
/** The seven kinds of sound effects. */
export const SOUND_KINDS = Object.freeze(Object.keys(MAKERS)) as readonly SoundKind[];
/** Samples of a sound effect in a second. */
export const SOUND_RATE = 8820;

interface Sfxr {
  generate(maker: string, options: { sample_rate: number; sample_size: number }): object;
  toBuffer(sound: object): readonly number[];
}

export interface SoundOptions {
  /** How many samples, {@link SOUND_RATE} a second: what is longer is cut, what is shorter ends in silence. Default: 6144. */
  samples?: number;
}

/**
 * A sound effect as games of the eighties had them, another one for each state of the generator: (samples), float32, −1 to 1,
 * its loudest sample 0.8. Made by the npm package `jsfxr` (Unlicense). Only in Node.
 *
 * ```ts
 * audio(soundEffect("coin", new Generator(1)), { sampleRate: SOUND_RATE });
 * ```
 */
export function soundEffect(kind: SoundKind, generator: Generator, options: SoundOptions = {}): NDArray {
  check("soundEffect", "kind", kind, SOUND_KINDS);
  check("soundEffect", "generator", generator, "generator");
  checkOptions("soundEffect", options, "samples: 6144", { samples: "size" });
  const { samples = 6144 } = options;
  if (samples > 10 * SOUND_RATE) throw expected("soundEffect", "10 seconds of samples at most", samples);

  const { sfxr } = loadPackage("soundEffect", "jsfxr") as { sfxr: Sfxr };
  const bytes = withRandom(generator, () =>
    sfxr.toBuffer(sfxr.generate(MAKERS[kind], { sample_rate: SOUND_RATE, sample_size: 8 })),
  );
  const out = zeros([samples]);
  const numbers = elements(out);
  let loudest = 1e-6;
  for (let i = 0; i < Math.min(samples, bytes.length); i++) {
    // Where a part of the envelope has no length jsfxr divides 0 by 0, in one sample.
    numbers[i] = Number.isNaN(bytes[i]) ? 0 : (bytes[i] - 127.5) / 127.5;
    loudest = Math.max(loudest, Math.abs(numbers[i]));
  }
  for (let i = 0; i < samples; i++) numbers[i] *= 0.8 / loudest;
  return out;
}

/** Run what takes its chances from Math.random with those of a generator, so that they come again. */
function withRandom<T>(generator: Generator, run: () => T): T {
  const { random } = Math;
  let chances: ArrayLike<number> = [];
  let next = 0;
  Math.random = () => {
    if (next === chances.length) {
      chances = elements(generator.uniform([256], { dtype: "float64" }));
      next = 0;
    }
    return chances[next++];
  };
  try {
    return run();
  } finally {
    Math.random = random;
  }
}
