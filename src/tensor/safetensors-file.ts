import { expectedKind, refusal, words } from "./expected";
import { PART, replaceFile } from "./files";
import { listed, quoted } from "./listed";
import type { NDArray } from "./ndarray";
import { nodeModule } from "./node";
import {
  decodeEntry,
  headerLength,
  parseHeader,
  type SafetensorsEntry,
  type SafetensorsOptions,
  serializeSafetensors,
} from "./safetensors";
import { describe } from "./shape";

const fs = nodeModule("node:fs");
const os = nodeModule("node:os");

/** A safetensors file whose tensors are read one at a time, when asked for. Close it when done. */
export class SafetensorsFile {
  readonly metadata: ReadonlyMap<string, string>;
  readonly #entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly #dataStart: number;
  /** Undefined once closed: its number may by then be that of another file. */
  #file: number | undefined;

  /** Reads and checks the header. Throws on a missing, truncated or malformed file. */
  constructor(readonly path: string) {
    if (typeof path !== "string") throw expectedKind("SafetensorsFile", "a path", path);
    this.#file = open(path);
    try {
      const { size } = fs.fstatSync(this.#file);
      const length = headerLength(this.#read(0, Math.min(8, size)), size);
      const header = parseHeader(this.#read(8, length), size);
      this.metadata = header.metadata;
      this.#entries = new Map(header.entries.map((entry) => [entry.name, entry]));
      this.#dataStart = header.dataStart;
    } catch (error) {
      this.close();
      (error as Error).message += ` (${path})`;
      throw error;
    }
  }

  names(): string[] {
    return [...this.#entries.keys()];
  }

  /** Bytes of all tensors together. */
  get size(): number {
    return [...this.#entries.values()].reduce((total, { begin, end }) => total + end - begin, 0);
  }

  /** Throws on a name that is not there, and on a tensor that cannot be held (see the table of types). */
  get(name: string): NDArray {
    const entry = this.#entries.get(name);
    if (!entry) {
      throw refusal(
        "safetensors",
        `no tensor ${typeof name === "string" ? quoted(name) : describe(name)} in ${this.path}`,
        `it holds ${listed(this.names()) || "none"}`,
      );
    }
    const bytes = entry.end - entry.begin;
    checkRoom(`tensor ${quoted(name)} in ${this.path}`, bytes);
    return decodeEntry(entry, this.#read(this.#dataStart + entry.begin, bytes));
  }

  /** Nothing can be read afterwards; harmless when called twice. */
  close(): void {
    if (this.#file !== undefined) fs.closeSync(this.#file);
    this.#file = undefined;
  }

  #read(start: number, length: number): Uint8Array {
    if (this.#file === undefined)
      throw refusal("safetensors", `${this.path} was closed`, "open a new SafetensorsFile to read on");
    let bytes: Uint8Array;
    try {
      bytes = new Uint8Array(length);
    } catch {
      throw refusal("safetensors", `there is no memory for ${length} bytes of ${this.path}`);
    }
    for (let at = 0; at < length; ) {
      const got = fs.readSync(this.#file, bytes, at, Math.min(PART, length - at), start + at);
      if (got === 0) throw refusal("safetensors", `the file ended ${length - at} bytes early`);
      at += got;
    }
    return bytes;
  }
}

function open(path: string): number {
  let file: number | undefined;
  try {
    file = fs.openSync(path, "r");
    if (!fs.fstatSync(file).isFile()) throw new Error("it is no file");
    return file;
  } catch (error) {
    if (file !== undefined) fs.closeSync(file);
    throw refusal("safetensors", `${path} cannot be opened: ${(error as Error).message}`, undefined, error);
  }
}

/** A file may claim a terabyte and hold it as a hole: nothing of it is read then. */
function checkRoom(what: string, bytes: number, hint?: string): void {
  const limit = process.constrainedMemory?.() || Number.POSITIVE_INFINITY;
  const memory = Math.min(os.totalmem(), limit);
  if (bytes <= memory) return;
  const gib = (n: number) => `${(n / 2 ** 30).toPrecision(3)} GiB`;
  throw refusal(
    "safetensors",
    `${what} takes ${gib(bytes)}, more than the ${gib(memory)} of this machine`,
    hint,
  );
}

/** All tensors of a safetensors file, by name. */
export function loadSafetensors(path: string): Map<string, NDArray> {
  const file = new SafetensorsFile(path);
  try {
    checkRoom(path, file.size, "read its tensors one by one with SafetensorsFile");
    return new Map(file.names().map((name) => [name, file.get(name)]));
  } finally {
    file.close();
  }
}

/** Write tensors to a file, atomically: under another name first, so a crash leaves the old file or the new one. */
export function saveSafetensors(
  path: string,
  tensors: ReadonlyMap<string, NDArray>,
  metadata?: ReadonlyMap<string, string>,
  options?: SafetensorsOptions,
): void {
  if (typeof path !== "string") {
    throw expectedKind("saveSafetensors", "a path, then the tensors", words(`${describe(path)} as path`));
  }
  replaceFile(path, serializeSafetensors(tensors, metadata, options));
}
