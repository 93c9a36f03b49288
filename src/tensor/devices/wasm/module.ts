import { heapLimitMiB } from "../../memory";
import { environment, findNodeModule, nodeModule } from "../../node";
import { Unavailable } from "../unavailable";
import * as binaries from "./binary.generated";
import type { Products, Sgemm } from "./products";

/** What the modules of assembly/ export besides the kernels; see assembly/threads.ts. */
export interface Exports {
  scratchBytes(): number;
  start(mailbox: number, scratch: number): void;
  /** Products of at least so many multiply-adds are the host's `sgemm`. */
  useBlas(multiplyAdds: number): void;
  /** So many threads take part from now on. */
  activate(threads: number): void;
  call(): void;
  drive(maySleep: boolean): void;
  /** To be called before the next task where `drive` was cut short. */
  settle(): void;
}

/** A running module: its functions, its memory, and what could not be had, with the reason. */
export interface WasmModule {
  readonly exports: Exports;
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module;
  /** "yes", or why not. */
  readonly fma: string;
  /** "yes", or why not. */
  readonly shared: string;
  readonly products?: Products;
}

/** Choices that tests and measurements make; a person need not. */
export interface WasmOptions {
  /** Fused multiply-add, if the engine has it; GRADSCHOOL_FMA=0 switches it off too. */
  readonly fma?: boolean;
  /** Memory that worker threads can share, if the engine has it. */
  readonly shared?: boolean;
  /** Threads, the main one included; by default GRADSCHOOL_THREADS, or the processors that may be used. */
  readonly threads?: number;
  /** The largest memory to ask for, in MiB. Address space only: pages cost nothing until they are written. */
  readonly heapMiB?: number;
  /** Who computes large products, if not the module itself. */
  readonly products?: Products;
}

const PAGE = 65536;

const decode = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

/**
 * Node 20's engine, V8 11.3, has relaxed SIMD in its final form, but behind a flag; older ones lack it, newer ones have it
 * for all. The flag is read whenever a module is compiled, so it can be set this late.
 */
function allowRelaxedSimd(): void {
  const v8 = findNodeModule("node:v8");
  if (v8 && process.versions.v8.startsWith("11.3.")) {
    v8.setFlagsFromString("--experimental-wasm-relaxed-simd");
  }
}

/** The largest memory up to `mebibytes` that the machine grants, all of it at once so that views never detach. */
function reserve(mebibytes: number, shared: boolean): WebAssembly.Memory {
  for (let size = mebibytes; ; size /= 2) {
    const pages = Math.ceil((size * 2 ** 20) / PAGE);
    try {
      return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
    } catch (error) {
      if (size <= 16) throw new Unavailable(`wasm device: no memory to be had: ${error}`);
    }
  }
}

/** What worker threads call `require`; here it loads files by their whole path. */
function nodeRequire(): (id: string) => unknown {
  return nodeModule("node:module").createRequire(process.execPath);
}

/**
 * A thread's own instance of the module. A task names its kernel by its place in a table of functions: that among the
 * exports, which is the same in every thread. Self-contained: worker threads get this as text.
 */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory, sgemm: Sgemm): Exports {
  const count = WebAssembly.Module.exports(module).length;
  const table = new WebAssembly.Table({ element: "anyfunc", initial: count });
  const { exports } = new WebAssembly.Instance(module, { env: { memory, table, sgemm } });
  Object.values(exports).forEach((exported, place) => {
    table.set(place, exported);
  });
  return exports as unknown as Exports;
}

/** Starts the best module that this engine runs. Throws when it has no WebAssembly SIMD. */
export function startModule(options: WasmOptions): WasmModule {
  if (typeof WebAssembly === "undefined")
    throw new Unavailable("wasm device: this engine has no WebAssembly");
  let shared = "yes";
  if (options.shared === false) shared = "switched off";
  else if (typeof SharedArrayBuffer === "undefined") {
    shared = "this engine has no SharedArrayBuffer (a web page needs cross-origin isolation)";
  }

  const plain = decode(shared === "yes" ? binaries.sharedSimd : binaries.simd);
  const fused = decode(shared === "yes" ? binaries.sharedFma : binaries.fma);
  if (!WebAssembly.validate(plain)) throw new Unavailable("wasm device: this engine has no WebAssembly SIMD");
  let fma = "yes";
  if (options.fma === false || (options.fma === undefined && environment("GRADSCHOOL_FMA") === "0"))
    fma = "switched off";
  else if (!WebAssembly.validate(fused)) {
    allowRelaxedSimd();
    if (!WebAssembly.validate(fused)) fma = "this engine has no relaxed SIMD";
  }

  const memory = reserve(options.heapMiB ?? heapLimitMiB(), shared === "yes");
  const module = new WebAssembly.Module(fma === "yes" ? fused : plain);
  const { products } = options;
  const sgemm = products?.bind(nodeRequire(), memory, products.library) ?? (() => {});
  const exports = instantiate(module, memory, sgemm);
  if (products) exports.useBlas(products.smallest);
  return { exports, memory, module, fma, shared, products };
}
