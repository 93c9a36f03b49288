import type { Storage } from "../../dtype";
import type { Engine } from "./engine";
import { Heap } from "./heap";

/** The first 64 KiB belong to the module (static data) and to the threads (their mailboxes). */
const HEAP_START = 65536;

/**
 * Where the arrays of a call lie. An array in the heap is used in place. Any other is copied into a borrowed
 * block, and an output is copied back: slower, never wrong.
 */
export class Space {
  readonly heap: Heap;
  private readonly buffer: ArrayBufferLike;
  private readonly borrowed: { address: number; bytes: number; out: Storage | null }[] = [];

  constructor(engine: Engine) {
    this.heap = new Heap(engine.memory, HEAP_START);
    this.buffer = this.heap.buffer;
  }

  /** A block of the heap for good. */
  reserve(bytes: number): number {
    const address = this.heap.take(bytes);
    if (address === 0) throw new Error(`wasm device: ${this.heap.size} bytes of memory are too few`);
    return address;
  }

  /**
   * Runs `call` if every array can be had in the heap, and answers whether it did. `call` asks for pointers
   * with {@link input} and {@link output}; should the heap be full, the caller takes another way.
   */
  run(call: () => void): boolean {
    try {
      call();
      for (const { address, bytes, out } of this.borrowed) if (out) this.copyOut(address, bytes, out);
      return true;
    } catch (error) {
      if (error === full) return false;
      throw error;
    } finally {
      for (const { address, bytes } of this.borrowed) this.heap.give(address, bytes);
      this.borrowed.length = 0;
    }
  }

  /** A pointer to the contents of `data`. */
  input(data: Storage): number {
    if (data.buffer === this.buffer) return data.byteOffset;
    const address = this.borrow(data.byteLength, null);
    bytesOf(this.buffer, address, data.byteLength).set(
      bytesOf(data.buffer, data.byteOffset, data.byteLength),
    );
    return address;
  }

  /** A pointer that `data` can be written through. */
  output(data: Storage): number {
    return data.buffer === this.buffer ? data.byteOffset : this.borrow(data.byteLength, data);
  }

  private borrow(bytes: number, out: Storage | null): number {
    const address = this.heap.take(bytes);
    if (address === 0) throw full;
    this.borrowed.push({ address, bytes, out });
    return address;
  }

  private copyOut(address: number, bytes: number, out: Storage): void {
    bytesOf(out.buffer, out.byteOffset, bytes).set(bytesOf(this.buffer, address, bytes));
  }
}

const full = new Error("wasm heap: full");

const bytesOf = (buffer: ArrayBufferLike, offset: number, length: number) =>
  new Uint8Array(buffer, offset, length);
