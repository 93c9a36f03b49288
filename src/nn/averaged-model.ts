import { Tensor } from "../autograd";
import { checkOptions, during, expectedKind, isA, isFloat, type NDArray, refusal, zeros } from "../tensor";
import { Module } from "./module";
import { type LoadReport, loadInto, moduleFaults } from "./state-dict";

export interface AveragedModelOptions {
  /**
   * How much of the average stays at each update, such as 0.999: avg ← decay · avg + (1 − decay) · w, an exponential
   * moving average. Without it all updates count the same.
   */
  readonly decay?: number;
  /** Average the buffers that are floats too, such as running means, false. */
  readonly useBuffers?: boolean;
}

/**
 * The average of a model's weights over its training, which is often better than the last weights:
 * ```ts
 * const average = new AveragedModel(model, { decay: 0.999 });
 * // in the loop, after optimizer.step():
 * average.updateParameters();
 * // to measure with the average, and then train on with the weights:
 * average.swap(() => validate(model));
 * average.copyTo(); // at the end
 * ```
 * The first update takes the weights as they are. `saveCheckpoint` takes it as `average`.
 *
 * Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992; Izmailov et al., "Averaging weights
 * leads to wider optima and better generalization", 2018. PyTorch's AveragedModel, whose `module` is a copy of the model;
 * here the model lends its place.
 */
export class AveragedModel {
  readonly decay?: number;
  /** The model's tensors that are averaged, by name, and their averages. */
  readonly #pairs: ReadonlyMap<string, readonly [own: Tensor, average: Tensor]>;
  readonly #count = new Tensor(zeros([], { dtype: "int32" }));
  #isSwapped = false;

  constructor(
    readonly model: Module,
    options: AveragedModelOptions = {},
  ) {
    if (!isA(model, Module)) throw expectedKind("AveragedModel", "a Module", model);
    checkOptions("AveragedModel", options, "decay: 0.999", { decay: "fraction", useBuffers: "boolean" });
    const { decay, useBuffers = false } = options;
    if (decay !== undefined) this.decay = decay;
    const buffers = useBuffers ? model.namedBuffers().filter(([, x]) => isFloat(x.dtype)) : [];
    this.#pairs = new Map(
      [...model.namedParameters(), ...buffers].map(([name, own]) => [
        name,
        [own, new Tensor(own.data.clone())] as const,
      ]),
    );
  }

  /** How many updates the average is made of. */
  get nAveraged(): number {
    return this.#count.item();
  }

  /** Take the model's weights, as they are now, into the average. */
  updateParameters(): void {
    this.#checkInPlace("updateParameters");
    const n = this.nAveraged;
    const share = n === 0 ? 1 : this.decay === undefined ? 1 / (n + 1) : 1 - this.decay;
    for (const [{ data }, average] of this.#pairs.values()) {
      const old = average.data;
      old.assign(share === 1 ? data : old.add(data.sub(old).mul(share)));
    }
    this.#count.data.fill(n + 1);
  }

  /** Run `fn`, which must be synchronous, while the model has the averages for weights; then it has its own again. */
  swap<T>(fn: () => T): T {
    this.#checkInPlace("swap");
    this.#exchange();
    return during("AveragedModel.swap", fn, () => this.#exchange());
  }

  /** Write the averages into a model of the same parameters: the own one unless given. */
  copyTo(model: Module = this.model): void {
    this.#checkInPlace("copyTo");
    if (!isA(model, Module)) throw expectedKind("AveragedModel.copyTo", "a Module", model);
    const averages = new Map([...this.#pairs].map(([name, [, average]]) => [name, average.data]));
    const buffers = model.namedBuffers().filter(([name]) => averages.has(name));
    const targets = new Map<string, Tensor>([...model.namedParameters(), ...buffers]);
    loadInto(model.constructor.name, targets, averages, true);
  }

  /** The averages, as `module.weight`, and `nAveraged`. They share memory with it: `clone()` what must stay. */
  stateDict(): Map<string, NDArray> {
    this.#checkInPlace("stateDict");
    return new Map([...this.#targets()].map(([name, x]) => [name, x.data]));
  }

  /** Everything about `state` that does not fit here, in words; none when loadStateDict() takes it. */
  stateFaults(state: ReadonlyMap<string, unknown>): string[] {
    return moduleFaults(this.#targets(), state, true);
  }

  /** Go on where `state` stood. Throws one error that lists all that does not fit, and then has changed nothing. */
  loadStateDict(state: ReadonlyMap<string, NDArray>): LoadReport {
    this.#checkInPlace("loadStateDict");
    return loadInto("AveragedModel", this.#targets(), state, true);
  }

  #targets(): Map<string, Tensor> {
    const averages = [...this.#pairs].map(([name, [, average]]) => [`module.${name}`, average] as const);
    return new Map([["nAveraged", this.#count], ...averages]);
  }

  #exchange(): void {
    this.#isSwapped = !this.#isSwapped;
    for (const [own, average] of this.#pairs.values()) [own.data, average.data] = [average.data, own.data];
  }

  #checkInPlace(method: string): void {
    if (!this.#isSwapped) return;
    const why = "the model has the averages for weights now, inside swap()";
    throw refusal(`AveragedModel.${method}`, why, "call it after");
  }
}
