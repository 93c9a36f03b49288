import { NextTokenDataset, type Recording } from "../../../data";
import { manualSeed } from "../../../tensor";
import { evenly, fiction, fictionTokenizer, windowsOf } from "../fiction";
import { GPT } from "../model";
import { lossOn, train } from "../train";

/** One trained model: what it had, and how well it does on books that it has not read. */
export interface ScalingPoint {
  /** C, the size of every token's vector. */
  readonly embedDim: number;
  /** Without the tables of tokens and positions, as in Kaplan et al., 2020. */
  readonly parameters: number;
  /** Different tokens that it was trained on; it reads 16 × 64 of them in each step, again and again. */
  readonly tokens: number;
  /** Validation loss in nats, the lowest of the run: before the books are learned by heart. */
  readonly loss: number;
}

export interface ScalingOptions {
  readonly embedDim: number;
  /** The part of the text that it may read, in (0, 1]. */
  readonly fraction: number;
  readonly seed: number;
  readonly steps?: number;
}

const T = 64;
const LAYERS = 2;
const HEAD = 16;
const STEPS = 300;

/** What all points share, made when the first is asked for. */
let text:
  | { train: ReturnType<typeof windowsOf>; validation: ReturnType<typeof evenly>; vocabSize: number }
  | undefined;

function theText() {
  if (text) return text;
  const { train, validation } = fiction();
  const tokenizer = fictionTokenizer(train);
  text = {
    train: windowsOf(tokenizer, train, T),
    validation: evenly(windowsOf(tokenizer, validation, T), 64),
    vocabSize: tokenizer.vocabSize,
  };
  return text;
}

/** Train a GPT of two layers on the first part of the fiction, for 300 steps of 16 windows of 64 tokens. */
export function scalingPoint({ embedDim, fraction, seed, steps = STEPS }: ScalingOptions): ScalingPoint {
  const { train: all, validation, vocabSize } = theText();
  const ids = all.ids.subarray(0, Math.round(fraction * all.ids.length));
  const data = new NextTokenDataset(ids, { blockSize: T });
  manualSeed(seed);
  const model = new GPT({
    vocabSize,
    contextLength: T,
    embedDim,
    numHeads: embedDim / HEAD,
    numLayers: LAYERS,
  });
  let loss = Number.POSITIVE_INFINITY;
  const after = (done: number) => {
    if (done % 50 === 0 || done === steps) loss = Math.min(loss, lossOn(model, validation));
  };
  train(model, data, { steps, batch: 16, lr: 5e-3, seed, after });
  const { weight: tokens } = model.tokens;
  const tables = tokens.data.size + model.positions.weight.data.size;
  const parameters = model.parameters().reduce((sum, { data }) => sum + data.size, 0) - tables;
  return { embedDim, parameters, tokens: data.ids.length, loss };
}

const SIZES = [16, 32, 64, 128];
const FRACTIONS = [1 / 16, 1 / 4, 1];

/** The loss against the size of the model and of the text, as `npm run record -- gpt-scaling` runs it. */
export const recording: Recording<ScalingPoint[]> = {
  says: "The validation loss of a small GPT against its parameters and the tokens it is trained on, Brown's fiction",
  seeds: [1, 2, 3],
  run: (seed, log) =>
    FRACTIONS.flatMap((fraction) =>
      SIZES.map((embedDim) => {
        const point = scalingPoint({ embedDim, fraction, seed });
        log(`${point.tokens} tokens, ${point.parameters} parameters: ${point.loss.toFixed(3)} nats`);
        return point;
      }),
    ),
};
