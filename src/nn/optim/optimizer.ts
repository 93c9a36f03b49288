import { checkTensor, Tensor } from "../../autograd";
import {
  checkOptions,
  describe,
  expected,
  expectedKind,
  frozenCopy,
  isA,
  isList,
  type NDArray,
  readable,
  refusal,
  showShape,
  suggestMembers,
  words,
  zeros,
  zerosLike,
} from "../../tensor";
import { checkParams } from "../check";
import { refuse } from "../faults";
import { averageFaults, groupFaults, type Slots, settingFaults } from "./state";

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
  /** The parameters that have a state, by index: those that ever had a gradient. So that a lost one is missed. */
  readonly stepped?: readonly number[];
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
    checkSettings(name, options, defaults);
    const list = [...(params as Iterable<Tensor | ParamGroup<Settings>>)];
    const single = list.filter((item) => isA(item, Tensor));
    const groups = list.filter((item): item is ParamGroup<Settings> => !isA(item, Tensor));
    for (const group of groups) {
      if (!readable((x: object) => typeof x === "object" && "params" in x, group)) {
        throw expectedKind(
          name,
          "parameters or groups such as { params: layer.parameters(), lr: 0.01 }",
          group,
        );
      }
      checkParams(`${name}: params of a group`, group.params);
      const { params: _, ...settings } = group;
      checkSettings(name, settings, defaults);
    }
    if (list.length === 0) throw expected(name, "parameters", words("an empty list"));
    if (single.length > 0 && groups.length > 0) {
      throw expectedKind(name, "parameters or groups { params, ... }", words("both in one list"));
    }
    const common: Settings = { ...defaults, ...frozenCopy(options) };
    this.paramGroups =
      groups.length > 0
        ? groups.map((group) => ({
            ...common,
            ...settingsOf<Partial<Settings>>(group),
            params: [...group.params],
          }))
        : [{ ...common, params: single }];

    const seen = new Set<Tensor>();
    for (const group of this.paramGroups) {
      const [fault] = this.settingFaults(group);
      if (fault !== undefined) throw refusal(name, fault);
      for (const param of group.params) {
        checkTensor(name, param);
        if (param.node) {
          throw expected(
            name,
            "leaves",
            words(`a tensor ${showShape(param.shape)} made by ${param.node.op}`),
          );
        }
        if (seen.has(param)) {
          throw refusal(
            name,
            `a parameter ${showShape(param.shape)} was given twice`,
            "each belongs to one group",
          );
        }
        seen.add(param);
      }
    }
  }

  /** One step in place on `param`; `state` is empty at the first. */
  protected abstract update(param: Tensor, grad: NDArray, state: State, settings: Settings): void;

  /**
   * What update() keeps of a parameter, `{ expAvg: true }`; false for what only some have. Loading a state is held to it;
   * undefined, the default, allows anything that has the shape of its parameter.
   */
  protected slots(_settings: Settings): Slots | undefined {
    return undefined;
  }

  /** What is wrong with settings of the right kind, in words, such as betas beyond 1. */
  protected settingFaults(_settings: Settings): string[] {
    return [];
  }

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
    const stepped: number[] = [];
    this.#params().forEach((param, index) => {
      const own = this.#state.get(param);
      if (own?.size) stepped.push(index);
      for (const [name, value] of own ?? []) state.set(`${index}.${name}`, value);
    });
    return { state, groups: this.paramGroups.map(settingsOf<Settings>), stepped };
  }

  /** Everything about `saved` that does not fit here, in words; none when loadStateDict() takes it. */
  stateFaults(saved: unknown): string[] {
    const given = readable((x: object) => Object.keys(x).length > 0, saved) ? saved : {};
    const { state, groups, stepped } = given as Partial<OptimizerState<Settings>>;
    if (!isA(state, Map) || !isList(groups)) {
      return [`expected { state, groups } as stateDict() gives, state a Map, got ${describe(saved)}`];
    }
    const faults = groupFaults(groups, this.paramGroups.map(settingsOf<Settings>), (settings) =>
      this.settingFaults(settings),
    );
    // What it keeps depends on the settings: on those saved, as far as they can be read.
    const settings = faults.length > 0 ? this.paramGroups : (groups as Settings[]);
    const slots = this.paramGroups.flatMap(({ params }, i) => params.map(() => this.slots(settings[i])));
    return [...faults, ...averageFaults(state, stepped, this.#params(), slots)];
  }

  /**
   * Go on where `saved` stood: for an optimiser made for the same parameters, in the same groups. Throws one error that
   * lists everything that does not fit, and then has changed nothing.
   */
  loadStateDict(saved: OptimizerState<Settings>): void {
    refuse(`${this.constructor.name}.loadStateDict`, this.stateFaults(saved));
    const params = this.#params();
    this.#state.clear();
    for (const [key, value] of saved.state) {
      const [index, slot] = key.split(".");
      const param = params[Number(index)];
      const state = this.#state.get(param) ?? new Map();
      this.#state.set(param, state.set(slot, value.to(slot === "step" ? "int32" : param.dtype).clone()));
    }
    saved.groups.forEach((settings, i) => {
      Object.assign(this.paramGroups[i], frozenCopy(settings));
    });
  }

  #params(): Tensor[] {
    return this.paramGroups.flatMap(({ params }) => params);
  }
}

suggestMembers(Optimizer, "optimizer", ["paramGroups"]);

/** A group's settings, with lists (betas) of their own. */
const settingsOf = <Settings>({ params: _, ...settings }: Settings & { params: unknown }): Settings =>
  frozenCopy(settings) as unknown as Settings;

function checkSettings(op: string, settings: object, defaults: object): void {
  const [fault] = settingFaults(settings, defaults);
  if (fault !== undefined) throw refusal(op, fault);
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
