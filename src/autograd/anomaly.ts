import type { NDArray } from "../tensor";
import type { Node } from "./backward";

let watching = false;
const origins = new WeakMap<Node, string>();

/** Whether {@link detectAnomaly} is running. */
export const isWatching = (): boolean => watching;

/**
 * Run `fn` (forward and backward), and throw at the first operation that pulls back a NaN, naming it and the
 * line that called it. Slow: for finding where a NaN is born, not for training.
 */
export function detectAnomaly<T>(fn: () => T): T {
  const before = watching;
  watching = true;
  try {
    return fn();
  } finally {
    watching = before;
  }
}

/** Remember where in the program a node was made. */
export function markOrigin(node: Node): void {
  origins.set(node, (new Error().stack ?? "").split("\n").slice(3, 9).join("\n"));
}

/** Throws if the gradient of input `i` holds a NaN. */
export function checkGradient(node: Node, i: number, g: NDArray): void {
  if (!g.isNaN().any().item()) return;
  const origin = origins.get(node);
  throw new Error(
    `${node.op}: the gradient of input ${i} holds NaN${origin ? `; the operation was called here:\n${origin}` : ""}`,
  );
}
