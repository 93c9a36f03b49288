import type { Tensor } from "../../../src/autograd";
import type { PretrainedModel } from "../../../src/nn";
import type { NDArray } from "../../../src/tensor";
import type { ModelCase } from "../groups/models";

export type Inputs = Readonly<Record<string, NDArray>>;
export type Outputs = Readonly<Record<string, Tensor | NDArray | undefined>>;

export interface GenerateOptions {
  readonly maxNewTokens: number;
  readonly eosToken?: number;
  readonly padToken: number;
}

/** How one of our classes is called as the fixtures call theirs: their input names in, their output names out. */
export interface Adapter<M extends PretrainedModel<object> = PretrainedModel<object>> {
  readonly model: new (config: never) => M;
  readonly run: (model: M, inputs: Inputs, c: ModelCase) => Outputs;
  readonly generate?: (
    model: M,
    inputs: Inputs,
    options: GenerateOptions,
  ) => Readonly<Record<string, NDArray>>;
}

/** `hidden_states.0`, `hidden_states.1`, … from a list. */
export const numbered = (name: string, list: readonly Tensor[] = []): Outputs =>
  Object.fromEntries(list.map((x, i) => [`${name}.${i}`, x]));
