const UNIT = 64;

/** Added to the mark of a block that is handed out but dead. */
const DEAD = 128;

/** Blocks from here on are large. */
const LARGE = 2 ** 20;

/** Small ones are cut from pieces of this size, or of a part of the heap where that is less. */
const PIECE = 4 * LARGE;
const PIECE_SHARE = 1 / 64;

/** Where there is no room although so much is free, the blocks lie badly. */
const FREE_SHARE = 1 / 8;

/**
 * Memory blocks inside one WebAssembly memory of fixed size, so that a view of it never detaches.
 *
 * A request is rounded up to a size class (four per power of two, so at most 25 % is lost). A small block that comes back
 * goes on the list of its class and serves the next request of that class; a large one merges with its neighbours, so that
 * any size can have it. Always the lowest room is taken: the operating system gives pages only when they are written, which
 * is slow, so a large heap costs nothing while empty, and what was written once is used before what never was.
 */
export class Heap {
  readonly buffer: ArrayBufferLike;
  /** Small blocks, by class. */
  private free: number[][] = [];
  private room: Room;
  /** Where the piece goes on that small blocks are cut from, and where it ends. */
  private piece = 0;
  private pieceEnd = 0;
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
    private readonly start: number,
    readonly size: number,
  ) {
    this.buffer = memory.buffer;
    this.classes = new Uint8Array(size / UNIT);
    this.births = new Uint32Array(size / UNIT);
    this.room = { from: [start], to: [size] };
  }

  /** The address of a block of at least `bytes`, aligned to 64; or 0 when there is no room. Not zeroed. */
  take(bytes: number): number {
    if (bytes > this.size) return 0;
    const sizeClass = classOf(bytes);
    const size = sizeOf(sizeClass);
    let address = size < LARGE ? this.takeSmall(sizeClass, size) : this.cut(size);
    if (address === 0 && this.size - this.used > FREE_SHARE * this.size) {
      this.gather();
      address = size < LARGE ? this.takeSmall(sizeClass, size) : this.cut(size);
    }
    if (address === 0) return 0;
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
    const size = sizeOf(sizeClass);
    this.used -= size;
    if (size >= LARGE) {
      this.merge(address, address + size);
      return;
    }
    let list = this.free[sizeClass];
    if (!list) {
      list = [];
      this.free[sizeClass] = list;
    }
    list.push(address);
  }

  private takeSmall(sizeClass: number, size: number): number {
    const address = this.free[sizeClass]?.pop();
    if (address !== undefined) return address;
    if (this.piece + size > this.pieceEnd) {
      const length = Math.max(size, Math.min(PIECE, UNIT * Math.floor((PIECE_SHARE * this.size) / UNIT)));
      const piece = this.cut(length);
      if (piece === 0) return this.cut(size);
      this.piece = piece;
      this.pieceEnd = piece + length;
    }
    this.piece += size;
    return this.piece - size;
  }

  /**
   * Finds all room anew, between the blocks that are handed out: sizes that were asked for in one hour may never be asked for
   * again, and a heap whose small blocks all wait for their like is full while it is empty.
   */
  private gather(): void {
    const { classes, size } = this;
    const room: Room = { from: [], to: [] };
    const free: number[][] = [];
    const found = (from: number, to: number) => {
      if (to - from >= LARGE) {
        room.from.push(from);
        room.to.push(to);
        return;
      }
      for (let at = from; at < to; ) {
        const sizeClass = classWithin(to - at);
        free[sizeClass] ??= [];
        free[sizeClass].push(at);
        at += sizeOf(sizeClass);
      }
    };
    let begin = this.start;
    for (let at = begin; at < size; ) {
      const mark = classes[at / UNIT] % DEAD;
      if (mark === 0) {
        at += UNIT;
        continue;
      }
      if (at > begin) found(begin, at);
      at += sizeOf(mark - 1);
      begin = at;
    }
    if (size > begin) found(begin, size);
    // In this order a call may be cut short anywhere: what is lost then is found the next time.
    this.free = [];
    this.piece = this.pieceEnd = 0;
    this.room = room;
    this.free = free;
  }

  /** The lowest room of this size; 0 where there is none. */
  private cut(size: number): number {
    const { from, to } = this.room;
    for (let i = 0; i < from.length; i++) {
      if (to[i] - from[i] < size) continue;
      from[i] += size;
      return from[i] - size;
    }
    return 0;
  }

  /** Makes room of begin … end, one with its neighbours. In new lists: a call may be cut short anywhere. */
  private merge(begin: number, end: number): void {
    const { from, to } = this.room;
    let i = 0;
    while (i < from.length && to[i] < begin) i++;
    let j = i;
    while (j < from.length && from[j] <= end) j++;
    const [low, high] = i < j ? [Math.min(begin, from[i]), Math.max(end, to[j - 1])] : [begin, end];
    this.room = {
      from: [...from.slice(0, i), low, ...from.slice(j)],
      to: [...to.slice(0, i), high, ...to.slice(j)],
    };
  }
}

/** Stretches of memory that nobody has, in order: from[i] … to[i]. */
interface Room {
  readonly from: number[];
  readonly to: number[];
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

/** The largest class whose blocks fit into so many bytes, a multiple of 64. */
function classWithin(bytes: number): number {
  const sizeClass = classOf(bytes);
  return sizeOf(sizeClass) > bytes ? sizeClass - 1 : sizeClass;
}

function sizeOf(sizeClass: number): number {
  if (sizeClass < 4) return UNIT * (sizeClass + 1);
  const power = (sizeClass >>> 2) - 1;
  return UNIT * ((5 + (sizeClass & 3)) << power);
}
