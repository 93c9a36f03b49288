import { F32, VEC } from "./simd";
import { Task } from "./task";

/** Of what the rows are. */
export const enum OrderType { floats, integers, bools }

/** x (rows, n) → int32 (rows, count) */
@unmanaged
export class OrderTask extends Task {
  type: OrderType;
  x: usize;
  out: usize;
  n: usize;
  first: usize;
  count: usize;
  descending: bool;
  /** Room for each piece, of so many bytes: two rows of entries, and {@link COUNTERS}. */
  room: usize;
  roomBytes: usize;
}

/**
 * A row is put in order as entries of eight bytes: the place of an element, and above it a key, which is a whole number
 * without sign. So no two entries are equal, and equal elements keep their order.
 */
const ENTRY: usize = 8;

/** Bytes of the counters of digits: three times 2¹¹. */
const COUNTERS: usize = 3 << 13;

/** So few entries are sorted by insertion. */
const FEW: usize = 40;

/** So many first ones are found in one look at the row. */
const TOP: usize = 32;

/**
 * The keys of four elements, or (`one`) of one: in the order of the elements, NaN the largest, −0 as 0. All bits of a
 * negative float are turned, so that the larger size comes first.
 */
// @ts-ignore: decorator
@inline
function keys(type: OrderType, x: usize, one: bool, flip: v128): v128 {
  if (type == OrderType.bools) {
    const v = one
      ? i32x4.splat(<i32>load<u8>(x))
      : i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(x)));
    return v128.xor(v, flip);
  }
  const v = one ? v128.load32_zero(x) : v128.load(x);
  const sign = i32x4.splat(0x80000000);
  if (type == OrderType.integers) return v128.xor(v128.xor(v, sign), flip);
  const size = v128.andnot(v, sign);
  const turned = v128.xor(v, v128.or(i32x4.shr_s(v, 31), sign));
  const key = v128.bitselect(sign, turned, i32x4.eq(size, i32x4.splat(0)));
  return v128.xor(v128.or(key, i32x4.gt_s(size, i32x4.splat(0x7f800000))), flip);
}

// @ts-ignore: decorator
@inline
function sizeOf(type: OrderType): usize {
  return type == OrderType.bools ? 1 : F32;
}

/** The entries of a row. */
// @ts-ignore: decorator
@inline
function read(type: OrderType, x: usize, n: usize, flip: v128, to: usize): void {
  const size = sizeOf(type);
  const four = i32x4.splat(4);
  let places = i32x4(0, 1, 2, 3);
  const stop = x + (n & ~3) * size, end = x + n * size;
  for (; x < stop; x += 4 * size, to += 4 * ENTRY) {
    const key = keys(type, x, false, flip);
    v128.store(to, v128.shuffle<i32>(places, key, 0, 4, 1, 5));
    v128.store(to, v128.shuffle<i32>(places, key, 2, 6, 3, 7), VEC);
    places = i32x4.add(places, four);
  }
  for (let i = i32x4.extract_lane(places, 0); x < end; x += size, to += ENTRY, i++) {
    store<i32>(to, i);
    store<i32>(to, i32x4.extract_lane(keys(type, x, true, flip), 0), 4);
  }
}

/** Puts an entry among those from `a` to `at`, which are in order; there is room for it at `at`. */
// @ts-ignore: decorator
@inline
function insert(a: usize, at: usize, entry: u64): void {
  for (; at > a; at -= ENTRY) {
    const before = load<u64>(at - ENTRY);
    if (before < entry) break;
    store<u64>(at, before);
  }
  store<u64>(at, entry);
}

function insertionSort(a: usize, n: usize): void {
  for (let at = a + ENTRY, end = a + n * ENTRY; at < end; at += ENTRY) insert(a, at, load<u64>(at));
}

// @ts-ignore: decorator
@inline
function counter(counters: usize, key: u32, shift: u32, bits: u32): usize {
  return counters + (<usize>((key >> shift) & ((1 << bits) - 1)) << 2);
}

// @ts-ignore: decorator
@inline
function increase(counter: usize): u32 {
  const count = load<u32>(counter);
  store<u32>(counter, count + 1);
  return count;
}

/**
 * Radix sort of the n entries at `a`, which lie in the order of their places: the digits of a key, from the last to the
 * first, each in one stable pass, from `a` to `b` and back. Answers where they lie in the end.
 */
// @ts-ignore: decorator
@inline
function radixSort(a: usize, b: usize, n: usize, counters: usize, bits: u32): usize {
  const bytes: usize = 4 << bits;
  memory.fill(counters, 0, bits == 8 ? 4 * bytes : 3 * bytes);
  for (let at = a, end = a + n * ENTRY; at < end; at += ENTRY) {
    const key = load<u32>(at, 4);
    increase(counter(counters, key, 0, bits));
    increase(counter(counters + bytes, key, bits, bits));
    increase(counter(counters + 2 * bytes, key, 2 * bits, bits));
    if (bits == 8) increase(counter(counters + 3 * bytes, key, 3 * bits, bits));
  }
  for (let shift: u32 = 0; shift < 32; shift += bits, counters += bytes) {
    if (load<u32>(counter(counters, load<u32>(a, 4), shift, bits)) == n) continue; // one digit for all
    let place: u32 = 0;
    for (let at = counters; at < counters + bytes; at += 4) {
      const count = load<u32>(at);
      store<u32>(at, place);
      place += count;
    }
    for (let at = a, end = a + n * ENTRY; at < end; at += ENTRY) {
      const to = increase(counter(counters, load<u32>(at, 4), shift, bits));
      store<u64>(b + <usize>to * ENTRY, load<u64>(at));
    }
    const from = a;
    a = b;
    b = from;
  }
  return a;
}

