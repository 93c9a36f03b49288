import {
  checkOptions,
  defaultGenerator,
  dims,
  expected,
  type Generator,
  type NDArray,
  zeros,
  zerosLike,
} from "../../tensor";
import { record } from "../record";
import { checkTensor, type Tensor } from "../tensor";

export interface DropoutOptions {
  /** Probability of an element to become 0. */
  readonly p?: number;
  readonly training?: boolean;
  readonly generator?: Generator;
}

/**
 * y = x ⊙ m / (1 − p), m = 0 with probability p, else 1 (Srivastava et al., 2014); x itself when not training.
 * x̄ = ȳ ⊙ m / (1 − p)
 */
export function dropout(x: Tensor, options: DropoutOptions = {}): Tensor {
  checkTensor("dropout", x);
  checkOptions("dropout", options, "p: 0.1", {
    ...{ p: "number", training: "boolean", generator: "generator" },
  });
  const { p = 0.5, training = true, generator } = options;
  checkProbability("dropout", p);
  if (!training || p === 0) return x;
  return record(
    "dropout",
    [x],
    (x) => {
      const mask = dropoutMask(x, p, generator);
      return [x.mul(mask), (g) => [g.mul(mask)]];
    },
    { keepsGrads: false },
  );
}

/**
 * {@link dropout} of whole channels: x (B, C, H, W), where neighbouring pixels say almost the same (Tompson et al., 2015).
 */
export function dropout2d(x: Tensor, options: DropoutOptions = {}): Tensor {
  checkTensor("dropout2d", x);
  checkOptions("dropout2d", options, "p: 0.1", {
    ...{ p: "fraction", training: "boolean", generator: "generator" },
  });
  const { B, C } = dims("dropout2d", x.shape, "B C H W");
  const { p = 0.5, training = true, generator } = options;
  if (!training || p === 0) return x;
  return record(
    "dropout2d",
    [x],
    (x) => {
      const mask = dropoutMask(zeros([B, C, 1, 1], { dtype: x.dtype }), p, generator);
      return [x.mul(mask), (g) => [g.mul(mask)]];
    },
    { keepsGrads: false },
  );
}

/** An array like x: 0 with probability p, else 1 / (1 − p). */
export function dropoutMask(x: NDArray, p: number, generator: Generator = defaultGenerator()): NDArray {
  if (p === 1) return zerosLike(x);
  return generator.bernoulli(x.shape, { p: 1 - p, dtype: x.dtype }).mul(1 / (1 - p));
}

export function checkProbability(op: string, p: number): void {
  if (typeof p === "number" && p >= 0 && p <= 1) return;
  throw expected(op, "a probability in [0, 1]", p);
}
