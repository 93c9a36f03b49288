import { type Collector, findCollector } from "../../collector";
import { HeapArray, type HeapData } from "./heap-array";

/** Who notices that arrays are garbage, and gives their blocks back. */
export interface Watch {
  /** Arrays that are watched, as far as it is known. */
  readonly size: number;
  add(view: HeapData, address: number): void;
  /** These are watched no longer: someone else gives their blocks back. */
  forget(views: readonly HeapData[]): void;
  /** Looks for garbage now, as far as this engine can be made to. */
  search(): void;
}

/** {@link References} where the collector is at hand; elsewhere {@link Finalizers}. */
export function createWatch(giveBack: (address: number) => void): Watch {
  const collector = findCollector();
  return collector ? new References(giveBack, collector) : new Finalizers(giveBack);
}

/** A weak reference keeps its target until the job ends or a checkpoint comes: after so many, one is made to come. */
const KEPT = 500;

/**
 * A weak reference to each array. In a synchronous loop no callback of a FinalizationRegistry runs, but a weak
 * reference can be asked at any time. When the event loop turns after a collection of the engine's own, we look too.
 */
class References implements Watch {
  private references: WeakRef<HeapData>[] = [];
  private addresses: number[] = [];
  /** Blocks of arrays that are gone, not given back yet. */
  private readonly dead: number[] = [];
  private kept = 0;
  private readonly collections = new FinalizationRegistry(() => {
    this.sweep();
    this.noticeCollection();
  });

  constructor(
    private readonly giveBack: (address: number) => void,
    private readonly collector: Collector,
  ) {
    this.noticeCollection();
  }

  get size(): number {
    return this.references.length;
  }

  add(view: HeapData, address: number): void {
    this.references.push(new WeakRef(view));
    this.addresses.push(address);
    if (++this.kept < KEPT) return;
    this.kept = 0;
    this.collector.checkpoint();
  }

  forget(views: readonly HeapData[]): void {
    const gone = new Set(views.map((view) => HeapArray.addressOf(view)));
    this.filter((i) => !gone.has(this.addresses[i]));
  }

  search(): void {
    this.collector.checkpoint();
    this.collector.collect();
    this.sweep();
    this.collector.checkpoint(); // asking has kept those that live
  }

  private sweep(): void {
    this.filter((i) => this.references[i].deref() !== undefined, this.dead);
    // One by one off the list: a call that is cut short in here leaves the others for the next time.
    for (let address = this.dead.pop(); address !== undefined; address = this.dead.pop())
      this.giveBack(address);
  }

  /**
   * Keeps those that stay, and adds the addresses of the others to `gone`. Into new lists, which take the place of the old
   * ones at once: a call may be cut short anywhere, and no block may be given back twice.
   */
  private filter(stays: (i: number) => boolean, gone: number[] = []): void {
    const references: WeakRef<HeapData>[] = [];
    const addresses: number[] = [];
    const left: number[] = [];
    for (let i = 0; i < this.references.length; i++) {
      if (stays(i)) {
        references.push(this.references[i]);
        addresses.push(this.addresses[i]);
      } else left.push(this.addresses[i]);
    }
    this.references = references;
    this.addresses = addresses;
    for (const address of left) gone.push(address);
  }

  /** Has {@link collections} called back once after the next collection: an object that nobody holds dies in it. */
  private noticeCollection(): void {
    this.collections.register({}, 0);
  }
}

/** The engine calls back when the event loop turns: in a loop that never lets it, nothing comes back. */
class Finalizers implements Watch {
  readonly size = 0;
  private readonly registry: FinalizationRegistry<number>;

  constructor(giveBack: (address: number) => void) {
    this.registry = new FinalizationRegistry(giveBack);
  }

  add(view: HeapData, address: number): void {
    this.registry.register(view, address, view);
  }

  forget(views: readonly HeapData[]): void {
    for (const view of views) this.registry.unregister(view);
  }

  search(): void {}
}
