import type { Tensor } from "../../autograd";
import { showShape } from "../../tensor";
import { formatNumber } from "../numbers";

/** A tensor as it is drawn: two short lines in a box. */
export interface GraphNode {
  readonly kind: "operation" | "parameter" | "constant" | "more";
  readonly title: string;
  readonly detail: string;
  /** Indices of the nodes that went in. */
  readonly inputs: readonly number[];
}

/**
 * `root` and what it was computed from, `root` first, the nearest to it first. At most `limit` tensors; one
 * node more stands for those that are left out.
 */
export function collectNodes(root: Tensor, names: ReadonlyMap<Tensor, string>, limit: number): GraphNode[] {
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
    return { ...describe(tensor, names.get(tensor)), inputs: [...new Set(inputs)] };
  });
  if (rest > 0) nodes.push({ kind: "more", title: `… ${rest} more`, detail: "left out", inputs: [] });
  return nodes;
}

const inputsOf = (tensor: Tensor): readonly Tensor[] => tensor.node?.inputs ?? [];

function describe(tensor: Tensor, name: string | undefined): Omit<GraphNode, "inputs"> {
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
