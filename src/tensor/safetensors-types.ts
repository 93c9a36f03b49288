import type { DType, Storage } from "./dtype";

/**
 * The element types of safetensors, and how each becomes one of ours without losing a digit:
 *
 * | stored | here |
 * |---|---|
 * | F64, F32, I32, BOOL | the same |
 * | F16, BF16, F8_E4M3, F8_E5M2, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ | float32 |
 * | U8, I8, I16, U16 | int32 |
 * | U32, I64, U64 | int32 if every number fits, else float64 up to ±2⁵³, beyond it an error |
 * | F4, F6_E2M3, F6_E3M2, C64 | cannot be held: an error when that tensor is asked for |
 */
export interface StoredType {
  /** Of one element. */
  readonly bits: number;
  /** The `n` numbers at an aligned place of a buffer; shares its memory where the type is ours. Throws on what cannot be held. */
  readonly read: (buffer: ArrayBufferLike, offset: number, n: number) => Storage;
}

const cannot = (why: string) => (): never => {
  throw new RangeError(why);
};
const packed = cannot("packs several numbers into a byte, which this library does not read");

/** Small floats have few values: a table of all of them, made when the first is read. */
function small(bits: 8 | 16, decode: (word: number) => number): StoredType {
  let table: Float32Array | undefined;
  const read = (buffer: ArrayBufferLike, offset: number, n: number): Float32Array => {
    table ??= Float32Array.from({ length: 2 ** bits }, (_, word) => decode(word));
    const words = bits === 8 ? new Uint8Array(buffer, offset, n) : new Uint16Array(buffer, offset, n);
    const out = new Float32Array(n);
    for (let i = 0; i < n; i++) out[i] = table[words[i]];
    return out;
  };
  return { bits, read };
}

export const storedTypes: ReadonlyMap<string, StoredType> = new Map<string, StoredType>([
  ["F64", { bits: 64, read: (buffer, offset, n) => new Float64Array(buffer, offset, n) }],
  ["F32", { bits: 32, read: (buffer, offset, n) => new Float32Array(buffer, offset, n) }],
  ["F16", small(16, (word) => float(word, 5, 10, "ieee"))],
  ["BF16", { bits: 16, read: (buffer, offset, n) => upperHalves(new Uint16Array(buffer, offset, n)) }],
  ["F8_E4M3", small(8, (word) => float(word, 4, 3, "no infinity"))],
  ["F8_E5M2", small(8, (word) => float(word, 5, 2, "ieee"))],
  ["F8_E8M0", small(8, (word) => (word === 255 ? Number.NaN : 2 ** (word - 127)))],
  ["F8_E4M3FNUZ", small(8, (word) => float(word, 4, 3, "no negative zero"))],
  ["F8_E5M2FNUZ", small(8, (word) => float(word, 5, 2, "no negative zero"))],
  ["F6_E2M3", { bits: 6, read: packed }],
  ["F6_E3M2", { bits: 6, read: packed }],
  ["F4", { bits: 4, read: packed }],
  ["C64", { bits: 64, read: cannot("holds complex numbers, which this library does not have") }],
  ["I64", { bits: 64, read: (buffer, offset, n) => exact(new BigInt64Array(buffer, offset, n)) }],
  ["U64", { bits: 64, read: (buffer, offset, n) => exact(new BigUint64Array(buffer, offset, n)) }],
  ["U32", { bits: 32, read: (buffer, offset, n) => exact(new Uint32Array(buffer, offset, n)) }],
  ["I32", { bits: 32, read: (buffer, offset, n) => new Int32Array(buffer, offset, n) }],
  ["I16", { bits: 16, read: (buffer, offset, n) => Int32Array.from(new Int16Array(buffer, offset, n)) }],
  ["U16", { bits: 16, read: (buffer, offset, n) => Int32Array.from(new Uint16Array(buffer, offset, n)) }],
  ["I8", { bits: 8, read: (buffer, offset, n) => Int32Array.from(new Int8Array(buffer, offset, n)) }],
  ["U8", { bits: 8, read: (buffer, offset, n) => Int32Array.from(new Uint8Array(buffer, offset, n)) }],
  ["BOOL", { bits: 8, read: (buffer, offset, n) => flags(new Uint8Array(buffer, offset, n)) }],
]);

