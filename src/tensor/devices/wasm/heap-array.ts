/** For a view cut out of a heap array, the array it keeps alive. */
const owners = new WeakMap<HeapArray, HeapArray>();

/**
 * A Float32Array in the heap. Its block returns to the heap when the garbage collector finds it dead, so a view
 * that `subarray` cuts out of it must keep it alive; a plain Float32Array would not. (Whoever makes a view from
 * `.buffer` by hand must hold on to the array as long.)
 */
export class HeapArray extends Float32Array {
  override subarray(begin?: number, end?: number): Float32Array {
    const { buffer, byteOffset, length } = super.subarray(begin, end);
    const view = new HeapArray(buffer, byteOffset, length);
    owners.set(view, this);
    return view;
  }

  /** Whether this is a part that `subarray` cut out of another. */
  get isPart(): boolean {
    return owners.has(this);
  }
}

// Its `constructor` is Float32Array's: it prints and compares as one, and `slice` and `map` make one.
Reflect.deleteProperty(HeapArray.prototype, "constructor");
