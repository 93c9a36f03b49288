import { noGrad } from "../../autograd";
import { AdamW, cosineWithWarmup, LRScheduler } from "../../nn";
import { checkMethods, checkOptions, Generator, manualSeed, type NDArray } from "../../tensor";
import { type Codec, PictureCodec, SoundCodec } from "./codec";
import { type Exhibit, type Gallery, playAll, SHOWN } from "./gallery";

const BATCH = 32;
/** Sounds that are learned from. */
const SOUNDS = 420;

export interface CodecTraining<C extends Codec> {
  readonly codec: C;
  /** One step on these pictures or sounds; the mean squared error. */
  step(x: NDArray): number;
}

/**
 * The training of a codec. For the first third the vectors go through as they are; then the codebook is laid between, made of
 * vectors that came. Rows that nobody chose for 25 steps begin anew.
 */
export function codecTraining<C extends Codec>(
  codec: C,
  options: { seed?: number; lr?: number; steps?: number } = {},
): CodecTraining<C> {
  checkMethods("codecTraining", "a codec", codec, ["encode", "parameters"]);
  checkOptions("codecTraining", options, "steps: 400", { seed: "integer", lr: "positive", steps: "size" });
  const { seed = 1, lr = 4e-3, steps = 400 } = options;
  const optimizer = new AdamW(codec.parameters(), { lr, weightDecay: 0 });
  const scheduler = new LRScheduler(optimizer, cosineWithWarmup({ warmupSteps: 10, totalSteps: steps }));
  const generator = new Generator(seed);
  let used = new Set<number>();
  let done = 0;
  const step = (x: NDArray) => {
    const free = done < steps / 3;
    if (!free && done % 25 === 0 && done < 0.75 * steps) {
      codec.codebook.revive(noGrad(() => codec.forward(x)).vectors, used, generator);
      used = new Set();
    }
    done++;
    const { loss, error, codes } = codec.forward(x, free);
    if (!free) for (const code of codes.flat()) used.add(code);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    scheduler.step();
    return error.item();
  };
  return { codec, step };
}

/** A codec for pictures and one for sounds, trained on exhibits that are shown; the mean squared errors at the end. */
export interface Codecs {
  readonly pictures: PictureCodec;
  readonly sounds: SoundCodec;
  readonly errors: readonly [pictures: number, sounds: number];
}

/** Both codecs, as the notebook trains them. */
export function trainCodecs(gallery: Gallery, options: { steps: number; seed: number }): Codecs {
  checkMethods("trainCodecs", "a gallery, as openGallery() gives", gallery, ["drawAll"]);
  checkOptions("trainCodecs", options, "steps: 400, seed: 1", { steps: "size", seed: "integer" }, [
    "steps",
    "seed",
  ]);
  const { steps, seed } = options;
  manualSeed(seed);
  const luck = new Generator(seed);
  const some = (): Exhibit[] =>
    Array.from(luck.integers([BATCH], { high: SHOWN.length }).flat(), (i) => SHOWN[i]);
  const train = (training: CodecTraining<Codec>, batch: () => NDArray) => {
    let error = 0;
    for (let done = 0; done < steps; done++) error = training.step(batch());
    return error;
  };
  const pictures = codecTraining(new PictureCodec(), { steps });
  const ofPictures = train(pictures, () => gallery.drawAll(some(), luck));
  const sounds = codecTraining(new SoundCodec(), { steps });
  const many = playAll(
    Array.from({ length: SOUNDS }, (_, i) => SHOWN[(i * 6) % SHOWN.length]),
    luck,
  );
  const ofSounds = train(sounds, () => many.indexSelect(0, luck.integers([BATCH], { high: many.shape[0] })));
  return { pictures: pictures.codec, sounds: sounds.codec, errors: [ofPictures, ofSounds] };
}
