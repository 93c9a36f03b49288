import { Graph as DagreGraph, layout } from "@dagrejs/dagre";
import { checkTensor, type Tensor } from "../../autograd";
import { check, checkOptions } from "../../tensor";
import { displaySymbol, type MimeBundle } from "../display";
import { Drawing } from "../drawing";
import { imageOf } from "../figures/figure";
import { ink, label, shortened, svgDocument, textWidth } from "../figures/svg";
import { element, fragment, type Markup } from "../markup";
import { largest } from "../numbers";
import { collectNodes, type GraphNode, graphText } from "./nodes";

export interface GraphOptions {
  /** What to call tensors: `{ x, w, loss }`, or `Object.fromEntries(model.namedParameters())`. */
  readonly names?: { readonly [name: string]: Tensor };
  /** At most so many tensors are drawn, those nearest to the root: 100 unless given. */
  readonly limit?: number;
  /**
   * Write on each edge the gradient that flows back along it, in orange, where both ends are single numbers: after
   * backward() with `retainGraph`, for tensors that kept their gradient (`retainGrad`). It runs the pullbacks again.
   */
  readonly flow?: boolean;
}

/**
 * The computation that made `root`, as backward() will walk it (against the arrows): operations white, leaves
 * that receive a gradient blue, constants grey. Numbers are shown for tensors of one element, and their
 * gradients once backward() has brought them; draw before backward(), or keep the graph with `retainGraph`.
 */
export function graph(root: Tensor, options: GraphOptions = {}): GraphDrawing {
  checkTensor("graph", root);

  checkOptions("graph", options, "names, limit", { names: "object", limit: "number", flow: "boolean" });
  const { names = {}, limit = 100, flow = false } = options;

  const byTensor = new Map(Object.entries(names).map(([name, tensor]) => [tensor, name]));
  const nodes = collectNodes(root, byTensor, limit, flow);
  return new GraphDrawing(graphText(nodes), graphSvg(nodes));
}

/** See {@link graph}. */
export class GraphDrawing extends Drawing {
  constructor(
    text: string,
    private readonly svg: string,
  ) {
    check("GraphDrawing", "text", text, "text");
    check("GraphDrawing", "svg", svg, "text");
    super(text, element("div", { style: "max-width:800px" }, { markup: imageOf(svg, text) }).markup);
  }

  /** The picture as an SVG document. */
  toSvg(): string {
    return this.svg;
  }

  override [displaySymbol](): MimeBundle {
    return { ...super[displaySymbol](), "image/svg+xml": this.svg };
  }
}

const colors = {
  operation: { fill: "#ffffff", stroke: "#8a9097" },
  parameter: { fill: "#d6e9f8", stroke: "#0072b2" },
  constant: { fill: "#f0f1f2", stroke: "#c4c8cc" },
  more: { fill: "#fff6e0", stroke: "#e69f00" },
};

const margin = 14;

function graphSvg(nodes: readonly GraphNode[]): string {
  const placed = new DagreGraph();
  placed.setGraph({ rankdir: "TB", nodesep: 16, ranksep: 28, marginx: margin, marginy: margin });
  nodes.forEach((node, i) => {
    const width = Math.max(textWidth(title(node)), textWidth(node.detail, 10)) + 20;
    placed.setNode(String(i), { width: Math.max(52, width), height: 38 });
  });
  nodes.forEach(({ inputs, flows }, i) => {
    inputs.forEach((input, j) => {
      const room = flows[j]
        ? { width: textWidth(flowText(flows[j]), 11) + 8, height: 16, labelpos: "c" }
        : {};
      placed.setEdge(String(input), String(i), room);
    });
  });
  layout(placed);
  const { height = 0 } = placed.graph();
  const routes = placed.edges().map((edge) => placed.edge(edge).points ?? []);
  const labels = nodes.flatMap(({ inputs, flows }, i) =>
    inputs.map((input, j) => flowMarkup(flows[j], placed.edge(String(input), String(i)))),
  );
  const [left, right] = horizontalBounds(
    nodes.map((_, i) => placed.node(String(i))),
    routes.flat(),
  );
  const arrow = element(
    "marker",
    { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" },
    element("path", { d: "M0,0.5 L8,4 L0,7.5 z", fill: ink.muted }),
  );
  const drawing = element(
    "g",
    { transform: `translate(${Math.round(margin - left)} 0)` },
    ...routes.map(edgeMarkup),
    ...labels,
    ...nodes.map((node, i) => nodeMarkup(node, i === 0, placed.node(String(i)))),
  );
  return svgDocument(
    right - left + 2 * margin,
    height,
    "computation graph",
    element("defs", {}, arrow),
    drawing,
  );
}

/** The smallest and largest x that is drawn: lines may run around the boxes. */
function horizontalBounds(boxes: readonly Place[], points: readonly Point[]): [left: number, right: number] {
  const xs = [
    ...boxes.flatMap(({ x = 0, width }) => [x - width / 2, x + width / 2]),
    ...points.map(({ x }) => x),
  ];
  return [-largest(xs.map((x) => -x)), largest(xs)];
}

const title = (node: GraphNode) => shortened(node.title, 36);

type Point = { readonly x: number; readonly y: number };

function edgeMarkup(points: readonly Point[]): Markup {
  const at = ({ x, y }: Point) => `${x.toFixed(1)},${y.toFixed(1)}`;
  // Through the middles of the inner stretches, with the points as handles: a smooth line.
  let path = `M${at(points[0])}`;
  for (let i = 1; i < points.length - 1; i++) {
    const next = points[i + 1];
    const end =
      i === points.length - 2 ? next : { x: (points[i].x + next.x) / 2, y: (points[i].y + next.y) / 2 };
    path += ` Q${at(points[i])} ${at(end)}`;
  }
  if (points.length === 2) path += ` L${at(points[1])}`;
  return element("path", { d: path, fill: "none", stroke: ink.muted, "marker-end": "url(#arrow)" });
}

/** Gradients run against the arrows. */
const flowText = (flow: string) => `↑ ${flow}`;

/** What flows back along an edge, on the card's own white so that the line does not cross it. */
function flowMarkup(flow: string | undefined, { x = 0, y = 0 }: { x?: number; y?: number }): Markup {
  if (!flow) return fragment();
  const width = textWidth(flowText(flow), 11) + 4;
  return fragment(
    element("rect", { x: x - width / 2, y: y - 8, width, height: 16, fill: ink.paper }),
    label(x, y, flowText(flow), { anchor: "middle", size: 11, fill: "#b34700", weight: "bold" }),
  );
}

type Place = { x?: number; y?: number; width: number; height: number };

function nodeMarkup(node: GraphNode, root: boolean, { x = 0, y = 0, width, height }: Place): Markup {
  const { fill, stroke } =
    root && node.kind === "operation" ? { fill: "#fde8d7", stroke: "#d55e00" } : colors[node.kind];
  return fragment(
    element("rect", {
      x: x - width / 2,
      y: y - height / 2,
      width,
      height,
      rx: node.kind === "operation" ? 12 : 3,
      fill,
      stroke,
      "stroke-width": 1.25,
    }),
    label(x, y - 8, title(node), { anchor: "middle", weight: "bold" }),
    label(x, y + 8, node.detail, { anchor: "middle", size: 10, fill: ink.muted }),
  );
}
