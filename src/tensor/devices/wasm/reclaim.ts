import { dtypeOf } from "../../dtype";
import { forgetChanges } from "../../version";
import type { Heap } from "./heap";
import { HeapArray, type HeapData, type HeapDType } from "./heap-array";
import { createWatch, type Watch } from "./watch";

/** Garbage is looked for when this much, and as much as was alive, has been handed out since the last search. */
const ROOM = 256 * 2 ** 20;

/** And when so many arrays, and twice as many as were alive: each needs a little ordinary memory, however short it is. */
const COUNT = 2 ** 17;

/** A search should take at most this share of the time; where collecting is slow, it is done less often. */
const SHARE = 0.05;

/**
 * How blocks come back to the heap, in the order of their worth:
 *
 * 1. `free`: backward says that an array is dead. The array itself is kept, and handed out
 *    again whole when the same length is asked for: no new object, no new book-keeping.
 * 2. The garbage collector finds an array dead, and its block comes back. By itself the engine tells us so only when the
 *    event loop turns, which a long synchronous loop never lets it do.
 * 3. So in Node, when much has been handed out, we ask for a collection and look which arrays died in it. A browser has no
 *    such door: there the heap fills, and arrays go to ordinary memory until the event loop turns.
 */
export class Reclaimer {
  private readonly watched: Watch;
  /** Dead arrays of each type, by length. */
  private readonly dead: Record<HeapDType, Map<number, HeapData[]>> = {
    float32: new Map(),
    int32: new Map(),
    bool: new Map(),
  };
  private readonly least: number;
  private room: number;
  private searchAt: number;
  private searchAtCount = COUNT;
  /** Bytes in use after the last search, and when it ended. */
  private alive = 0;
  private searchedAt = 0;
  searches = 0;

  constructor(private readonly heap: Heap) {
    this.least = Math.min(ROOM, heap.size / 3);
    this.room = this.least;
    this.searchAt = this.room;
    this.watched = createWatch((address) => heap.give(address));
  }

  /** The heap's `take`; dead arrays make room if need be. */
  take(bytes: number): number {
    const address = this.heap.take(bytes);
    return address !== 0 || !this.dropDead() ? address : this.heap.take(bytes);
  }

  /**
   * The same, after a search for garbage when much is in use or no room is left. Not to be called while a kernel
   * holds pointers: the array behind one may be garbage already.
   */
  takeOrSearch(bytes: number): number {
    if (this.heap.used > this.searchAt || this.watched.size > this.searchAtCount) this.search();
    const address = this.take(bytes);
    // Full. A search pays only if there may be garbage.
    if (address !== 0 || this.heap.used - this.alive < this.heap.size / 8) return address;
    this.search();
    return this.take(bytes);
  }

  /** Gives the block back once `view` is garbage. */
  watch(view: HeapData, address: number): HeapData {
    this.watched.add(view, address);
    return view;
  }

  /** A freed array of this type and exactly this length, if there is one. */
  recycled(dtype: HeapDType, length: number): HeapData | undefined {
    const view = this.dead[dtype].get(length)?.pop();
    if (view) {
      this.heap.revive(HeapArray.addressOf(view));
      forgetChanges(view);
    }
    return view;
  }

  free(view: HeapData): void {
    if (!this.heap.retire(HeapArray.addressOf(view))) return;
    const dead = this.dead[dtypeOf(view) as HeapDType];
    const list = dead.get(view.length);
    if (list) list.push(view);
    else dead.set(view.length, [view]);
  }

  private search(): void {
    this.searches++;
    const start = performance.now();
    this.watched.search();
    const end = performance.now();
    const { used, size } = this.heap;
    const isSlow = end - start > SHARE * (start - this.searchedAt);
    this.room = isSlow ? Math.min(2 * this.room, (size * 3) / 4) : Math.max(this.least, this.room / 2);
    this.searchAt = used + Math.max(this.room, used);
    this.searchAtCount = 2 * this.watched.size + COUNT;
    this.alive = used;
    this.searchedAt = end;
  }

  /** Frees the blocks of dead arrays, so that other sizes can have them; answers whether there were any. */
  private dropDead(): boolean {
    const lists = Object.values(this.dead);
    const views = lists.flatMap((dead) => [...dead.values()].flat());
    if (views.length === 0) return false;
    this.watched.forget(views);
    for (const view of views) this.heap.give(HeapArray.addressOf(view));
    for (const dead of lists) dead.clear();
    return true;
  }
}
