import { type Metric, type Pretrained, type Pretraining, pretrained, readScenes } from "../../data";
import type { Module } from "../../nn";
import type { NDArray } from "../../tensor";
import { GPT, type GPTOptions } from "../gpt";
import { AnyWords, anyTraining, encodeAll } from "./anything";
import { PictureCodec, SoundCodec } from "./codec";
import { trainCodecs } from "./codec-training";
import { rightByKind } from "./exercises/right-by-kind";
import { eyesTraining } from "./eyes";
import { openGallery, SHOWN } from "./gallery";
import { interview, keptDialogues, seerTraining } from "./seeing";
import { Seer, type SeerOptions } from "./seer";
import { TalkWords } from "./words";

/** What speaks about scenes, and what answers in text, picture and sound, trained longer than the notebook can. */
export interface Beyond {
  readonly seer: Seer;
  readonly words: TalkWords;
  readonly pictures: PictureCodec;
  readonly sounds: SoundCodec;
  readonly talker: { readonly model: GPT; readonly words: AnyWords };
}

interface Config {
  readonly seer: SeerOptions;
  readonly words: readonly string[];
  readonly talker: GPTOptions;
  readonly codes: readonly [pictures: number, sounds: number];
}

/** The lecture's longer-trained models: `const { seer, words, talker, pictures, sounds, card } = pretrainedBeyond();` */
export function pretrainedBeyond(): Beyond & { card: string } {
  const checkpoint = pretrained("beyond");
  return { ...assemble(checkpoint), card: checkpoint.card };
}

function assemble({ config, tensors }: Pretrained): Beyond {
  const { seer, words, talker, codes } = config as Config;
  const anyWords = new AnyWords(...codes);
  const beyond = {
    seer: new Seer(seer),
    words: new TalkWords(words),
    pictures: new PictureCodec(codes[0]),
    sounds: new SoundCodec(codes[1]),
    talker: { model: new GPT(talker), words: anyWords },
  };
  for (const [name, model] of Object.entries(modulesOf(beyond))) {
    const own = [...tensors].filter(([key]) => key.startsWith(`${name}.`));
    model.loadStateDict(new Map(own.map(([key, x]) => [key.slice(name.length + 1), x])));
  }
  return beyond;
}

const modulesOf = ({ seer, pictures, sounds, talker }: Beyond): Record<string, Module> => ({
  seer,
  pictures,
  sounds,
  talker: talker.model,
});

/** The steps are those for captions and questions; for so many times as many the others train, the codecs each. */
const PARTS = { eyes: 2 / 3, codec: 0.4, anything: 0.8 };

const right = (seer: Seer, words: TalkWords, kept: Parameters<typeof interview>[2]): number =>
  rightByKind(interview(seer, words, kept)).mean;

export const pretraining: Pretraining = {
  says: "A GPT of 3 layers with eyes, a VQ codec for pictures and one for sounds, and a GPT of 3 layers for text, pictures and sounds; for `pretrainedBeyond()` of the lecture Beyond.",
  data: "composed scenes of Noto's drawings and dialogues about them, one in seven combinations of number, colour and thing held out; 56 exhibits with the sounds of jsfxr, 14 of them held out",
  steps: 1500,
  async train(steps, log) {
    const seed = 7;
    const [source, gallery] = await Promise.all([readScenes(), openGallery()]);
    const part = (share: number) => Math.max(1, Math.round(share * steps));
    const eyesSteps = part(PARTS.eyes);
    const eyes = eyesTraining({ source, steps: eyesSteps, seed });
    for (let done = 1; done <= eyesSteps; done++) {
      const { loss, right } = eyes.step();
      if (done % 200 === 0) log(`eyes, step ${done}: ${loss.toFixed(3)} nats, ${right.toFixed(3)} right`);
    }
    const seeing = seerTraining({ source, steps, seed, eyes: eyes.eyes });
    const kept = keptDialogues(source, 200, 12);
    for (let done = 1; done <= steps; done++) {
      const loss = seeing.step();
      if (done % 500 === 0 || done === steps)
        log(
          `captions and questions, step ${done}: ${loss.toFixed(3)} nats, ${right(seeing.model, seeing.words, kept).toFixed(3)} right`,
        );
    }
    const { pictures, sounds, errors } = trainCodecs(gallery, { steps: part(PARTS.codec), seed });
    log(`codecs: mean squared errors ${errors.map((error) => error.toFixed(4)).join(", ")}`);
    const words = new AnyWords(pictures.codebook.K, sounds.codebook.K);
    const library = encodeAll(SHOWN, 24, { gallery, pictures, sounds, seed });
    const anySteps = part(PARTS.anything);
    const talker = anyTraining(library, words, { steps: anySteps, seed });
    for (let done = 1; done <= anySteps; done++) {
      const loss = talker.step();
      if (done % 100 === 0) log(`any to any, step ${done}: ${loss.toFixed(3)} nats`);
    }
    const beyond = {
      seer: seeing.model,
      words: seeing.words,
      pictures,
      sounds,
      talker: { ...talker, words },
    };
    const tensors = new Map<string, NDArray>();
    for (const [name, model] of Object.entries(modulesOf(beyond)))
      for (const [key, x] of model.stateDict()) tensors.set(`${name}.${key}`, x);
    const config: Config = {
      seer: seeing.model.options,
      words: seeing.words.words,
      talker: talker.model.options,
      codes: [pictures.codebook.K, sounds.codebook.K],
    };
    return { tensors, config };
  },
  async measure(checkpoint): Promise<Metric> {
    const { seer, words } = assemble(checkpoint);
    const value = right(seer, words, keptDialogues(await readScenes(), 200));
    return { name: "exact match on kept combinations, mean of the kinds of questions", value, unit: "of 1" };
  },
};
