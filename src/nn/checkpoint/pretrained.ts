import type { NDArray } from "../../tensor";
import { meta } from "../meta";
import { Module } from "../module";
import { type Checkpoint, locate, readCheckpoint, writeCheckpoint } from "./files";
import { type CheckpointTable, loadCheckpoint, toTheirs } from "./table";

/** The configuration of a model: the content of its `config.json`, in Hugging Face's words. */
export type Config = Readonly<Record<string, unknown>>;

/**
 * A model that reads and writes Hugging Face's folders, `config.json` and `model.safetensors`. It is made from its
 * configuration alone, and shows in one table how their names become ours.
 */
export abstract class PretrainedModel<C extends object = Config> extends Module {
  constructor(readonly config: Readonly<C>) {
    super();
  }

  /** How their parameter names map to ours. */
  abstract table(): CheckpointTable;

  /** Load their weights; strict, and nothing changes when a name or a shape does not fit. */
  loadPretrained(state: ReadonlyMap<string, NDArray>): this {
    loadCheckpoint(this, state, this.table());
    return this;
  }

  /** Every parameter and buffer, or what `values` gives for them, under their names. */
  pretrainedState(values: ReadonlyMap<string, NDArray> = this.stateDict()): Map<string, NDArray> {
    return toTheirs(this.table(), values);
  }

  /** Write a folder that transformers' `from_pretrained` reads. */
  savePretrained(folder: string): void {
    const config = { architectures: [this.constructor.name], ...this.config };
    writeCheckpoint(folder, { config, state: this.pretrainedState() });
  }
}

/**
 * A model with the weights of a local folder or of a model on the Hugging Face hub, in evaluation mode:
 * `await fromPretrained(GPT2LMHeadModel, "openai-community/gpt2")`.
 */
export async function fromPretrained<M extends PretrainedModel<object>>(
  model: new (config: never) => M,
  source: string,
): Promise<M> {
  return fromCheckpoint(model, readCheckpoint(await locate(source)));
}

/** The same from a checkpoint that has been read; memory is taken only once, for the weights given. */
export function fromCheckpoint<M extends PretrainedModel<object>>(
  model: new (config: never) => M,
  { config, state }: Checkpoint,
): M {
  const made = meta(() => new model(config as never));
  made.loadPretrained(state);
  return made.eval();
}
