import { existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import {
  loadSafetensors,
  type NDArray,
  readText,
  replaceFile,
  saveSafetensors,
  temporaryFor,
} from "../../tensor";

/** A model as Hugging Face saves it: `config.json` and `model.safetensors`, or several parts listed in an index. */
export interface Checkpoint {
  readonly config: Readonly<Record<string, unknown>>;
  readonly state: ReadonlyMap<string, NDArray>;
}

const WEIGHTS = "model.safetensors";
const INDEX = "model.safetensors.index.json";

/** Read a local folder. Throws with the list of what is missing. */
export function readCheckpoint(folder: string): Checkpoint {
  const config = join(folder, "config.json");
  if (!existsSync(config)) {
    throw new Error(`fromPretrained: expected config.json and ${WEIGHTS} in ${folder}, found no config.json`);
  }
  return { config: parse(config), state: readWeights(folder) };
}

function readWeights(folder: string): Map<string, NDArray> {
  if (existsSync(join(folder, WEIGHTS))) return loadSafetensors(join(folder, WEIGHTS));
  if (!existsSync(join(folder, INDEX))) {
    const pickled = existsSync(join(folder, "pytorch_model.bin"))
      ? "; pytorch_model.bin is a Python pickle, convert it with save_pretrained(…, safe_serialization=True)"
      : "";
    throw new Error(`fromPretrained: expected ${WEIGHTS} in ${folder}, found none${pickled}`);
  }
  const { weight_map: places } = parse(join(folder, INDEX));
  if (typeof places !== "object" || places === null)
    throw new Error(`fromPretrained: expected a weight_map in ${join(folder, INDEX)}, found none`);
  const files = [...new Set(Object.values(places as Record<string, string>))];
  const absent = files.filter((file) => !existsSync(join(folder, file)));
  if (absent.length > 0) {
    throw new Error(
      `fromPretrained: ${INDEX} names ${absent.join(", ")}, not found in ${folder}; is the download complete?`,
    );
  }
  const state = new Map(files.flatMap((file) => [...loadSafetensors(join(folder, file))]));
  const lost = Object.keys(places).filter((name) => !state.has(name));
  if (lost.length > 0)
    throw new Error(`fromPretrained: ${INDEX} promises ${lost.join(", ")}, which no file holds`);
  return state;
}

function parse(file: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readText(file));
  } catch (error) {
    throw new Error(`fromPretrained: ${file} is not valid JSON: ${(error as Error).message}`);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw new Error(`fromPretrained: expected an object in ${file}, got ${JSON.stringify(parsed)}`);
  return parsed as Record<string, unknown>;
}

/** Write a folder that `from_pretrained` of transformers reads. Each file appears whole or not at all. */
export function writeCheckpoint(folder: string, { config, state }: Checkpoint): void {
  mkdirSync(folder, { recursive: true });
  saveSafetensors(join(folder, WEIGHTS), state, new Map([["format", "pt"]]));
  replaceFile(join(folder, "config.json"), [`${JSON.stringify(config, null, 2)}\n`]);
}

/**
 * The local folder that `source` names: itself if it exists, else the cached copy of that model on the Hugging Face
 * hub (`openai-community/gpt2`), fetched at the first use. As with Hugging Face's own tools, HF_ENDPOINT names another
 * hub and HF_TOKEN opens private models; GRADSCHOOL_CACHE is where copies are kept, ~/.cache/gradschool. Throws, naming
 * what was tried, when it is neither.
 */
export async function locate(source: string): Promise<string> {
  if (existsSync(source) && statSync(source).isDirectory()) return source;
  if (!/^[\w.-]+(\/[\w.-]+)?$/.test(source)) {
    throw new Error(
      `fromPretrained: expected a folder or a hub id such as "openai-community/gpt2", got "${source}"`,
    );
  }
  const folder = join(
    process.env.GRADSCHOOL_CACHE ?? join(homedir(), ".cache", "gradschool"),
    ...source.split("/"),
  );
  if (existsSync(join(folder, "config.json")) && hasWeights(folder)) return folder;
  try {
    await download(source, folder);
  } catch (error) {
    throw new Error(
      `fromPretrained: there is no folder "${source}", and "${source}" could not be fetched from the Hugging Face hub ` +
        `(${reason(error)}); check the name and the network, or download the model elsewhere and pass its folder`,
    );
  }
  return folder;
}

const hasWeights = (folder: string): boolean =>
  existsSync(join(folder, WEIGHTS)) || existsSync(join(folder, INDEX));

/** Fetch the configuration, the weights and the vocabulary; the configuration last, as the sign that all is there. */
async function download(repo: string, folder: string): Promise<void> {
  const { downloadFile, listFiles } = await import("@huggingface/hub");
  const hub = {
    hubUrl: process.env.HF_ENDPOINT || undefined,
    accessToken: process.env.HF_TOKEN || undefined,
  };
  const wanted: string[] = [];
  for await (const { path } of listFiles({ repo, ...hub })) {
    if (
      /^(model.*\.safetensors|model\.safetensors\.index\.json|vocab\.(txt|json)|merges\.txt|tokenizer(_config)?\.json|(generation_)?config\.json)$/.test(
        path,
      )
    ) {
      wanted.push(path);
    }
  }
  if (!wanted.some((path) => path.endsWith(".safetensors")))
    throw new Error("it has no .safetensors weights");
  mkdirSync(folder, { recursive: true });
  wanted.sort((a, b) => Number(a === "config.json") - Number(b === "config.json"));
  for (const path of wanted) {
    const blob = await downloadFile({ repo, path, ...hub });
    if (!blob) throw new Error(`${path} is not there`);
    const file = join(folder, path);
    const temporary = temporaryFor(file);
    try {
      await writeStream(temporary, blob.stream());
      renameSync(temporary, file);
    } finally {
      rmSync(temporary, { force: true });
    }
  }
}

async function writeStream(file: string, stream: ReadableStream<Uint8Array>): Promise<void> {
  const { createWriteStream } = await import("node:fs");
  const { Readable } = await import("node:stream");
  const { pipeline } = await import("node:stream/promises");
  await pipeline(Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]), createWriteStream(file));
}

function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return error instanceof Error ? `${error.message}${cause}` : String(error);
}
