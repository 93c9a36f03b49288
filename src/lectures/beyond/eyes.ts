import { checkTensor, crossEntropy, relu, type Tensor, tensor } from "../../autograd";
import type { Scene, SceneSource } from "../../data";
import { AdamW, BatchNorm2d, Conv2d, cosineWithWarmup, Linear, LRScheduler, Module } from "../../nn";
import {
  check,
  checkOptions,
  elements,
  Generator,
  manualSeed,
  type NDArray,
  stack,
  zeros,
} from "../../tensor";
import { drawingsViT, pretrainedViT, ViTModel } from "../vit";
import { checkSource, isLeftOut } from "./kept";
import { TALK_THINGS } from "./talk";

/**
 * Three convolutions of stride 2, and one more, with which every cell sees its neighbours: (B, 3, S, S) → (B, N, C),
 * N = (S / 8)².
 */
export class ConvolutionEyes extends Module {
  readonly convolutions: Conv2d[];
  readonly norms: BatchNorm2d[];
  readonly last: Linear;

  constructor(embedDim: number) {
    super();
    check("ConvolutionEyes", "embedDim", embedDim, "size");
    const widths = [3, 32, 64, 96, 96];
    this.convolutions = [2, 2, 2, 1].map(
      (stride, i) => new Conv2d(widths[i], widths[i + 1], 3, { stride, padding: 1, bias: false }),
    );
    this.norms = widths.slice(1).map((width) => new BatchNorm2d(width));
    this.last = new Linear(96, embedDim);
  }

  forward(images: Tensor): Tensor {
    checkTensor("ConvolutionEyes", images);
    let x = images;
    this.convolutions.forEach((convolution, i) => {
      x = relu(this.norms[i].forward(convolution.forward(x)));
    });
    return this.last.forward(x.flatten(2).transpose());
  }
}

/** The ViT of lecture 06 as eyes: what it knows of its 16 patches in the end, brought to C numbers. (B, 3, 32, 32) → (B, 16, C). */
export class ViTEyes extends Module {
  readonly vit: ViTModel["vit"];
  readonly last: Linear;

  constructor(embedDim: number) {
    super();
    check("ViTEyes", "embedDim", embedDim, "size");
    this.vit = new ViTModel({ ...drawingsViT, hidden_dropout_prob: 0 }).vit;
    this.last = new Linear(drawingsViT.hidden_size, embedDim);
  }

  /** With what the ViT of lecture 06 has learned: `ViTEyes.pretrained(96)`. */
  static pretrained(embedDim: number): ViTEyes {
    const eyes = new ViTEyes(embedDim);
    eyes.vit.loadStateDict(pretrainedViT().model.vit.stateDict());
    return eyes;
  }

  forward(images: Tensor): Tensor {
    checkTensor("ViTEyes", images);
    const { lastHiddenState } = this.vit.forward(images);
    return this.last.forward(lastHiddenState.narrow(1, 1, lastHiddenState.shape[1] - 1));
  }
}

/** Pixels from 0 to 1, as eyes want them. */
export const toEyes = (images: NDArray): Tensor => tensor(images.sub(0.5).mul(2));

/** The side of a cell in pixels. */
const CELL = 8;

/** In each cell what has its middle there, (B, N) each: 0 for nothing, else 1 + the variety, and 1 + the colour. */
function middles(scenes: readonly Scene[], source: SceneSource): { things: NDArray; colours: NDArray } {
  const names = TALK_THINGS.flatMap((kind) => source.varieties(kind));
  const side = source.size / CELL;
  const things = zeros([scenes.length, side * side], { dtype: "int32" });
  const colours = zeros([scenes.length, side * side], { dtype: "int32" });
  const [thingOf, colourOf] = [elements(things), elements(colours)];
  scenes.forEach(({ groups }, b) => {
    for (const { variety, colour, box } of groups.flatMap(({ objects }) => objects)) {
      const [x, y] = [box[0] + box[2], box[1] + box[3]].map((sum) => Math.floor(sum / 2 / CELL));
      const cell = b * side * side + y * side + x;
      thingOf[cell] = 1 + names.indexOf(variety);
      colourOf[cell] = colour === null ? 0 : 1 + source.colours.indexOf(colour);
    }
  });
  return { things, colours };
}

/** The training of eyes alone, before they meet a language model. */
export interface EyesTraining {
  readonly eyes: ConvolutionEyes;
  /** One step on fresh scenes: the loss in nats, and the share of the things that were named rightly. */
  step(): { loss: number; right: number };
}

/**
 * Eyes that learn to say, for each cell, what has its middle there and of what colour; never of scenes that are kept for
 * the test.
 */
export function eyesTraining(options: {
  source: SceneSource;
  steps: number;
  seed: number;
  embedDim?: number;
  batch?: number;
  lr?: number;
}): EyesTraining {
  const op = "eyesTraining";
  checkOptions(
    op,
    options,
    "source, steps: 1500, seed: 1",
    { source: "object", steps: "size", seed: "integer", embedDim: "size", batch: "size", lr: "positive" },
    ["source", "steps", "seed"],
  );
  const { source, steps, seed, embedDim = 96, batch = 48, lr = 4e-3 } = options;
  checkSource(op, source);
  manualSeed(seed);
  const eyes = new ConvolutionEyes(embedDim);
  const thingCount = 1 + TALK_THINGS.flatMap((kind) => source.varieties(kind)).length;
  const [thing, colour] = [new Linear(embedDim, thingCount), new Linear(embedDim, 1 + source.colours.length)];
  const parameters = [eyes, thing, colour].flatMap((module) => module.parameters());
  const optimizer = new AdamW(parameters, { lr, weightDecay: 0.02 });
  const scheduler = new LRScheduler(optimizer, cosineWithWarmup({ warmupSteps: 10, totalSteps: steps }));
  const generator = new Generator(seed);
  const step = () => {
    const scenes = Array.from({ length: batch }, () => source.random(generator, { exclude: isLeftOut }));
    const { things, colours } = middles(scenes, source);
    const seen = relu(eyes.forward(toEyes(stack(scenes.map(({ pixels }) => pixels)))));
    const named = thing.forward(seen).flatten(0, 1);
    const loss = crossEntropy(named, things.flatten()).add(
      crossEntropy(colour.forward(seen).flatten(0, 1), colours.flatten()),
    );
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    scheduler.step();
    const isThing = things.flatten().ne(0);
    const right = named.data.argmax(1).eq(things.flatten()).logicalAnd(isThing).sum().item();
    return { loss: loss.item(), right: right / Math.max(1, isThing.sum().item()) };
  };
  return { eyes, step };
}
