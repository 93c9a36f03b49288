import { type Node, Tensor } from "../../autograd";
import { type GraphDrawing, graph } from "../../notebook";
import { changeCount, check, expectedKind, NDArray } from "../../tensor";

/** What the lecture's own engine is made of: numbers that know where they came from. */
export interface ValueLike {
  readonly data: NDArray;
  readonly grad: NDArray | null;
  readonly op: string;
  readonly inputs: readonly ValueLike[];
  readonly pullback: (g: NDArray) => readonly NDArray[];
}

const isValue = (value: ValueLike): boolean => value?.data instanceof NDArray && Array.isArray(value.inputs);

/**
 * The computation behind `root`, drawn as `graph` draws that of a Tensor: what was computed, the gradients that
 * backward() has brought, and in orange what flowed back along each edge where both ends are single numbers.
 */
export function valueGraph(
  root: ValueLike,
  names: { readonly [name: string]: ValueLike } = {},
): GraphDrawing {
  if (!isValue(root)) throw expectedKind("valueGraph", "a Value, with data and inputs", root);
  check("valueGraph", "names", names, "object");
  const tensors = new Map<ValueLike, Tensor>();
  const found = new Set([root]);
  for (const value of found) {
    for (const input of value.inputs) {
      if (!isValue(input)) throw expectedKind("valueGraph", "inputs that are Values too", input);
      found.add(input);
    }
  }
  // A Tensor's inputs are older than it is; here only the drawing asks, so they are filled in afterwards.
  const nodes = new Map<ValueLike, Node>();
  for (const value of found) {
    const { op, inputs, data, grad } = value;
    const pullback = (g: NDArray) => value.pullback(g);
    const node =
      inputs.length > 0 ? { op, inputs: [], pullback, keepsGrads: true, madeAt: changeCount() } : null;
    const tensor = new Tensor(data, { requiresGrad: true, node });
    tensor.grad = grad;
    tensors.set(value, tensor);
    if (node) nodes.set(value, node);
  }
  for (const [value, node] of nodes) node.inputs = value.inputs.map((input) => tensors.get(input)!);
  const named = Object.entries(names).flatMap(([name, value]) => {
    const tensor = tensors.get(value);
    return tensor ? [[name, tensor] as const] : [];
  });
  return graph(tensors.get(root)!, { names: Object.fromEntries(named), flow: true });
}
