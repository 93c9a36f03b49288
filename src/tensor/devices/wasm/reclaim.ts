import type { Heap } from "./heap";
import type { HeapArray } from "./heap-array";

/** Garbage is looked for when this much, and as much as was alive, has been handed out since the last search. */
const ROOM = 256 * 2 ** 20;

/** A search should take at most this share of the time; where collecting is slow, it is done less often. */
const SHARE = 0.05;

interface CleanableRegistry extends FinalizationRegistry<number> {
  /** Runs the callbacks that are due, now instead of at the next turn of the event loop. */
  cleanupSome?(): void;
}

/**
 * How blocks come back to the heap, in the order of their worth:
 *
 * 1. `free`: the autograd engine says that an array is dead. The array itself is kept, and handed out
 *    again whole when the same length is asked for: no new object, no new book-keeping.
 * 2. The garbage collector finds an array dead, and a FinalizationRegistry gives its block back. Its callbacks
 *    run only when the event loop turns, which a long synchronous loop never lets it do.
 * 3. So in Node, when much has been handed out, we ask for a collection and then for the callbacks, both at
 *    once. Where an engine has no such door the heap fills, and arrays go to ordinary memory until the
 *    event loop turns.
 */
export class Reclaimer {
  private readonly registry: CleanableRegistry;
  private readonly collect: (() => void) | null;
  /** Dead arrays by length, and how many bytes they hold. */
  private readonly dead = new Map<number, HeapArray[]>();
  private readonly least: number;
  private room: number;
  private searchAt: number;
  /** Bytes in use after the last search, and when it ended. */
  private alive = 0;
  private searchedAt = 0;
  searches = 0;

  constructor(private readonly heap: Heap) {
    this.least = Math.min(ROOM, heap.size / 3);
    this.room = this.least;
    this.searchAt = this.room;
    const giveBack = (address: number) => heap.give(address);
    const node = nodeCollector(giveBack);
    this.registry = node?.registry ?? new FinalizationRegistry(giveBack);
    this.collect = node?.collect ?? null;
  }

  /** The heap's `take`; dead arrays make room if need be. */
  take(bytes: number): number {
    const address = this.heap.take(bytes);
    if (address !== 0 || this.dead.size === 0) return address;
    this.dropDead();
    return this.heap.take(bytes);
  }

  /**
   * The same, after a search for garbage when much is in use or no room is left. Not to be called while a kernel
   * holds pointers: the array behind one may be garbage already.
   */
  takeOrSearch(bytes: number): number {
    if (this.heap.used > this.searchAt) this.search();
    const address = this.take(bytes);
    // Full. A search pays only if there may be garbage.
    if (address !== 0 || this.heap.used - this.alive < this.heap.size / 8) return address;
    this.search();
    return this.take(bytes);
  }

  /** Gives the block back once `view` is garbage. */
  watch(view: HeapArray, address: number): HeapArray {
    this.registry.register(view, address, view);
    return view;
  }

  /** A freed array of exactly this length, if there is one. */
  recycled(length: number): HeapArray | undefined {
    const view = this.dead.get(length)?.pop();
    if (view) this.heap.revive(view.byteOffset);
    return view;
  }

  free(view: HeapArray): void {
    if (!this.heap.retire(view.byteOffset)) return;
    const list = this.dead.get(view.length);
    if (list) list.push(view);
    else this.dead.set(view.length, [view]);
  }

  private search(): void {
    this.searches++;
    const start = performance.now();
    this.collect?.();
    const end = performance.now();
    const { used, size } = this.heap;
    const isSlow = end - start > SHARE * (start - this.searchedAt);
    this.room = isSlow ? Math.min(2 * this.room, (size * 3) / 4) : Math.max(this.least, this.room / 2);
    this.searchAt = used + Math.max(this.room, used);
    this.alive = used;
    this.searchedAt = end;
  }

  /** Frees the blocks of dead arrays, so that other sizes can have them. */
  private dropDead(): void {
    for (const list of this.dead.values()) {
      for (const view of list) {
        this.registry.unregister(view);
        this.heap.give(view.byteOffset);
      }
    }
    this.dead.clear();
  }
}

/**
 * A collector that Node can be made to show: `gc` and `FinalizationRegistry.prototype.cleanupSome` exist in a
 * context that is made after their flags are set. Null elsewhere, or where the engine has dropped them.
 */
function nodeCollector(giveBack: (address: number) => void) {
  if (typeof process === "undefined") return null;
  const v8 = process.getBuiltinModule?.("node:v8");
  const vm = process.getBuiltinModule?.("node:vm");
  if (!v8 || !vm) return null;
  try {
    v8.setFlagsFromString("--harmony-weak-refs-with-cleanup-some");
    v8.setFlagsFromString("--expose-gc");
    const context = vm.createContext({});
    const gc: unknown = vm.runInContext("gc", context);
    const Registry: typeof FinalizationRegistry = vm.runInContext("FinalizationRegistry", context);
    const registry = new Registry(giveBack) as CleanableRegistry;
    if (typeof gc !== "function" || typeof registry.cleanupSome !== "function") return null;
    return {
      registry,
      collect: () => {
        gc();
        registry.cleanupSome?.();
      },
    };
  } catch {
    return null;
  } finally {
    // So that contexts that others make look as usual.
    v8.setFlagsFromString("--no-harmony-weak-refs-with-cleanup-some");
    v8.setFlagsFromString("--no-expose-gc");
  }
}
