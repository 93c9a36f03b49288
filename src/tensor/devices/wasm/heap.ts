const UNIT = 64;

/** Added to the mark of a block that is handed out but dead. */
const DEAD = 128;

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
  /** For each block handed out its size class + 1 (+ {@link DEAD}), at the block's address / 64. */
  private readonly classes: Uint8Array;
  /** For each block handed out the time on the {@link clock}, at the same place. */
  private readonly births: Uint32Array;
  /** Goes on with every block handed out. */
  clock = 1;
  /** Bytes handed out now, and the most there ever were. */
  used = 0;
  peak = 0;

  /** Blocks lie from `start` to `size`. */
  constructor(
    memory: WebAssembly.Memory,
    start: number,
    readonly size: number,
  ) {
    this.buffer = memory.buffer;
    this.classes = new Uint8Array(size / UNIT);
    this.births = new Uint32Array(size / UNIT);
    this.end = start;
  }

  /** The address of a block of at least `bytes`, aligned to 64; or 0 when there is no room. Not zeroed. */
  take(bytes: number): number {
    if (bytes > this.size) return 0;
    const sizeClass = classOf(bytes);
    const size = sizeOf(sizeClass);
    let address = this.free[sizeClass]?.pop() ?? 0;
    if (address === 0) {
      if (this.end + size > this.size) return 0;
      address = this.end;
      this.end += size;
    }
    this.classes[address / UNIT] = sizeClass + 1;
    this.births[address / UNIT] = this.clock++;
    this.used += size;
    if (this.used > this.peak) this.peak = this.used;
    return address;
  }

  /** Marks a block as handed out but dead; false if none starts here or it was dead already. */
  retire(address: number): boolean {
    const mark = this.classes[address / UNIT];
    if (!(mark > 0 && mark < DEAD)) return false;
    this.classes[address / UNIT] = mark + DEAD;
    return true;
  }

  /** Undoes {@link retire}: the block is handed out again. */
  revive(address: number): void {
    this.classes[address / UNIT] -= DEAD;
    this.births[address / UNIT] = this.clock++;
  }

  /** When the block at this address was handed out. */
  birth(address: number): number {
    return this.births[address / UNIT];
  }

  /** Takes back a block that {@link take} handed out. */
  give(address: number): void {
    const sizeClass = (this.classes[address / UNIT] % DEAD) - 1;
    if (sizeClass < 0) throw new Error(`wasm heap: no block at ${address}`);
    this.classes[address / UNIT] = 0;
    this.used -= sizeOf(sizeClass);
    let list = this.free[sizeClass];
    if (!list) {
      list = [];
      this.free[sizeClass] = list;
    }
    list.push(address);
  }
}

/** Room for the length of one call: blocks are put down one after another, and all taken away together. */
export class CallMemory {
  private top: number;

  constructor(
    private readonly start: number,
    private readonly end: number,
  ) {
    this.top = start;
  }

  /** The address of `bytes`, aligned to 64; or 0 when there is no room. */
  take(bytes: number): number {
    const size = UNIT * Math.ceil(bytes / UNIT);
    if (this.top + size > this.end) return 0;
    this.top += size;
    return this.top - size;
  }

  clear(): void {
    this.top = this.start;
  }

  owns(address: number): boolean {
    return address >= this.start;
  }
}

/** Classes 0 … 3 are 64, 128, 192, 256 bytes; then four per power of two: 320, 384, 448, 512, 640, ... */
function classOf(bytes: number): number {
  const units = Math.max(1, Math.ceil(bytes / UNIT));
  if (units <= 4) return units - 1;
  const power = 29 - Math.clz32(units - 1); // units lies in (2^(power+2), 2^(power+3)]
  return 4 * power + ((units - 1) >>> power);
}

function sizeOf(sizeClass: number): number {
  if (sizeClass < 4) return UNIT * (sizeClass + 1);
  const power = (sizeClass >>> 2) - 1;
  return UNIT * ((5 + (sizeClass & 3)) << power);
}
