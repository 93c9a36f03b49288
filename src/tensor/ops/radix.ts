/** Shorter rows are sorted by comparing. */
export const LEAST = 128;

/**
 * The positions of a row's elements in order; equals keep their order, NaN counts as the largest. Radix sort: the digits
 * of a number, from the last to the first, each in one stable pass.
 */
export function radixOrder(row: Float32Array | Int32Array, descending: boolean): Int32Array {
  const n = row.length;
  const keys = keysOf(row, descending);
  const bits = n < 4096 ? 8 : 11;
  const size = 1 << bits;
  const starts = new Int32Array(size);
  let order = new Int32Array(0);
  let next = new Int32Array(n);
  for (let shift = 0; shift < 32; shift += bits) {
    starts.fill(0);
    for (let i = 0; i < n; i++) starts[(keys[i] >>> shift) & (size - 1)]++;
    if (starts[(keys[0] >>> shift) & (size - 1)] === n && order.length > 0) continue; // one digit for all
    for (let digit = 0, start = 0; digit < size; digit++) {
      const count = starts[digit];
      starts[digit] = start;
      start += count;
    }
    const given = order;
    if (given.length === 0) for (let i = 0; i < n; i++) next[starts[(keys[i] >>> shift) & (size - 1)]++] = i;
    else {
      for (let i = 0; i < n; i++) {
        const at = given[i];
        next[starts[(keys[at] >>> shift) & (size - 1)]++] = at;
      }
    }
    order = next;
    next = given.length === n ? given : new Int32Array(n);
  }
  return order;
}

/** Whole numbers from 0 in the order of the elements, which are compared by their bits. */
function keysOf(row: Float32Array | Int32Array, descending: boolean): Uint32Array {
  const keys = new Uint32Array(row.length);
  if (row instanceof Int32Array) for (let i = 0; i < row.length; i++) keys[i] = row[i] ^ 0x80000000;
  else {
    const bits = new Int32Array(Float32Array.from(row).buffer);
    for (let i = 0; i < row.length; i++) {
      const value = row[i];
      // Of a negative number all bits are turned, so that the larger size comes first; −0 is 0.
      if (Number.isNaN(value)) keys[i] = 0xffffffff;
      else keys[i] = value === 0 ? 0x80000000 : bits[i] ^ ((bits[i] >> 31) | 0x80000000);
    }
  }
  if (descending) for (let i = 0; i < keys.length; i++) keys[i] = ~keys[i];
  return keys;
}
