import type { Device } from "../../device";
import type { Kernels } from "../../kernels";
import { Unavailable } from "../unavailable";
import { createWasm } from "../wasm";
import type { WasmOptions } from "../wasm/module";
import type { Products } from "../wasm/products";
import { findKoffi, findLibrary } from "./find";
import { bindSgemm, type Library, openLibrary } from "./library";
import { selfTest } from "./self-test";

/** Where the way out to the library and back (0.3 µs) costs less than its speed saves. */
const SMALLEST = 8192;

/**
 * The `wasm` device with its matrix products (also those of attention and convolution) done by OpenBLAS, in place, in
 * the same memory. Our threads share a product as ever, and each calls the library for its part; the library's own threads
 * stay off, for they would compete with ours. Throws `Unavailable` with the reason where a part is missing or computes
 * something else than a product.
 */
export function createBlas(
  reference: Kernels,
  { smallest = SMALLEST, ...options }: WasmOptions & { readonly smallest?: number } = {},
): Device {
  const { koffi, path } = findKoffi();
  const file = findLibrary();
  const library = openLibrary(koffi, path, file);
  const products: Products<Library> = { library, bind: bindSgemm, smallest };
  const { kernels, info } = createWasm(reference, { ...options, products });
  const fault = selfTest(kernels, reference);
  if (fault) throw new Unavailable(`blas device: ${file} computes wrong products: ${fault}`);
  return { name: "blas", kernels, info: () => ({ ...info(), library: file, symbol: library.symbol }) };
}
