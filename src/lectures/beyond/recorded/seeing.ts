import { type Recording, readScenes } from "../../../data";
import { rightByKind, type Scores } from "../exercises/right-by-kind";
import { eyesTraining, ViTEyes } from "../eyes";
import { interview, keptDialogues, majorityAnswers, seerTraining } from "../seeing";

/** What stands in front of the words. */
export const WAYS_TO_SEE = [
  "convolutions, trained first",
  "patches, from nothing",
  "the ViT of lecture 06",
  "nothing: blind",
  "nothing: most frequent answer",
] as const;

/** How a model with such eyes answers about 400 scenes of the test: exact match, 0 to 1. */
export interface SeeingResult extends Scores {
  readonly eyes: (typeof WAYS_TO_SEE)[number];
}

export interface SeeingOptions {
  readonly seed: number;
  readonly eyesSteps?: number;
  readonly steps?: number;
  readonly scenes?: number;
}

const EYES_STEPS = 1000;
const STEPS = 700;
/** For the blind: it has soon learned all there is for it. */
const BLIND_STEPS = 400;

/** Train a model with these eyes as the notebook does, and ask it about scenes of the test. */
export async function seeing(eyes: SeeingResult["eyes"], options: SeeingOptions): Promise<SeeingResult> {
  const { seed, eyesSteps = EYES_STEPS, steps = STEPS, scenes = 400 } = options;
  const source = await readScenes();
  const kept = keptDialogues(source, scenes);
  if (eyes === "nothing: most frequent answer") {
    const majority = majorityAnswers(source, seed);
    const replies = kept.dialogues.flat().map((turn) => ({ ...turn, said: majority.get(turn.kind) ?? "" }));
    return { eyes, ...rightByKind(replies) };
  }
  const isBlind = eyes === "nothing: blind";
  const all = isBlind ? Math.ceil((BLIND_STEPS / STEPS) * steps) : steps;
  const { words, model, step } = seerTraining({ source, steps: all, seed, ...opened() });
  for (let done = 0; done < all; done++) step();
  return { eyes, ...rightByKind(interview(model, words, kept)) };

  function opened() {
    if (isBlind) return { model: { eyes: "none" as const } };
    if (eyes === "patches, from nothing") return { model: { eyes: "patches" as const } };
    if (eyes === "the ViT of lecture 06")
      return { model: { eyes: "ViT" as const }, eyes: ViTEyes.pretrained(96) };
    const training = eyesTraining({ source, steps: eyesSteps, seed });
    for (let done = 0; done < eyesSteps; done++) training.step();
    return { eyes: training.eyes };
  }
}

/** Those that every seed runs; the others in the first seed alone. */
const ALWAYS: readonly SeeingResult["eyes"][] = [
  "convolutions, trained first",
  "nothing: blind",
  "nothing: most frequent answer",
];

export const recording: Recording<SeeingResult[]> = {
  says: `Captions and visual questions after ${STEPS} steps of 32 scenes, exact match on 400 kept ones; eyes of other kinds in one seed only`,
  seeds: [1, 2, 3],
  async run(seed, log) {
    const all: SeeingResult[] = [];
    for (const eyes of seed === 1 ? WAYS_TO_SEE : ALWAYS) {
      all.push(await seeing(eyes, { seed }));
      log(JSON.stringify(all.at(-1)));
    }
    return all;
  },
};
