import { tensor } from "../../autograd";
import { AdamW, clipGradNorm, cosineWithWarmup, LRScheduler } from "../../nn";
import type { Pairs } from "./scene-pairs";
import { contrastiveLoss, type TwoTowers } from "./two-towers";

export interface TrainOptions {
  readonly steps: number;
  readonly lr?: number;
  /** The pairs of a step. */
  batch(step: number): Pairs;
  after?(done: number, loss: number): void;
}

/** Contrastive training as in the notebook: AdamW, warm-up and cosine, clipped gradients. */
export function trainTowers(model: TwoTowers, { steps, lr = 3e-3, batch, after }: TrainOptions): void {
  const optimizer = new AdamW(model.parameters(), { lr, betas: [0.9, 0.98], weightDecay: 0.05 });
  const schedule = cosineWithWarmup({ warmupSteps: Math.min(40, Math.ceil(steps / 10)), totalSteps: steps });
  const scheduler = new LRScheduler(optimizer, schedule);
  model.train();
  for (let step = 0; step < steps; step++) {
    const { images, texts } = batch(step);
    const loss = contrastiveLoss(model.forward(tensor(images), texts));
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    scheduler.step();
    after?.(step + 1, loss.item());
  }
  model.eval();
}
