/**
 * Memory blocks inside one WebAssembly memory of fixed size, so that a view of it never detaches.
 *
 * A request is rounded up to a size class (four per power of two, so at most 25 % is lost); a returned block goes
 * on the list of its class and serves the next request of that class. New blocks are cut from the untouched
 * end: the operating system gives pages only when they are written, so a large heap costs nothing while empty.
 */
export class Heap {
  readonly buffer: ArrayBufferLike;
  private end: number;
  private readonly free: number[][] = [];
  /** Bytes handed out now, and the most there ever were. */
  used = 0;
  peak = 0;

  constructor(memory: WebAssembly.Memory, start: number) {
    this.buffer = memory.buffer;
    this.end = start;
  }

  get size(): number {
    return this.buffer.byteLength;
  }

  /** The address of a block of at least `bytes`, aligned to 64; or 0 when there is no room. Not zeroed. */
  take(bytes: number): number {
    const sizeClass = classOf(bytes);
    const size = sizeOf(sizeClass);
    let address = this.free[sizeClass]?.pop() ?? 0;
    if (address === 0) {
      if (this.end + size > this.size) return 0;
      address = this.end;
      this.end += size;
    }
    this.used += size;
    if (this.used > this.peak) this.peak = this.used;
    return address;
  }

  /** Gives back a block that {@link take} handed out for `bytes`. */
  give(address: number, bytes: number): void {
    const sizeClass = classOf(bytes);
    this.used -= sizeOf(sizeClass);
    let list = this.free[sizeClass];
    if (!list) {
      list = [];
      this.free[sizeClass] = list;
    }
    list.push(address);
  }
}

/** Classes 0 … 3 are 64, 128, 192, 256 bytes; then four per power of two: 320, 384, 448, 512, 640, ... */
function classOf(bytes: number): number {
  const units = Math.max(1, Math.ceil(bytes / 64));
  if (units <= 4) return units - 1;
  const power = 29 - Math.clz32(units - 1); // units lies in (2^(power+2), 2^(power+3)]
  return 4 * power + ((units - 1) >>> power);
}

function sizeOf(sizeClass: number): number {
  if (sizeClass < 4) return 64 * (sizeClass + 1);
  const power = (sizeClass >>> 2) - 1;
  return 64 * ((5 + (sizeClass & 3)) << power);
}
