import { findNodeModule } from "./node";

/** The engine's garbage collector, as far as it can be made to work now. */
export interface Collector {
  /** Collects garbage. */
  collect(): void;
  /** Lets the weak references that were made in this job die: they keep their targets until it ends. */
  checkpoint(): void;
}

/**
 * Node's collector: its `gc`, which a context has that is made after `--expose-gc`, and a script whose end is a
 * microtask checkpoint. Null in a browser.
 */
export function findCollector(): Collector | null {
  if (found === undefined) found = makeCollector();
  return found;
}
let found: Collector | null | undefined;

function makeCollector(): Collector | null {
  const v8 = findNodeModule("node:v8");
  const vm = findNodeModule("node:vm");
  if (!v8 || !vm || typeof WeakRef === "undefined") return null;
  const isExposed = typeof globalThis.gc === "function";
  if (!isExposed) v8.setFlagsFromString("--expose-gc");
  try {
    const context = vm.createContext({}, { microtaskMode: "afterEvaluate" });
    const collect: unknown = vm.runInContext("gc", context);
    const nothing = new vm.Script("0");
    if (typeof collect !== "function") return null;
    return { collect: () => collect(), checkpoint: () => nothing.runInContext(context) };
  } catch {
    return null;
  } finally {
    // So that contexts that others make look as usual.
    if (!isExposed) v8.setFlagsFromString("--no-expose-gc");
  }
}
