import { describe, survivesHalt } from "../tensor";

let enabled = true;
survivesHalt(
  () => enabled,
  (was) => {
    enabled = was;
  },
);

/** Whether operations are being remembered for backward. */
export const isGradEnabled = (): boolean => enabled;

/** Throws unless `fn` can be called. */
export function checkFunction(op: string, fn: unknown): void {
  if (typeof fn !== "function") throw new TypeError(`${op}: expected a function, got ${describe(fn)}`);
}

/**
 * Run `fn` without remembering anything: its results have no node and want no gradient.
 * `fn` must be synchronous; code that runs during an await would silently lose its gradients too.
 */
export function noGrad<T>(fn: () => T): T {
  checkFunction("noGrad", fn);
  const before = enabled;
  enabled = false;
  try {
    const result = fn();
    if (result instanceof Promise) {
      throw new TypeError(
        "noGrad: expected a synchronous function, got an async one; call noGrad between the awaits",
      );
    }
    return result;
  } finally {
    enabled = before;
  }
}
