import { type Recording, readScenes } from "../../../data";
import { rightByKind, type Scores } from "../exercises/right-by-kind";
import { eyesTraining, ViTEyes } from "../eyes";
import { interview, keptDialogues, majorityAnswers, seerTraining } from "../seeing";
import type { TalkKind } from "../talk";

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

const EYES_STEPS = 800;
const STEPS = 900;

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
  const { words, model, step } = seerTraining({ source, steps, seed, ...(await opened()) });
  for (let done = 0; done < steps; done++) step();
  return { eyes, ...rightByKind(interview(model, words, kept)) };

  async function opened() {
    if (eyes === "nothing: blind") return { model: { eyes: "none" as const } };
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
  says: `Captions and visual questions after ${STEPS} steps of 16 scenes, exact match on 400 kept ones; eyes of other kinds in one seed only`,
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

/** Of one way to see, over the seeds that have it: of one kind of question, or the mean of all kinds. */
export const scoresOf = (
  runs: readonly (readonly SeeingResult[])[],
  eyes: SeeingResult["eyes"],
  kind?: TalkKind,
): number[] =>
  runs
    .flatMap((run) => run.filter((one) => one.eyes === eyes))
    .map((one) => (kind ? (one.byKind[kind] ?? 0) : one.mean));
