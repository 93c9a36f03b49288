import { allocate, type DType, noMemory, type Storage } from "../../dtype";
import { makeRoom } from "../../memory";
import { CallMemory, Heap } from "./heap";
import { HeapArray, type HeapData, isHeapDType } from "./heap-array";
import type { WasmModule } from "./module";
import { Reclaimer } from "./reclaim";

/** The first 64 KiB belong to the module (static data) and to the threads (their mailboxes). */
const HEAP_START = 65536;

/** This part of the memory is kept free of arrays: where the heap is full, kernels copy what they need here. */
const CALL_SHARE = 1 / 4;

/** Shorter arrays are copied faster one number after the other. */
const SHORT = 32;

/** Shorter arrays stay in ordinary memory: copying them costs less than keeping book of them. */
const SHORTEST = 16;

/** The same of integers and bools in bytes: fewer kernels take them. */
const SHORTEST_BYTES = 512;

/**
 * Where arrays lie. The device hands out arrays in its heap while there is room, and ordinary ones otherwise.
 * A kernel uses an array in the heap in place; any other is copied into a borrowed block, and an output is
 * copied back: slower, never wrong.
 */
export class Space {
  readonly heap: Heap;
  private readonly callMemory: CallMemory;
  private readonly buffer: ArrayBufferLike;
  private readonly bytes: Uint8Array;
  private readonly floats: Float32Array;
  private readonly reclaimer: Reclaimer;
  private readonly borrowed: { address: number; copyTo: Storage | null }[] = [];
  private failed = false;
  /** Arrays that were asked for and found no room; calls that went elsewhere for want of room. */
  overflows = 0;

  constructor({ memory }: WasmModule) {
    const total = memory.buffer.byteLength;
    this.heap = new Heap(memory, HEAP_START, (1 - CALL_SHARE) * total);
    this.callMemory = new CallMemory(this.heap.size, total);
    this.buffer = this.heap.buffer;
    this.bytes = new Uint8Array(this.buffer);
    this.floats = new Float32Array(this.buffer);
    this.reclaimer = new Reclaimer(this.heap);
  }

  /** A block of the heap for good. */
  reserve(bytes: number): number {
    const address = this.heap.take(bytes);
    if (address === 0) throw new Error(`wasm device: ${this.heap.size} bytes of memory are too few`);
    return address;
  }

  /** An array of `length`, its contents whatever they were. */
  empty(dtype: DType, length: number): Storage {
    if (!isHeapDType(dtype)) return allocate(dtype, length);
    const bytes = dtype === "bool" ? length : 4 * length;
    if (dtype === "float32" ? length < SHORTEST : bytes < SHORTEST_BYTES) return allocate(dtype, length);
    const recycled = this.reclaimer.recycled(dtype, length);
    if (recycled) return recycled;
    makeRoom(0, (why) => noMemory(dtype, length, why));
    const address = this.reclaimer.takeOrSearch(bytes);
    if (address === 0) {
      this.overflows++;
      return allocate(dtype, length);
    }
    return this.reclaimer.watch(HeapArray.make(dtype, this.buffer, address, length), address);
  }

  /** An array of zeros. */
  alloc(dtype: DType, length: number): Storage {
    const data = this.empty(dtype, length);
    return this.owns(data) ? data.fill(0) : data;
  }

  /** Takes back an array that nobody will use again. Arrays that are not ours, or older, are left to the engine. */
  free(data: Storage, since = 0): void {
    const address = HeapArray.addressIn(this.buffer, data);
    if (address !== 0 && !HeapArray.isPart(data) && this.heap.birth(address) >= since)
      this.reclaimer.free(data as HeapData);
  }

  /** Whether `data` lies in the heap. */
  owns(data: Storage): boolean {
    return HeapArray.addressIn(this.buffer, data) !== 0;
  }

  /** A pointer to the contents of `data`, good until {@link done}. */
  input(data: Storage): number {
    const own = HeapArray.addressIn(this.buffer, data);
    if (own !== 0) return own;
    const address = this.borrow(data, null);
    if (address !== 0) this.copyIn(data, address);
    return address;
  }

  /** A pointer that all of `data` will be written through, good until {@link done}. */
  output(data: Storage): number {
    return HeapArray.addressIn(this.buffer, data) || this.borrow(data, data);
  }

  /** A pointer that `data` is read and written through, good until {@link done}. */
  inout(data: Storage): number {
    const own = HeapArray.addressIn(this.buffer, data);
    if (own !== 0) return own;
    const address = this.borrow(data, data);
    if (address !== 0) this.copyIn(data, address);
    return address;
  }

  /** Uninitialised room for a kernel's own use, good until {@link done}. */
  scratch(bytes: number): number {
    return this.lend(bytes, null);
  }

  /** Whether all pointers asked for since the last {@link done} are there. If not, take another way. */
  ready(): boolean {
    if (!this.failed) return true;
    this.giveBack();
    this.failed = false;
    this.overflows++;
    return false;
  }

  /** After the call: copies outputs back and returns the borrowed blocks. */
  done(): void {
    if (this.borrowed.length === 0) return;
    for (const { address, copyTo } of this.borrowed) {
      if (copyTo) this.copyOut(address, copyTo);
    }
    this.giveBack();
  }

  info() {
    const mebibytes = (bytes: number) => Math.round((bytes / 2 ** 20) * 10) / 10;
    return {
      heapMiB: mebibytes(this.heap.size),
      heapUsedMiB: mebibytes(this.heap.used),
      heapPeakMiB: mebibytes(this.heap.peak),
      heapOverflows: this.overflows,
      garbageSearches: this.reclaimer.searches,
    };
  }

  private copyIn(data: Storage, address: number): void {
    if (data instanceof Float32Array && data.length < SHORT) {
      for (let i = 0, at = address / 4; i < data.length; i++) this.floats[at + i] = data[i];
    } else {
      this.bytes.set(HeapArray.bytesOf(data), address);
    }
  }

  private copyOut(address: number, data: Storage): void {
    if (data instanceof Float32Array && data.length < SHORT) {
      for (let i = 0, at = address / 4; i < data.length; i++) data[i] = this.floats[at + i];
    } else {
      HeapArray.bytesOf(data).set(this.bytes.subarray(address, address + data.byteLength));
    }
  }

  private borrow(data: Storage, copyTo: Storage | null): number {
    return this.lend(data.byteLength, copyTo);
  }

  /** Room until {@link done}: in the memory for calls, else in the heap. */
  private lend(bytes: number, copyTo: Storage | null): number {
    const address = this.callMemory.take(bytes) || this.reclaimer.take(bytes);
    if (address === 0) this.failed = true;
    else this.borrowed.push({ address, copyTo });
    return address;
  }

  private giveBack(): void {
    for (const { address } of this.borrowed) if (!this.callMemory.owns(address)) this.heap.give(address);
    this.borrowed.length = 0;
    this.callMemory.clear();
  }
}
