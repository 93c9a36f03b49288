import type { Tensor } from "../autograd";
import { describe, NDArray, type Shape, sameShape, showShape } from "../tensor";

/** Names that only one side had. */
export interface LoadReport {
  /** In the module, not in the state. */
  readonly missing: string[];
  /** In the state, not in the module. */
  readonly unexpected: string[];
}

/** Check all of `state` against `targets`, then copy. See {@link Module.loadStateDict}. */
export function loadInto(
  owner: string,
  targets: ReadonlyMap<string, Tensor>,
  state: ReadonlyMap<string, NDArray>,
  strict: boolean,
): LoadReport {
  if (!(state instanceof Map)) {
    throw new TypeError(
      `loadStateDict: expected a Map from names to NDArrays, as stateDict() gives, got ${describe(state)}`,
    );
  }
  const missing = [...targets.keys()].filter((name) => !state.has(name));
  const unexpected = [...state.keys()].filter((name) => !targets.has(name));
  const problems: string[] = [];
  for (const [name, target] of targets) {
    const source = state.get(name);
    if (source !== undefined) problems.push(...unfit(name, target.shape, source));
  }
  if (strict) {
    for (const name of missing)
      problems.push(`missing     ${name} ${showShape((targets.get(name) as Tensor).shape)}`);
    for (const name of unexpected) problems.push(`unexpected  ${name} ${shapeOf(state.get(name))}`);
  }
  if (problems.length > 0) {
    const what = problems.length === 1 ? "1 name of" : `${problems.length} names of`;
    const verb = problems.length === 1 ? "does" : "do";
    throw new Error(
      `loadStateDict: ${what} ${owner} ${verb} not fit, nothing was loaded\n  ${problems.join("\n  ")}`,
    );
  }

  for (const [name, target] of targets) {
    const source = state.get(name);
    if (!source) continue;
    // A meta parameter has no memory yet: this is where it gets some.
    if (target.data.data.length < target.size) target.data = source.to(target.dtype).clone();
    else target.data.assign(source);
  }
  return { missing, unexpected };
}

function unfit(name: string, expected: Shape, source: NDArray): string[] {
  if (!(source instanceof NDArray))
    return [`not an array ${name}: expected an NDArray, got ${describe(source)}`];
  if (sameShape(source.shape, expected)) return [];
  const turned = expected.length === 2 && sameShape([...source.shape].reverse(), expected);
  const hint = turned ? "; did you mean its transpose()?" : "";
  return [`wrong shape ${name}: expected ${showShape(expected)}, got ${showShape(source.shape)}${hint}`];
}

const shapeOf = (x: unknown): string => (x instanceof NDArray ? showShape(x.shape) : describe(x));
