import { check, checkOptions, expectedKind, frozenCopy, type NDArray } from "../../tensor";
import { meta } from "../meta";
import { Module } from "../module";
import type { LoadReport } from "../state-dict";
import { type Checkpoint, locate, readCheckpoint, writeCheckpoint } from "./files";
import { type CheckpointTable, loadTheirs, toTheirs } from "./table";

/** The configuration of a model: the content of its `config.json`, in Hugging Face's words. */
export type Config = Readonly<Record<string, unknown>>;

/**
 * A model that reads and writes Hugging Face's folders, `config.json` and `model.safetensors`. It is made from its
 * configuration alone, and shows in one table how their names become ours.
 */
export abstract class PretrainedModel<C extends object = Config> extends Module {
  /** A frozen copy of what it was made from. */
  readonly config: Readonly<C>;

  constructor(config: Readonly<C>) {
    super();
    this.config = frozenCopy(config);
  }

  /** How their parameter names map to ours. */
  abstract table(): CheckpointTable;

  /**
   * Load their weights; strict, and nothing changes when a name or a shape does not fit. `strict: false` leaves out
   * names that only one side has, and returns them: a new head on a pre-trained body keeps its first values.
   */
  loadPretrained(state: ReadonlyMap<string, NDArray>, options?: { strict?: boolean }): LoadReport {
    return loadTheirs(this, state, this.table(), options);
  }

  /** Every parameter and buffer, or what `values` gives for them, under their names. */
  pretrainedState(values: ReadonlyMap<string, NDArray> = this.stateDict()): Map<string, NDArray> {
    return toTheirs(this.table(), values);
  }

  /** Write a folder that transformers' `from_pretrained` reads. */
  savePretrained(folder: string): void {
    const { modelType } = this.table();
    const config = {
      ...(modelType && { model_type: modelType }),
      ...this.config,
      architectures: [this.constructor.name],
    };
    writeCheckpoint(folder, { config, state: this.pretrainedState() });
  }
}

function checkClass(op: string, model: unknown): void {
  const what = "a class of models, such as GPT2LMHeadModel";
  if (typeof model !== "function") throw expectedKind(op, what, model);
  const { prototype } = model;
  if (typeof prototype?.loadPretrained !== "function") throw expectedKind(op, what, model);
}

/**
 * A model with the weights of a local folder or of a model on the Hugging Face hub, in evaluation mode:
 * `await fromPretrained(GPT2LMHeadModel, "openai-community/gpt2")`. `config` replaces entries of the file's, and
 * `strict: false` allows names that only one side has, to put a new head on a pre-trained body:
 * ```ts
 * await fromPretrained(BertForSequenceClassification, "google-bert/bert-base-uncased", {
 *   config: { num_labels: 3 },
 *   strict: false,
 * });
 * ```
 */
export async function fromPretrained<M extends PretrainedModel<object>>(
  model: new (config: never) => M,
  source: string,
  options: { config?: Config; strict?: boolean } = {},
): Promise<M> {
  checkClass("fromPretrained", model);
  checkOptions("fromPretrained", options, "config, strict", { config: "object", strict: "boolean" });
  const { config = {}, strict } = options;
  const { config: written, state } = readCheckpoint(await locate(source));
  // Another number of labels makes the file's names of labels void.
  const { id2label, label2id, ...rest } = written;
  const kept = "num_labels" in config ? rest : written;
  return fromCheckpoint(model, { config: { ...kept, ...config }, state }, { strict });
}

/** The same from a checkpoint that has been read; if strict, memory is taken only once, for the weights given. */
export function fromCheckpoint<M extends PretrainedModel<object>>(
  model: new (config: never) => M,
  checkpoint: Checkpoint,
  options: { strict?: boolean } = {},
): M {
  checkClass("fromCheckpoint", model);
  check("fromCheckpoint", "checkpoint", checkpoint, "object");
  checkOptions("fromCheckpoint", options, "strict", { strict: "boolean" });
  const { config, state } = checkpoint;
  const { strict = true } = options;
  const made = strict ? meta(() => new model(config as never)) : new model(config as never);
  made.loadPretrained(state, { strict });
  return made.eval();
}
