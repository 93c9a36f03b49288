import { checkOptions, expected, showShape, words } from "../../tensor";
import {
  type ColorRange,
  type ColorScale,
  colorAt,
  defaultRange,
  plotlyScale,
  seriesColor,
  valueColor,
} from "../colors";
import { element, escapeMarkup, fragment, type Markup } from "../markup";
import { finiteRange, formatNumber, hasPlace, rounded } from "../numbers";
import { toNDArray, type Values, withAxes } from "../values";
import { Figure } from "./figure";
import { baseLayout, type PlotlySpec } from "./plotly";
import { pngDataUri } from "./png";
import { ink, label, svgDocument, textWidth, titleLabel } from "./svg";
import { linearTicks } from "./ticks";

/** Places in the plane. */
export interface Places {
  readonly x: Values;
  readonly y: Values;
}

export interface FieldOptions {
  /** From the first column to the last, and from the first row (at the bottom) to the last. */
  readonly x: readonly [low: number, high: number];
  readonly y: readonly [low: number, high: number];
  readonly title?: string;
  readonly xTitle?: string;
  readonly yTitle?: string;
  /** What the colours stand for. */
  readonly valueTitle?: string;
  readonly colorscale?: ColorScale;
  /** Values at the two ends of the scale; the smallest and largest unless given. */
  readonly min?: number;
  readonly max?: number;
  /** Dots on top, by name: each name has a shape and a colour of its own. */
  readonly points?: { readonly [name: string]: Places };
  /** Lines on top, by name, with a dot at each place. */
  readonly paths?: { readonly [name: string]: Places };
}

