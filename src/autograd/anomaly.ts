import { CallSetting, type NDArray } from "../tensor";
import type { Node } from "./backward";

/** What is written down of an operation while somebody watches. */
interface Origin {
  /** The lines of the program that called it. */
  readonly stack: string;
  /** Its inputs, and what they summed up to. */
  readonly inputs: readonly { readonly array: NDArray; readonly sum: number }[];
}

const watching = new CallSetting(false);
const origins = new WeakMap<Node, Origin>();

/** Whether {@link detectAnomaly} is running. */
export const isWatching = (): boolean => watching.value;

/**
 * Run `fn` (forward and backward), and throw at the first operation that pulls back a NaN, or one of whose
 * inputs was changed in place after it ran, naming it and the lines that called it. Slow: for finding where a
 * gradient goes wrong, not for training.
 */
export const detectAnomaly = <T>(fn: () => T): T => watching.during("detectAnomaly", true, fn);

/** Remember where in the program a node was made, and from what. */
export function markOrigin(node: Node): void {
  const stack = (new Error().stack ?? "").split("\n").slice(4, 10).join("\n");
  const inputs = node.inputs.map(({ data }) => ({ array: data, sum: data.sum().item() }));
  origins.set(node, { stack, inputs });
}

const calledAt = (node: Node): string => {
  const origin = origins.get(node);
  return origin ? `; the operation was called here:\n${origin.stack}` : "";
};

/** Throws if an input is no longer what it was: the pullback may need the old numbers. */
export function checkInputs(node: Node): void {
  origins.get(node)?.inputs.forEach(({ array, sum }, i) => {
    if (Object.is(array.sum().item(), sum)) return;
    throw new Error(
      `${node.op}: input ${i} was changed in place between forward and backward, so that gradients may be wrong; ` +
        `step the optimiser after backward(), or change a clone()${calledAt(node)}`,
    );
  });
}

/** Throws if the gradient of input `i` holds a NaN. */
export function checkGradient(node: Node, i: number, g: NDArray): void {
  if (!g.isNaN().any().item()) return;
  throw new Error(`${node.op}: the gradient of input ${i} holds NaN${calledAt(node)}`);
}
