import type { Tensor } from "../../autograd";
import { brief, describe, isA, isFloat, isList, NDArray, sameShape, showShape } from "../../tensor";
import { isCount, isRecord } from "../faults";

/** What an optimiser keeps of a parameter, by name, and whether every parameter that was moved has it. */
export type Slots = Readonly<Record<string, boolean>>;

/** What is wrong with settings: names that no setting has (misspelt, it would train with the default), other kinds, NaN. */
export function settingFaults(settings: object, defaults: object): string[] {
  const known = Object.keys(defaults);
  return Object.entries(settings).flatMap(([name, value]) => {
    if (!known.includes(name)) return [`no setting is called ${name}; there are ${known.join(", ")}`];
    if (typeof value === "number" && !(value >= 0 && value < Number.POSITIVE_INFINITY))
      return [`expected ${name} >= 0, got ${value}`];
    const kind = typeof defaults[name as keyof object];
    return kind === "object" || typeof value === kind
      ? []
      : [`expected a ${kind} as ${name}, got ${describe(value)}`];
  });
}

/** What is wrong with saved groups of settings for an optimiser with these. */
export function groupFaults<Settings extends object>(
  saved: readonly unknown[],
  groups: readonly Settings[],
  own: (settings: Settings) => string[],
): string[] {
  if (saved.length !== groups.length)
    return [`expected ${groups.length} groups of settings, got ${saved.length}`];
  return saved.flatMap((settings, i) => {
    const faults = (): string[] => {
      if (!isRecord(settings)) return [`expected settings, got ${describe(settings)}`];
      const missing = Object.keys(groups[i]).filter((name) => !Object.hasOwn(settings, name));
      const common = settingFaults(settings, groups[i]);
      if (missing.length > 0) return [...common, ...missing.map((name) => `the setting ${name} is missing`)];
      return common.length > 0 ? common : own(settings as Settings);
    };
    return faults().map((fault) => `group ${i}: ${fault}`);
  });
}

/**
 * What is wrong with saved averages and counts, named `index.slot`. `slots` are those of each parameter; undefined
 * allows any of its shape. `stepped` are the parameters that had some when they were saved; without that list every
 * parameter that is trained must have them as soon as one does.
 */
export function averageFaults(
  state: ReadonlyMap<unknown, unknown>,
  stepped: unknown,
  params: readonly Tensor[],
  slots: readonly (Slots | undefined)[],
): string[] {
  const faults: string[] = [];
  const found = params.map(() => new Set<string>());
  for (const [key, value] of state) {
    const [, digits, slot] = /^(0|[1-9]\d*)\.(\w+)$/.exec(String(key)) ?? [];
    const index = Number(digits);
    if (slot === undefined) faults.push(`expected names such as "0.expAvg", got ${describe(key)}`);
    else if (index >= params.length) faults.push(`"${key}" is beyond the ${params.length} parameters here`);
    else {
      found[index].add(slot);
      const allowed = slots[index];
      if (allowed && !Object.hasOwn(allowed, slot)) {
        const known = Object.keys(allowed).join(", ") || "nothing";
        faults.push(`"${key}" is not of this optimiser, which keeps ${known} of a parameter`);
      } else faults.push(...valueFaults(String(key), slot, value, params[index]));
    }
  }
  if (stepped !== undefined && !isIndices(stepped, params.length)) {
    return [...faults, `expected in stepped the indices of parameters, got ${brief(stepped)}`];
  }
  const some = found.some((names) => names.size > 0);
  const must = (i: number): boolean =>
    stepped ? (stepped as number[]).includes(i) : some && params[i].requiresGrad;
  found.forEach((names, i) => {
    if (names.size === 0 && !must(i)) return;
    if (stepped && !must(i)) faults.push(`parameter ${i} has a state, but is not among those in stepped`);
    for (const [slot, always] of Object.entries(slots[i] ?? {}))
      if (always && !names.has(slot)) faults.push(`"${i}.${slot}" is missing`);
    if (names.size === 0 && !slots[i]) faults.push(`the state of parameter ${i} is missing`);
  });
  return faults;
}

const isIndices = (x: unknown, length: number): boolean =>
  isList(x) && x.every((i) => isCount(i) && i < length) && new Set(x).size === x.length;

function valueFaults(key: string, slot: string, value: unknown, param: Tensor): string[] {
  if (!isA(value, NDArray)) return [`"${key}" should be an NDArray, got ${describe(value)}`];
  if (slot === "step") {
    const ok = value.size === 1 && value.ndim === 0 && isCount(value.item(), 1);
    return ok ? [] : [`"${key}" should be one whole number >= 1, got ${brief(value.toArray())}`];
  }
  if (!sameShape(value.shape, param.shape)) {
    return [
      `"${key}" should have the shape ${showShape(param.shape)} of its parameter, got ${showShape(value.shape)}`,
    ];
  }
  return isFloat(value.dtype) ? [] : [`"${key}" should be of a float type, got ${value.dtype}`];
}
