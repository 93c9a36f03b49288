import type { Grad, Tensor } from "../../autograd";
import { NDArray, showShape } from "../../tensor";
import { formatNumber } from "../numbers";

/** A tensor as it is drawn: two short lines in a box. */
export interface GraphNode {
  readonly kind: "operation" | "parameter" | "constant" | "more";
  readonly title: string;
  readonly detail: string;
  /** Indices of the nodes that went in. */
  readonly inputs: readonly number[];
  /** For each of them, what flows back to it from here; empty where that is not known. */
  readonly flows: readonly string[];
}

/**
 * `root` and what it was computed from, `root` first, the nearest to it first. At most `limit` tensors; one
 * node more stands for those that are left out. With `flow`, also the gradients along the edges.
 */
export function collectNodes(
  root: Tensor,
  names: ReadonlyMap<Tensor, string>,
  limit: number,
  flow = false,
): GraphNode[] {
  const order: Tensor[] = [root];
  const index = new Map<Tensor, number>([[root, 0]]);
  for (let i = 0; i < order.length; i++) {
    for (const input of inputsOf(order[i])) {
      if (index.has(input)) continue;
      index.set(input, order.length);
      order.push(input);
    }
  }
  const shown = order.slice(0, limit);
  const rest = order.length - shown.length;
  const nodes = shown.map((tensor): GraphNode => {
    const inputs = inputsOf(tensor).map((input) => Math.min(index.get(input) ?? 0, shown.length));
    const flows = flow ? flowsOf(tensor) : [];
    const edges = [...new Set(inputs)];
    return {
      ...describe(tensor, names.get(tensor)),
      inputs: edges,
      // What is used twice by one operation has one edge, on which both parts stand.
      flows: edges.map((input) => flows.filter((part, i) => inputs[i] === input && part).join(" + ")),
    };
  });
  if (rest > 0)
    nodes.push({ kind: "more", title: `… ${rest} more`, detail: "left out", inputs: [], flows: [] });
  return nodes;
}

/** What the pullback of a tensor of one element gives to each of its inputs, once its own gradient is there. */
function flowsOf({ node, grad }: Tensor): string[] {
  if (!node?.pullback || grad?.size !== 1) return [];
  return node.pullback(grad).map((given: Grad, i) => {
    const part = typeof given === "function" ? given() : given;
    const wanted = node.inputs[i].requiresGrad && part instanceof NDArray && part.size === 1;
    return wanted ? formatNumber(part.item(), 4) : "";
  });
}

const inputsOf = (tensor: Tensor): readonly Tensor[] => tensor.node?.inputs ?? [];

function describe(tensor: Tensor, name: string | undefined): Omit<GraphNode, "inputs" | "flows"> {
  const value = tensor.size === 1 ? ` = ${formatNumber(tensor.data.item(), 6)}` : "";
  const grad = tensor.grad?.size === 1 ? `, grad ${formatNumber(tensor.grad.item(), 6)}` : "";
  const detail = `${tensor.ndim === 0 && value ? value.slice(3) : showShape(tensor.shape) + value}${grad}`;
  if (tensor.node) {
    const freed = tensor.node.inputs.length === 0 ? " (freed)" : "";
    return {
      kind: "operation",
      title: (name ? `${name} = ${tensor.node.op}` : tensor.node.op) + freed,
      detail,
    };
  }
  if (tensor.requiresGrad) return { kind: "parameter", title: name ?? "parameter", detail };
  return { kind: "constant", title: name ?? "constant", detail };
}

/** The graph as indented text: what a terminal shows. A node met a second time is not unfolded again. */
export function graphText(nodes: readonly GraphNode[]): string {
  const lines: string[] = [];
  const seen = new Set<number>();
  const stack: { node: number; depth: number }[] = [{ node: 0, depth: 0 }];
  while (stack.length > 0) {
    const { node, depth } = stack.pop() as { node: number; depth: number };
    const { title, detail, inputs, kind } = nodes[node];
    const again = seen.has(node) && inputs.length > 0 ? "  (see above)" : "";
    const wants = kind === "parameter" ? "  requires grad" : "";
    lines.push(`${"  ".repeat(depth)}${title} ${detail}${wants}${again}`);
    if (seen.has(node)) continue;
    seen.add(node);
    for (const input of [...inputs].reverse()) stack.push({ node: input, depth: depth + 1 });
  }
  return lines.join("\n");
}