/** Puts the n entries at `a` in order, with as much room at `b`; answers where they lie in the end. */
function sort(a: usize, b: usize, n: usize, counters: usize): usize {
  if (n > FEW) return n < 4096 ? radixSort(a, b, n, counters, 8) : radixSort(a, b, n, counters, 11);
  insertionSort(a, n);
  return a;
}

/**
 * The entry at place k, from 0, in the order of the n entries at `a`, which stay as they are: the digits of its key, from the
 * first to the last, by counting; after each, only the entries with that digit are left, at `b`.
 */
function select(a: usize, b: usize, n: usize, k: usize, counters: usize): u64 {
  for (let shift: u32 = 24; n > FEW; shift -= 8) {
    memory.fill(counters, 0, 4 << 8);
    const end = a + n * ENTRY;
    for (let at = a; at < end; at += ENTRY) increase(counter(counters, load<u32>(at, 4), shift, 8));
    let digit: u32 = 0;
    let count = <usize>load<u32>(counters);
    while (k >= count) {
      k -= count;
      count = <usize>load<u32>(counters + (++digit << 2));
    }
    if (count < n) {
      for (let at = a, to = b; at < end; at += ENTRY) {
        const entry = load<u64>(at);
        store<u64>(to, entry); // the next writes over it, unless the digit is right
        to += <usize>((<u32>(entry >> 32) >> shift & 255) == digit) * ENTRY;
      }
      a = b;
      n = count;
    }
    if (shift == 0) return load<u64>(a + k * ENTRY); // equals, in the order of their places
  }
  if (a != b) memory.copy(b, a, n * ENTRY);
  insertionSort(b, n);
  return load<u64>(b + k * ENTRY);
}

/** Puts an element among the first `count` at `a`, of which `held` are there, if it is one of them; answers how many are. */
// @ts-ignore: decorator
@inline
function offer(a: usize, held: usize, count: usize, key: i32, place: usize): usize {
  const entry = (<u64><u32>key << 32) | <u64>place;
  if (held < count) {
    insert(a, a + held * ENTRY, entry);
    return held + 1;
  }
  const last = a + (count - 1) * ENTRY;
  if (entry < load<u64>(last)) insert(a, last, entry);
  return held;
}

/** The first `count` of a row in order, at `a`. */
// @ts-ignore: decorator
@inline
function top(type: OrderType, x: usize, n: usize, flip: v128, count: usize, a: usize): void {
  const size = sizeOf(type);
  let held: usize = 0, i: usize = 0;
  for (; i + 4 <= n; i += 4) {
    const key = keys(type, x + i * size, false, flip);
    if (held == count) {
      const last = v128.load32_splat(a + (count - 1) * ENTRY, 4);
      if (!v128.any_true(i32x4.lt_u(key, last))) continue;
    }
    held = offer(a, held, count, i32x4.extract_lane(key, 0), i);
    held = offer(a, held, count, i32x4.extract_lane(key, 1), i + 1);
    held = offer(a, held, count, i32x4.extract_lane(key, 2), i + 2);
    held = offer(a, held, count, i32x4.extract_lane(key, 3), i + 3);
  }
  for (; i < n; i++) held = offer(a, held, count, i32x4.extract_lane(keys(type, x + i * size, true, flip), 0), i);
}

/** Leaves those of the n entries at `a` that are neither before `low` nor behind `high`. */
function keepBetween(a: usize, n: usize, low: u64, high: u64): void {
  for (let at = a, to = a, end = a + n * ENTRY; at < end; at += ENTRY) {
    const entry = load<u64>(at);
    store<u64>(to, entry);
    to += <usize>(entry >= low && entry <= high) * ENTRY;
  }
}

// @ts-ignore: decorator
@inline
function loop(type: OrderType, task: OrderTask, begin: usize, end: usize): void {
  const n = task.n, first = task.first, count = task.count;
  const flip = i32x4.splat(task.descending ? -1 : 0);
  const a = task.room + (begin / task.chunk) * task.roomBytes, b = a + n * ENTRY, counters = b + n * ENTRY;
  for (let r = begin; r < end; r++) {
    const x = task.x + r * n * sizeOf(type);
    const out = task.out + r * count * 4;
    let at = a;
    if (first == 0 && count <= TOP && count < n) top(type, x, n, flip, count, a);
    else {
      read(type, x, n, flip, a);
      if (count < n) {
        const low = first == 0 ? 0 : select(a, b, n, first, counters);
        if (count == 1) {
          store<i32>(out, <i32>low);
          continue;
        }
        const high = first + count == n ? u64.MAX_VALUE : select(a, b, n, first + count - 1, counters);
        keepBetween(a, n, low, high);
      }
      at = sort(a, b, count, counters);
    }
    for (let i: usize = 0; i < count; i++) store<i32>(out + i * 4, load<i32>(at + i * ENTRY));
  }
}

/** Rows begin to end. */
export function order(task: OrderTask, begin: usize, end: usize): void {
  switch (task.type) {
    case OrderType.floats: return loop(OrderType.floats, task, begin, end);
    case OrderType.integers: return loop(OrderType.integers, task, begin, end);
    default: return loop(OrderType.bools, task, begin, end);
  }
}
