import { crossEntropy, tensor } from "../../autograd";
import { type Metric, type Pretrained, type Pretraining, pretrained } from "../../data";
import { AdamW, clipGradNorm, cosineWithWarmup, Linear, LRScheduler, Module } from "../../nn";
import { array, Generator, manualSeed } from "../../tensor";
import { EmojiPairs, emojiSplit, emojiWords, together } from "./emoji-pairs";
import { ResNetTower } from "./image-towers";
import { retrieval } from "./retrieval";
import { type ScenePairs, scenePairs, sceneWords } from "./scene-pairs";
import { TransformerTower } from "./text-towers";
import { trainTowers } from "./train";
import { TwoTowers } from "./two-towers";
import { CaptionWords } from "./words";

/** Shapes of the two networks in the checkpoint, and CLIP's words. */
interface Config {
  readonly widths: readonly number[];
  readonly textWidth: number;
  readonly embedDim: number;
  readonly words: readonly string[];
  readonly length: number;
  readonly subgroups: readonly string[];
}

const TRAINED_STYLES = ["noto", "fluent", "openmoji"] as const;

/** A ResNet with a linear classifier, as supervised learning has it. */
class Supervised extends Module {
  readonly tower: ResNetTower;
  readonly head: Linear;

  constructor(widths: readonly number[], classes: number) {
    super();
    this.tower = new ResNetTower({ widths: [...widths] });
    this.head = new Linear(this.tower.width, classes);
  }

  forward(images: Parameters<ResNetTower["forward"]>[0]) {
    return this.head.forward(this.tower.forward(images));
  }
}

interface Both {
  readonly clip: TwoTowers;
  readonly supervised: Supervised;
}

/**
 * The lecture's CLIP, trained longer, on emoji and on scenes; and a ResNet of the same shape that learned the emoji's 65
 * subgroups from the same pictures, with labels and without text.
 */
export function pretrainedCLIP(): { clip: TwoTowers; resnet: ResNetTower; card: string } {
  const checkpoint = pretrained("clip");
  const { clip, supervised } = assemble(checkpoint);
  return { clip, resnet: supervised.tower, card: checkpoint.card };
}

function empty({ widths, textWidth, embedDim, words, length, subgroups }: Config): Both {
  const vocabulary = new CaptionWords(words, length);
  const clip = new TwoTowers(
    new ResNetTower({ widths: [...widths] }),
    new TransformerTower(vocabulary, textWidth),
    embedDim,
  );
  return { clip, supervised: new Supervised(widths, subgroups.length) };
}

function assemble({ config, tensors }: Pretrained): Both {
  const both = empty(config as Config);
  for (const [name, module] of Object.entries(both) as [keyof Both, Module][]) {
    const own = [...tensors].filter(([key]) => key.startsWith(`${name}.`));
    module.loadStateDict(new Map(own.map(([key, value]) => [key.slice(name.length + 1), value])));
    module.eval();
  }
  return both;
}

/** Twemoji, of pairs of things that training never showed. */
const unseen = async () => (await scenePairs(["twemoji"])).some(400, new Generator(79), { heldOut: true });

export const pretraining: Pretraining = {
  says: "A CLIP of a small ResNet and a transformer of 2 layers, and a ResNet of the same shape with labels; for `pretrainedCLIP()` of the CLIP lecture.",
  data: "emoji of six groups with their names and keywords, and composed scenes with captions, drawn by Noto, Fluent and OpenMoji; held out: Twemoji, a tenth of the emoji's concepts, an eighth of the pairs of things in scenes",
  steps: 1200,
  async train(steps, log) {
    const { train: emoji } = emojiSplit();
    const drawn = await EmojiPairs.of(emoji, TRAINED_STYLES);
    const scenes = await scenePairs(TRAINED_STYLES);
    const words = sceneWords(scenes.sources[0], emojiWords(emoji));
    const subgroups = [...new Set(emoji.map(({ subgroup }) => subgroup))].sort();
    const config: Config = {
      widths: [24, 48, 96],
      textWidth: 96,
      embedDim: 64,
      words: words.vocabulary.slice(4),
      length: words.length,
      subgroups,
    };
    manualSeed(7);
    const both = empty(config);
    await trainBoth(both, { steps, drawn, scenes, subgroups, log });
    const tensors = new Map(
      (["clip", "supervised"] as const).flatMap((name) =>
        [...both[name].stateDict()].map(([key, value]) => [`${name}.${key}`, value] as const),
      ),
    );
    return { tensors, config };
  },
  async measure(checkpoint): Promise<Metric> {
    const { clip } = assemble(checkpoint);
    const { toText } = retrieval(clip, await unseen());
    return {
      name: "recall@1 of 400 captions, unseen pairs in an unseen style",
      value: 100 * toText[0],
      unit: "%",
    };
  },
};

interface Course {
  readonly steps: number;
  readonly drawn: EmojiPairs;
  readonly scenes: ScenePairs;
  readonly subgroups: readonly string[];
  log(line: string): void;
}

async function trainBoth(
  { clip, supervised }: Both,
  { steps, drawn, scenes, subgroups, log }: Course,
): Promise<void> {
  const luck = new Generator(7);
  const test = await unseen();
  trainTowers(clip, {
    steps,
    batch: () => together(scenes.some(64, luck, { loose: true }), drawn.some(64, luck)),
    after(done, loss) {
      if (done % 100 !== 0 && done !== steps) return;
      const { toText } = retrieval(clip, test);
      log(
        `step ${done}: ${loss.toFixed(3)}; unseen pairs in Twemoji, recall@1 ${(100 * toText[0]).toFixed(1)} %`,
      );
    },
  });

  const classes = drawn.emoji.map(({ subgroup }) => subgroups.indexOf(subgroup));
  const optimizer = new AdamW(supervised.parameters(), { lr: 3e-3, weightDecay: 0.05 });
  const third = Math.ceil(steps / 3);
  const scheduler = new LRScheduler(optimizer, cosineWithWarmup({ warmupSteps: 20, totalSteps: third }));
  supervised.train();
  for (let step = 0; step < third; step++) {
    const { images, rows } = drawn.pick(128, luck);
    const labels = array(
      rows.map((row) => classes[row]),
      { dtype: "int32" },
    );
    const loss = crossEntropy(supervised.forward(tensor(images)), labels);
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(supervised.parameters(), 1);
    optimizer.step();
    scheduler.step();
    if (step % 100 === 99) log(`supervised, step ${step + 1}: ${loss.item().toFixed(3)}`);
  }
  supervised.eval();
}
