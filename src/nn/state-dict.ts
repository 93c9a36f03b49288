import type { Tensor } from "../autograd";
import {
  describe,
  expectedKind,
  isA,
  isFloat,
  listed,
  NDArray,
  sameShape,
  shorten,
  showShape,
} from "../tensor";

/** Names that only one side had. */
export interface LoadReport {
  /** In the module, not in the state. */
  readonly missing: string[];
  /** In the state, not in the module. */
  readonly unexpected: string[];
}

/** Everything about `state` that does not fit `targets`, a line each. */
export function moduleFaults(
  targets: ReadonlyMap<string, Tensor>,
  state: ReadonlyMap<string, unknown>,
  strict: boolean,
): string[] {
  if (!isA(state, Map)) return [`expected a Map from names to NDArrays, got ${describe(state)}`];
  const faults: string[] = [];
  for (const [name, target] of targets) {
    if (state.has(name)) faults.push(...unfit(name, target, state.get(name)));
  }
  if (!strict) return faults;
  for (const [name, target] of targets)
    if (!state.has(name)) faults.push(`missing     ${name} ${showShape(target.shape)}`);
  for (const [name, x] of state)
    if (!targets.has(name)) faults.push(`unexpected  ${nameOf(name)} ${shapeOf(x)}`);
  return faults;
}

/** Check all of `state` against `targets`, then copy. See {@link Module.loadStateDict}. */
export function loadInto(
  owner: string,
  targets: ReadonlyMap<string, Tensor>,
  state: ReadonlyMap<string, NDArray>,
  strict: boolean,
): LoadReport {
  if (!isA(state, Map)) {
    throw expectedKind("loadStateDict", "a Map from names to NDArrays, as stateDict() gives", state);
  }
  const faults = moduleFaults(targets, state, strict);
  if (faults.length > 0) {
    const what = faults.length === 1 ? "1 name of" : `${faults.length} names of`;
    const verb = faults.length === 1 ? "does" : "do";
    const lines = listed(faults, { most: 40, separator: "\n  " });
    throw new Error(`loadStateDict: ${what} ${owner} ${verb} not fit, nothing was loaded\n  ${lines}`);
  }

  const report = {
    missing: [...targets.keys()].filter((name) => !state.has(name)),
    unexpected: [...state.keys()].filter((name) => !targets.has(name)),
  };
  // A state may hold the module's own arrays under each other's names: those are copied before any is written.
  const own = new Map([...targets.values()].map((target) => [target.data.data, target.data]));
  const sources = [...targets].map(([name, target]) => {
    const source = state.get(name);
    const isOther = source && own.has(source.data) && source !== target.data;
    return { target, source: isOther ? source.clone() : source };
  });
  for (const { target, source } of sources) {
    if (!source) continue;
    // A meta parameter has no memory yet: this is where it gets some.
    if (target.data.data.length < target.size) target.data = source.to(target.dtype).clone();
    else if (source !== target.data) target.data.assign(source);
  }
  return report;
}

function unfit(name: string, { shape: expected, dtype }: Tensor, source: unknown): string[] {
  if (!isA(source, NDArray)) return [`not an array ${name}: expected an NDArray, got ${describe(source)}`];
  if (!sameShape(source.shape, expected)) {
    const turned = expected.length === 2 && sameShape([...source.shape].reverse(), expected);
    const hint = turned ? "; did you mean its transpose()?" : "";
    return [`wrong shape ${name}: expected ${showShape(expected)}, got ${showShape(source.shape)}${hint}`];
  }
  // Counts that would lose their fractions; whole numbers become floats as they do in arithmetic.
  return isFloat(source.dtype) && !isFloat(dtype)
    ? [`wrong dtype ${name}: expected ${dtype}, got ${source.dtype}`]
    : [];
}

const nameOf = (name: unknown): string => (typeof name === "string" ? shorten(name, 200) : describe(name));
const shapeOf = (x: unknown): string => (isA(x, NDArray) ? showShape(x.shape) : describe(x));
