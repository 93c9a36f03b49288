import type { Storage } from "../../dtype";

/**
 * A Float32Array in a device's heap. Its block is handed out again when the garbage collector finds it dead, so nothing
 * that shares the block may outlive it: what `subarray` cuts out keeps it alive, and `buffer` is a copy, of these
 * elements alone. (Only postMessage and structuredClone go past that: they share the whole heap. Send `flat()`.)
 */
export class HeapArray extends Float32Array {
  readonly #heap: ArrayBufferLike;
  readonly #address: number;
  /** For a part, the array it was cut out of. */
  readonly #whole: HeapArray | null;

  constructor(heap: ArrayBufferLike, address: number, length: number, whole: HeapArray | null = null) {
    super(heap, address, length);
    this.#heap = heap;
    this.#address = address;
    this.#whole = whole;
  }

  override subarray(begin?: number, end?: number): Float32Array {
    const from = within(begin ?? 0, this.length);
    const to = Math.max(from, within(end ?? this.length, this.length));
    return new HeapArray(this.#heap, this.#address + 4 * from, to - from, this.#whole ?? this);
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

  static isInstance(data: Storage): data is HeapArray {
    return #heap in data;
  }

  get address(): number {
    return this.#address;
  }

  /** Whether this is a part that `subarray` cut out of another. */
  get isPart(): boolean {
    return this.#whole !== null;
  }
}

/** A bound of `subarray`, counted from the end if it is negative, as a place in 0 … length. */
function within(bound: number, length: number): number {
  const place = Math.trunc(bound) || 0;
  return place < 0 ? Math.max(0, length + place) : Math.min(place, length);
}

Object.defineProperties(HeapArray.prototype, {
  buffer: {
    get(this: HeapArray) {
      return this.slice().buffer;
    },
  },
  byteOffset: { get: () => 0 },
});

// Its `constructor` is Float32Array's: it prints and compares as one, and `slice` and `map` make one.
Reflect.deleteProperty(HeapArray.prototype, "constructor");