/** Our type in the format's words. */
export const storedAs: Readonly<Record<DType, string>> = {
  float64: "F64",
  float32: "F32",
  int32: "I32",
  bool: "BOOL",
};

/**
 * 1 sign, then exponent, then fraction bits: (−1)ˢ · 2^(e − bias) · 1.f, subnormal at e = 0. "ieee" keeps the highest
 * exponent for ∞ and NaN; "no infinity" only the highest number for NaN (Micikevicius et al., "FP8 formats for deep
 * learning", 2022); "no negative zero" has NaN there, and a bias greater by 1.
 */
function float(
  word: number,
  exponentBits: number,
  fractionBits: number,
  kind: "ieee" | "no infinity" | "no negative zero",
): number {
  const sign = word >> (exponentBits + fractionBits) ? -1 : 1;
  const top = (1 << exponentBits) - 1;
  const exponent = (word >> fractionBits) & top;
  const fraction = word & ((1 << fractionBits) - 1);
  const isTop = exponent === top;
  if (kind === "ieee" && isTop) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (kind === "no infinity" && isTop && fraction === (1 << fractionBits) - 1) return Number.NaN;
  if (kind === "no negative zero" && sign < 0 && exponent === 0 && fraction === 0) return Number.NaN;
  const bias = 2 ** (exponentBits - 1) - (kind === "no negative zero" ? 0 : 1);
  const scaled = fraction / 2 ** fractionBits;
  return sign * (exponent === 0 ? scaled * 2 ** (1 - bias) : (1 + scaled) * 2 ** (exponent - bias));
}

/**
 * float32 to the bits of the nearest float16, ties to even: q · 2^(e − 10), where q has 11 bits, and fewer below 2⁻¹⁴.
 * Throws on a number that would become infinite (65,520 and more).
 */
export function toHalves(numbers: Float32Array): Uint16Array {
  const out = new Uint16Array(numbers.length);
  const bits = new Uint32Array(numbers.slice().buffer);
  for (let i = 0; i < out.length; i++) {
    const sign = (bits[i] >>> 16) & 0x8000;
    const size = Math.abs(numbers[i]);
    if (!Number.isFinite(size)) {
      out[i] = sign | (Number.isNaN(size) ? 0x7e00 : 0x7c00);
      continue;
    }
    if (size >= 65_520) throw new RangeError(`holds ${numbers[i]}, and float16 ends at ±65504`);
    const exponent = Math.max(-14, ((bits[i] >>> 23) & 0xff) - 127);
    const q = size / 2 ** (exponent - 10);
    const down = Math.floor(q);
    const up = q - down > 0.5 || (q - down === 0.5 && down % 2 === 1) ? 1 : 0;
    out[i] = sign | ((exponent + 14) * 1024 + down + up);
  }
  return out;
}

/** A bfloat16 is the upper half of a float32. */
function upperHalves(words: Uint16Array): Float32Array {
  const bits = new Uint32Array(words.length);
  for (let i = 0; i < words.length; i++) bits[i] = words[i] << 16;
  return new Float32Array(bits.buffer);
}

/** Wide integers: int32 if all fit, else float64 as far as it counts in ones. */
function exact(values: BigInt64Array | BigUint64Array | Uint32Array): Storage {
  const out = new Float64Array(values.length);
  let isInt32 = true;
  for (let i = 0; i < values.length; i++) {
    const number = Number(values[i]);
    // 2⁵³ itself may be 2⁵³ + 1, rounded.
    if (!Number.isSafeInteger(number)) {
      throw new RangeError(
        `holds ${values[i]} at position ${i}, and integers are read exactly up to ±(2⁵³ − 1) only`,
      );
    }
    if (number !== (number | 0)) isInt32 = false;
    out[i] = number;
  }
  return isInt32 ? Int32Array.from(out) : out;
}

function flags(bytes: Uint8Array): Uint8Array {
  const odd = bytes.findIndex((byte) => byte > 1);
  if (odd >= 0) throw new RangeError(`holds the byte ${bytes[odd]} at position ${odd}, expected 0 or 1`);
  return bytes;
}
