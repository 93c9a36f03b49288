import { CallSetting, type NDArray, refusal } from "../tensor";
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
 * Run `fn` (forward and backward), and throw at the first operation that pulls back a NaN, naming it and the lines that
 * called it. Changes in place of what backward needs are told with those lines too, and are seen even where they went
 * through a typed array (`x.data.data[0] = 5`). Slow: for finding where a gradient goes wrong, not for training.
 */
export const detectAnomaly = <T>(fn: () => T): T => watching.during("detectAnomaly", true, fn);

/** Remember where in the program a node was made, and from what. */
export function markOrigin(node: Node): void {
  const frames = (new Error().stack ?? "").split("\n").slice(1);
  const ours = / (markOrigin|remember|record|recordList|primitive|binary) \(/;
  const stack = frames
    .filter((frame) => !ours.test(frame))
    .slice(0, 6)
    .join("\n");
  const inputs = node.inputs.map(({ data }) => ({ array: data, sum: data.sum().item() }));
  origins.set(node, { stack, inputs });
}

/** For the end of a message. */
export const calledAt = (node: Node): string => {
  const origin = origins.get(node);
  return origin ? `; the operation was called here:\n${origin.stack}` : "";
};

/** Whether `x` is an input that has other numbers now, though nobody said so: written through its typed array. */
export function differs(node: Node, x: Pick<NDArray, "data">): boolean {
  const inputs = origins.get(node)?.inputs ?? [];
  return inputs.some(({ array, sum }) => array.data === x.data && !Object.is(array.sum().item(), sum));
}

/** Throws if the gradient of input `i` holds a NaN. */
export function checkGradient(node: Node, i: number, g: NDArray): void {
  if (!g.isNaN().any().item()) return;
  throw refusal(node.op, `the gradient of input ${i} holds NaN${calledAt(node)}`);
}
