import { findNodeModule } from "../../tensor";
import { describeError } from "../describe";
import type { Exercise } from "../exercise";
import type { AnyFunction } from "../inputs";
import { runChecks } from "../run";
import { withinLimits } from "../time-limit";
import { hashOf, type Passed, readEntry, readSource } from "./entry";
import { findProgressFolder } from "./folder";
import { versionOf } from "./version";

/** A student's function that has passed, or why it is not to be had. */
export type Recalled<F> =
  | { readonly fn: F; readonly passed: Passed }
  | { readonly fn: null; readonly why: Why; readonly detail?: string };

export type Why =
  /** Nothing is remembered here: see `findProgressFolder`. */
  | "nowhere"
  | "notPassed"
  /** The check asks something else than it did then. */
  | "newCheck"
  | "noSource"
  /** The source is not the one that passed. */
  | "edited"
  /** It cannot be loaded by itself. */
  | "broken"
  /** Loaded by itself, it does not pass. */
  | "fails"
  | "unreadable";

type Require = (id: string) => unknown;

/** Functions that have passed once more in this session, by their exercise's id and source. */
const trusted = new Map<string, AnyFunction>();

/**
 * The student's remembered solution of an exercise. It is loaded by itself, away from the notebook in which it was written,
 * and put to all checks anew before it is trusted. Never throws.
 * @internal
 */
export function recall<F extends AnyFunction>(
  exercise: Exercise<F>,
  require: Require = findRequire(),
): Recalled<F> {
  const place = findProgressFolder();
  if ("none" in place) return { fn: null, why: "nowhere" };
  try {
    const { id } = exercise;
    const passed = readEntry(place.folder, id)?.passed;
    if (!passed) return { fn: null, why: "notPassed" };
    if (passed.version !== versionOf(exercise)) return { fn: null, why: "newCheck" };
    if (!passed.javascript || !passed.source) return { fn: null, why: "noSource" };
    if (hashOf(readSource(place.folder, id) ?? "") !== passed.source) return { fn: null, why: "edited" };
    const key = `${id} ${passed.source}`;
    const known = trusted.get(key) as F | undefined;
    if (known) return { fn: known, passed };
    const found = loadAndCheck(exercise, passed.javascript, require);
    if (!("fn" in found)) return { fn: null, ...found };
    trusted.set(key, found.fn);
    return { fn: found.fn, passed };
  } catch (error) {
    return { fn: null, why: "unreadable", detail: (error as Error).message };
  }
}

function loadAndCheck<F extends AnyFunction>(
  exercise: Exercise<F>,
  javascript: string,
  require: Require,
): { fn: F } | { why: Why; detail: string } {
  let fn: F;
  try {
    fn = load(javascript, require) as F;
  } catch (error) {
    return { why: "broken", detail: describeError(error).message };
  }
  const verdict = runChecks(exercise, fn);
  if (verdict.status === "passed") return { fn };
  const failed = verdict.checks.find(({ failure }) => failure);
  return { why: "fails", detail: failed ? `${failed.name}: ${failed.failure?.message}` : verdict.status };
}

/** Seconds and memory that a module may take until its functions are there. */
const limits = { seconds: 20, mebibytes: 512 };

/** What a CommonJS module exports as default. */
function load(javascript: string, require: Require): unknown {
  const exports: { default?: unknown } = {};
  const body = new Function("exports", "require", javascript);
  withinLimits(() => body(exports, require), limits);
  return exports.default;
}

/** The notebook's own, which finds what cells can import; elsewhere that of the course. */
function findRequire(): Require {
  const kernel = (globalThis as { [kernelSymbol]?: { require?: Require } })[kernelSymbol];
  if (kernel?.require) return kernel.require;
  const module = findNodeModule("node:module");
  return module && typeof __filename === "string" ? module.createRequire(__filename) : never;
}

const kernelSymbol = Symbol.for("gradschool.kernel");
const never: Require = (id) => {
  throw new Error(`${id} cannot be loaded here`);
};
