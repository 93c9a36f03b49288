import { expected, nodeModule, words } from "../tensor";

const fs = nodeModule("node:fs");

/** Items of a file in IDX, the format of MNIST: bytes in a shape. */
export interface IdxItems {
  /** Of all that was read: [N, …]. */
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

const UNSIGNED_BYTES = 0x08;

/**
 * Items `start` to `start + count` of a file in IDX (fewer where it ends before): two zeros, the type (8: unsigned bytes,
 * the only one that the MNIST family has), the number of axes, the size of each as a big-endian 32-bit integer, then the
 * bytes. Reads no more of the file than that. Throws, naming the file, where it is none.
 * Source: yann.lecun.com/exdb/mnist, "the IDX file format".
 */
export function readIdx(path: string, start = 0, count = Number.POSITIVE_INFINITY): IdxItems {
  const wrong = (what: string, came: string) => expected(path, what, words(came), "is the file whole?");
  const file = fs.openSync(path, "r");
  try {
    const read = (length: number, at: number) => {
      const bytes = new Uint8Array(length);
      const got = fs.readSync(file, bytes, 0, length, at);
      if (got < length) throw wrong(`${length} bytes from byte ${at} on`, `${got}`);
      return bytes;
    };
    const [zero, alsoZero, type, axes] = read(4, 0);
    if (zero !== 0 || alsoZero !== 0 || type !== UNSIGNED_BYTES || axes === 0)
      throw wrong("an IDX file of unsigned bytes, which begins 0 0 8", `${zero} ${alsoZero} ${type}`);
    const header = new DataView(read(4 * axes, 4).buffer);
    const sizes = Array.from({ length: axes }, (_, axis) => header.getUint32(4 * axis));
    const size = sizes.slice(1).reduce((product, n) => product * n, 1);
    const first = 4 + 4 * axes;
    const length = fs.fstatSync(file).size;
    if (length !== first + sizes[0] * size)
      throw wrong(`${first + sizes[0] * size} bytes, as its header says`, `${length}`);
    const from = Math.min(start, sizes[0]);
    const items = Math.min(count, sizes[0] - from);
    return { shape: [items, ...sizes.slice(1)], bytes: read(items * size, first + from * size) };
  } finally {
    fs.closeSync(file);
  }
}
