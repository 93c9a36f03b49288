import type { DType, Storage } from "../../dtype";

/** The typed arrays that lie in a heap. */
export type HeapData = Float32Array | Int32Array | Uint8Array;

/** Gives its fields to an object that is there already, instead of making one. */
class Mark {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is what it is for
    return object;
  }
}

/**
 * What a typed array in a device's heap knows beside its numbers. Its block is handed out again when the garbage collector
 * finds it dead, so nothing that shares the block may outlive it: what `subarray` cuts out keeps it alive, and `buffer` is a
 * copy, of these elements alone. (Only postMessage and structuredClone go past that: they share the whole heap. Send `flat()`.)
 */
export class HeapArray extends Mark {
  readonly #heap: ArrayBufferLike;
  readonly #address: number;
  /** For a part, the array it was cut out of. */
  readonly #whole: HeapData | null;

  private constructor(data: HeapData, heap: ArrayBufferLike, address: number, whole: HeapData | null) {
    super(data);
    this.#heap = heap;
    this.#address = address;
    this.#whole = whole;
  }

  /** An array of `length` at this address of a heap. */
  static make(dtype: HeapDType, heap: ArrayBufferLike, address: number, length: number): HeapData {
    const data = new kinds[dtype](heap, address, length);
    new HeapArray(data, heap, address, null);
    return data;
  }

  /** What `subarray` cuts out. */
  static part(data: HeapData, Kind: HeapKind, begin?: number, end?: number): HeapData {
    const array = data as unknown as HeapArray;
    const from = within(begin ?? 0, data.length);
    const to = Math.max(from, within(end ?? data.length, data.length));
    const address = array.#address + data.BYTES_PER_ELEMENT * from;
    const part = new Kind(array.#heap, address, to - from);
    new HeapArray(part, array.#heap, address, array.#whole ?? data);
    return part;
  }

  /** Where `data` lies in this heap; 0 if it does not. */
  static addressIn(heap: ArrayBufferLike, data: Storage): number {
    return #heap in data && data.#heap === heap ? data.#address : 0;
  }

  /** Its bytes where they lie. Whoever holds on to these must hold on to the array as long. */
  static bytesOf(data: Storage): Uint8Array {
    return #heap in data
      ? new Uint8Array(data.#heap, data.#address, data.byteLength)
      : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }

  static isInstance(data: Storage): data is HeapData {
    return #heap in data;
  }

  /** Whether this is a part that `subarray` cut out of another. */
  static isPart(data: Storage): boolean {
    return #heap in data && data.#whole !== null;
  }

  /** Where an array of some heap lies in it. */
  static addressOf(data: HeapData): number {
    return (data as unknown as HeapArray).#address;
  }
}

class HeapFloats extends Float32Array {
  override subarray(begin?: number, end?: number): Float32Array {
    return HeapArray.part(this, HeapFloats, begin, end) as Float32Array;
  }
}

class HeapIntegers extends Int32Array {
  override subarray(begin?: number, end?: number): Int32Array {
    return HeapArray.part(this, HeapIntegers, begin, end) as Int32Array;
  }
}

class HeapBytes extends Uint8Array {
  override subarray(begin?: number, end?: number): Uint8Array {
    return HeapArray.part(this, HeapBytes, begin, end) as Uint8Array;
  }
}

const kinds = { float32: HeapFloats, int32: HeapIntegers, bool: HeapBytes } as const;
type HeapKind = (typeof kinds)[keyof typeof kinds];

/** The types whose arrays lie in a heap. */
export type HeapDType = keyof typeof kinds;

export const isHeapDType = (dtype: DType): dtype is HeapDType => dtype !== "float64";

/** A bound of `subarray`, counted from the end if it is negative, as a place in 0 … length. */
function within(bound: number, length: number): number {
  const place = Math.trunc(bound) || 0;
  return place < 0 ? Math.max(0, length + place) : Math.min(place, length);
}

for (const { prototype } of Object.values(kinds)) {
  Object.defineProperties(prototype, {
    buffer: {
      get(this: HeapData) {
        return this.slice().buffer;
      },
    },
    byteOffset: { get: () => 0 },
  });
  // Their `constructor` is that of any other typed array: they print and compare as one, and `slice` and `map` make one.
  Reflect.deleteProperty(prototype, "constructor");
}
