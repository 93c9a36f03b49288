import { checkTensor, Tensor } from "../../autograd";
import { checkOptions, describe, type NDArray, sameShape, showShape, zeros, zerosLike } from "../../tensor";
import { checkParams } from "../check";

/** Parameters that share their settings; what is left out comes from the optimiser's own settings. */
export type ParamGroup<Settings> = { readonly params: Iterable<Tensor> } & Partial<Settings>;

/** What an optimiser is made of: parameters, or groups of them. */
export type Params<Settings> = Iterable<Tensor> | Iterable<ParamGroup<Settings>>;

/** The running averages of one parameter, by name. */
export type State = Map<string, NDArray>;

/** Everything needed to go on exactly where an optimiser stood. */
export interface OptimizerState<Settings> {
  /** Averages and step counts under `index.name`, `0.expAvg`; index counts parameters through the groups. */
  readonly state: Map<string, NDArray>;
  readonly groups: readonly Settings[];
}

/**
 * Changes parameters in place, from the gradients that backward() left in them:
 * ```ts
 * optimizer.zeroGrad();
 * loss.backward();
 * optimizer.step();
 * ```
 * An optimiser of your own implements `update`.
 */
export abstract class Optimizer<Settings extends { lr: number }> {
  /** Settings by group; a schedule writes `lr` here. */
  readonly paramGroups: (Settings & { readonly params: readonly Tensor[] })[];
  readonly #state = new Map<Tensor, State>();

  /** `options` replace defaults for all groups, a group's own settings replace both. */
  constructor(params: Params<Settings>, defaults: Settings, options: Partial<Settings> = {}) {
    const name = this.constructor.name;
    checkParams(name, params);
    checkOptions(name, options, "lr: 0.01");
    checkNames(name, options, defaults);
    const list = [...(params as Iterable<Tensor | ParamGroup<Settings>>)];
    const single = list.filter((item) => item instanceof Tensor);
    const groups = list.filter((item): item is ParamGroup<Settings> => !(item instanceof Tensor));
    for (const group of groups) {
      if (typeof group !== "object" || group === null || !("params" in group)) {
        throw new TypeError(
          `${name}: expected parameters or groups such as { params: layer.parameters(), lr: 0.01 }, got ${describe(group)}`,
        );
      }
      checkParams(`${name}: params of a group`, group.params);
    }
    if (list.length === 0) throw new Error(`${name}: expected parameters, got an empty list`);
    if (single.length > 0 && groups.length > 0) {
      throw new TypeError(`${name}: expected parameters or groups { params, ... }, got both in one list`);
    }
    this.paramGroups =
      groups.length > 0
        ? groups.map((group) => ({ ...defaults, ...options, ...group, params: [...group.params] }))
        : [{ ...defaults, ...options, params: single }];

    const seen = new Set<Tensor>();
    for (const { params, lr } of this.paramGroups) {
      if (typeof lr !== "number" || !(lr >= 0)) {
        throw new RangeError(`${name}: expected lr >= 0, got ${describe(lr)}`);
      }
      for (const param of params) {
        checkTensor(name, param);
        if (param.node) {
          throw new Error(
            `${name}: expected leaves, got a tensor ${showShape(param.shape)} made by ${param.node.op}`,
          );
        }
        if (seen.has(param)) {
          throw new Error(
            `${name}: a parameter ${showShape(param.shape)} was given twice; each belongs to one group`,
          );
        }
        seen.add(param);
      }
    }
  }

  /** One step in place on `param`; `state` is empty at the first. */
  protected abstract update(param: Tensor, grad: NDArray, state: State, settings: Settings): void;

  /** Change every parameter that has a gradient. */
  step(): void {
    for (const group of this.paramGroups) {
      for (const param of group.params) {
        if (!param.grad) continue;
        const state = this.#state.get(param) ?? new Map();
        this.#state.set(param, state);
        param.data = param.data.contiguous();
        this.update(param, param.grad, state, group);
      }
    }
  }

  zeroGrad(): void {
    for (const group of this.paramGroups) for (const param of group.params) param.zeroGrad();
  }

  /** The state shares memory with the optimiser: save it, or `clone()` it, before the next step. */
  stateDict(): OptimizerState<Settings> {
    const state = new Map<string, NDArray>();
    this.#params().forEach((param, index) => {
      for (const [name, value] of this.#state.get(param) ?? []) state.set(`${index}.${name}`, value);
    });
    const groups = this.paramGroups.map(({ params: _, ...settings }) => settings as unknown as Settings);
    return { state, groups };
  }

  /** Go on where `saved` stood: for an optimiser made for the same parameters, in the same groups. */
  loadStateDict(saved: OptimizerState<Settings>): void {
    const params = this.#params();
    const name = this.constructor.name;
    if (!(saved?.state instanceof Map) || !Array.isArray(saved.groups)) {
      throw new TypeError(
        `${name}.loadStateDict: expected { state, groups } as stateDict() gives, state a Map, got ${describe(saved)}`,
      );
    }
    if (saved.groups.length !== this.paramGroups.length) {
      throw new Error(
        `${name}.loadStateDict: expected ${this.paramGroups.length} groups of settings, got ${saved.groups.length}`,
      );
    }
    const fresh = new Map<Tensor, State>();
    for (const [key, value] of saved.state) {
      const dot = key.indexOf(".");
      const param = params[Number(key.slice(0, dot))];
      if (!param)
        throw new Error(`${name}.loadStateDict: "${key}" is beyond the ${params.length} parameters here`);
      const slot = key.slice(dot + 1);
      if (slot !== "step" && !sameShape(value.shape, param.shape)) {
        throw new Error(
          `${name}.loadStateDict: "${key}" should have the shape ${showShape(param.shape)} of its parameter, got ${showShape(value.shape)}`,
        );
      }
      const state = fresh.get(param) ?? new Map();
      fresh.set(param, state.set(slot, (slot === "step" ? value : value.to(param.dtype)).clone()));
    }
    this.#state.clear();
    for (const [param, state] of fresh) this.#state.set(param, state);
    saved.groups.forEach((settings, i) => {
      Object.assign(this.paramGroups[i], settings);
    });
  }

  #params(): Tensor[] {
    return this.paramGroups.flatMap(({ params }) => params);
  }
}

/** Throws on an option that no setting has (a misspelt one would train with the default), or of another kind. */
function checkNames(op: string, options: object, defaults: object): void {
  const known = Object.keys(defaults);
  for (const [name, value] of Object.entries(options)) {
    if (!known.includes(name)) {
      throw new TypeError(`${op}: no setting is called ${name}; there are ${known.join(", ")}`);
    }
    if (typeof value === "number" && value < 0) {
      throw new RangeError(`${op}: expected ${name} >= 0, got ${value}`);
    }
    const kind = typeof defaults[name as keyof object];
    if (kind !== "object" && typeof value !== kind) {
      throw new TypeError(`${op}: expected a ${kind} as ${name}, got ${describe(value)}`);
    }
  }
}

/** The running average `name`, zeros like `param` before the first step. */
export function average(state: State, name: string, param: Tensor): NDArray {
  const value = state.get(name) ?? zerosLike(param.data);
  state.set(name, value);
  return value;
}

/** Add one to the count of steps, and return it. */
export function countStep(state: State): number {
  const step = state.get("step") ?? zeros([], { dtype: "int32" });
  state.set("step", step.fill(step.item() + 1));
  return step.item();
}
