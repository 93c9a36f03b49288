import { SOUND_KINDS, type SoundKind } from "../../data";
import {
  check,
  checkArray,
  checkMethods,
  expected,
  Generator,
  type NDArray,
  showShape,
  stack,
  words,
} from "../../tensor";
import { EXHIBITS, type Exhibit, type Gallery, playAll, SAMPLES } from "./gallery";
import { checkMany } from "./kept";
import { spectrogram } from "./spectrum";

/** Who says what a picture shows, and what a sound is, without any learning: by what it resembles most. */
export interface Judge {
  see(picture: NDArray): Exhibit;
  hear(sound: NDArray): SoundKind;
  /** How often it hears a real sound right, of so many new ones of each kind: no one can be judged to be better. */
  hearsRight(count?: number): number;
}

/** Real sounds of each kind that it compares with, and how many of them vote. */
const COPIES = 150;
const NEAREST = 5;

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
  checkMethods("judgeOf", "a gallery, as openGallery() gives", gallery, ["at"]);
  // Both are made when they are first asked for: a thousand sounds take a while.
  let drawn: { exhibits: Exhibit[]; pixels: NDArray } | undefined;
  let played: { kinds: SoundKind[]; outlines: NDArray } | undefined;

  const see = (picture: NDArray): Exhibit => {
    checkArray("Judge.see", picture);
    drawn ??= allDrawn(gallery);
    const { exhibits, pixels } = drawn;
    if (picture.size !== pixels.shape[1])
      throw expected("Judge.see", "a picture (3, 32, 32)", words(showShape(picture.shape)));
    const far = distances(picture.flatten(), pixels);
    return exhibits[far.indexOf(Math.min(...far))];
  };
  const hear = (sound: NDArray): SoundKind => {
    checkArray("Judge.hear", sound);
    if (sound.size !== SAMPLES)
      throw expected("Judge.hear", `a sound of ${SAMPLES} samples`, words(showShape(sound.shape)));
    played ??= allPlayed();
    const { kinds, outlines } = played;
    const far = distances(outline(sound.reshape([1, -1])), outlines);
    const order = [...far.keys()].sort((a, b) => far[a] - far[b]).slice(0, NEAREST);
    const votes = SOUND_KINDS.map((kind) => order.filter((i) => kinds[i] === kind).length);
    return SOUND_KINDS[votes.indexOf(Math.max(...votes))];
  };
  const hearsRight = (count = 20): number => {
    check("Judge.hearsRight", "count", count, "size");
    checkMany("Judge.hearsRight", "count", count);
    const asked = SOUND_KINDS.flatMap((sound) => Array.from({ length: count }, () => ({ sound })));
    const sounds = playAll(asked, new Generator(78));
    return asked.filter(({ sound }, i) => hear(sounds.select(0, i)) === sound).length / asked.length;
  };
  return { see, hear, hearsRight };
}

/** Every exhibit in nine places. */
function allDrawn(gallery: Gallery) {
  const places = [-1, 0, 1];
  const drawn = EXHIBITS.flatMap((exhibit) =>
    places.flatMap((dx) => places.map((dy) => ({ exhibit, pixels: gallery.at(exhibit, dx, dy).flatten() }))),
  );
  return { exhibits: drawn.map(({ exhibit }) => exhibit), pixels: stack(drawn.map(({ pixels }) => pixels)) };
}

function allPlayed() {
  const kinds = SOUND_KINDS.flatMap((sound) => Array.from({ length: COPIES }, () => sound));
  const sounds = playAll(
    kinds.map((sound) => ({ sound })),
    new Generator(77),
  );
  return { kinds, outlines: outline(sounds) };
}
