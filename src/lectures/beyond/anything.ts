import { AdamW, clipGradNorm, cosineWithWarmup, LRScheduler } from "../../nn";
import {
  check,
  checkAll,
  checkMethods,
  checkOptions,
  expected,
  Generator,
  words as inWords,
  manualSeed,
  type NDArray,
} from "../../tensor";
import { GPT, type GPTOptions } from "../gpt";
import type { PictureCodec, SoundCodec } from "./codec";
import type { Segment, Sizes } from "./exercises/route-tokens";
import {
  captionOf,
  checkExhibit,
  checkExhibits,
  EXHIBITS,
  type Exhibit,
  type Gallery,
  nameOf,
  playAll,
} from "./gallery";
import { checkMany } from "./kept";
import { TalkWords, tokenRows } from "./words";

/** What a turn is made of: words, the codes of a picture, the codes of a sound. */
export type Part = string | { readonly picture: readonly number[] } | { readonly sound: readonly number[] };

/** What is asked and what is answered, each of one modality or several. */
export interface Exchange {
  readonly asked: readonly Part[];
  readonly said: Part;
}

/** Ways to come from one modality to another: what is given, what is wanted. */
export const WAYS = [
  "text to picture",
  "picture to text",
  "text to sound",
  "sound to text",
  "sound to picture",
  "picture to sound",
] as const;
export type Way = (typeof WAYS)[number];

/** An exhibit with what can be given of it. */
export interface Encoded {
  readonly exhibit: Exhibit;
  readonly picture: readonly number[];
  readonly sound: readonly number[];
}

/** One exchange about a thing. "it" takes the place of the thing where it was spoken of before. */
export function exchange(way: Way, encoded: Encoded, isIt = false): Exchange {
  check("exchange", "way", way, WAYS);
  checkEncoded("exchange", encoded);
  const { exhibit, picture, sound } = encoded;
  const { size, light } = exhibit;
  const name = nameOf(exhibit);
  switch (way) {
    case "text to picture":
      return { asked: [isIt ? `draw it ${size} ${light}` : `draw ${captionOf(exhibit)}`], said: { picture } };
    case "picture to text":
      return { asked: [...(isIt ? [] : [{ picture }]), "what is this"], said: captionOf(exhibit) };
    case "text to sound":
      return { asked: [`play a ${name}`], said: { sound } };
    case "sound to text":
      return { asked: [...(isIt ? [] : [{ sound }]), "what do you hear"], said: `a ${name}` };
    case "sound to picture":
      return { asked: [...(isIt ? [] : [{ sound }]), `visualize it ${size} ${light}`], said: { picture } };
    case "picture to sound":
      return { asked: [...(isIt ? [] : [{ picture }]), "how does it sound"], said: { sound } };
  }
}

function checkEncoded(op: string, encoded: Encoded): void {
  check(op, "encoded", encoded, "object");
  checkExhibit(op, encoded.exhibit);
  checkAll(op, { picture: [encoded.picture, "numbers"], sound: [encoded.sound, "numbers"] });
}

/** What may follow a way, about the same thing. */
const NEXT: Readonly<Record<Way, readonly Way[]>> = {
  "text to picture": ["picture to sound", "picture to text"],
  "picture to text": ["picture to sound", "text to picture"],
  "text to sound": ["sound to picture", "sound to text"],
  "sound to text": ["sound to picture", "text to picture"],
  "sound to picture": ["picture to text", "sound to text"],
  "picture to sound": ["sound to picture", "picture to text"],
};

/** All words that are needed. */
const WORDS = [
  ...new Set(
    EXHIBITS.flatMap((exhibit) => {
      const encoded = { exhibit, picture: [], sound: [] };
      const all = WAYS.flatMap((way) => [exchange(way, encoded), exchange(way, encoded, true)]);
      return all.flatMap(({ asked, said }) => [...asked, said]);
    })
      .filter((part): part is string => typeof part === "string")
      .flatMap((text) => text.split(" ")),
  ),
];

