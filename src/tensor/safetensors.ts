import { checkArray, checkOptions } from "./check";
import { dtypeOf, type Storage } from "./dtype";
import { expectedKind, refusal, refusalOfKind } from "./expected";
import { isA, isList } from "./is-a";
import { duplicateKey } from "./json";
import { brief, quoted } from "./listed";
import { make, type NDArray } from "./ndarray";
import { storedAs, storedTypes, toHalves } from "./safetensors-types";
import { describe, type Shape, showShape, sizeOf } from "./shape";
import { strided } from "./strided";

/**
 * The safetensors format (https://huggingface.co/docs/safetensors): 8 bytes little-endian header length, a JSON
 * header `{name: {dtype, shape, data_offsets: [begin, end]}}`, then the raw numbers, little-endian, row-major,
 * without gaps or overlaps. Everything that does not fit is an error that names the tensor. A tensor of a type that
 * we cannot hold is refused only when that tensor is read.
 */

/** Where one tensor lies in the data part, in bytes, and how it is written there. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly entries: readonly SafetensorsEntry[];
  readonly metadata: ReadonlyMap<string, string>;
  /** Where the data part starts in the file, in bytes. */
  readonly dataStart: number;
}

/** Headers over 100 MB are refused, as the reference implementation does. */
const MAX_HEADER = 100_000_000;

const fail = (problem: string): never => {
  throw refusal("safetensors", problem);
};

/** The header's length from the first 8 bytes of a file of `fileSize` bytes. */
export function headerLength(first: Uint8Array, fileSize: number): number {
  if (fileSize < 8) fail(`expected at least 8 bytes, got ${fileSize}; the file is truncated`);
  const view = new DataView(first.buffer, first.byteOffset, first.byteLength);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > MAX_HEADER)
    fail(
      `the header claims ${length} bytes, more than the ${MAX_HEADER} allowed; is this a safetensors file?`,
    );
  if (8 + length > fileSize)
    fail(`the header claims ${length} bytes, but only ${fileSize - 8} follow; the file is truncated`);
  return length;
}

