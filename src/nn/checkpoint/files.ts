import {
  check,
  checkAll,
  expected,
  expectedKind,
  loadSafetensors,
  type NDArray,
  nodeModule,
  readText,
  refusal,
  replaceFile,
  saveSafetensors,
  temporaryFor,
  words,
} from "../../tensor";

const fs = nodeModule("node:fs");
const os = nodeModule("node:os");
const paths = nodeModule("node:path");

/** A model as Hugging Face saves it: `config.json` and `model.safetensors`, or several parts listed in an index. */
export interface Checkpoint {
  readonly config: Readonly<Record<string, unknown>>;
  readonly state: ReadonlyMap<string, NDArray>;
}

const WEIGHTS = "model.safetensors";
const INDEX = "model.safetensors.index.json";

/** Read a local folder. Throws with the list of what is missing. */
export function readCheckpoint(folder: string): Checkpoint {
  check("readCheckpoint", "folder", folder, "text");
  const config = paths.join(folder, "config.json");
  if (!fs.existsSync(config)) {
    throw refusal("fromPretrained", `expected config.json and ${WEIGHTS} in ${folder}, found no config.json`);
  }
  return { config: parse(config), state: readWeights(folder) };
}

function readWeights(folder: string): Map<string, NDArray> {
  if (fs.existsSync(paths.join(folder, WEIGHTS))) return loadSafetensors(paths.join(folder, WEIGHTS));
  if (!fs.existsSync(paths.join(folder, INDEX))) {
    const pickled = fs.existsSync(paths.join(folder, "pytorch_model.bin"))
      ? "pytorch_model.bin is a Python pickle, convert it with save_pretrained(…, safe_serialization=True)"
      : undefined;
    throw refusal("fromPretrained", `expected ${WEIGHTS} in ${folder}, found none`, pickled);
  }
  const { weight_map: places } = parse(paths.join(folder, INDEX));
  if (typeof places !== "object" || places === null)
    throw refusal("fromPretrained", `expected a weight_map in ${paths.join(folder, INDEX)}, found none`);
  const files = [...new Set(Object.values(places as Record<string, string>))];
  const absent = files.filter((file) => !fs.existsSync(paths.join(folder, file)));
  if (absent.length > 0) {
    throw refusal(
      "fromPretrained",
      `${INDEX} names ${absent.join(", ")}, not found in ${folder}`,
      "is the download complete?",
    );
  }
  const state = new Map(files.flatMap((file) => [...loadSafetensors(paths.join(folder, file))]));
  const lost = Object.keys(places).filter((name) => !state.has(name));
  if (lost.length > 0)
    throw refusal("fromPretrained", `${INDEX} promises ${lost.join(", ")}, which no file holds`);
  return state;
}

function parse(file: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readText(file));
  } catch (error) {
    throw refusal("fromPretrained", `${file} is not valid JSON: ${(error as Error).message}`);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw expected("fromPretrained", `an object in ${file}`, words(JSON.stringify(parsed)));
  return parsed as Record<string, unknown>;
}

/** Write a folder that `from_pretrained` of transformers reads. Each file appears whole or not at all. */
export function writeCheckpoint(folder: string, checkpoint: Checkpoint): void {
  check("writeCheckpoint", "folder", folder, "text");
  check("writeCheckpoint", "checkpoint", checkpoint, "object");
  const { config, state } = checkpoint;
  checkAll("writeCheckpoint", { config: [config, "object"], state: [state, "map"] });
  let json: string;
  try {
    json = JSON.stringify(config, null, 2);
  } catch (error) {
    const hint = (error as Error).message.split("\n")[0];
    throw expectedKind("writeCheckpoint", "a config that JSON can hold", config, hint);
  }
  saveSafetensors(paths.join(folder, WEIGHTS), state, new Map([["format", "pt"]]));
  replaceFile(paths.join(folder, "config.json"), [`${json}\n`]);
}

/**
 * The local folder that `source` names: itself if it exists, else the cached copy of that model on the Hugging Face
 * hub (`openai-community/gpt2`), fetched at the first use. As with Hugging Face's own tools, HF_ENDPOINT names another
 * hub and HF_TOKEN opens private models; GRADSCHOOL_CACHE is where copies are kept, ~/.cache/gradschool. Throws, naming
 * what was tried, when it is neither.
 */
export async function locate(source: string): Promise<string> {
  check("fromPretrained", "source", source, "text");
  if (fs.existsSync(source) && fs.statSync(source).isDirectory()) return source;
  if (!/^[\w.-]+(\/[\w.-]+)?$/.test(source)) {
    throw expected("fromPretrained", 'a folder or a hub id such as "openai-community/gpt2"', source);
  }
  const folder = paths.join(
    process.env.GRADSCHOOL_CACHE ?? paths.join(os.homedir(), ".cache", "gradschool"),
    ...source.split("/"),
  );
  if (fs.existsSync(paths.join(folder, "config.json")) && hasWeights(folder)) return folder;
  try {
    await download(source, folder);
  } catch (error) {
    throw refusal(
      "fromPretrained",
      `there is no folder "${source}", and "${source}" could not be fetched from the Hugging Face hub (${reason(error)})`,
      "check the name and the network, or download the model elsewhere and pass its folder",
    );
  }
  return folder;
}

const hasWeights = (folder: string): boolean =>
  fs.existsSync(paths.join(folder, WEIGHTS)) || fs.existsSync(paths.join(folder, INDEX));

/**
 * The hub's client, for Node alone, as the files are. Loaded where no bundler sees it: that of a web page would look for the
 * modules of Node's that it uses, and fail.
 */
function hubClient(): typeof import("@huggingface/hub") {
  const here = typeof __filename === "undefined" ? `${process.cwd()}/` : __filename;
  return nodeModule("node:module").createRequire(here)("@huggingface/hub");
}

/** Fetch the configuration, the weights and the vocabulary; the configuration last, as the sign that all is there. */
async function download(repo: string, folder: string): Promise<void> {
  const { downloadFile, listFiles } = hubClient();
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
  fs.mkdirSync(folder, { recursive: true });
  wanted.sort((a, b) => Number(a === "config.json") - Number(b === "config.json"));
  for (const path of wanted) {
    const blob = await downloadFile({ repo, path, ...hub });
    if (!blob) throw new Error(`${path} is not there`);
    const file = paths.join(folder, path);
    const temporary = temporaryFor(file);
    try {
      await writeStream(temporary, blob.stream());
      fs.renameSync(temporary, file);
    } finally {
      fs.rmSync(temporary, { force: true });
    }
  }
}

async function writeStream(file: string, stream: ReadableStream<Uint8Array>): Promise<void> {
  const { Readable } = nodeModule("node:stream");
  const { pipeline } = nodeModule("node:stream/promises");
  await pipeline(
    Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]),
    fs.createWriteStream(file),
  );
}

function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return error instanceof Error ? `${error.message}${cause}` : String(error);
}
