import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";

/** A graph of named nodes: for each, the names of what it was computed from. */
export type Graph = Readonly<Record<string, readonly string[]>>;

/** The functions of exercises ask for inputs of any kind of node; here nodes are names. */
export const inputsIn =
  (graph: Graph) =>
  (node: unknown): readonly string[] =>
    graph[String(node)];

/** c uses b, b uses a. */
export const chain: Graph = { c: ["b"], b: ["a"], a: [] };
/** x goes two ways, a short one and a long one. */
export const shortcut: Graph = { loss: ["x", "c"], c: ["b"], b: ["x"], x: [] };
/** A network of two layers with a residual connection; `other` is computed, but not by the loss's way. */
export const network: Graph = {
  loss: ["sum", "target"],
  sum: ["x", "out"],
  out: ["hidden", "w2"],
  hidden: ["x", "w1"],
  other: ["hidden"],
  x: [],
  w1: [],
  w2: [],
  target: [],
};
/** y = x · x: one node is both inputs. */
export const twice: Graph = { y: ["x", "x"], x: [] };

/** So many squares side by side, each with two ways through: 2ⁿ ways from the last node to the first. */
export function ladder(squares: number): Graph {
  const graph: Record<string, readonly string[]> = { n0: [] };
  for (let i = 1; i <= squares; i++) {
    graph[`l${i}`] = [`n${i - 1}`];
    graph[`r${i}`] = [`n${i - 1}`];
    graph[`n${i}`] = [`l${i}`, `r${i}`];
  }
  return graph;
}

/** Nodes n0 … n(size−1), the last the root; each uses up to three older ones, also one of them twice. */
export function randomGraph(size: number, seed: number): Graph {
  const random = new nd.Generator(seed);
  const graph: Record<string, readonly string[]> = { n0: [] };
  for (let i = 1; i < size; i++) {
    const picked = Array.from(random.integers([1 + (i % 3)], { low: 0, high: i }).flat());
    graph[`n${i}`] = [`n${i - 1}`, ...picked.map((j) => `n${j}`)].slice(i % 4 === 3 ? 1 : 0);
  }
  return graph;
}

/** What is reachable from `root`, in an order in which each node stands behind all of its inputs. */
export function orderOf(graph: Graph, root: string): string[] {
  const order: string[] = [];
  const visit = (node: string): void => {
    if (order.includes(node)) return;
    graph[node].forEach(visit);
    order.push(node);
  };
  visit(root);
  return order;
}

/** A pullback for nodes that are names: the k-th input of a node gets g times a factor that name and k decide. */
export const linearPullback =
  (graph: Graph) =>
  (node: unknown, g: NDArray): NDArray[] =>
    graph[String(node)].map((input, k) => {
      const letters = [...`${String(node)}<${input}`].reduce(
        (sum, letter) => sum + letter.codePointAt(0)!,
        0,
      );
      return g.mul(((letters % 7) - 3 || 0.5) * (1 + k / 4));
    });
