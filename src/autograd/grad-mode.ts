import { CallSetting } from "../tensor";

const enabled = new CallSetting(true);

/** Whether operations are being remembered for backward. */
export const isGradEnabled = (): boolean => enabled.value;

/**
 * Run `fn` without remembering anything: its results have no node and want no gradient.
 * `fn` must be synchronous; code that runs during an await would silently lose its gradients too.
 */
export const noGrad = <T>(fn: () => T): T => enabled.during("noGrad", false, fn);

/** Run `fn` with everything remembered, whoever calls: for an operation `op` that differentiates `fn` itself. */
export const withGrad = <T>(op: string, fn: () => T): T => enabled.during(op, true, fn);
