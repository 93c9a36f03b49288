import { checkArray } from "./check";
import { type DType, dtypeOf, type Storage } from "./dtype";
import { NDArray } from "./ndarray";
import { describe, type Shape, showShape, sizeOf } from "./shape";
import { strided } from "./strided";

/**
 * The safetensors format (https://huggingface.co/docs/safetensors): 8 bytes little-endian header length, a JSON
 * header `{name: {dtype, shape, data_offsets: [begin, end]}}`, then the raw numbers, little-endian, row-major,
 * without gaps or overlaps. Everything that does not fit is an error that names the tensor: a file is either
 * read in full or refused.
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

/** How a stored type becomes one of ours: 16-bit floats widen to float32, small integers to int32. */
const formats: ReadonlyMap<string, { bytes: number; dtype: DType }> = new Map([
  ["F64", { bytes: 8, dtype: "float64" }],
  ["F32", { bytes: 4, dtype: "float32" }],
  ["F16", { bytes: 2, dtype: "float32" }],
  ["BF16", { bytes: 2, dtype: "float32" }],
  ["I64", { bytes: 8, dtype: "int32" }],
  ["I32", { bytes: 4, dtype: "int32" }],
  ["I16", { bytes: 2, dtype: "int32" }],
  ["I8", { bytes: 1, dtype: "int32" }],
  ["U8", { bytes: 1, dtype: "int32" }],
  ["BOOL", { bytes: 1, dtype: "bool" }],
]);

