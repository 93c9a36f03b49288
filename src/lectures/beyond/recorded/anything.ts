import type { Recording } from "../../../data";
import { AnyWords, anyTraining, encodeAll } from "../anything";
import { trainCodecs } from "../codec-training";
import { captionOf, KEPT, openGallery, SHOWN } from "../gallery";
import { judgeOf } from "../judge";
import { scoreWays, type WayScore } from "../scores";

/** One model for text, pictures and sound, after one training. Shares from 0 to 1. */
export interface AnythingResult {
  readonly ways: readonly WayScore[];
  /** How often the judge knows a picture again that went through the codec and back: more cannot be had. */
  readonly throughCodec: number;
  /** How often the judge hears a real sound right. */
  readonly ear: number;
}

const CODEC_STEPS = 400;
const STEPS = 400;

/** Train codecs and model as the notebook does, and ask for everything. */
export async function anything(options: {
  seed: number;
  codecSteps?: number;
  steps?: number;
}): Promise<AnythingResult> {
  const { seed, codecSteps = CODEC_STEPS, steps = STEPS } = options;
  const gallery = await openGallery();
  const { pictures, sounds } = trainCodecs(gallery, { steps: codecSteps, seed });
  const words = new AnyWords(pictures.codebook.K, sounds.codebook.K);
  const parts = { gallery, pictures, sounds };
  const { model, step } = anyTraining(encodeAll(SHOWN, 12, { ...parts, seed }), words, { steps, seed });
  for (let done = 0; done < steps; done++) step();
  const judge = judgeOf(gallery);
  const test = encodeAll(KEPT, 4, { ...parts, seed: 50 });
  const again = pictures.decode(test.map(({ picture }) => picture));
  const known = test.filter(
    ({ exhibit }, i) => captionOf(judge.see(again.select(0, i))) === captionOf(exhibit),
  );
  return {
    ways: scoreWays(test, { talker: { model, words }, pictures, sounds, judge }),
    throughCodec: known.length / test.length,
    ear: judge.hearsRight(20),
  };
}

export const recording: Recording<AnythingResult> = {
  says: `One GPT for text, pictures and sound after ${STEPS} steps of 32 dialogues, codecs after ${CODEC_STEPS}; asked about ${4 * KEPT.length} kept exhibits`,
  seeds: [1, 2, 3],
  async run(seed, log) {
    const result = await anything({ seed });
    log(JSON.stringify(result));
    return result;
  },
};