/** Read and check the JSON header; `fileSize` is the size of the whole file in bytes. */
export function parseHeader(json: Uint8Array, fileSize: number): SafetensorsHeader {
  let text = "";
  try {
    // A copy: browsers do not decode shared memory.
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(new Uint8Array(json));
  } catch {
    fail("the header is not valid UTF-8");
  }
  if (!text.startsWith("{")) fail(`the header must start with "{", got ${quoted(text.slice(0, 1))}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    fail(`the header is not valid JSON: ${(error as Error).message}`);
  }
  const twice = duplicateKey(text);
  if (twice !== undefined) fail(`the key ${quoted(twice)} occurs twice in the header`);

  const dataStart = 8 + json.length;
  const metadata = new Map<string, string>();
  const entries: SafetensorsEntry[] = [];
  for (const [name, value] of Object.entries(parsed as Record<string, unknown>)) {
    if (name === "__metadata__") {
      if (value !== null && (typeof value !== "object" || isList(value)))
        fail(`__metadata__ must map names to strings, got ${brief(value)}`);
      for (const [key, word] of Object.entries(value ?? {})) {
        if (typeof word !== "string")
          fail(`__metadata__ must map to strings, got ${brief(word)} at ${quoted(key)}`);
        metadata.set(key, word);
      }
    } else {
      entries.push(parseEntry(name, value));
    }
  }
  checkLayout(entries, fileSize - dataStart);
  return { entries, metadata, dataStart };
}

function parseEntry(name: string, value: unknown): SafetensorsEntry {
  const at = `tensor ${quoted(name)}`;
  if (typeof value !== "object" || value === null || isList(value))
    return fail(`${at}: expected {dtype, shape, data_offsets}, got ${brief(value)}`);
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>;
  if (typeof dtype !== "string")
    return fail(`${at}: expected the name of a dtype, such as "F32", got ${brief(dtype)}`);
  if (!isSizes(shape)) return fail(`${at}: expected a shape of sizes >= 0, got ${brief(shape)}`);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    return fail(`${at}: expected data_offsets [begin, end] with begin <= end, got ${brief(offsets)}`);
  }
  const [begin, end] = offsets;
  // Of a type that we do not know we cannot say how long it should be; it is refused when it is read.
  const bits = storedTypes.get(dtype)?.bits;
  const expected = bits === undefined ? end - begin : (sizeOf(shape) / 8) * bits;
  if (!Number.isSafeInteger(expected) || end - begin !== expected) {
    fail(
      `${at}: ${dtype} of shape ${showShape(shape)} takes ${expected} bytes, but data_offsets [${begin}, ${end}] hold ${end - begin}`,
    );
  }
  return { name, dtype, shape, begin, end };
}

const isSizes = (x: unknown): x is number[] => isList(x) && x.every((n) => Number.isSafeInteger(n) && n >= 0);

/** The tensors must cover the data part exactly: no overlap, no hole, nothing beyond the end. */
function checkLayout(entries: readonly SafetensorsEntry[], dataSize: number): void {
  let at = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at)
      fail(
        `tensor ${quoted(name)} begins at byte ${begin}, expected ${at}: tensors ${begin < at ? "overlap" : "leave a hole"}`,
      );
    if (end > dataSize)
      fail(
        `tensor ${quoted(name)} ends at byte ${end}, but the data part has only ${dataSize}; the file is truncated`,
      );
    at = end;
  }
  if (at !== dataSize) fail(`the tensors end at byte ${at}, but the data part has ${dataSize} bytes`);
}

/**
 * The numbers of one entry, from its raw bytes. Shares memory where type and alignment allow (F64, F32, I32,
 * BOOL), else converts. Throws when they cannot be held exactly; see {@link storedTypes}.
 */
export function decodeEntry(entry: SafetensorsEntry, bytes: Uint8Array): NDArray {
  const at = `tensor ${quoted(entry.name)}`;
  const type = storedTypes.get(entry.dtype);
  if (!type) {
    const known = [...storedTypes.keys()].join(", ");
    return fail(`${at}: expected one of ${known}, got dtype ${quoted(entry.dtype)}`);
  }
  // Not slice(): that of a Buffer is a view.
  const aligned = (bytes.byteOffset * 8) % type.bits === 0 ? bytes : new Uint8Array(bytes);
  let data: Storage;
  try {
    data = type.read(aligned.buffer, aligned.byteOffset, sizeOf(entry.shape));
  } catch (error) {
    return fail(`${at} of dtype ${entry.dtype} ${(error as Error).message}`);
  }
  return make(strided(data, dtypeOf(data), [...entry.shape]));
}

/**
 * All tensors in the bytes of a safetensors file, by name. Throws on any malformed content, and on a tensor that cannot
 * be held; `SafetensorsFile` reads the others of such a file.
 */
export function parseSafetensors(bytes: Uint8Array): Map<string, NDArray> {
  const isBytes: boolean = isA(bytes, Uint8Array); // not narrowed, or what came could not be described
  if (!isBytes) {
    const hint = isA(bytes as unknown, ArrayBuffer) ? "write new Uint8Array(buffer)" : undefined;
    throw expectedKind("safetensors", "the bytes of a file, a Uint8Array", bytes, hint);
  }
  const length = headerLength(bytes, bytes.length);
  const header = parseHeader(bytes.subarray(8, 8 + length), bytes.length);
  return new Map(
    header.entries.map((entry) => [
      entry.name,
      decodeEntry(entry, bytes.subarray(header.dataStart + entry.begin, header.dataStart + entry.end)),
    ]),
  );
}

/** How tensors are written. */
export interface SafetensorsOptions {
  /** Store float32 as float16: half the size, and three decimal digits. Read back, they are float32 again. */
  readonly float16?: boolean;
}

/**
 * The parts of a safetensors file, in order, for a writer to put one after another. Names are sorted and the
 * header is padded with spaces to 8 bytes, so equal tensors give equal bytes and every part is aligned.
 * `float16` stores float32 numbers rounded to half their bits.
 */
export function serializeSafetensors(
  tensors: ReadonlyMap<string, NDArray>,
  metadata: ReadonlyMap<string, string> = new Map(),
  options: SafetensorsOptions = {},
): Uint8Array[] {
  const isMap: boolean = isA(tensors, Map); // not narrowed, or the names would lose their types
  if (!isMap) {
    throw expectedKind("safetensors", "a Map from names to NDArrays, as stateDict() gives", tensors);
  }
  for (const [name, x] of tensors) {
    if (typeof name !== "string") fail(`expected names that are strings, got ${describe(name)}`);
    checkArray(`safetensors: ${quoted(name)}`, x);
  }
  checkMetadata(metadata);
  checkOptions("safetensors", options, "float16", { float16: "boolean" });
  const halved = (x: NDArray) => options.float16 === true && x.dtype === "float32";
  const bytesOf = (x: NDArray) =>
    halved(x) ? 2 : dtypeOf(x.data) === "float64" ? 8 : x.dtype === "bool" ? 1 : 4;
  // Wide types first, as the reference implementation writes them: every tensor is then aligned to its type.
  const order = [...tensors].sort(([a, x], [b, y]) => bytesOf(y) - bytesOf(x) || (a < b ? -1 : 1));
  const header = new Map<string, unknown>();
  if (metadata.size > 0) header.set("__metadata__", Object.fromEntries(metadata));
  let at = 0;
  for (const [name, x] of order) {
    if (name === "__metadata__") fail('a tensor cannot be named "__metadata__"');
    const end = at + x.size * bytesOf(x);
    header.set(name, {
      dtype: halved(x) ? "F16" : storedAs[x.dtype],
      shape: x.shape,
      data_offsets: [at, end],
    });
    at = end;
  }
  const text = new TextEncoder().encode(
    `{${[...header].map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(",")}}`,
  );
  const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(0x20);
  padded.set(text);
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(padded.length), true);
  const data = order.map(([name, x]) => {
    const numbers = halved(x) ? half(name, x) : x.flat();
    return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  });
  return [size, padded, ...data];
}

function half(name: string, x: NDArray): Uint16Array {
  try {
    return toHalves(x.flat() as Float32Array);
  } catch (error) {
    return fail(`tensor ${quoted(name)} ${(error as Error).message}; save it without float16`);
  }
}

function checkMetadata(metadata: unknown): void {
  if (!isA(metadata, Map)) {
    const isObject = typeof metadata === "object" && metadata !== null;
    const hint = isObject ? "write new Map(Object.entries(metadata))" : undefined;
    throw expectedKind("safetensors", "a Map from strings to strings as metadata", metadata, hint);
  }
  for (const [key, word] of metadata) {
    if (typeof key !== "string" || typeof word !== "string") {
      const why = `metadata maps strings to strings, got ${describe(word)} at ${describe(key)}`;
      throw refusalOfKind("safetensors", why);
    }
  }
}
