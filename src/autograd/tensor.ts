import {
  type Axes,
  array,
  type DType,
  full,
  isFloat,
  NDArray,
  type Nested,
  type ReduceOptions,
  type Shape,
  type SliceSpec,
  showShape,
} from "../tensor";
import { backward, type Grad, type Node } from "./backward";
import { isGradEnabled } from "./grad-mode";
import * as rules from "./rules";

type Each<T extends readonly unknown[], V> = { readonly [K in keyof T]: V };

/** Forward and backward of one operation: the output, and how its gradient is pulled back to every input. */
export type Rule<T extends readonly Tensor[]> = (
  ...arrays: Each<T, NDArray>
) => readonly [out: NDArray, pullback: (g: NDArray) => Each<T, Grad>];

export type GradientHook = (g: NDArray) => NDArray | void;

/** What stands beside a tensor in arithmetic; arrays and numbers are constants. */
export type Operand = Tensor | NDArray | number;

let made = 0;

/** An array that remembers where it came from, so that a scalar computed from it can tell its gradient. */
export class Tensor {
  data: NDArray;
  /** The gradient that backward() left here, added up over calls; null before the first. */
  grad: NDArray | null = null;
  /** The operation that made this tensor; null for leaves. */
  readonly node: Node | null;
  /** Serial number: inputs are always older than outputs. */
  readonly id = made++;
  readonly hooks = new Set<GradientHook>();
  retainsGrad = false;
  #requiresGrad = false;

  constructor(
    data: NDArray,
    { requiresGrad = false, node = null }: { requiresGrad?: boolean; node?: Node | null } = {},
  ) {
    this.data = data;
    this.node = node;
    if (requiresGrad) this.requiresGrad = true;
  }

  /** Whether backward() brings a gradient here. A leaf may be told to start or stop at any time: freezing. */
  get requiresGrad(): boolean {
    return this.#requiresGrad;
  }
  set requiresGrad(flag: boolean) {
    if (flag && !isFloat(this.dtype)) {
      throw new TypeError(
        `Tensor: only float tensors can require a gradient, got ${this.dtype}; convert with to("float32")`,
      );
    }
    if (!flag && this.node) {
      throw new Error(
        `requiresGrad: only leaves can stop requiring a gradient, and this tensor was made by ${this.node.op}; use detach()`,
      );
    }
    this.#requiresGrad = flag;
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
   * The graph is freed unless `retainGraph`. Throws for a non-scalar without `grad`, and on a freed graph.
   */
  backward(grad?: Tensor | NDArray, { retainGraph = false }: { retainGraph?: boolean } = {}): void {
    backward(this, grad instanceof Tensor ? grad.data : grad, retainGraph);
  }

  /** The same numbers without a past: gradients stop here. Shares memory. */
  detach(): Tensor {
    return new Tensor(this.data);
  }

  /** Keep the gradient of this tensor in `grad`, though it is not a leaf. */
  retainGrad(): this {
    this.retainsGrad = true;
    return this;
  }

  /** Call `hook` with the gradient of this tensor during backward; what it returns replaces the gradient. */
  registerHook(hook: GradientHook): { remove(): void } {
    this.hooks.add(hook);
    return { remove: () => void this.hooks.delete(hook) };
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

  // Primitive maths; the formulas of the gradients stand in rules.ts

  add(b: Operand): Tensor {
    return record("add", [this, lift(b, this)], rules.add);
  }
  sub(b: Operand): Tensor {
    return record("sub", [this, lift(b, this)], rules.sub);
  }
  mul(b: Operand): Tensor {
    return record("mul", [this, lift(b, this)], rules.mul);
  }
  div(b: Operand): Tensor {
    return record("div", [this, lift(b, this)], rules.div);
  }
  neg(): Tensor {
    return record("neg", [this], rules.neg);
  }
  exp(): Tensor {
    return record("exp", [this], rules.exp);
  }
  log(): Tensor {
    return record("log", [this], rules.log);
  }
  sqrt(): Tensor {
    return record("sqrt", [this], rules.sqrt);
  }
  tanh(): Tensor {
    return record("tanh", [this], rules.tanh);
  }
  sum(axes?: Axes, options?: ReduceOptions): Tensor {
    return record("sum", [this], (x) => rules.sum(x, axes, options));
  }
  /** Matrix product of the last two axes; leading axes broadcast. */
  matmul(b: Tensor | NDArray): Tensor {
    return record("matmul", [this, lift(b, this)], rules.matmul);
  }
  reshape(shape: Shape): Tensor {
    return record("reshape", [this], (x) => rules.reshape(x, shape));
  }
  transpose(axis0 = -2, axis1 = -1): Tensor {
    return record("transpose", [this], (x) => rules.transpose(x, axis0, axis1));
  }
  slice(...specs: SliceSpec[]): Tensor {
    return record("slice", [this], (x) => rules.slice(x, specs));
  }
}

/**
 * Run `rule` on plain arrays; if an input wants a gradient, remember how to pull one back.
 *
 * The one way to define a differentiable operation:
 * ```ts
 * const square = (x: Tensor) => record("square", [x], (x) => [x.mul(x), (g) => [g.mul(x).mul(2)]]);
 * ```
 * The pullback gives one gradient per input: an array (broadcasting is undone for you), a thunk that is run
 * only if that input wants it, or null.
 */
export function record<const T extends readonly Tensor[]>(op: string, inputs: T, rule: Rule<T>): Tensor {
  const arrays = inputs.map((input) => input.data) as unknown as Each<T, NDArray>;
  const [out, pullback] = rule(...arrays);
  const wanted = isGradEnabled() && inputs.some((input) => input.requiresGrad) && isFloat(out.dtype);
  return new Tensor(out, wanted ? { requiresGrad: true, node: { op, inputs, pullback } } : {});
}

/** A tensor from nested lists, a number or an array. Only a leaf made with `requiresGrad` collects a gradient. */
export function tensor(
  values: Nested | NDArray,
  { requiresGrad = false, dtype }: { requiresGrad?: boolean; dtype?: DType } = {},
): Tensor {
  const data = values instanceof NDArray ? (dtype ? values.to(dtype) : values) : array(values, { dtype });
  return new Tensor(data, { requiresGrad });
}

/** An operand as a tensor; a number takes the type it would take beside an array. */
export function lift(x: Operand, beside: Tensor): Tensor {
  if (x instanceof Tensor) return x;
  if (x instanceof NDArray) return new Tensor(x);
  if (typeof x !== "number")
    throw new TypeError(
      `expected a Tensor, NDArray or number beside ${showShape(beside.shape)}, got ${typeof x}`,
    );
  const dtype = isFloat(beside.dtype) ? beside.dtype : Number.isInteger(x) ? "int32" : "float32";
  return new Tensor(full([], x, { dtype }));
}
