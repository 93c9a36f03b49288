import type { Scene, SceneSource } from "../../data";
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
  stack,
} from "../../tensor";
import type { ConvolutionEyes, ViTEyes } from "./eyes";
import { checkMany, checkSource, isKept, isLeftOut, isOther } from "./kept";
import { Seer, type SeerOptions } from "./seer";
import { dialogueOf, type TalkKind, type Turn, talkWords } from "./talk";
import { TalkWords } from "./words";

/** Tokens of the longest dialogue. */
export const TALK_LENGTH = 34;

/** Scenes as one array (B, 3, S, S). */
export function pixelsOf(scenes: readonly Scene[]): NDArray {
  check("pixelsOf", "scenes", scenes, "objects");
  if (scenes.length === 0) throw expected("pixelsOf", "at least one scene", scenes);
  for (const { pixels } of scenes) check("pixelsOf", "the pixels of a scene", pixels, "array");
  return stack(scenes.map(({ pixels }) => pixels));
}

/** So many scenes with combinations that training never shows, and a dialogue about each; the same ones every time. */
export function keptDialogues(
  source: SceneSource,
  count: number,
  seed = 99,
): { scenes: Scene[]; dialogues: Turn[][] } {
  checkSource("keptDialogues", source);
  checkMany("keptDialogues", "count", count);
  check("keptDialogues", "seed", seed, "integer");
  const generator = new Generator(seed);
  const scenes: Scene[] = [];
  for (let missed = 0; scenes.length < count; missed++) {
    if (missed === 1000)
      throw expected("keptDialogues", "a source that draws what is kept", inWords("none in 1000"));
    const spec = source.spec(generator, { exclude: isOther });
    if (!isKept(spec)) continue;
    scenes.push(source.draw(spec, generator));
    missed = 0;
  }
  return { scenes, dialogues: scenes.map((scene) => dialogueOf(scene, generator)) };
}

export interface SeerTraining {
  readonly source: SceneSource;
  readonly words: TalkWords;
  readonly model: Seer;
  /** One step on fresh scenes; the loss in nats. */
  step(): number;
}

export interface SeerTrainingOptions {
  readonly source: SceneSource;
  readonly steps: number;
  readonly seed: number;
  readonly batch?: number;
  readonly lr?: number;
  readonly model?: Partial<SeerOptions>;
  /** Eyes that have learned to see before: their numbers are where these begin. */
  readonly eyes?: ConvolutionEyes | ViTEyes;
}

/** A Seer and its training on scenes that are drawn as they are needed, none of them kept for the test. */
export function seerTraining(options: SeerTrainingOptions): SeerTraining {
  checkOptions(
    "seerTraining",
    options,
    "source, steps: 700, seed: 1",
    {
      source: "object",
      steps: "size",
      seed: "integer",
      batch: "size",
      lr: "positive",
      model: "object",
      eyes: "object",
    },
    ["source", "steps", "seed"],
  );
  const { source, steps, seed, batch = 32, lr = 3e-3, model: given, eyes } = options;
  checkSource("seerTraining", source);
  const words = new TalkWords(talkWords(source));
  manualSeed(seed);
  const model = new Seer({
    vocabSize: words.size,
    contextLength: TALK_LENGTH,
    embedDim: 96,
    numHeads: 4,
    numLayers: 3,
    imageSize: source.size,
    ...given,
  });
  if (eyes) model.eyes?.loadStateDict(eyes.stateDict());
  const optimizer = new AdamW(model.parameters(), { lr, betas: [0.9, 0.98], weightDecay: 0.05 });
  const schedule = cosineWithWarmup({ warmupSteps: Math.ceil(Math.min(100, steps / 5)), totalSteps: steps });
  const scheduler = new LRScheduler(optimizer, schedule);
  const generator = new Generator(seed);
  const step = () => {
    const scenes = Array.from({ length: batch }, () => source.random(generator, { exclude: isLeftOut }));
    const dialogues = scenes.map((scene) => dialogueOf(scene, generator));
    const { inputs, targets } = words.rows(dialogues, TALK_LENGTH);
    const loss = model.loss(pixelsOf(scenes), inputs, targets);
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    scheduler.step();
    return loss.item();
  };
  return { source, words, model, step };
}

/** One question of a dialogue, what is right, and what was said. */
export interface Answered {
  readonly kind: TalkKind;
  readonly question: string;
  readonly answer: string;
  readonly said: string;
}

/** Ask everything; what was answered rightly before stands in front of a second question. */
export function interview(
  model: Seer,
  words: TalkWords,
  asked: { scenes: readonly Scene[]; dialogues: readonly (readonly Turn[])[] },
): Answered[] {
  checkMethods("interview", "a Seer", model, ["answer"]);
  checkMethods("interview", "TalkWords", words, ["prompt", "encode", "decode"]);
  check("interview", "scenes and dialogues", asked, "object", "keptDialogues() gives them");
  const { scenes, dialogues } = asked;
  checkAll("interview", { scenes: [scenes, "objects"], dialogues: [dialogues, "objects"] });
  if (scenes.length !== dialogues.length)
    throw expected("interview", "a dialogue for each scene", said(scenes.length, dialogues.length));
  const end = words.id("<end>");
  const results: Answered[] = [];
  for (const turn of [0, 1]) {
    const there = [...dialogues.keys()].filter((i) => dialogues[i].length > turn);
    for (let from = 0; from < there.length; from += 100) {
      const some = there.slice(from, from + 100);
      const prompts = some.map((i) => {
        const before = dialogues[i].slice(0, turn);
        const said = before.flatMap(({ question, answer }) => [
          ...words.prompt(question),
          ...words.encode(answer),
          end,
        ]);
        return [...said, ...words.prompt(dialogues[i][turn].question)];
      });
      const answers = model.answer(pixelsOf(some.map((i) => scenes[i])), prompts, end);
      some.forEach((i, row) => {
        results.push({ ...dialogues[i][turn], said: words.decode(answers[row]) });
      });
    }
  }
  return results;
}

const said = (scenes: number, dialogues: number) => inWords(`${scenes} scenes and ${dialogues} dialogues`);

/** For each kind of question the most frequent answer in training: what one says without looking. */
export function majorityAnswers(source: SceneSource, seed = 3, count = 3000): Map<TalkKind, string> {
  checkSource("majorityAnswers", source);
  check("majorityAnswers", "seed", seed, "integer");
  checkMany("majorityAnswers", "count", count);
  const generator = new Generator(seed);
  const counts = new Map<TalkKind, Map<string, number>>();
  for (let i = 0; i < count; i++) {
    const scene = source.spec(generator, { exclude: isLeftOut });
    for (const { kind, answer } of dialogueOf(scene, generator)) {
      const of = counts.get(kind) ?? new Map<string, number>();
      counts.set(kind, of.set(answer, (of.get(answer) ?? 0) + 1));
    }
  }
  const most = (of: Map<string, number>) => [...of].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
  return new Map([...counts].map(([kind, of]) => [kind, most(of)]));
}
