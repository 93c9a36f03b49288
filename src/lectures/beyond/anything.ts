import { noGrad } from "../../autograd";
import { AdamW, clipGradNorm, cosineWithWarmup, LRScheduler } from "../../nn";
import { array, check, Generator, manualSeed, type NDArray } from "../../tensor";
import { GPT, type GPTOptions } from "../gpt";
import type { Codec, PictureCodec, SoundCodec } from "./codec";
import type { Segment, Sizes } from "./exercises/route-tokens";
import { captionOf, EXHIBITS, type Exhibit, type Gallery, isKeptExhibit, nameOf, playAll } from "./gallery";
import { IGNORED, TalkWords } from "./words";

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
export function exchange(way: Way, { exhibit, picture, sound }: Encoded, isIt = false): Exchange {
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
    if ("picture" in part) return part.picture.map((code) => this.sizes.text + code);
    return part.sound.map((code) => this.sizes.text + this.sizes.picture + code);
  }

  /** `<ask> … <say>` */
  prompt(asked: readonly Part[]): number[] {
    return [this.text.id("<ask>"), ...asked.flatMap((part) => this.encode(part)), this.text.id("<say>")];
  }

  /** Dialogues as inputs and targets (B, T), int32: −100 wherever no answer is to be given. */
  rows(dialogues: readonly (readonly Exchange[])[], length: number): { inputs: NDArray; targets: NDArray } {
    check("AnyWords.rows", "dialogues", dialogues, "list");
    const [pad, end] = [this.text.id("<pad>"), this.text.id("<end>")];
    const all = dialogues.map((turns) =>
      turns.flatMap(({ asked, said }) => [
        ...this.prompt(asked).map((id) => ({ id, isAnswer: false })),
        ...[...this.encode(said), end].map((id) => ({ id, isAnswer: true })),
      ]),
    );
    const table = (of: (row: (typeof all)[number], t: number) => number) =>
      array(
        all.map((row) => Array.from({ length }, (_, t) => of(row, t))),
        { dtype: "int32" },
      );
    return {
      inputs: table((row, t) => row[t]?.id ?? pad),
      targets: table((row, t) => (row[t + 1]?.isAnswer ? row[t + 1].id : IGNORED)),
    };
  }
}

/** Tokens of the longest dialogue. */
export const ANY_LENGTH = 104;

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
  { seed = 1, lr = 2e-3, steps = 400 } = {},
): CodecTraining<C> {
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

/** Exhibits that training shows. */
export const SHOWN: readonly Exhibit[] = EXHIBITS.filter((exhibit) => !isKeptExhibit(exhibit));
/** Exhibits that it never shows. */
export const KEPT: readonly Exhibit[] = EXHIBITS.filter(isKeptExhibit);

const listOf = (codes: NDArray): number[][] => codes.toArray() as number[][];

/** So many copies of each exhibit, drawn, played and encoded: every copy stands elsewhere and sounds otherwise. */
export function encodeAll(
  exhibits: readonly Exhibit[],
  copies: number,
  {
    gallery,
    pictures,
    sounds,
    seed,
  }: { gallery: Gallery; pictures: PictureCodec; sounds: SoundCodec; seed: number },
): Encoded[] {
  const generator = new Generator(seed);
  return Array.from({ length: copies }, () => {
    const seen = listOf(pictures.encode(gallery.drawAll(exhibits, generator)));
    const heard = listOf(sounds.encode(playAll(exhibits, generator)));
    return exhibits.map((exhibit, i): Encoded => ({ exhibit, picture: seen[i], sound: heard[i] }));
  }).flat();
}

/** A dialogue of three turns about one thing; from the second on it is called "it". */
export function anyDialogue(encoded: Encoded, generator: Generator): Exchange[] {
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
  {
    steps,
    seed,
    batch = 32,
    lr = 3e-3,
    model: given,
  }: { steps: number; seed: number; batch?: number; lr?: number; model?: Partial<GPTOptions> },
): AnyTraining {
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
  { model, words }: Pick<AnyTraining, "model" | "words">,
  context: readonly number[],
  route: (ids: readonly number[], sizes: Sizes) => Segment[],
  generator: Generator,
  topK = 4,
): { ids: number[]; segments: Segment[] } {
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
