import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import type { NDArray } from "./ndarray";
import {
  decodeEntry,
  headerLength,
  parseHeader,
  type SafetensorsEntry,
  serializeSafetensors,
} from "./safetensors";
import { describe } from "./shape";

/** Bytes per read: files of several GB are read in parts, never as one buffer. */
const PART = 64 * 1024 * 1024;

/** A safetensors file whose tensors are read one at a time, when asked for. Close it when done. */
export class SafetensorsFile {
  readonly metadata: ReadonlyMap<string, string>;
  readonly #entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly #dataStart: number;
  readonly #file: number;

  /** Reads and checks the header. Throws on a missing, truncated or malformed file. */
  constructor(readonly path: string) {
    this.#file = openSync(path, "r");
    try {
      const { size } = fstatSync(this.#file);
      const length = headerLength(this.#read(0, Math.min(8, size)), size);
      const header = parseHeader(this.#read(8, length), size);
      this.metadata = header.metadata;
      this.#entries = new Map(header.entries.map((entry) => [entry.name, entry]));
      this.#dataStart = header.dataStart;
    } catch (error) {
      closeSync(this.#file);
      (error as Error).message += ` (${path})`;
      throw error;
    }
  }

  names(): string[] {
    return [...this.#entries.keys()];
  }

  get(name: string): NDArray {
    const entry = this.#entries.get(name);
    if (!entry)
      throw new Error(
        `safetensors: no tensor "${name}" in ${this.path}; it holds ${this.names().slice(0, 8).join(", ")}, …`,
      );
    return decodeEntry(entry, this.#read(this.#dataStart + entry.begin, entry.end - entry.begin));
  }

  close(): void {
    closeSync(this.#file);
  }

  #read(start: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const got = readSync(this.#file, bytes, at, Math.min(PART, length - at), start + at);
      if (got === 0) throw new Error(`safetensors: the file ended ${length - at} bytes early`);
      at += got;
    }
    return bytes;
  }
}

/** All tensors of a safetensors file, by name. */
export function loadSafetensors(path: string): Map<string, NDArray> {
  const file = new SafetensorsFile(path);
  try {
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
): void {
  if (typeof path !== "string") {
    throw new TypeError(`saveSafetensors: expected a path, then the tensors, got ${describe(path)} as path`);
  }
  const parts = serializeSafetensors(tensors, metadata);
  const temporary = `${path}.${process.pid}.tmp`;
  const file = openSync(temporary, "w");
  try {
    for (const part of parts) {
      for (let at = 0; at < part.length; ) at += writeSync(file, part, at, Math.min(PART, part.length - at));
    }
    closeSync(file);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
