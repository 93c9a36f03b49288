import {
  changeCount,
  expected,
  expectedKind,
  haveSameShape,
  isList,
  NDArray,
  refusal,
  sameShape,
  showShape,
  watchReads,
} from "../tensor";
import { checkGradient, isWatching } from "./anomaly";
import { runHooks } from "./gradient-hooks";
import { GradientSums } from "./gradient-sums";
import { checkSeed } from "./seed";
import { refuseChanged } from "./stale";
import type { Tensor } from "./tensor";

/**
 * The gradient of one input: an array, a thunk run only if that input wants it, a gradient for a part of the
 * input, or null where there is none.
 */
export type Grad = NDArray | (() => NDArray) | Placed | null;

/** Where a tensor came from: the operation, what went in, and how to pull a gradient back through it. */
export interface Node {
  readonly op: string;
  /** Empty once the graph has been freed, so that a loss kept for a plot does not keep a whole forward pass. */
  inputs: readonly Tensor[];
  /** null once the graph has been freed by a backward. */
  pullback: ((g: NDArray) => readonly Grad[]) | null;
  /** The pullback may keep what it is given or returns. */
  readonly keepsGrads: boolean;
  /** The latest change in place, anywhere, when the operation ran. */
  readonly madeAt: number;
}

/**
 * The gradient of a view: `g` belongs where `view` of the input lies, and the rest of the input gets 0. The
 * walk writes it into one array for all views of a tensor, so that a loop over its slices costs no more
 * than the tensor itself.
 */
export class Placed {
  constructor(
    readonly g: NDArray,
    readonly view: (input: NDArray) => NDArray,
  ) {}
}

/**
 * Reverse-mode differentiation from `roots`, each with a seed (1 for a scalar unless given): every reachable tensor receives Σ over its uses of the pulled-back
 * gradient; leaves keep it in `grad`, added to what is there.
 *
 * Tensors are numbered as they are made, and an operation's inputs are older than its output. So walking in
 * falling order of number visits each tensor after all its uses: a topological order without recursion.
 * What has been walked is let go, gradients and saved arrays alike, so memory falls as backward proceeds.
 *
 * With `wanted`, gradients go there, for the tensors that are its keys, and no `grad` changes.
 */
export function backward(
  roots: readonly Tensor[],
  seeds: readonly (NDArray | undefined)[],
  retainGraph: boolean,
  wanted?: Map<Tensor, NDArray | null>,
): void {
  const sums = new GradientSums();
  roots.forEach((root, i) => {
    const start = checkSeed(root, seeds[i]);
    sums.pin(start);
    sums.add(root, start);
  });
  const order = reachable(roots);
  while (order.length > 0) {
    const tensor = order.pop() as Tensor;
    const sum = sums.take(tensor);
    if (sum) {
      const g = tensor.hooks ? runHooks(tensor, sum, sums) : sum;
      if (wanted) keepFor(wanted, tensor, g, sums);
      else if (!tensor.node || tensor.retainsGrad) keep(tensor, g, sums);
      if (tensor.node) pull(tensor, tensor.node, g, sums);
      sums.release(sum);
    } // else every use gave null
    if (tensor.node && !retainGraph) {
      tensor.node.pullback = null;
      tensor.node.inputs = [];
    }
  }
}

const byAge = (a: Tensor, b: Tensor): number => a.id - b.id;

/** All tensors below `roots` that want a gradient, oldest first. Throws before anything changes if the graph is gone. */
function reachable(roots: readonly Tensor[]): Tensor[] {
  const seen = new Set<Tensor>(roots);
  for (const tensor of seen) {
    if (!tensor.node) continue;
    if (!tensor.node.pullback) {
      throw refusal(
        "backward",
        `the graph behind this tensor (at ${tensor.node.op}) was freed by an earlier backward(); pass { retainGraph: true } to the earlier call, or compute the forward pass again; what is carried from one step to the next, such as a recurrent state, needs detach()`,
      );
    }
    for (const input of tensor.node.inputs) if (input.requiresGrad) seen.add(input);
  }
  return [...seen].sort(byAge);
}

function pull(tensor: Tensor, node: Node, g: NDArray, sums: GradientSums): void {
  if (node.keepsGrads) sums.pin(g);
  // Where nothing was changed in place since the operation ran, nothing needs to be looked at.
  const look = changeCount() === node.madeAt && !isWatching() ? null : refuseChanged(tensor, node, g);
  const pullback = node.pullback as NonNullable<Node["pullback"]>;
  const grads = look ? watchReads(look, () => pullback(g)) : pullback(g);
  if (!isList(grads) || grads.length !== node.inputs.length) {
    throw expected(
      node.op,
      `a list of ${node.inputs.length} gradients from the pullback, one per input`,
      isList(grads) ? grads.length : grads,
    );
  }
  for (let i = 0; i < grads.length; i++) {
    const input = node.inputs[i];
    const given: Grad = grads[i];
    if (given === null || !input.requiresGrad) continue;
    const grad = typeof given !== "function" ? given : look ? watchReads(look, given) : given();
    if (grad instanceof Placed) {
      sums.place(input, grad.g, grad.view);
    } else {
      if (!(grad instanceof NDArray)) {
        throw expectedKind(
          node.op,
          `the gradient of input ${i} as an NDArray, a function that returns one, or null`,
          grad,
        );
      }
      const fitted = sumTo(grad, input.data, node.op, i).to(input.dtype);
      if (node.keepsGrads) sums.pin(fitted);
      sums.add(input, fitted);
    }
    if (isWatching()) checkGradient(node, i, sums.peek(input) as NDArray);
  }
}

/** Undo broadcasting: sum `g` over the axes along which `input` was repeated. */
function sumTo(g: NDArray, input: NDArray, op: string, i: number): NDArray {
  if (haveSameShape(g, input)) return g;
  const { shape } = input;
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
  throw refusal(
    op,
    `the gradient of input ${i} must have its shape ${showShape(shape)}, or broadcast from it, got ${showShape(g.shape)}`,
  );
}

function keepFor(wanted: Map<Tensor, NDArray | null>, tensor: Tensor, g: NDArray, sums: GradientSums): void {
  if (!wanted.has(tensor)) return;
  sums.pin(g);
  wanted.set(tensor, g.clone());
}

/** Add to `grad`. Two tensors never share one gradient's memory, so that changing one in place is safe. */
function keep(tensor: Tensor, g: NDArray, sums: GradientSums): void {
  if (tensor.grad) {
    if (!sameShape(tensor.grad.shape, g.shape)) {
      throw refusal(
        "backward",
        `expected to add to a grad of shape ${showShape(g.shape)}, found one of ${showShape(tensor.grad.shape)}`,
        "was the data replaced without zeroGrad()?",
      );
    }
    tensor.grad = tensor.grad.add(g);
    return;
  }
  tensor.grad = sums.isPinned(g) ? g.clone() : g.contiguous();
  sums.pin(tensor.grad);
}