/** One vocabulary for three modalities, and rows of tokens made of exchanges. */
export class AnyWords {
  readonly text = new TalkWords(WORDS);
  readonly sizes: Sizes;

  constructor(pictureCodes: number, soundCodes: number) {
    check("AnyWords", "pictureCodes", pictureCodes, "size");
    check("AnyWords", "soundCodes", soundCodes, "size");
    this.sizes = { text: this.text.size, picture: pictureCodes, sound: soundCodes };
  }

  get size(): number {
    return this.sizes.text + this.sizes.picture + this.sizes.sound;
  }

  encode(part: Part): number[] {
    if (typeof part === "string") return this.text.encode(part);
    const op = "AnyWords.encode";
    check(op, "part", part, "object", "a text, { picture: codes } or { sound: codes }");
    const { text, picture, sound } = this.sizes;
    const coded = (name: string, codes: readonly number[], from: number, size: number) => {
      check(op, name, codes, "numbers");
      for (const code of codes)
        if (!(Number.isInteger(code) && code >= 0 && code < size))
          throw expected(op, `codes of a ${name} from 0 to ${size - 1}`, code);
      return codes.map((code) => from + code);
    };
    return "picture" in part
      ? coded("picture", part.picture, text, picture)
      : coded("sound", part.sound, text + picture, sound);
  }

  /** `<ask> … <say>` */
  prompt(asked: readonly Part[]): number[] {
    check("AnyWords.prompt", "asked", asked, "list");
    return [this.text.id("<ask>"), ...asked.flatMap((part) => this.encode(part)), this.text.id("<say>")];
  }

  /**
   * Dialogues as inputs and targets (B, T), int32: −100 wherever no answer is to be given. T is that of the longest, `most`
   * what it may be.
   */
  rows(dialogues: readonly (readonly Exchange[])[], most: number): { inputs: NDArray; targets: NDArray } {
    const op = "AnyWords.rows";
    check(op, "dialogues", dialogues, "list");
    check(op, "most", most, "size");
    const end = this.text.id("<end>");
    const all = dialogues.map((turns) => {
      check(op, "a dialogue", turns, "objects");
      return turns.flatMap(({ asked, said }) => [
        ...this.prompt(asked).map((id) => ({ id, isAnswer: false })),
        ...[...this.encode(said), end].map((id) => ({ id, isAnswer: true })),
      ]);
    });
    return tokenRows(op, all, { most, pad: this.text.id("<pad>") });
  }
}

/** Tokens of the longest dialogue. */
export const ANY_LENGTH = 104;

const listOf = (codes: NDArray): number[][] => codes.toArray() as number[][];

/** So many copies of each exhibit, drawn, played and encoded: every copy stands elsewhere and sounds otherwise. */
export function encodeAll(
  exhibits: readonly Exhibit[],
  copies: number,
  given: { gallery: Gallery; pictures: PictureCodec; sounds: SoundCodec; seed: number },
): Encoded[] {
  const op = "encodeAll";
  checkExhibits(op, exhibits);
  checkMany(op, "copies", copies);
  checkOptions(
    op,
    given,
    "gallery, pictures, sounds, seed: 1",
    { gallery: "object", pictures: "object", sounds: "object", seed: "integer" },
    ["gallery", "pictures", "sounds", "seed"],
  );
  const { gallery, pictures, sounds, seed } = given;
  checkMethods(op, "a gallery with drawAll", gallery, ["drawAll"]);
  for (const codec of [pictures, sounds]) checkMethods(op, "a codec with encode", codec, ["encode"]);
  const generator = new Generator(seed);
  return Array.from({ length: copies }, () => {
    const seen = listOf(pictures.encode(gallery.drawAll(exhibits, generator)));
    const heard = listOf(sounds.encode(playAll(exhibits, generator)));
    return exhibits.map((exhibit, i): Encoded => ({ exhibit, picture: seen[i], sound: heard[i] }));
  }).flat();
}

