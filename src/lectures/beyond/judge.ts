import { SOUND_KINDS, type SoundKind } from "../../data";
import { Generator, type NDArray, stack } from "../../tensor";
import { EXHIBITS, type Exhibit, type Gallery, playAll } from "./gallery";
import { spectrogram } from "./spectrum";

/** Who says what a picture shows, and what a sound is, without any learning: by what it resembles most. */
export interface Judge {
  see(picture: NDArray): Exhibit;
  hear(sound: NDArray): SoundKind;
  /** How often it hears a real sound right, of so many new ones of each kind: no one can be judged to be better. */
  hearsRight(count?: number): number;
}

const COPIES = 40;
const NEAREST = 7;

/** How loud, and where: a spectrogram in 24 moments and 21 bands, its loudest at 1. */
function outline(sounds: NDArray): NDArray {
  const spectra = spectrogram(sounds); // (N, 48, 129)
  const [N, F] = spectra.shape;
  const coarse = spectra
    .narrow(2, 1, 126)
    .reshape([N, F / 2, 2, 21, 6])
    .mean([2, 4])
    .flatten(1);
  return coarse.div(coarse.max(1, { keepDims: true }).add(1e-6));
}

/** Squared distances of one row to many, as a list. */
const distances = (one: NDArray, many: NDArray): number[] => Array.from(many.sub(one).square().sum(1).flat());

export function judgeOf(gallery: Gallery): Judge {
  const places = [-1, 0, 1];
  const drawn = EXHIBITS.flatMap((exhibit) =>
    places.flatMap((dx) => places.map((dy) => ({ exhibit, pixels: gallery.at(exhibit, dx, dy).flatten() }))),
  );
  const pictures = stack(drawn.map(({ pixels }) => pixels));
  const real = SOUND_KINDS.flatMap((sound) => Array.from({ length: COPIES }, () => ({ sound })));
  const heard = outline(playAll(real, new Generator(77)));

  const see = (picture: NDArray): Exhibit => {
    const far = distances(picture.flatten(), pictures);
    return drawn[far.indexOf(Math.min(...far))].exhibit;
  };
  const hear = (sound: NDArray): SoundKind => {
    const far = distances(outline(sound.reshape([1, -1])), heard);
    const order = [...far.keys()].sort((a, b) => far[a] - far[b]).slice(0, NEAREST);
    const votes = SOUND_KINDS.map((kind) => order.filter((i) => real[i].sound === kind).length);
    return SOUND_KINDS[votes.indexOf(Math.max(...votes))];
  };
  const hearsRight = (count = 20): number => {
    const asked = SOUND_KINDS.flatMap((sound) => Array.from({ length: count }, () => ({ sound })));
    const sounds = playAll(asked, new Generator(78));
    return asked.filter(({ sound }, i) => hear(sounds.select(0, i)) === sound).length / asked.length;
  };
  return { see, hear, hearsRight };
}