const fail = (problem: string): never => {
  throw new Error(`safetensors: ${problem}`);
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
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(json);
  } catch {
    fail("the header is not valid UTF-8");
  }
  if (!text.startsWith("{")) fail(`the header must start with "{", got ${JSON.stringify(text.slice(0, 1))}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    fail(`the header is not valid JSON: ${(error as Error).message}`);
  }
  refuseDuplicateKeys(text);

  const dataStart = 8 + json.length;
  const metadata = new Map<string, string>();
  const entries: SafetensorsEntry[] = [];
  for (const [name, value] of Object.entries(parsed as object)) {
    if (name === "__metadata__") {
      for (const [key, word] of Object.entries(value ?? {})) {
        if (typeof word !== "string")
          fail(`__metadata__ must map to strings, got ${typeof word} at "${key}"`);
        metadata.set(key, word as string);
      }
    } else {
      entries.push(parseEntry(name, value));
    }
  }
  checkLayout(entries, fileSize - dataStart);
  return { entries, metadata, dataStart };
}

function parseEntry(name: string, value: unknown): SafetensorsEntry {
  const at = `tensor "${name}"`;
  if (typeof value !== "object" || value === null)
    fail(`${at}: expected {dtype, shape, data_offsets}, got ${JSON.stringify(value)}`);
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>;
  const format = formats.get(dtype as string);
  if (!format)
    return fail(
      `${at}: expected one of ${[...formats.keys()].join(", ")}, got dtype ${JSON.stringify(dtype)}`,
    );
  if (!isSizes(shape)) return fail(`${at}: expected a shape of sizes >= 0, got ${JSON.stringify(shape)}`);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    return fail(
      `${at}: expected data_offsets [begin, end] with begin <= end, got ${JSON.stringify(offsets)}`,
    );
  }
  const [begin, end] = offsets;
  const expected = sizeOf(shape) * format.bytes;
  if (!Number.isSafeInteger(expected) || end - begin !== expected) {
    fail(
      `${at}: ${dtype} of shape ${showShape(shape)} takes ${expected} bytes, but data_offsets [${begin}, ${end}] hold ${end - begin}`,
    );
  }
  return { name, dtype: dtype as string, shape, begin, end };
}

const isSizes = (x: unknown): x is number[] =>
  Array.isArray(x) && x.every((n) => Number.isSafeInteger(n) && n >= 0);

/** The tensors must cover the data part exactly: no overlap, no hole, nothing beyond the end. */
function checkLayout(entries: readonly SafetensorsEntry[], dataSize: number): void {
  let at = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at)
      fail(
        `tensor "${name}" begins at byte ${begin}, expected ${at}: tensors ${begin < at ? "overlap" : "leave a hole"}`,
      );
    if (end > dataSize)
      fail(
        `tensor "${name}" ends at byte ${end}, but the data part has only ${dataSize}; the file is truncated`,
      );
    at = end;
  }
  if (at !== dataSize) fail(`the tensors end at byte ${at}, but the data part has ${dataSize} bytes`);
}

/** JSON.parse keeps the last of two equal keys silently; two tensors of one name must not pass. Expects valid JSON. */
function refuseDuplicateKeys(text: string): void {
  const open: (Set<string> | null)[] = [];
  const tokens = text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g);
  for (const [token, colon] of tokens) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(null);
    else if (token === "}" || token === "]") open.pop();
    else if (colon) {
      const key = JSON.parse(token.slice(0, token.lastIndexOf('"') + 1)) as string;
      const keys = open[open.length - 1];
      if (keys?.has(key)) fail(`the key "${key}" occurs twice in the header`);
      keys?.add(key);
    }
  }
}

/**
 * The numbers of one entry, from its raw bytes. Shares memory where type and alignment allow (F64, F32, I32,
 * BOOL), else converts. Throws when an I64 does not fit in int32.
 */
export function decodeEntry(entry: SafetensorsEntry, bytes: Uint8Array): NDArray {
  const format = formats.get(entry.dtype);
  if (!format) return fail(`tensor "${entry.name}" has unknown dtype ${entry.dtype}`);
  const aligned = bytes.byteOffset % format.bytes === 0 ? bytes : bytes.slice();
  const args = [aligned.buffer, aligned.byteOffset, sizeOf(entry.shape)] as const;
  return new NDArray(strided(decode(entry, args), format.dtype, entry.shape));
}

function decode(entry: SafetensorsEntry, args: readonly [ArrayBufferLike, number, number]): Storage {
  switch (entry.dtype) {
    case "F64":
      return new Float64Array(...args);
    case "F32":
      return new Float32Array(...args);
    case "F16":
      return Float32Array.from(new Uint16Array(...args), halfToFloat);
    case "BF16":
      return new Float32Array(Uint32Array.from(new Uint16Array(...args), (bits) => bits << 16).buffer);
    case "I64":
      return Int32Array.from(new BigInt64Array(...args), (value, i) => {
        if (value !== BigInt.asIntN(32, value))
          fail(`tensor "${entry.name}": ${value} at position ${i} does not fit in int32`);
        return Number(value);
      });
    case "I32":
      return new Int32Array(...args);
    case "I16":
      return Int32Array.from(new Int16Array(...args));
    case "I8":
      return Int32Array.from(new Int8Array(...args));
    case "U8":
      return Int32Array.from(new Uint8Array(...args));
    default:
      return new Uint8Array(...args);
  }
}

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** All tensors in the bytes of a safetensors file, by name. Throws on any malformed content. */
export function parseSafetensors(bytes: Uint8Array): Map<string, NDArray> {
  const length = headerLength(bytes, bytes.length);
  const header = parseHeader(bytes.subarray(8, 8 + length), bytes.length);
  return new Map(
    header.entries.map((entry) => [
      entry.name,
      decodeEntry(entry, bytes.subarray(header.dataStart + entry.begin, header.dataStart + entry.end)),
    ]),
  );
}

const stored: Record<DType, string> = { float64: "F64", float32: "F32", int32: "I32", bool: "BOOL" };

/**
 * The parts of a safetensors file, in order, for a writer to put one after another. Names are sorted and the
 * header is padded with spaces to 8 bytes, so equal tensors give equal bytes and every part is aligned.
 */
export function serializeSafetensors(
  tensors: ReadonlyMap<string, NDArray>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array[] {
  const isMap: boolean = tensors instanceof Map; // not narrowed, or the names would lose their types
  if (!isMap) {
    throw new TypeError(
      `safetensors: expected a Map from names to NDArrays, as stateDict() gives, got ${describe(tensors)}`,
    );
  }
  for (const [name, x] of tensors) checkArray(`safetensors: "${name}"`, x);
  const bytesOf = (x: NDArray) => (dtypeOf(x.data) === "float64" ? 8 : x.dtype === "bool" ? 1 : 4);
  // Wide types first, as the reference implementation writes them: every tensor is then aligned to its type.
  const order = [...tensors].sort(([a, x], [b, y]) => bytesOf(y) - bytesOf(x) || (a < b ? -1 : 1));
  const header = new Map<string, unknown>();
  if (metadata.size > 0) header.set("__metadata__", Object.fromEntries(metadata));
  let at = 0;
  for (const [name, x] of order) {
    if (name === "__metadata__") fail('a tensor cannot be named "__metadata__"');
    const end = at + x.size * bytesOf(x);
    header.set(name, { dtype: stored[x.dtype], shape: x.shape, data_offsets: [at, end] });
    at = end;
  }
  const text = new TextEncoder().encode(
    `{${[...header].map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(",")}}`,
  );
  const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(0x20);
  padded.set(text);
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(padded.length), true);
  const data = order.map(([, x]) => {
    const numbers = x.flat();
    return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  });
  return [size, padded, ...data];
}