/** A dialogue of three turns about one thing; from the second on it is called "it". */
export function anyDialogue(encoded: Encoded, generator: Generator): Exchange[] {
  checkEncoded("anyDialogue", encoded);
  check("anyDialogue", "generator", generator, "generator");
  const chances = generator.uniform([3]).flat();
  const pick = <T>(list: readonly T[], i: number): T => list[Math.floor(chances[i] * list.length)];
  const first = pick(WAYS, 0);
  const second = pick(NEXT[first], 1);
  const third = pick(NEXT[second], 2);
  return [exchange(first, encoded), exchange(second, encoded, true), exchange(third, encoded, true)];
}

export interface AnyTraining {
  readonly model: GPT;
  readonly words: AnyWords;
  step(): number;
}

/** One GPT on dialogues in three modalities. */
export function anyTraining(
  all: readonly Encoded[],
  words: AnyWords,
  options: { steps: number; seed: number; batch?: number; lr?: number; model?: Partial<GPTOptions> },
): AnyTraining {
  check("anyTraining", "all", all, "objects");
  if (all.length === 0) throw expected("anyTraining", "something to speak about", inWords("none"));
  for (const encoded of all) checkEncoded("anyTraining", encoded);
  checkMethods("anyTraining", "AnyWords", words, ["rows", "encode"]);
  checkOptions(
    "anyTraining",
    options,
    "steps: 400, seed: 1",
    { steps: "size", seed: "integer", batch: "size", lr: "positive", model: "object" },
    ["steps", "seed"],
  );
  const { steps, seed, batch = 16, lr = 3e-3, model: given } = options;
  manualSeed(seed);
  const model = new GPT({
    vocabSize: words.size,
    contextLength: ANY_LENGTH,
    embedDim: 96,
    numHeads: 4,
    numLayers: 3,
    ...given,
  });
  const optimizer = new AdamW(model.parameters(), { lr, betas: [0.9, 0.98], weightDecay: 0.05 });
  const scheduler = new LRScheduler(
    optimizer,
    cosineWithWarmup({ warmupSteps: Math.ceil(Math.min(60, steps / 5)), totalSteps: steps }),
  );
  const generator = new Generator(seed);
  const step = () => {
    const which = generator.integers([batch], { high: all.length }).flat();
    const dialogues = Array.from(which, (i) => anyDialogue(all[i], generator));
    const { inputs, targets } = words.rows(dialogues, ANY_LENGTH);
    const { loss } = model.forward(inputs, { targets });
    optimizer.zeroGrad();
    loss!.backward();
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    scheduler.step();
    return loss!.item();
  };
  return { model, words, step };
}

/** What the model says next, cut by modality; `context` is all that was said before. Some luck is in it where `topK` > 1. */
export function reply(
  talker: Pick<AnyTraining, "model" | "words">,
  context: readonly number[],
  route: (ids: readonly number[], sizes: Sizes) => Segment[],
  generator: Generator,
  topK = 4,
): { ids: number[]; segments: Segment[] } {
  check("reply", "talker", talker, "object", "anyTraining() gives one");
  const { model, words } = talker;
  checkMethods("reply", "a model that generates", model, ["generate"]);
  checkMethods("reply", "AnyWords", words, ["rows", "encode"]);
  check("reply", "context", context, "numbers");
  check("reply", "route", route, "function");
  check("reply", "generator", generator, "generator");
  check("reply", "topK", topK, "size");
  const end = words.text.id("<end>");
  const all = model.generate(context, {
    maxNewTokens: Math.max(1, ANY_LENGTH - context.length),
    eos: end,
    topK,
    generator,
  });
  const ids = all.slice(context.length);
  return { ids, segments: route(ids.at(-1) === end ? ids.slice(0, -1) : ids, words.sizes) };
}
