import { check, expected, loadSafetensors, type NDArray, nodeModule, SafetensorsFile } from "../../tensor";
import { courseFolder } from "./folder";

const fs = nodeModule("node:fs");
const paths = nodeModule("node:path");

/** What a model is judged by. */
export interface Metric {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/** How a lecture trains a model longer than a notebook can: `npm run pretrain -- NAME` runs it. */
export interface Pretraining {
  /** In a line: what the model is. */
  readonly says: string;
  /** What it is trained on, and what is held out. */
  readonly data: string;
  /** How many steps it takes unless the command says otherwise. */
  readonly steps: number;
  /** Train; `log` tells how far it is. */
  train(steps: number, log: (line: string) => void): Trained | Promise<Trained>;
  /** The metric of a checkpoint, on a small fixed set: a few seconds. */
  measure(checkpoint: Pretrained): Metric | Promise<Metric>;
}

/** What comes of a {@link Pretraining}. */
export interface Trained {
  readonly tensors: ReadonlyMap<string, NDArray>;
  /** The model's options, and what else JSON can hold: a vocabulary. */
  readonly config: object;
}

/** A checkpoint that comes with the course. */
export interface Pretrained {
  readonly name: string;
  /** Its file, in safetensors. */
  readonly path: string;
  /** The model card's text, in markdown. */
  readonly card: string;
  readonly config: unknown;
  /** As it was measured when it was made. */
  readonly metric: Metric;
  readonly tensors: ReadonlyMap<string, NDArray>;
}

/**
 * A model that was trained longer than a notebook can, from the course's folder `pretrained`:
 * `model.loadStateDict(pretrained("gpt").tensors)`.
 */
export function pretrained(name: string): Pretrained {
  check("pretrained", "name", name, "text");
  const folder = paths.join(courseFolder("pretrained"), "pretrained");
  const path = paths.join(folder, `${name}.safetensors`);
  if (!fs.existsSync(path)) {
    const there = fs.existsSync(folder)
      ? fs.readdirSync(folder).filter((one) => one.endsWith(".safetensors"))
      : [];
    const names = there.map((one) => one.slice(0, -".safetensors".length)).join(", ");
    throw expected("pretrained", `one of the models that are there (${names || "none"})`, name);
  }
  return readPretrained(name, path, fs.readFileSync(path.replace(/\.safetensors$/, ".md"), "utf8"));
}

/** What a checkpoint's file holds. */
export function readPretrained(name: string, path: string, card = ""): Pretrained {
  const file = new SafetensorsFile(path);
  const { metadata } = file;
  file.close();
  const part = (key: string) => {
    const text = metadata.get(key);
    if (text === undefined)
      throw expected("pretrained", `a file that \`npm run pretrain\` wrote, with ${key}`, path);
    return JSON.parse(text);
  };
  return { name, path, card, config: part("config"), metric: part("metric"), tensors: loadSafetensors(path) };
}
