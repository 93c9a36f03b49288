import { noGrad } from "../../autograd";
import { AdamW, cosineWithWarmup, LRScheduler } from "../../nn";
import { checkMethods, checkOptions, Generator, type NDArray } from "../../tensor";
import type { Codec } from "./codec";

export interface CodecTraining<C extends Codec> {
  readonly codec: C;
  /** One step on these pictures or sounds; the mean squared error. */
  step(x: NDArray): number;
}

/**
 * The training of a codec. For the first third the vectors go through as they are; then the codebook is laid between, made of
 * vectors that came. Rows that nobody chose for 25 steps begin anew.
 */
export function codecTraining<C extends Codec>(
  codec: C,
  options: { seed?: number; lr?: number; steps?: number } = {},
): CodecTraining<C> {
  checkMethods("codecTraining", "a codec", codec, ["encode", "parameters"]);
  checkOptions("codecTraining", options, "steps: 400", { seed: "integer", lr: "positive", steps: "size" });
  const { seed = 1, lr = 4e-3, steps = 400 } = options;
  const optimizer = new AdamW(codec.parameters(), { lr, weightDecay: 0 });
  const scheduler = new LRScheduler(optimizer, cosineWithWarmup({ warmupSteps: 10, totalSteps: steps }));
  const generator = new Generator(seed);
  let used = new Set<number>();
  let done = 0;
  const step = (x: NDArray) => {
    const free = done < steps / 3;
    if (!free && done % 25 === 0 && done < 0.75 * steps) {
      codec.codebook.revive(noGrad(() => codec.forward(x)).vectors, used, generator);
      used = new Set();
    }
    done++;
    const { loss, error, codes } = codec.forward(x, free);
    if (!free) for (const code of codes.flat()) used.add(code);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    scheduler.step();
    return error.item();
  };
  return { codec, step };
}
