import { type NDArray, onesLike, type Shape, sameShape, showShape } from "../tensor";
import type { Tensor } from "./tensor";

/** The gradient of one input: an array, a thunk run only if that input wants it, or null where there is none. */
export type Grad = NDArray | (() => NDArray) | null;

/** Where a tensor came from: the operation, what went in, and how to pull a gradient back through it. */
export interface Node {
  readonly op: string;
  readonly inputs: readonly Tensor[];
  /** null once the graph has been freed by a backward. */
  pullback: ((g: NDArray) => readonly Grad[]) | null;
}

/**
 * Reverse-mode differentiation from `root`: every reachable tensor receives Σ over its uses of the pulled-back
 * gradient; leaves keep it in `grad`, added to what is there.
 *
 * Tensors are numbered as they are made, and an operation's inputs are older than its output. So walking in
 * falling order of number visits each tensor after all its uses: a topological order without recursion.
 */
export function backward(root: Tensor, seed: NDArray | undefined, retainGraph: boolean): void {
  const gradients = new Map<Tensor, NDArray>([[root, checkSeed(root, seed)]]);
  const kept = new Set<object>(seed ? [seed.data] : []);
  for (const tensor of reachable(root)) {
    let g = gradients.get(tensor);
    if (!g) continue; // an input to which every use gave null
    gradients.delete(tensor);
    for (const hook of tensor.hooks) g = hook(g) ?? g;
    if (!tensor.node || tensor.retainsGrad) keep(tensor, g, kept);
    if (tensor.node) {
      pull(tensor.node, g, gradients);
      if (!retainGraph) tensor.node.pullback = null;
    }
  }
}

/** All tensors below `root` that want a gradient, youngest first. Throws before anything changes if the graph is gone. */
function reachable(root: Tensor): Tensor[] {
  const seen = new Set<Tensor>([root]);
  for (const tensor of seen) {
    if (!tensor.node) continue;
    if (!tensor.node.pullback) {
      throw new Error(
        `backward: the graph behind this tensor (at ${tensor.node.op}) was freed by an earlier backward(); ` +
          "pass { retainGraph: true } to the earlier call, or compute the forward pass again",
      );
    }
    for (const input of tensor.node.inputs) if (input.requiresGrad) seen.add(input);
  }
  return [...seen].sort((a, b) => b.id - a.id);
}

function pull(node: Node, g: NDArray, gradients: Map<Tensor, NDArray>): void {
  const grads = (node.pullback as NonNullable<Node["pullback"]>)(g);
  if (grads.length !== node.inputs.length) {
    throw new Error(
      `${node.op}: expected ${node.inputs.length} gradients from the pullback, got ${grads.length}`,
    );
  }
  for (let i = 0; i < grads.length; i++) {
    const input = node.inputs[i];
    const grad = grads[i];
    if (!grad || !input.requiresGrad) continue;
    const full = typeof grad === "function" ? grad() : grad;
    const fitted = sumTo(full, input.shape, node.op, i).to(input.dtype);
    const before = gradients.get(input);
    gradients.set(input, before ? before.add(fitted) : fitted);
  }
}

/** Undo broadcasting: sum `g` over the axes along which an array of `shape` was repeated. */
function sumTo(g: NDArray, shape: Shape, op: string, i: number): NDArray {
  if (sameShape(g.shape, shape)) return g;
  const lead = g.ndim - shape.length;
  const axes = g.shape
    .map((_, axis) => axis)
    .filter((axis) => axis < lead || (shape[axis - lead] === 1 && g.shape[axis] !== 1));
  const summed =
    lead < 0 || axes.length === 0
      ? g
      : g
          .sum(axes, { keepDims: true })
          .reshape(g.shape.slice(lead).map((n, axis) => (shape[axis] === 1 ? 1 : n)));
  if (sameShape(summed.shape, shape)) return summed;
  throw new Error(
    `${op}: the gradient of input ${i} must have its shape ${showShape(shape)}, or broadcast from it, got ${showShape(g.shape)}`,
  );
}

/** Add to `grad`. Two tensors never share one gradient's memory, so that changing one in place is safe. */
function keep(tensor: Tensor, g: NDArray, kept: Set<object>): void {
  if (tensor.grad) {
    tensor.grad = tensor.grad.add(g);
    return;
  }
  tensor.grad = kept.has(g.data) ? g.clone() : g.contiguous();
  kept.add(tensor.grad.data);
}

function checkSeed(root: Tensor, seed: NDArray | undefined): NDArray {
  if (!root.requiresGrad) {
    throw new Error(
      "backward: this tensor does not require a gradient and has no graph; was it made under noGrad(), or from inputs without requiresGrad?",
    );
  }
  if (seed) {
    if (sameShape(seed.shape, root.shape)) return seed.to(root.dtype);
    throw new RangeError(
      `backward: expected a gradient of shape ${showShape(root.shape)}, got ${showShape(seed.shape)}`,
    );
  }
  if (root.size !== 1) {
    throw new Error(
      `backward: expected a scalar, got shape ${showShape(root.shape)}; reduce it with sum() or mean(), or pass the gradient to start from`,
    );
  }
  return onesLike(root.data);
}
