import { defaultGenerator, type Generator, type NDArray } from "../../tensor";
import { nextTokenProbabilities } from "./exercises/next-token-probabilities";

export interface SamplingOptions {
  /** 0 always takes the most likely token (greedy); 1 draws as the model believes; above 1 gets wilder. Default 1. */
  readonly temperature?: number;
  /** Draw from the k most likely tokens only. */
  readonly topK?: number;
  /** Draw from the smallest set of tokens that reaches this probability (nucleus sampling). */
  readonly topP?: number;
  /** Where the luck comes from: the default generator, that is `manualSeed`, unless given. */
  readonly generator?: Generator;
}

/** The id of the next token, drawn by its logits (V). Holtzman et al., "The curious case of neural text degeneration", 2020. */
export function sampleToken(logits: NDArray, options: SamplingOptions = {}): number {
  const { temperature = 1, topK, topP, generator = defaultGenerator() } = options;
  checkOptions(options);
  if (temperature === 0) return logits.argmax().item();
  const probabilities = nextTokenProbabilities(logits, { temperature, topK, topP });
  return generator.multinomial(probabilities, 1).item();
}

function checkOptions({ temperature = 1, topK = 1, topP = 1 }: SamplingOptions): void {
  const complain = (what: string, got: number) => {
    throw new RangeError(`sampleToken: expected ${what}, got ${got}`);
  };
  if (!(temperature >= 0 && temperature < Number.POSITIVE_INFINITY))
    complain("a temperature of 0 or more", temperature);
  if (!Number.isInteger(topK) || topK < 1) complain("topK to be 1, 2, 3, ...", topK);
  if (!(topP > 0 && topP <= 1)) complain("topP above 0 and at most 1", topP);
}
