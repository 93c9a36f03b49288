/** Shorter rows are sorted by insertion. */
const LEAST = 48;

/** What a radix sort needs beside its keys, for rows of n. */
interface Room {
  readonly order: Int32Array;
  readonly starts: Int32Array;
}

let room: Room = { order: new Int32Array(0), starts: new Int32Array(2048) };

/**
 * Writes the positions in order of the n keys from `start` into `out` at the same places; equals keep their order. Radix
 * sort: the digits of a key, from the last to the first, each in one stable pass.
 */
export function orderOfKeys(keys: Uint32Array, start: number, n: number, out: Int32Array): void {
  if (n < LEAST) insert(keys, start, n, out);
  else {
    // A call that is cut short leaves nothing behind: all of the room is written before it is read.
    if (room.order.length < n) room = { order: new Int32Array(n), starts: room.starts };
    radix(keys, start, n, out);
    if (n > 1_000_000) room = { order: new Int32Array(0), starts: room.starts };
  }
}

function insert(keys: Uint32Array, start: number, n: number, out: Int32Array): void {
  for (let i = 0; i < n; i++) {
    const key = keys[start + i];
    let at = start + i;
    for (; at > start && keys[start + out[at - 1]] > key; at--) out[at] = out[at - 1];
    out[at] = i;
  }
}

function radix(keys: Uint32Array, start: number, n: number, out: Int32Array): void {
  const bits = n < 4096 ? 8 : 11;
  const size = 1 << bits;
  const { order, starts } = room;
  // From `order` into `out` and back; the first pass takes the positions as they are.
  let passes = 0;
  for (let shift = 0; shift < 32; shift += bits) {
    for (let digit = 0; digit < size; digit++) starts[digit] = 0;
    for (let i = start; i < start + n; i++) starts[(keys[i] >>> shift) & (size - 1)]++;
    if (starts[(keys[start] >>> shift) & (size - 1)] === n) continue; // one digit for all
    for (let digit = 0, place = 0; digit < size; digit++) {
      const count = starts[digit];
      starts[digit] = place;
      place += count;
    }
    if (passes === 0)
      for (let i = 0; i < n; i++) out[start + starts[(keys[start + i] >>> shift) & (size - 1)]++] = i;
    else if (passes % 2 === 1) {
      for (let i = start; i < start + n; i++) {
        const at = out[i];
        order[starts[(keys[start + at] >>> shift) & (size - 1)]++] = at;
      }
    } else {
      for (let i = 0; i < n; i++) {
        const at = order[i];
        out[start + starts[(keys[start + at] >>> shift) & (size - 1)]++] = at;
      }
    }
    passes++;
  }
  if (passes === 0) for (let i = 0; i < n; i++) out[start + i] = i;
  else if (passes % 2 === 0) for (let i = 0; i < n; i++) out[start + i] = order[i];
}

/**
 * Where the kth smallest (from 0) of n keys from `start` stands, counted from `start`; of equals the one that a stable sort
 * puts there. By parting a copy of the row again and again (Hoare's FIND, 1961), after so many rounds without luck by sorting.
 */
export function placeOfKth(keys: Uint32Array, start: number, n: number, k: number): number {
  const row = keys.slice(start, start + n);
  let [low, high] = [0, n - 1];
  for (let rounds = 0; low < high; rounds++) {
    if (rounds === ROUNDS) {
      row.subarray(low, high + 1).sort();
      break;
    }
    const pivot = middleOf(row[low], row[(low + high) >> 1], row[high]);
    let [i, j] = [low, high];
    while (i <= j) {
      while (row[i] < pivot) i++;
      while (row[j] > pivot) j--;
      if (i > j) break;
      const one = row[i];
      row[i++] = row[j];
      row[j--] = one;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  const key = row[k];
  let before = 0;
  for (let i = start; i < start + n; i++) if (keys[i] < key) before++;
  let place = start;
  for (let equals = k - before; ; place++) if (keys[place] === key && equals-- === 0) return place - start;
}

const ROUNDS = 64;

const middleOf = (a: number, b: number, c: number): number =>
  Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));

/** Whole numbers from 0 in the order of the elements, which are compared by their bits; NaN counts as the largest. */
export function keysOf(row: Float32Array | Int32Array, descending: boolean): Uint32Array {
  const n = row.length;
  const keys = new Uint32Array(n);
  const flip = descending ? 0xffffffff : 0;
  if (row instanceof Int32Array) {
    for (let i = 0; i < n; i++) keys[i] = row[i] ^ 0x80000000 ^ flip;
    return keys;
  }
  const bits = new Int32Array(row.slice().buffer);
  for (let i = 0; i < n; i++) {
    const value = bits[i];
    const size = value & 0x7fffffff;
    // Of a negative number all bits are turned, so that the larger size comes first; −0 is 0.
    const key =
      size > 0x7f800000 ? 0xffffffff : size === 0 ? 0x80000000 : value ^ ((value >> 31) | 0x80000000);
    keys[i] = key ^ flip;
  }
  return keys;
}