interface Overlay {
  readonly name: string;
  readonly kind: "points" | "path";
  readonly color: string;
  readonly shape: number;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

const [left, right, height] = [64, 110, 440];
const side = 360;
const width = left + 460 + right;

/**
 * A quantity over a plane, (rows, columns): the value in row i and column j belongs to the i-th height and the j-th
 * place along x, so that row 0 lies at the bottom. A decision boundary with the data on it, a loss landscape with the
 * way of an optimiser.
 */
export function field(values: Values, options: FieldOptions): Figure {
  checkOptions(
    "field",
    options,
    "x: [-1, 1], y: [-1, 1]",
    {
      x: "numbers",
      y: "numbers",
      title: "text",
      xTitle: "text",
      yTitle: "text",
      valueTitle: "text",
      colorscale: ["viridis", "rdbu", "blues", "gray"],
      min: "number",
      max: "number",
      points: "object",
      paths: "object",
    },
    ["x", "y"],
  );
  const z = withAxes("field", values, "rows columns");
  for (const axis of ["x", "y"] as const) {
    const [low, high] = options[axis];
    if (options[axis].length !== 2 || !(low < high))
      throw expected("field", `${axis} to be two numbers, the smaller first`, options[axis]);
  }
  const [low, high] = finiteRange(z.flat());
  const found = defaultRange(options.min ?? low, options.max ?? high, options.colorscale);
  const range = { ...found, low: options.min ?? found.low, high: options.max ?? found.high };
  const overlays = overlaysOf(options);
  const { title = "" } = options;
  const chart: Chart = { rows: z.shape[0], columns: z.shape[1], values: z.flat(), range, overlays, options };
  return new Figure({
    text: `[field]${title ? ` ${title}` : ""}  shape ${showShape(z.shape)}, ${formatNumber(low)} to ${formatNumber(high)}`,
    svg: fieldSvg(chart),
    plotly: fieldPlotly(chart),
  });
}

interface Chart {
  readonly rows: number;
  readonly columns: number;
  readonly values: ArrayLike<number>;
  readonly range: ColorRange;
  readonly overlays: readonly Overlay[];
  readonly options: FieldOptions;
}

function overlaysOf({ points = {}, paths = {} }: FieldOptions): Overlay[] {
  const lists = [
    ...Object.entries(points).map(([name, places]) => ({ name, places, kind: "points" as const })),
    ...Object.entries(paths).map(([name, places]) => ({ name, places, kind: "path" as const })),
  ];
  return lists.map(({ name, places, kind }, index) => {
    const [x, y] = [places.x, places.y].map((one) => Array.from(toNDArray("field", one).flat()));
    if (x.length !== y.length)
      throw expected("field", `as many x as y of "${name}"`, words(`${x.length} and ${y.length}`));
    return { name, kind, color: seriesColor(index), shape: index % 3, x, y };
  });
}

function fieldSvg({ rows, columns, values, range, overlays, options }: Chart): string {
  const { title = "", xTitle = "", yTitle = "", valueTitle = "", x, y } = options;
  const legendRoom = overlays.length > 0 ? 20 : 0;
  const top = (title ? 36 : 16) + legendRoom;
  const [boxWidth, bottom] = [460, top + side];
  // A sample has its place in the middle of its cell.
  const half = {
    x: (x[1] - x[0]) / Math.max(1, columns - 1) / 2,
    y: (y[1] - y[0]) / Math.max(1, rows - 1) / 2,
  };
  const ends = { x: [x[0] - half.x, x[1] + half.x], y: [y[0] - half.y, y[1] + half.y] };
  const xAt = (value: number) => left + ((value - ends.x[0]) / (ends.x[1] - ends.x[0])) * boxWidth;
  const yAt = (value: number) => bottom - ((value - ends.y[0]) / (ends.y[1] - ends.y[0])) * side;
  const rgb = new Uint8Array(3 * rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      rgb.set(valueColor(values[(rows - 1 - row) * columns + column], range), 3 * (row * columns + column));
  const sharp = Math.max(1, Math.min(24, Math.ceil(600 / Math.max(rows, columns))));
  const clip = element(
    "clipPath",
    { id: "field" },
    element("rect", { x: left, y: top, width: boxWidth, height: side }),
  );
  return svgDocument(
    width,
    bottom + (xTitle ? 46 : 30),
    title,
    title ? titleLabel(title, width) : fragment(),
    legend(overlays, title ? 40 : 18),
    element("defs", {}, clip),
    element("image", {
      x: left,
      y: top,
      width: boxWidth,
      height: side,
      preserveAspectRatio: "none",
      style: "image-rendering:pixelated",
      href: pngDataUri({ width: columns, height: rows, rgb }, sharp),
    }),
    element("rect", { x: left, y: top, width: boxWidth, height: side, fill: "none", stroke: ink.frame }),
    element(
      "g",
      { "clip-path": "url(#field)" },
      ...overlays.map((overlay) => overlayMarkup(overlay, xAt, yAt)),
    ),
    ...linearTicks(x[0], x[1], 6).map((tick) =>
      label(xAt(tick.value), bottom + 14, tick.label, { anchor: "middle", size: 11 }),
    ),
    ...linearTicks(y[0], y[1], 6).map((tick) =>
      label(left - 7, yAt(tick.value), tick.label, { anchor: "end", size: 11 }),
    ),
    xTitle
      ? label(left + boxWidth / 2, bottom + 34, xTitle, { anchor: "middle", fill: ink.muted })
      : fragment(),
    yTitle
      ? label(15, (top + bottom) / 2, yTitle, { anchor: "middle", fill: ink.muted, turn: 90 })
      : fragment(),
    colorBar(range, left + boxWidth + 18, top, valueTitle),
  );
}

function legend(overlays: readonly Overlay[], y: number): Markup {
  let x = left;
  return fragment(
    overlays.map((overlay) => {
      const mark = fragment(
        overlay.kind === "path"
          ? element("line", { x1: x, x2: x + 16, y1: y, y2: y, stroke: overlay.color, "stroke-width": 2 })
          : fragment(),
        symbol(x + 8, y, overlay),
        label(x + 21, y, overlay.name, { size: 11 }),
      );
      x += textWidth(overlay.name, 11) + 40;
      return mark;
    }),
  );
}

function overlayMarkup(overlay: Overlay, xAt: (x: number) => number, yAt: (y: number) => number): Markup {
  const places = overlay.x
    .map((x, i) => [x, overlay.y[i]] as const)
    .filter(([x, y]) => hasPlace(x) && hasPlace(y))
    .slice(0, 5000)
    .map(([x, y]) => [xAt(x), yAt(y)] as const);
  const dots = places.map(([x, y]) => symbol(x, y, overlay));
  if (overlay.kind === "points") return fragment(dots);
  const way = places.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  const stroke = (color: string, thick: number) =>
    element("polyline", { points: way, fill: "none", stroke: color, "stroke-width": thick });
  return fragment(stroke(ink.paper, 4), stroke(overlay.color, 2), dots.length > 60 ? fragment() : dots);
}

/** A circle, a square or a triangle, with a white rim that sets it off from any ground. */
function symbol(x: number, y: number, { shape, color, kind }: Overlay): Markup {
  const style = { fill: color, stroke: ink.paper, "stroke-width": 1 };
  const r = kind === "path" ? 3 : 4;
  if (shape === 0) return element("circle", { cx: x, cy: y, r, ...style });
  if (shape === 1) return element("rect", { x: x - r, y: y - r, width: 2 * r, height: 2 * r, ...style });
  const corners = [
    [x, y - r - 1],
    [x + r + 1, y + r],
    [x - r - 1, y + r],
  ];
  return element("polygon", {
    points: corners.map((at) => at.map((v) => v.toFixed(1)).join()).join(" "),
    ...style,
  });
}

function colorBar(range: ColorRange, x: number, top: number, valueTitle: string): Markup {
  const steps = 64;
  const length = side - 20;
  const y = top + 10;
  const rgb = new Uint8Array(3 * steps);
  for (let i = 0; i < steps; i++) rgb.set(colorAt(range.scale, 1 - i / (steps - 1)), 3 * i);
  const at = (value: number) =>
    range.high > range.low
      ? y + length * (1 - (value - range.low) / (range.high - range.low))
      : y + length / 2;
  return fragment(
    element("image", {
      x,
      y,
      width: 10,
      height: length,
      preserveAspectRatio: "none",
      href: pngDataUri({ width: 1, height: steps, rgb }, 4),
    }),
    ...linearTicks(range.low, range.high, 5).map((tick) =>
      label(x + 15, at(tick.value), tick.label, { size: 10, fill: ink.muted }),
    ),
    valueTitle
      ? label(x + 66, top + side / 2, valueTitle, { anchor: "middle", fill: ink.muted, turn: 90 })
      : fragment(),
  );
}

const plotlySymbols = ["circle", "square", "triangle-up"];

function fieldPlotly({ rows, columns, values, range, overlays, options }: Chart): PlotlySpec {
  const { title = "", xTitle = "", yTitle = "", valueTitle = "", x, y } = options;
  const along = ([low, high]: readonly [number, number], count: number) =>
    Array.from({ length: count }, (_, i) => rounded(low + ((high - low) * i) / Math.max(1, count - 1), 6));
  const axisTitle = (content: string) => (content ? { title: { text: escapeMarkup(content) } } : {});
  return {
    data: [
      {
        type: "heatmap",
        x: along(x, columns),
        y: along(y, rows),
        z: Array.from({ length: rows }, (_, row) =>
          Array.from({ length: columns }, (_, column) => rounded(values[row * columns + column], 4)),
        ),
        colorscale: plotlyScale(range.scale),
        zmin: range.low,
        zmax: range.high > range.low ? range.high : range.low + 1,
        colorbar: {
          thickness: 10,
          outlinewidth: 0,
          title: { text: escapeMarkup(valueTitle), side: "right" },
        },
        hovertemplate: "%{x}, %{y}: %{z}<extra></extra>",
      },
      ...overlays.map((overlay) => ({
        type: "scatter",
        mode: overlay.kind === "path" ? (overlay.x.length > 60 ? "lines" : "lines+markers") : "markers",
        name: escapeMarkup(overlay.name),
        x: overlay.x.map((value) => rounded(value)),
        y: overlay.y.map((value) => rounded(value)),
        line: { color: overlay.color, width: 2 },
        marker: {
          color: overlay.color,
          size: overlay.kind === "path" ? 6 : 8,
          symbol: plotlySymbols[overlay.shape],
          line: { color: ink.paper, width: 1 },
        },
      })),
    ],
    layout: {
      ...baseLayout(title, height, { hasLegend: overlays.length > 0 }),
      width,
      showlegend: overlays.length > 0,
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
      xaxis: { ...axisTitle(xTitle), range: [...x], automargin: true, showgrid: false, zeroline: false },
      yaxis: { ...axisTitle(yTitle), range: [...y], automargin: true, showgrid: false, zeroline: false },
    },
  };
}
