import { Unavailable } from "../unavailable";
import type { Sgemm } from "../wasm/products";

/** Where a BLAS library lies, and what in it we call: all that another thread needs to load it too. */
export interface Library {
  /** The file of the module `koffi`, which calls C from JavaScript. */
  readonly koffi: string;
  readonly file: string;
  /** The library's name for `cblas_sgemm`. */
  readonly symbol: string;
}

/** The part of koffi that we use. */
export interface Koffi {
  load(file: string): { func(declaration: string): (...args: number[]) => unknown };
  address(view: ArrayBufferView): bigint;
}

/** The library's product over a memory. Self-contained: see `Products.bind`. */
export function bindSgemm(
  require: (id: string) => unknown,
  memory: WebAssembly.Memory,
  { koffi: path, file, symbol }: Library,
): Sgemm {
  const koffi = require(path) as Koffi;
  // Below 2^53 on every machine, so that a plain number can hold it.
  const base = Number(koffi.address(new Uint8Array(memory.buffer)));
  const rowMajor = 101;
  const plain = 111;
  const transposed = 112;
  const call = koffi
    .load(file)
    .func(
      `void ${symbol}(int, int, int, int, int, int, float, uintptr_t, int, uintptr_t, int, float, uintptr_t, int)`,
    );
  return (ta, tb, m, n, k, a, lda, b, ldb, beta, c, ldc) => {
    const opA = ta ? transposed : plain;
    const opB = tb ? transposed : plain;
    call(rowMajor, opA, opB, m, n, k, 1, base + a, lda, base + b, ldb, beta, base + c, ldc);
  };
}

/** Names that builds of OpenBLAS give to what we call: the product, and the number of threads. */
const SYMBOLS = [
  ["scipy_cblas_sgemm", "scipy_openblas_set_num_threads"],
  ["cblas_sgemm", "openblas_set_num_threads"],
] as const;

/**
 * Libraries stay open: koffi closes one of which the collector finds no function in use, and the next `load` would start
 * it anew, with as many threads as it likes.
 */
const open = new Set<ReturnType<Koffi["load"]>>();

/** Loads the library, and makes it compute on the thread that calls. Throws the reason where that cannot be. */
export function openLibrary(koffi: Koffi, koffiPath: string, file: string): Library {
  const loaded = withoutThreads(() => {
    try {
      return koffi.load(file);
    } catch (error) {
      throw new Unavailable(`blas device: ${file} cannot be loaded: ${(error as Error).message}`);
    }
  });
  open.add(loaded);
  const has = (symbol: string) => {
    try {
      return loaded.func(`void ${symbol}(int)`);
    } catch {
      return null;
    }
  };
  const names = SYMBOLS.find(([product]) => has(product));
  if (!names) {
    const wanted = SYMBOLS.map(([product]) => product).join(" or ");
    throw new Unavailable(`blas device: expected a library with ${wanted}, ${file} has neither`);
  }
  has(names[1])?.(1);
  return { koffi: koffiPath, file, symbol: names[0] };
}

/** OpenBLAS reads this when it is loaded, and starts no threads of its own: ours would have to wait for them. */
function withoutThreads<T>(load: () => T): T {
  const { OPENBLAS_NUM_THREADS: before } = process.env;
  process.env.OPENBLAS_NUM_THREADS = "1";
  try {
    return load();
  } finally {
    if (before === undefined) delete process.env.OPENBLAS_NUM_THREADS;
    else process.env.OPENBLAS_NUM_THREADS = before;
  }
}
