import { noGrad } from "../../autograd";
import type { NextTokenDataset, NextTokenSample } from "../../data";
import { AdamW, clipGradNorm, cosineWithWarmup, LRScheduler } from "../../nn";
import { Generator } from "../../tensor";
import type { GPT } from "./model";

export interface TrainOptions {
  readonly steps: number;
  /** Windows in a step. */
  readonly batch: number;
  readonly lr: number;
  /** Of the windows that are drawn. */
  readonly seed: number;
  /** Called after every step, with the number of steps done and the loss in nats. */
  readonly after?: (done: number, loss: number) => void;
}

/** Train as the lecture's notebook does: AdamW, warm-up and cosine, gradients clipped to 1, windows drawn anywhere. */
export function train(model: GPT, data: NextTokenDataset, options: TrainOptions): void {
  const { steps, batch, lr, seed, after } = options;
  const optimizer = new AdamW(model.parameters(), { lr, betas: [0.9, 0.95], weightDecay: 0.1 });
  const schedule = cosineWithWarmup({ warmupSteps: Math.ceil(0.06 * steps), totalSteps: steps });
  const scheduler = new LRScheduler(optimizer, schedule);
  const generator = new Generator(seed);
  model.train();
  for (let done = 1; done <= steps; done++) {
    const loss = model.forward(...given(data.randomBatch(batch, generator))).loss!;
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    scheduler.step();
    after?.(done, loss.item());
  }
}

/** Mean cross-entropy in nats over these windows, a few at a time. */
export function lossOn(model: GPT, { inputs, targets }: NextTokenSample): number {
  const [count] = inputs.shape;
  const few = 16;
  let sum = 0;
  model.evaluating(() =>
    noGrad(() => {
      for (let row = 0; row < count; row += few) {
        const n = Math.min(few, count - row);
        const part = { inputs: inputs.narrow(0, row, n), targets: targets.narrow(0, row, n) };
        sum += n * model.forward(...given(part)).loss!.item();
      }
    }),
  );
  return sum / count;
}

const given = ({ inputs, targets }: NextTokenSample) => [inputs, { targets }] as const;
