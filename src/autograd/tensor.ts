import {
  type ArrayMethods,
  type Comparing,
  checkFunction,
  checkOptions,
  type DType,
  expectedKind,
  format,
  full,
  isFloat,
  NDArray,
  type Nested,
  type Ordering,
  type Picking,
  type Pieces,
  promoteNumber,
  refusal,
  refusalOfKind,
  type Shape,
  showShape,
} from "../tensor";
import { backward, type Node } from "./backward";

/** What Node's console.log and notebooks ask an object for. */
const inspect: unique symbol = Symbol.for("nodejs.util.inspect.custom");

// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks has no return statement
export type GradientHook = (g: NDArray) => NDArray | void;

/** What stands beside a tensor in arithmetic; arrays and numbers are constants. */
export type Operand = Tensor | NDArray | number;

/** Whole numbers that pick, or a mask that chooses: never differentiated. */
export type Indices = Tensor | NDArray;

let made = 0;

/**
 * An array that remembers where it came from, so that a scalar computed from it can tell its gradient.
 *
 * Maths works as on {@link NDArray} (broadcasting, promotion of types, views), with Tensors, NDArrays or numbers
 * as operands; the formulas of the gradients stand in `rules/`. Gradients live in plain NDArrays. Here stands what a
 * tensor has beside its maths.
 */
export class Tensor {
  /**
   * The numbers. An optimiser may replace them at any time, or change them in place between backward and the
   * next forward. Not earlier, because the graph holds the arrays themselves: backward() refuses what was changed by
   * assign, fill, set or an optimiser. It cannot see what is written into the typed array (`x.data.data`)
   * unless `incrementVersion(x.data)` is called; {@link detectAnomaly} finds out.
   */
  data: NDArray;
  /** The gradient that backward() left here, added up over calls; null before the first. */
  grad: NDArray | null = null;
  /** The operation that made this tensor; null for leaves. */
  readonly node: Node | null;
  /** Serial number: inputs are always older than outputs. */
  readonly id = made++;
  hooks: Set<GradientHook> | null = null;
  retainsGrad = false;
  #requiresGrad: boolean;

  constructor(data: NDArray, options?: { readonly requiresGrad?: boolean; readonly node?: Node | null }) {
    const requiresGrad = options?.requiresGrad ?? false;
    if (!isArray(data))
      throw expectedKind("Tensor", "an NDArray", data, "tensor() takes lists and numbers too");
    if (requiresGrad) checkFloat(data.dtype);
    this.data = data;
    this.node = options?.node ?? null;
    this.#requiresGrad = requiresGrad;
  }

  /** Whether backward() computes a gradient for this tensor. Can be changed on leaves only. */
  get requiresGrad(): boolean {
    return this.#requiresGrad;
  }
  set requiresGrad(wanted: boolean) {
    if (this.node && !wanted) {
      throw refusal(
        "requiresGrad",
        `expected a leaf, this tensor was made by ${this.node.op}`,
        "use detach() for one without gradient",
      );
    }
    if (wanted) checkFloat(this.dtype);
    this.#requiresGrad = wanted;
  }

  get shape(): Shape {
    return this.data.shape;
  }
  get dtype(): DType {
    return this.data.dtype;
  }
  get ndim(): number {
    return this.data.ndim;
  }
  get size(): number {
    return this.data.size;
  }

  // Gradients

  /**
   * Gradients of this scalar (or of Σ this ⊙ grad) with respect to every leaf below it, added to their `grad`.
   * The graph is freed unless `retainGraph`. Throws for a non-scalar without `grad`, on a freed graph, and where an
   * operation needs an array that was changed in place after it ran.
   */
  backward(grad?: Tensor | NDArray, options: { retainGraph?: boolean } = {}): void {
    checkOptions("backward", options, "retainGraph: true", { retainGraph: "boolean" });
    if (grad !== undefined && !isTensor(grad) && !isArray(grad)) {
      throw expectedKind("backward", "nothing, or the gradient to start from as a Tensor or NDArray", grad);
    }
    backward([this], [isTensor(grad) ? grad.data : grad], options.retainGraph ?? false);
  }

  /** The same numbers without a past: gradients stop here. Shares memory. */
  detach(): Tensor {
    return new Tensor(this.data);
  }

  /** Keep the gradient of this tensor in `grad`, though it is not a leaf. */
  retainGrad(): this {
    this.#needsGrad("retainGrad");
    this.retainsGrad = true;
    return this;
  }

  /** Call `hook` with the gradient of this tensor during backward; what it returns replaces the gradient. */
  registerHook(hook: GradientHook): { remove(): void } {
    this.#needsGrad("registerHook");
    checkFunction("registerHook", hook);
    this.hooks ??= new Set();
    this.hooks.add(hook);
    return { remove: () => void this.hooks?.delete(hook) };
  }

  #needsGrad(op: string): void {
    if (!this.requiresGrad)
      throw refusal(op, "this tensor does not require a gradient, so that it never gets one");
  }

  /** Forget the gradient. */
  zeroGrad(): void {
    this.grad = null;
  }

  // Elements out

  item(): number {
    return this.data.item();
  }
  toArray(): Nested {
    return this.data.toArray();
  }
  /** As PyTorch prints: `tensor([1., 2.], requiresGrad=true)`, `tensor(3., gradFn=<sum>)`. */
  toString(): string {
    const past = this.node ? `gradFn=<${this.node.op}>` : this.requiresGrad ? "requiresGrad=true" : "";
    return format(this.data, { prefix: "tensor", suffixes: past ? [past] : [] });
  }
  [inspect](): string {
    return this.toString();
  }
}

export interface Tensor
  extends ArrayMethods<Tensor, Indices>,
    Picking<Tensor, Indices>,
    Pieces<Tensor, Indices>,
    Comparing<Tensor, Indices>,
    Ordering<Tensor, Indices> {}

/** An operand as a tensor; a number takes the type it would take beside an array. */
export function lift(x: Operand, beside: Tensor, op = "lift"): Tensor {
  if (typeof x !== "number") {
    if (isTensor(x)) return x;
    if (isArray(x)) return new Tensor(x);
    throw expectedKind(op, `a Tensor, NDArray or number beside ${showShape(beside.shape)}`, x);
  }
  const dtype = promoteNumber(beside.dtype, x);
  return new Tensor(full([], dtype === "float32" ? Math.fround(x) : x, { dtype }));
}

/** Throws unless x is a Tensor. */
export function checkTensor(op: string, x: unknown): asserts x is Tensor {
  if (!isTensor(x)) throw notATensor(op, x);
}

export function notATensor(op: string, x: unknown): TypeError {
  const wraps = typeof x === "object" || typeof x === "number";
  return expectedKind(op, "a Tensor", x, wraps ? "wrap numbers and arrays with tensor()" : undefined);
}

/** (A Proxy that was revoked cannot even be asked.) */
export function isTensor(x: unknown): x is Tensor {
  try {
    return x instanceof Tensor;
  } catch {
    return false;
  }
}

export function isArray(x: unknown): x is NDArray {
  try {
    return x instanceof NDArray;
  } catch {
    return false;
  }
}

/** The array of an operand, for what is never differentiated. */
export const arrayOf = (x: Tensor | NDArray): NDArray => (isTensor(x) ? x.data : x);

function checkFloat(dtype: DType): void {
  if (isFloat(dtype)) return;
  const why = `only float tensors can require a gradient, got ${dtype}`;
  throw refusalOfKind("Tensor", why, 'convert with to("float32")');
}
